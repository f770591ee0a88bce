//! The codec as a pair, over ideal, noisy, lossy and hostile channels.

use num_complex::Complex32;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::metrics::psnr_db;

fn size(width: u32, height: u32) -> PhotoSize {
    PhotoSize::new(width, height).unwrap()
}

/// Smooth shapes, an edge and some grain: a spectrum that falls like a photo's.
fn scene(width: u32, height: u32) -> Photo {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(u64::from(width * 7919 + height));
    let mut rgb = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
        let shade = 120.0 + 80.0 * (5.0 * u + 2.0 * v).sin() * (3.0 * v).cos();
        let edge = if (u - 0.6).hypot(v - 0.4) < 0.2 {
            60.0
        } else {
            0.0
        };
        let grain: f32 = StandardNormal.sample(&mut random);
        for tint in [0.9, 1.0, 0.7] {
            rgb.push((tint * (shade + edge) + 3.0 * grain) as u8);
        }
    }
    Photo::new(size(width, height), rgb).unwrap()
}

fn noisy(symbols: &[Complex32], variance: f32, seed: u64) -> Vec<Complex32> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let deviation = (variance / 2.0).sqrt();
    let mut normal = || -> f32 { StandardNormal.sample(&mut random) };
    symbols
        .iter()
        .map(|x| x + Complex32::new(normal(), normal()) * deviation)
        .collect()
}

fn decoded_at(photo: &Photo, latents: &Latents, snr_db: f32) -> Photo {
    let variance = 10f32.powf(-snr_db / 10.0);
    let symbols = noisy(&latents.symbols, variance, 5);
    let variances = vec![variance; symbols.len()];
    let received = ReceivedLatents {
        symbols: &symbols,
        variances: &variances,
    };
    SoftCast::default()
        .decode(received, &latents.side_information, photo.size())
        .unwrap()
}

fn mean_power(symbols: &[Complex32]) -> f64 {
    symbols.iter().map(|x| f64::from(x.norm_sqr())).sum::<f64>() / symbols.len() as f64
}

#[test]
fn without_noise_and_with_room_for_all_coefficients_the_picture_comes_back() {
    for (width, height) in [(1, 1), (2, 1), (1, 31), (8, 8), (37, 23), (64, 48)] {
        let photo = scene(width, height);
        let latents = SoftCast::default()
            .encode(&photo, None, 3 * photo.size().pixels())
            .unwrap();
        let decoded = decoded_at(&photo, &latents, 90.0);
        let psnr_db = psnr_db(&photo, &decoded).unwrap();
        assert!(psnr_db > 45.0, "{width}x{height}: {psnr_db} dB");
    }
}

#[test]
fn quality_rises_with_snr_and_with_budget() {
    let photo = scene(256, 160);
    let budgets = [320, 1280, 5120];
    let mut last_at_budget = 0.0;
    for budget in budgets {
        let latents = SoftCast::default().encode(&photo, None, budget).unwrap();
        let at = |snr_db| psnr_db(&photo, &decoded_at(&photo, &latents, snr_db)).unwrap();
        let (low, middle, high) = (at(-3.0), at(7.0), at(20.0));
        assert!(
            low + 1.0 < middle && middle + 0.5 < high,
            "{budget}: {low} {middle} {high}"
        );
        assert!(middle > last_at_budget + 0.5);
        last_at_budget = middle;
    }
}

#[test]
fn a_picture_of_one_colour_needs_no_power_and_few_bytes() {
    let photo = Photo::filled(size(300, 200), [10, 200, 90]);
    let latents = SoftCast::default().encode(&photo, None, 5000).unwrap();
    assert!(
        latents.symbols.iter().all(|x| x.norm_sqr() < 1e-9) || mean_power(&latents.symbols) < 1.01
    );
    assert!(
        latents.side_information.len() < 24,
        "{}",
        latents.side_information.len()
    );
    let decoded = decoded_at(&photo, &latents, 0.0);
    assert!(psnr_db(&photo, &decoded).unwrap() > 45.0);
}

#[test]
fn a_tenth_of_the_symbols_lost_costs_little_and_all_lost_gives_the_mean_colour() {
    let photo = scene(256, 160);
    let budget = 10_000;
    let latents = SoftCast::default().encode(&photo, None, budget).unwrap();
    let whole = psnr_db(&photo, &decoded_at(&photo, &latents, 10.0)).unwrap();
    let mut symbols = noisy(&latents.symbols, 0.1, 5);
    let mut variances = vec![0.1; budget];
    for at in (0..budget).filter(|at| at % 10 == 3) {
        (symbols[at], variances[at]) = (Complex32::ZERO, f32::INFINITY);
    }
    let decode = |variances: &[f32]| {
        let received = ReceivedLatents {
            symbols: &symbols,
            variances,
        };
        let side = &latents.side_information;
        SoftCast::default()
            .decode(received, side, photo.size())
            .unwrap()
    };
    let thinned = psnr_db(&photo, &decode(&variances)).unwrap();
    assert!(
        thinned > whole - 1.5,
        "{whole} dB whole, {thinned} dB thinned"
    );
    let empty = decode(&vec![f32::INFINITY; budget]);
    assert!(
        empty
            .rgb()
            .chunks(3)
            .all(|pixel| pixel == &empty.rgb()[..3])
    );
    let mean = photo
        .rgb()
        .iter()
        .step_by(3)
        .map(|&r| f64::from(r))
        .sum::<f64>()
        / 40_960.0;
    assert!((f64::from(empty.rgb()[0]) - mean).abs() < 1.5);
}

