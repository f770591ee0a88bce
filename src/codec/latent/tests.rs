//! The codec as a pair, its linear stage against golden vectors, and what hostile air may do to it.

use std::sync::LazyLock;

use proptest::prelude::*;
use safetensors::SafeTensors;

use super::*;
use crate::codec::block_latents::{Loudness, Powers};

static CODEC: LazyLock<LatentCodec> = LazyLock::new(|| LatentCodec::shipped().expect("weights"));

/// Soft shapes in warm colours, an edge across them.
fn photo(width: u32, height: u32) -> Photo {
    let size = PhotoSize::new(width, height).expect("size");
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let wave = (x as f32 * 0.15).sin() * (y as f32 * 0.1).cos() * 40.0;
            let edge = if x > y { 50.0 } else { 0.0 };
            rgb.extend([120.0, 90.0, 70.0].map(|base| (base + wave + edge) as u8));
        }
    }
    Photo::new(size, rgb).expect("length")
}

fn golden(name: &str) -> Vec<f32> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/vectors/codec.golden.safetensors"
    );
    let bytes = std::fs::read(path).expect("vectors");
    let file = SafeTensors::deserialize(&bytes).expect("vectors");
    let (words, _) = file.tensor(name).expect("tensor").data().as_chunks::<4>();
    words.iter().map(|word| f32::from_le_bytes(*word)).collect()
}

const COMPONENTS: usize = Grid::components(32);
const GOLDEN_RATES: [usize; 4] = [512, 96, 0, 640];
const GOLDEN_GRID: Grid = Grid {
    columns: 2,
    rows: 2,
};

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

#[test]
fn the_linear_stage_sends_the_golden_symbols() {
    let linear = &CODEC.networks.linear;
    let latents = Planes::new(32, 8, 8, golden("latents")).expect("length");
    let mut components = GOLDEN_GRID.split(&latents);
    linear.analyze(&mut components);
    let rates = Rates::from_blocks(GOLDEN_RATES.to_vec(), COMPONENTS);
    let gains = linear.gains(&rates, &Powers::new(GOLDEN_GRID, None, Loudness::Even));
    let power = golden("power")[0];
    let mut symbols = vec![0.0; 4 * COMPONENTS];
    rates.slots(|block, component| {
        let at = block * COMPONENTS + component;
        symbols[at] = components[at] * gains[component] / power.sqrt();
    });
    let difference = largest_difference(&symbols, &golden("symbols"));
    assert!(difference < 1e-3, "{difference}");
}

#[test]
fn the_linear_stage_receives_the_golden_latents() {
    let linear = &CODEC.networks.linear;
    let rates = Rates::from_blocks(GOLDEN_RATES.to_vec(), COMPONENTS);
    let received = golden("symbols").into_iter().zip(golden("noise"));
    let arrived = received
        .zip(golden("precision"))
        .map(|((symbol, noise), precision)| {
            let mut arrived = Arrived::default();
            arrived.add(symbol + noise, 1.0 / precision);
            arrived
        });
    let arrived: Vec<Arrived> = arrived.collect();
    let even = Powers::new(GOLDEN_GRID, None, Loudness::Even);
    let gains = linear.gains(&rates, &even);
    let (latents, deviations) = linear.estimate(&arrived, &gains, &even, golden("power")[0]);
    let difference = largest_difference(GOLDEN_GRID.join(&latents).data(), &golden("latents_hat"));
    assert!(difference < 1e-3, "{difference}");
    let difference = largest_difference(GOLDEN_GRID.join(&deviations).data(), &golden("deviation"));
    assert!(difference < 1e-3, "{difference}");
}

#[test]
fn a_clean_channel_at_a_high_rate_gives_the_picture_back() {
    let photo = photo(75, 50);
    let sent = CODEC.encode(&photo, None, 3750).expect("latents");
    let variances = vec![1e-4; 3750];
    let received = ReceivedLatents {
        symbols: &sent.symbols,
        variances: &variances,
    };
    let codec = CODEC.clone().with_perception(0.0).expect("dial");
    let decoded = codec
        .decode(received, &sent.side_information, photo.size())
        .expect("photo");
    let psnr = crate::metrics::psnr_db(&photo, &decoded).expect("same size");
    assert!(psnr > 24.0, "{psnr} dB");
}

#[test]
fn every_budget_is_spent_exactly_at_unit_power() {
    for (width, height, budget) in [(1, 1, 1), (3, 500, 17), (64, 32, 512), (40, 40, 4000)] {
        let sent = CODEC
            .encode(&photo(width, height), None, budget)
            .expect("latents");
        assert_eq!(sent.symbols.len(), budget);
        let power = sent.symbols.iter().map(|x| x.norm_sqr()).sum::<f32>() / budget as f32;
        assert!(
            (power - 1.0).abs() < 1e-3,
            "{width}x{height}: power {power}"
        );
    }
}

