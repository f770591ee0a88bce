use proptest::prelude::*;

use super::*;
use crate::propagation::{NAMES, SampleDropsConfig};

/// White Gaussian samples of unit power.
fn signal(count: usize) -> Vec<Complex32> {
    let mut samples = vec![Complex32::ZERO; count];
    Awgn::new(0.0, 99).process(&mut samples);
    samples
}

/// Output for one push, and for one per length in turn, each with its statistics.
fn run(
    config: &PropagationConfig,
    seed: u64,
    samples: &[Complex32],
    chunks: &[usize],
) -> (Vec<Complex32>, PropagationStatistics) {
    let mut channel = Propagation::new(config, 2e6, seed).unwrap();
    let mut output = Vec::new();
    let mut rest = samples;
    for length in chunks.iter().cycle() {
        let (now, later) = rest.split_at(rest.len().min(*length));
        output.extend(channel.push(now));
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    output.extend(channel.finish());
    (output, channel.statistics())
}

fn bits(samples: &[Complex32]) -> Vec<(u32, u32)> {
    samples
        .iter()
        .map(|x| (x.re.to_bits(), x.im.to_bits()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chunks_leave_no_trace(
        name in proptest::sample::select(NAMES.to_vec()),
        chunks in proptest::collection::vec(1usize..3000, 1..20),
        coherence_samples in 0u64..2000,
        seed in any::<u64>(),
    ) {
        let mut config = PropagationConfig::named(name).unwrap();
        if let Some(multipath) = &mut config.multipath {
            multipath.coherence_samples = coherence_samples;
        }
        if let (Some(drops), Some(impulses)) = (&mut config.drops, &mut config.impulses) {
            // Often enough to happen in so short a run.
            (drops.probability, drops.max_samples, impulses.rate_hz) = (1e-3, 300, 5e3);
        }
        let samples = signal(9000);
        let (whole, whole_statistics) = run(&config, seed, &samples, &[samples.len()]);
        let (parts, parts_statistics) = run(&config, seed, &samples, &chunks);
        prop_assert_eq!(whole_statistics, parts_statistics);
        prop_assert!(bits(&whole) == bits(&parts), "{} differs for chunks {:?}", name, chunks);
    }
}

#[test]
fn single_samples_leave_no_trace_either() {
    let config = PropagationConfig::named("harsh").unwrap();
    let samples = signal(3000);
    assert_eq!(
        run(&config, 5, &samples, &[3000]).0,
        run(&config, 5, &samples, &[1]).0
    );
}

#[test]
fn the_ideal_channel_changes_nothing() {
    let samples = signal(10_000);
    let (output, statistics) = run(&PropagationConfig::default(), 1, &samples, &[999]);
    assert_eq!(output, samples);
    assert_eq!(
        (statistics.samples_in, statistics.samples_out),
        (10_000, 10_000)
    );
}

#[test]
fn seeds_repeat_and_differ() {
    let config = PropagationConfig::named("tdl-c").unwrap();
    let samples = signal(2000);
    let output = |seed| run(&config, seed, &samples, &[2000]).0;
    assert_eq!(output(1), output(1));
    assert_ne!(output(1), output(2));
}

#[test]
fn another_stage_leaves_the_noise_as_it_was() {
    let silence = vec![Complex32::ZERO; 5000];
    let mut config = PropagationConfig::named("awgn").unwrap();
    let noise = run(&config, 3, &silence, &[5000]).0;
    config.cfo_hz = 1e3;
    config.phase_noise = PropagationConfig::named("harsh").unwrap().phase_noise;
    config.multipath = PropagationConfig::named("tdl-a").unwrap().multipath;
    let with_more = run(&config, 3, &silence, &[5000]).0;
    assert_eq!(with_more[..5000], noise);
}

#[test]
fn every_sample_is_accounted_for_when_some_are_dropped() {
    let drops = SampleDropsConfig {
        probability: 1e-3,
        min_samples: 1,
        max_samples: 200,
    };
    let config = PropagationConfig {
        drops: Some(drops),
        ..PropagationConfig::default()
    };
    let (output, statistics) = run(&config, 8, &signal(50_000), &[1234]);
    assert!(statistics.drops > 10);
    assert_eq!(statistics.samples_out, output.len() as u64);
    assert_eq!(
        statistics.samples_out + statistics.samples_dropped,
        statistics.samples_in
    );
}

#[test]
fn taps_are_scaled_to_unit_power_unless_told_otherwise() {
    let text = |tap_power: &str| {
        format!(
            "[multipath]\ntap_power = \"{tap_power}\"\ntaps = [{{}}, {{ delay_ns = 500, gain_db = 0, phase_deg = 180 }}]"
        )
    };
    let response = |tap_power, frequency_hz| {
        let config = PropagationConfig::from_toml_str(&text(tap_power)).unwrap();
        Propagation::new(&config, 2e6, 0)
            .unwrap()
            .multipath_response(frequency_hz, 2e6)
    };
    // Two paths one sample apart and in opposition: a zero at 0 Hz, a peak at half the sample rate.
    assert!(response("unit", 0.0).norm() < 1e-9);
    assert!((response("unit", 1e6) - 2f64.sqrt()).norm() < 1e-9);
    assert!((response("as-given", 1e6) - 2.0).norm() < 1e-9);
}

#[test]
fn every_field_reaches_its_stage() {
    let stages: [(&str, Box<dyn Impairment>); 13] = [
        ("snr_db = 7", Box::new(Awgn::new(7.0, 4))),
        ("cfo_hz = -900", Box::new(Cfo::new(-900.0, 2e6))),
        ("sfo_ppm = 300", Box::new(Sfo::new(300.0, 0.0))),
        ("delay_samples = 3.25", Box::new(Sfo::new(0.0, 3.25))),
        ("receiver_gain_db = 6", Box::new(Gain::new(6.0))),
        (
            "transmitter_clipping_db = 1",
            Box::new(EnvelopeClipping::new(1.0)),
        ),
        ("clipping_db = 2", Box::new(RailClipping::new(2.0))),
        (
            "phase_noise = { linewidth_hz = 90, floor_dbc_hz = -90 }",
            Box::new(PhaseNoise::new(90.0, Some(-90.0), 2e6, 4)),
        ),
        (
            "iq_imbalance = { gain_db = 1, phase_deg = 2 }",
            Box::new(IqImbalance::new(1.0, 2.0)),
        ),
        (
            "dc_offset = { level_db = -9, phase_deg = 8 }",
            Box::new(DcOffset::new(-9.0, 8.0)),
        ),
        (
            "impulses = { rate_hz = 2e4, power_db = 3, duration_samples = 9 }",
            Box::new(Impulses::new(0.01, 3.0, 9, 4)),
        ),
        (
            "quantization = { bits = 5, full_scale_db = 3 }",
            Box::new(Quantization::new(5, 3.0)),
        ),
        (
            "drops = { probability = 0.01, min_samples = 3, max_samples = 5 }",
            Box::new(SampleDrops::new(0.01, 3, 5, 4)),
        ),
    ];
    let sent = signal(4000);
    for (text, mut stage) in stages {
        let config = PropagationConfig::from_toml_str(text).unwrap();
        let mut expected = sent.clone();
        stage.finish(&mut expected);
        assert_eq!(run(&config, 4, &sent, &[4000]).0, expected, "{text}");
        assert_ne!(expected, sent, "{text}");
    }
}

#[test]
fn tdl_channels_have_the_table_s_power_and_delay_spread_over_seeds() {
    for (name, table, spread_ns) in [
        ("tdl-a", &TDL_A[..], 100.0),
        ("tdl-b", &TDL_B, 300.0),
        ("tdl-c", &TDL_C, 300.0),
    ] {
        let config = PropagationConfig::named(name).unwrap();
        let spacing_hz = 0.2e9 / spread_ns;
        let (mut power, mut correlation) = (0.0, Complex64::ZERO);
        let seeds = 2000;
        for seed in 0..seeds {
            let channel = Propagation::new(&config, 10e6, seed).unwrap();
            let (low, high) = (
                channel.multipath_response(0.0, 10e6),
                channel.multipath_response(spacing_hz, 10e6),
            );
            power += low.norm_sqr() / seeds as f64;
            correlation += high * low.conj() / seeds as f64;
        }
        let power_of = |(delay, db): &ProfileTap| (10f64.powf(db / 10.0), delay * spread_ns * 1e-9);
        let (total, theory) =
            table
                .iter()
                .map(power_of)
                .fold((0.0, Complex64::ZERO), |(total, sum), (p, delay)| {
                    (
                        total + p,
                        sum + p * Complex64::cis(-std::f64::consts::TAU * spacing_hz * delay),
                    )
                });
        // The deviation of both means is about 1/sqrt(2000) = 0.022.
        assert!((power - 1.0).abs() < 0.09, "{name}: mean power {power}");
        assert!(
            (correlation - theory / total).norm() < 0.09,
            "{name}: {correlation}, theory {}",
            theory / total
        );
    }
}