#[test]
fn all_symbols_have_nearly_the_same_power() {
    let photo = scene(256, 160);
    let latents = SoftCast::default().encode(&photo, None, 4800).unwrap();
    assert!((mean_power(&latents.symbols) - 1.0).abs() < 1e-4);
    for part in latents.symbols.chunks(480) {
        assert!(
            (0.6..1.5).contains(&mean_power(part)),
            "{}",
            mean_power(part)
        );
    }
    let sum: Complex32 = latents.symbols.iter().sum();
    assert!(sum.norm() < 4.0 * (4800f32).sqrt());
}

#[test]
fn pictures_of_several_tiles_and_thin_ones_come_back() {
    for (width, height, budget) in [(2100, 40, 20_000), (3, 4100, 3000), (16_384, 1, 4000)] {
        let photo = scene(width, height);
        let latents = SoftCast::default().encode(&photo, None, budget).unwrap();
        assert_eq!(latents.symbols.len(), budget);
        let psnr_db = psnr_db(&photo, &decoded_at(&photo, &latents, 15.0)).unwrap();
        assert!(psnr_db > 25.0, "{width}x{height}: {psnr_db} dB");
    }
}

#[test]
fn the_same_picture_gives_the_same_symbols_every_time() {
    let photo = scene(100, 70);
    let first = SoftCast::default().encode(&photo, None, 700).unwrap();
    assert_eq!(
        SoftCast::default().encode(&photo, None, 700).unwrap(),
        first
    );
}

#[test]
fn lost_side_information_gives_mid_grey() {
    let grey = SoftCast::default().decode_blind(size(3, 2));
    assert_eq!(grey.rgb(), [128; 18]);
}

#[test]
fn unusable_settings_budgets_and_lengths_are_refused_in_words() {
    for design_snr_db in [f64::NAN, 50.0, -21.0] {
        let config = SoftCastConfig {
            design_snr_db,
            ..Default::default()
        };
        let message = SoftCast::new(config).unwrap_err().to_string();
        assert!(message.contains("43.5"), "{message}");
    }
    let photo = scene(8, 8);
    let codec = SoftCast::default();
    assert_eq!(
        codec.encode(&photo, None, 0),
        Err(CodecError::Budget { found: 0 })
    );
    let received = ReceivedLatents {
        symbols: &[Complex32::ZERO; 3],
        variances: &[1.0; 2],
    };
    let message = codec
        .decode(received, &[0x10], photo.size())
        .unwrap_err()
        .to_string();
    assert!(message.contains("3 symbols with 2 variances"), "{message}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_size_and_budget_gives_exactly_its_symbols_at_unit_power(
        width in 1u32..90,
        height in 1u32..90,
        budget in 1usize..3000,
    ) {
        let photo = scene(width, height);
        let latents = SoftCast::default().encode(&photo, None, budget).unwrap();
        prop_assert_eq!(latents.symbols.len(), budget);
        let power = mean_power(&latents.symbols);
        prop_assert!((power - 1.0).abs() < 1e-3 || power == 0.0, "{}", power);
        let decoded = decoded_at(&photo, &latents, 5.0);
        prop_assert_eq!(decoded.size(), photo.size());
    }

    #[test]
    fn hostile_symbols_variances_and_bytes_give_a_picture_or_an_error(
        width in 1u32..60,
        height in 1u32..60,
        values in prop::collection::vec(any::<f32>(), 3..300),
        mut bytes in prop::collection::vec(any::<u8>(), 1..60),
    ) {
        bytes[0] = 0x10 | bytes[0] & 3;
        let count = values.len() / 3;
        let symbols: Vec<_> = values.chunks_exact(3).map(|v| Complex32::new(v[0], v[1])).collect();
        let variances: Vec<_> = values.chunks_exact(3).map(|v| v[2]).collect();
        prop_assert_eq!(variances.len(), count);
        let received = ReceivedLatents { symbols: &symbols, variances: &variances };
        let size = size(width, height);
        if let Ok(photo) = SoftCast::default().decode(received, &bytes, size) {
            prop_assert_eq!(photo.size(), size);
        }
        let latents = SoftCast::default().encode(&scene(width, height), None, count).unwrap();
        prop_assert!(SoftCast::default().decode(received, &latents.side_information, size).is_ok());
    }
}
