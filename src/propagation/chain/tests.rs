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
