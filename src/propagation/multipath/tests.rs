use super::super::tdl::{TDL_A, TDL_B, TDL_C};
use super::*;

fn tap(delay_samples: f64, gain: f64) -> Tap {
    Tap {
        delay_samples,
        gain: gain.into(),
    }
}

fn tone(frequency: f64, count: usize) -> Vec<Complex32> {
    let sample = |n: usize| Complex64::cis(TAU * (frequency * n as f64).fract());
    (0..count)
        .map(sample)
        .map(|x| Complex32::new(x.re as f32, x.im as f32))
        .collect()
}

fn wide(x: Complex32) -> Complex64 {
    Complex64::new(x.re.into(), x.im.into())
}

/// The taps of a profile for a delay spread in samples, unit mean power in all.
fn profile(table: &[(f64, f64)], spread_samples: f64) -> Vec<Tap> {
    let total: f64 = table.iter().map(|(_, db)| 10f64.powf(db / 10.0)).sum();
    let scaled = |(delay, db): &(f64, f64)| {
        tap(
            delay * spread_samples,
            (10f64.powf(db / 10.0) / total).sqrt(),
        )
    };
    table.iter().map(scaled).collect()
}

#[test]
fn whole_delays_are_exactly_the_sum_of_shifted_copies() {
    let taps = vec![tap(0.0, 1.0), tap(3.0, -0.5)];
    let sent: Vec<_> = (0..100).map(|n| Complex32::new(n as f32, 1.0)).collect();
    let mut samples = sent.clone();
    let mut multipath = Multipath::new(taps, TapFading::Fixed, 0);
    multipath.finish(&mut samples);
    assert_eq!((multipath.behind, multipath.ahead), (3, 0));
    assert_eq!(samples.len(), 103);
    for (n, got) in samples.iter().enumerate() {
        let at = |n: Option<usize>| n.and_then(|n| sent.get(n)).copied().unwrap_or_default();
        assert_eq!(*got, at(Some(n)) - at(n.checked_sub(3)) * 0.5, "sample {n}");
    }
}

#[test]
fn tones_see_the_frequency_response_of_fractional_taps() {
    let taps = vec![tap(0.4, 0.8), tap(2.75, 0.5), tap(9.1, -0.3)];
    for frequency in [-0.41, -0.2, 0.0, 0.33, 0.41] {
        let multipath = Multipath::new(taps.clone(), TapFading::Fixed, 0);
        let response = multipath.response(frequency);
        let mut samples = tone(frequency, 300);
        multipath.clone().process(&mut samples);
        for (n, got) in samples.iter().enumerate().skip(60) {
            let expected = response * Complex64::cis(TAU * frequency * n as f64);
            // The interpolator's -85 dB times the sum of gains.
            assert!(
                (wide(*got) - expected).norm() < 2e-4,
                "{frequency}, sample {n}"
            );
        }
    }
}

#[test]
fn profiles_have_unit_mean_power_and_their_delay_spread_over_draws() {
    for table in [&TDL_A[..], &TDL_B, &TDL_C] {
        let spread = 0.6;
        let fading = TapFading::Rayleigh {
            doppler: 0.0,
            coherence_samples: 1,
        };
        let mut multipath = Multipath::new(profile(table, spread), fading, 1);
        let draws = 4000;
        let mut correlation = [Complex64::ZERO; 2];
        let spacing = 0.05;
        for _ in 0..draws {
            multipath.process(&mut vec![Complex32::ZERO]);
            let (low, high) = (multipath.response(-0.1), multipath.response(-0.1 + spacing));
            correlation[0] += low * low.conj() / f64::from(draws);
            correlation[1] += high * low.conj() / f64::from(draws);
        }
        // Theory: the correlation over frequency is the Fourier transform of the power delay profile.
        let theory: Complex64 = multipath
            .taps
            .iter()
            .map(|tap| tap.gain.norm_sqr() * Complex64::cis(-TAU * spacing * tap.delay_samples))
            .sum();
        assert!(
            (correlation[0] - 1.0).norm() < 0.05,
            "mean power {}",
            correlation[0]
        );
        assert!(
            (correlation[1] - theory).norm() < 0.05,
            "{} against {theory}",
            correlation[1]
        );
    }
}

#[test]
fn a_fading_channel_follows_its_model_at_every_sample() {
    for doppler in [2e-4, 1e-5] {
        let fading = TapFading::Rayleigh {
            doppler,
            coherence_samples: 0,
        };
        let mut samples = vec![Complex32::ONE; 20_000];
        Multipath::new(vec![tap(0.0, 1.0)], fading, 6).process(&mut samples);
        // The model computed afresh at every sample: the same draws, a step of one sample.
        let law = Law::Fading {
            doppler_turns: doppler,
        };
        let mut rng = stage_rng(6, Stream::Multipath);
        let mut model = TapGains::new(law, vec![Complex64::ONE], &mut rng);
        let mut error = 0.0;
        for got in &samples {
            error += (wide(*got) - model.gains()[0]).norm_sqr() / samples.len() as f64;
            model.step();
        }
        let error_db = 10.0 * error.log10();
        assert!(error_db < -70.0, "Doppler {doppler}: error {error_db} dB");
    }
}

#[test]
fn block_fading_draws_anew_at_every_block_and_only_there() {
    let fading = TapFading::Rayleigh {
        doppler: 0.0,
        coherence_samples: 100,
    };
    let mut samples = vec![Complex32::ONE; 1000];
    Multipath::new(vec![tap(0.0, 1.0)], fading, 6).process(&mut samples);
    for (n, pair) in samples.windows(2).enumerate() {
        assert_eq!(pair[0] != pair[1], (n + 1) % 100 == 0, "sample {n}");
    }
}
