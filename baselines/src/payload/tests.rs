use heliograph::bits::prbs::GoldSequence;

use super::*;

fn random_bytes(seed: u32, length: usize) -> Vec<u8> {
    to_bytes(
        &GoldSequence::new(seed)
            .take(8 * length)
            .collect::<Vec<u8>>(),
    )
}

/// Uniform noise of a given variance of the complex value, the same on every machine.
fn noisy(symbols: &[Complex32], variance: f32, seed: u32) -> Vec<Complex32> {
    let bytes = random_bytes(seed, 12 * symbols.len());
    // Twelve uniform values have variance 1; their sum is as good as Gaussian here.
    let normal = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|b| (f32::from(*b) - 127.5) / 256.0)
            .sum::<f32>()
            / (6.0f32 / 12.0).sqrt()
    };
    let scale = (variance / 2.0).sqrt();
    symbols
        .iter()
        .zip(bytes.chunks_exact(12))
        .map(|(symbol, b)| symbol + scale * Complex32::new(normal(&b[..6]), normal(&b[6..])))
        .collect()
}

fn received<'a>(symbols: &'a [Complex32], variances: &'a [f32]) -> ReceivedLatents<'a> {
    ReceivedLatents { symbols, variances }
}

#[test]
fn every_scheme_carries_all_its_bytes_at_a_high_snr() {
    for mcs in Mcs::all() {
        for count in [500, 5_003] {
            let payload = Payload::new(mcs, count).unwrap();
            let bytes = random_bytes(u32::from(mcs.index()), payload.bytes());
            let symbols = payload.modulate(&bytes).unwrap();
            assert_eq!(symbols.len(), count);
            let power = symbols.iter().map(Complex32::norm_sqr).sum::<f32>() / count as f32;
            assert!((power - 1.0).abs() < 0.1, "{mcs}: {power}");
            let variance = 10f32.powf(-(mcs.threshold_db() as f32 + 3.0) / 10.0);
            let arrived = noisy(&symbols, variance, 7);
            let found = payload.demodulate(received(&arrived, &vec![variance; count]));
            assert_eq!(found, Arrival::Whole(bytes), "{mcs}, {count} symbols");
        }
    }
}

#[test]
fn the_rate_is_kept_and_hardly_anything_wasted() {
    for mcs in Mcs::all() {
        let payload = Payload::new(mcs, 24_576).unwrap();
        let share = 8.0 * payload.bytes() as f64 / 24_576.0 / mcs.bits_per_symbol();
        assert!((0.985..1.0).contains(&share), "{mcs}: {share}");
    }
}

#[test]
fn below_the_threshold_it_is_an_outage_that_counts_its_blocks() {
    for mcs in Mcs::all().step_by(4) {
        let payload = Payload::new(mcs, 8_000).unwrap();
        let symbols = payload.modulate(&random_bytes(5, payload.bytes())).unwrap();
        let variance = 10f32.powf(-(mcs.threshold_db() as f32 - 3.0) / 10.0);
        let arrived = noisy(&symbols, variance, 8);
        let found = payload.demodulate(received(&arrived, &[variance; 8_000]));
        let Arrival::Outage {
            blocks_lost,
            blocks,
        } = found
        else {
            panic!("{mcs} decoded 3 dB below its threshold");
        };
        assert!(blocks_lost > 0 && blocks_lost <= blocks && blocks == payload.blocks());
    }
}

#[test]
fn a_run_of_lost_symbols_thins_all_blocks_alike() {
    let payload = Payload::new("qpsk-1/2".parse().unwrap(), 20_000).unwrap();
    assert!(payload.blocks() > 4);
    let bytes = random_bytes(3, payload.bytes());
    let mut symbols = payload.modulate(&bytes).unwrap();
    let mut variances = vec![0.02; symbols.len()];
    symbols[5_000..9_000].fill(Complex32::ZERO);
    variances[5_000..9_000].fill(f32::INFINITY);
    let found = payload.demodulate(received(&symbols, &variances));
    assert_eq!(found, Arrival::Whole(bytes));
}

#[test]
fn whatever_comes_from_the_air_is_an_outage_at_worst() {
    let odd = [f32::NAN, f32::INFINITY, f32::MAX, -1.0, 0.0, 1e-40];
    for mcs in Mcs::all().step_by(5) {
        let payload = Payload::new(mcs, 700).unwrap();
        for value in odd {
            let symbols = vec![Complex32::new(value, -value); 700];
            for variance in odd {
                let variances = vec![variance; 700];
                let found = payload.demodulate(received(&symbols, &variances));
                assert!(
                    matches!(found, Arrival::Outage { .. }),
                    "{mcs} {value} {variance}"
                );
            }
        }
        for (symbols, variances) in [(0, 0), (3, 700), (700, 3), (900, 900)] {
            let found = payload.demodulate(received(
                &vec![Complex32::ONE; symbols],
                &vec![0.1; variances],
            ));
            assert!(matches!(found, Arrival::Outage { .. }));
        }
    }
}

#[test]
fn too_few_symbols_and_too_many_bytes_are_refused_with_the_limits() {
    for mcs in Mcs::all() {
        let least = Payload::least_symbols(mcs);
        for count in [0, least - 1, MAX_SYMBOLS + 1] {
            let message = Payload::new(mcs, count).unwrap_err().to_string();
            assert!(
                message.contains(&format!("{least} to {MAX_SYMBOLS}")),
                "{message}"
            );
        }
        let payload = Payload::new(mcs, least).unwrap();
        assert_eq!(payload.bytes(), 1);
        let error = payload.modulate(&[0; 2]).unwrap_err();
        assert_eq!(
            error,
            PayloadError::Bytes {
                found: 2,
                allowed: 1
            }
        );
        let symbols = payload.modulate(&[0xA5]).unwrap();
        let found = payload.demodulate(received(&symbols, &vec![1e-3; least]));
        assert_eq!(found, Arrival::Whole(vec![0xA5]), "{mcs}");
    }
}