#[test]
fn a_map_moves_symbols_to_where_they_matter() {
    let grid = Grid {
        columns: 3,
        rows: 1,
    };
    let map = RateMap::new(3, 1, vec![0, 12, 15]).expect("map");
    assert_eq!(
        Rates::new(grid, Some(&map), 80, COMPONENTS).of_blocks(),
        [0, 20, 60]
    );
    assert_eq!(
        Rates::new(grid, None, 80, COMPONENTS).of_blocks(),
        [26, 27, 27]
    );
    let fine = RateMap::new(6, 2, vec![0, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15]).expect("map");
    assert_eq!(
        Rates::new(grid, Some(&fine), 80, COMPONENTS).of_blocks(),
        [40, 0, 40]
    );
    let nothing = RateMap::new(1, 1, vec![0]).expect("map");
    assert_eq!(
        Rates::new(grid, Some(&nothing), 3, COMPONENTS).of_blocks(),
        [1, 1, 1]
    );
    let photo = photo(96, 32);
    let sent = CODEC.encode(&photo, Some(&map), 300).expect("latents");
    let variances = vec![0.1; 300];
    let received = ReceivedLatents {
        symbols: &sent.symbols,
        variances: &variances,
    };
    let painted = CODEC
        .decode(received, &sent.side_information, photo.size())
        .expect("photo");
    let error = |left: usize| {
        let rows = (0..32).flat_map(|y| 3 * (96 * y + left)..3 * (96 * y + left + 32));
        let differences = rows.map(|i| f64::from(photo.rgb()[i]) - f64::from(painted.rgb()[i]));
        differences.map(|d| d * d).sum::<f64>()
    };
    assert!(error(64) < 0.5 * error(0), "{} {}", error(64), error(0));
}

#[test]
fn one_block_of_the_largest_picture_may_take_everything() {
    let grid = Grid {
        columns: 512,
        rows: 512,
    };
    let mut levels = vec![0; 512 * 512];
    levels[70_000] = 15;
    let map = RateMap::new(512, 512, levels).expect("map");
    let rates = Rates::new(grid, Some(&map), 1 << 20, COMPONENTS);
    let mut visited = 0u64;
    rates.slots(|block, _| visited += u64::from(block == 70_000));
    assert_eq!(visited, 1 << 20);
}

#[test]
fn noise_that_is_no_number_counts_as_a_lost_symbol() {
    let photo = photo(64, 32);
    let sent = CODEC.encode(&photo, None, 400).expect("latents");
    let decode = |variance: f32, symbol: Complex32| {
        let mut symbols = sent.symbols.clone();
        let mut variances = vec![0.05; 400];
        (symbols[7], variances[7]) = (symbol, variance);
        let received = ReceivedLatents {
            symbols: &symbols,
            variances: &variances,
        };
        CODEC
            .decode(received, &sent.side_information, photo.size())
            .expect("photo")
    };
    let lost = decode(f32::INFINITY, Complex32::ZERO);
    assert_eq!(decode(f32::NAN, sent.symbols[7]), lost);
    assert_eq!(decode(-1.0, sent.symbols[7]), lost);
    assert_eq!(decode(0.0, Complex32::new(f32::NAN, f32::INFINITY)), lost);
    let broken = decode(0.0, Complex32::new(f32::MAX, f32::MIN));
    let far_away = &broken.rgb()[3 * 40..3 * 64];
    assert!(
        far_away.iter().any(|&v| v > 30),
        "a broken symbol blackens all"
    );
}

#[test]
fn side_information_of_others_is_refused() {
    let size = PhotoSize::new(32, 32).expect("size");
    let decode = |side: &[u8]| {
        let received = ReceivedLatents {
            symbols: &[Complex32::ONE],
            variances: &[1.0],
        };
        CODEC.decode(received, side, size).expect_err("not its own")
    };
    assert_eq!(
        decode(&[9, 0, 0]),
        CodecError::Version {
            found: 9,
            allowed: "2, 3, 6 and 7"
        }
    );
    assert_eq!(
        decode(&[6, 0, 0, 1, 7]),
        CodecError::Version {
            found: 6,
            allowed: "2 and 3, for these weights"
        }
    );
    assert!(matches!(
        decode(&[2, 0]),
        CodecError::SideInformation { length: 2, .. }
    ));
    assert!(matches!(
        decode(&[2, 0, 0, 7]),
        CodecError::SideInformation { length: 4, .. }
    ));
}

#[test]
fn a_picture_of_which_nothing_arrived_is_painted_without_panic() {
    let size = PhotoSize::new(33, 20).expect("size");
    let symbols = vec![Complex32::ZERO; 50];
    let variances = vec![f32::INFINITY; 50];
    let received = ReceivedLatents {
        symbols: &symbols,
        variances: &variances,
    };
    assert_eq!(
        CODEC
            .decode(received, &[2, 128, 0], size)
            .expect("photo")
            .size(),
        size
    );
}

fn any_value() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<f32>(),
        Just(f32::NAN),
        Just(f32::INFINITY),
        Just(0.0),
        -2.0f32..2.0
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn hostile_symbols_never_panic(
        parts in prop::collection::vec((any_value(), any_value(), any_value()), 1..80),
        power in any::<[u8; 2]>(),
    ) {
        let symbols: Vec<_> = parts.iter().map(|p| Complex32::new(p.0, p.1)).collect();
        let variances: Vec<_> = parts.iter().map(|p| p.2).collect();
        let received = ReceivedLatents { symbols: &symbols, variances: &variances };
        let size = PhotoSize::new(20, 10).expect("size");
        prop_assert!(CODEC.decode(received, &[2, power[0], power[1]], size).is_ok());
    }
}

#[test]
fn painters_are_told_of_no_noise_and_of_loss() {
    let (lost, damaged) = (f32::INFINITY, f32::NAN);
    for (variances, snr_db) in [
        (vec![0.0; 4], 30.0),
        (vec![0.1; 4], 10.0),
        (vec![0.1, 0.1, lost, damaged], 10.0 - 3.0103),
        (vec![0.0, lost, lost, lost], 30.0 - 6.0206),
        (vec![lost, -1.0], -90.0),
        (vec![], -90.0),
    ] {
        let found = mean_snr_db(&variances);
        assert!((found - snr_db).abs() < 1e-3, "{variances:?}: {found} dB");
    }
}
