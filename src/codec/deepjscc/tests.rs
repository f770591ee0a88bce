//! The codec as a pair, its linear stage against golden vectors, and what hostile air may do to it.

mod gaps;

use std::sync::LazyLock;

use num_complex::Complex32;
use proptest::prelude::*;
use safetensors::SafeTensors;

use super::painting::LEAST_VARIANCE;
use super::*;
use crate::codec::block_latents::{Arrived, Powers};
use crate::nn::Planes;

static CODEC: LazyLock<DeepJsccCodec> =
    LazyLock::new(|| DeepJsccCodec::shipped().expect("weights"));

/// Soft shapes in warm colours, an edge across them.
fn photo(width: u32, height: u32) -> Photo {
    let size = PhotoSize::new(width, height).expect("size");
    let mut rgb = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let wave = (x as f32 * 0.15).sin() * (y as f32 * 0.1).cos() * 40.0;
        let edge = if x > y { 50.0 } else { 0.0 };
        rgb.extend([120.0, 90.0, 70.0].map(|base| (base + wave + edge) as u8));
    }
    Photo::new(size, rgb).expect("length")
}

fn golden_words<const N: usize>(name: &str) -> Vec<[u8; N]> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/vectors/deepjscc.golden.safetensors"
    );
    let bytes = std::fs::read(path).expect("vectors");
    let file = SafeTensors::deserialize(&bytes).expect("vectors");
    let (words, _) = file.tensor(name).expect("tensor").data().as_chunks::<N>();
    words.to_vec()
}

fn golden(name: &str) -> Vec<f32> {
    let words = golden_words::<4>(name).into_iter();
    words.map(f32::from_le_bytes).collect()
}

fn golden_rates() -> Rates {
    let words = golden_words::<8>("rate").into_iter();
    Rates::from_blocks(
        words
            .map(|word| i64::from_le_bytes(word) as usize)
            .collect(),
        COMPONENTS,
    )
}

const GOLDEN_GRID: Grid = Grid {
    columns: 2,
    rows: 2,
};

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn decoded(sent: &Latents, variances: &[f32], size: PhotoSize) -> Photo {
    decoded_by(&CODEC, sent, variances, size)
}

fn decoded_by(codec: &DeepJsccCodec, sent: &Latents, variances: &[f32], size: PhotoSize) -> Photo {
    let received = ReceivedLatents {
        symbols: &sent.symbols,
        variances,
    };
    let found = codec.decode(received, &sent.side_information, size);
    found.expect("picture")
}

#[test]
fn pictures_decoded_at_once_are_those_alone_whatever_one_of_them_is() {
    let sent: Vec<(Latents, PhotoSize)> = [(40, 30), (40, 30), (33, 64), (40, 30)]
        .iter()
        .map(|(width, height)| {
            let photo = photo(*width, *height);
            let sent = CODEC.encode(&photo, None, 100).expect("latents");
            (sent, photo.size())
        })
        .collect();
    let variances = vec![0.05; 100];
    let arrivals: Vec<Arrival> = sent
        .iter()
        .enumerate()
        .map(|(i, (sent, size))| Arrival {
            received: ReceivedLatents {
                symbols: &sent.symbols,
                variances: &variances,
            },
            side_information: if i == 1 {
                b"none"
            } else {
                &sent.side_information
            },
            size: *size,
        })
        .collect();
    let found = CODEC.decode_all(&arrivals);
    assert!(matches!(&found[1], Err(CodecError::Version { .. })));
    for i in [0, 2, 3] {
        let alone = decoded(&sent[i].0, &variances, sent[i].1);
        assert_eq!(found[i].as_ref(), Ok(&alone), "{i}");
    }
}

#[test]
fn the_linear_stage_sends_the_golden_symbols() {
    let linear = &CODEC.networks.linear;
    let latents = Planes::new(BAND_LATENTS, 8, 8, golden("latents")).expect("length");
    let mut components = GOLDEN_GRID.split(&latents);
    linear.analyze(&mut components);
    let rates = golden_rates();
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
    let gains = linear.gains(&golden_rates(), &even);
    let (latents, deviations) = linear.estimate(&arrived, &gains, &even, golden("power")[0]);
    let difference = largest_difference(GOLDEN_GRID.join(&latents).data(), &golden("latents_hat"));
    assert!(difference < 1e-3, "{difference}");
    let difference = largest_difference(GOLDEN_GRID.join(&deviations).data(), &golden("deviation"));
    assert!(difference < 1e-3, "{difference}");
}

#[test]
fn every_budget_is_spent_exactly_at_unit_power() {
    for (width, height, budget) in [(1, 1, 1), (3, 50, 17), (64, 32, 512), (40, 40, 4000)] {
        let sent = CODEC.encode(&photo(width, height), None, budget);
        let sent = sent.expect("latents");
        assert_eq!(sent.symbols.len(), budget);
        let power = sent.symbols.iter().map(|x| x.norm_sqr()).sum::<f32>() / budget as f32;
        assert!(
            (power - 1.0).abs() < 1e-3,
            "{width}x{height}: power {power}"
        );
    }
    let refused = CODEC.encode(&photo(4, 4), None, 0);
    assert_eq!(refused, Err(CodecError::Budget { found: 0 }));
}

#[test]
fn every_size_is_decoded_lost_symbols_too() {
    for (width, height, budget) in [(1, 1, 1), (3, 50, 20), (50, 3, 20), (33, 65, 900)] {
        let photo = photo(width, height);
        let sent = CODEC.encode(&photo, None, budget).expect("latents");
        let variance = |i: usize| if i % 3 == 2 { f32::INFINITY } else { 0.1 };
        let variances: Vec<f32> = (0..budget).map(variance).collect();
        let size = photo.size();
        assert_eq!(decoded(&sent, &variances, size).size(), size);
    }
}

#[test]
fn the_rates_that_the_networks_hear_are_those_that_are_sent() {
    let photo = photo(64, 32);
    let map = RateMap::new(2, 1, vec![7, 15]).expect("map");
    let sent = CODEC.encode(&photo, Some(&map), 136).expect("latents");
    let grid = Grid::of(photo.size());
    // What is asked, times what the photo holds; for so few symbols in no more bytes than what is asked takes.
    let spent = spending::rate_map(&grid.planes(&photo), grid, Some(&map), 136).expect("map");
    assert!(spent.to_bytes().len() <= map.to_bytes().len());
    let rates = Rates::new(grid, Some(&spent), 272, COMPONENTS);
    let [low, high] = [0, 1].map(|block| rates.of_blocks()[block]);
    assert!(low > 0 && high > 8 * low && low + high == 272, "{rates:?}");
    let analysis = &CODEC.networks.analysis;
    let latents = analysis.latents(grid.planes(&photo), &[low, high], &mut |_, _| ());
    let linear = &CODEC.networks.linear;
    let latents = latents.expect("latents");
    let expected = block_latents::send(
        linear,
        grid,
        &latents,
        &rates,
        Some(&spent),
        Loudness::ByRate,
    );
    assert_eq!(sent, expected);
}

#[test]
fn blocks_that_are_to_get_nothing_get_nothing_at_any_rate() {
    // Odd numbers of blocks: cells of two by two would not fit.
    let photo = photo(9 * 32, 5 * 32);
    let grid = Grid::of(photo.size());
    let is_key = |block: usize| (2..5).contains(&(block % 9)) && (1..3).contains(&(block / 9));
    let levels = (0..45).map(|block| if is_key(block) { 15 } else { 0 });
    let map = RateMap::new(9, 5, levels.collect()).expect("map");
    for budget in [100, 400, 2000, 9000] {
        let spent = spending::rate_map(&grid.planes(&photo), grid, Some(&map), budget);
        let rates = Rates::new(grid, spent.as_ref(), 2 * budget, COMPONENTS);
        for (block, sent) in rates.of_blocks().iter().enumerate() {
            assert_eq!(*sent > 0, is_key(block), "{budget}: block {block}");
        }
    }
}

/// Fine checks in the right half, nothing in the left.
fn half_checked(width: u32, height: u32) -> Photo {
    let size = PhotoSize::new(width, height).expect("size");
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let value = |(x, y)| {
        if x >= width / 2 && (x / 3 + y / 3) % 2 == 0 {
            200
        } else {
            100
        }
    };
    let rgb = places.flat_map(|place| [value(place); 3]).collect();
    Photo::new(size, rgb).expect("length")
}

#[test]
fn blocks_that_hold_more_get_more() {
    let photo = half_checked(256, 128);
    let sent = CODEC.encode(&photo, None, 4000).expect("latents");
    let map = RateMap::from_bytes(&sent.side_information[3..]).expect("map");
    assert_eq!((map.columns(), map.rows()), (8, 4));
    assert!(
        map.levels().chunks(8).all(|row| row[1] + 8 < row[6]),
        "{:?}",
        map.levels()
    );
    let asked = RateMap::new(2, 1, vec![15, 0]).expect("map");
    let sent = CODEC.encode(&photo, Some(&asked), 4000).expect("latents");
    let found = CODEC.block_symbols(&sent.side_information, photo.size(), 4000);
    let symbols = found.expect("map").expect("blocks").symbols;
    assert!(symbols.chunks(8).all(|row| row[1] > 0.0 && row[6] == 0.0));
}

#[test]
fn blocks_of_higher_rate_are_louder_and_the_receiver_knows() {
    let photo = photo(256, 128);
    let asked = RateMap::new(2, 1, vec![15, 5]).expect("map");
    let sent = CODEC.encode(&photo, Some(&asked), 1500).expect("latents");
    let psnr = |side_information: Vec<u8>| {
        let sent = Latents {
            side_information,
            ..sent.clone()
        };
        let painted = decoded(&sent, &[1e-4; 1500], photo.size());
        crate::metrics::psnr_db(&photo, &painted).expect("sizes")
    };
    let told = sent.side_information.clone();
    let mut untold = told.clone();
    assert_eq!(std::mem::replace(&mut untold[0], 2), 3, "the version");
    let [told, untold] = [told, untold].map(psnr);
    assert!(told > untold + 1.0, "{told} dB, untold {untold} dB");
}

#[test]
fn no_map_is_sent_where_every_block_is_sent_whole() {
    let photo = half_checked(256, 128);
    let sent = CODEC
        .encode(&photo, None, 32 * COMPONENTS / 2)
        .expect("latents");
    assert_eq!(sent.side_information.len(), 3);
}

#[test]
fn a_clean_channel_gives_more_of_the_picture_than_a_noisy_one() {
    let photo = photo(96, 64);
    let sent = CODEC.encode(&photo, None, 4000).expect("latents");
    let psnr_db = |variance: f32| {
        let painted = decoded(&sent, &vec![variance; 4000], photo.size());
        crate::metrics::psnr_db(&photo, &painted).expect("same size")
    };
    let (clean, lost) = (psnr_db(1e-2), psnr_db(f32::INFINITY));
    assert!(clean > lost + 3.0, "{clean} dB, {lost} dB");
}

#[test]
fn beyond_what_was_trained_less_noise_changes_nothing() {
    let photo = photo(96, 64);
    let sent = CODEC.encode(&photo, None, 1536).expect("encodes");
    let with = |variance: f32| decoded(&sent, &[variance; 1536], photo.size());
    let (held, clean) = (with(LEAST_VARIANCE), with(0.0));
    assert_eq!(held.rgb(), clean.rgb());
    let error = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
    let squares: f64 = photo.rgb().iter().zip(clean.rgb()).map(error).sum();
    let mse = squares / photo.rgb().len() as f64;
    assert!(mse < 65.0, "mean squared error {mse}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let photo = photo(70, 50);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| {
            let sent = CODEC.encode(&photo, None, 500).expect("latents");
            let painted = decoded(&sent, &[0.1; 500], photo.size());
            (sent, painted)
        })
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn noise_that_is_no_number_counts_as_a_lost_symbol() {
    let photo = photo(64, 32);
    let sent = CODEC.encode(&photo, None, 400).expect("latents");
    let decode = |variance: f32, symbol: Complex32| {
        let mut sent = sent.clone();
        let mut variances = vec![0.05; 400];
        (sent.symbols[7], variances[7]) = (symbol, variance);
        decoded(&sent, &variances, photo.size())
    };
    let lost = decode(f32::INFINITY, Complex32::ZERO);
    assert_eq!(decode(f32::NAN, sent.symbols[7]), lost);
    assert_eq!(decode(-1.0, sent.symbols[7]), lost);
    assert_eq!(decode(0.0, Complex32::new(f32::NAN, f32::INFINITY)), lost);
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let size = PhotoSize::new(32, 32).expect("size");
    let said = |symbols: &[Complex32], variances: &[f32], side: &[u8]| {
        let received = ReceivedLatents { symbols, variances };
        let refused = CODEC.decode(received, side, size);
        refused.expect_err("refused").to_string()
    };
    let one = [Complex32::ONE];
    assert!(said(&one, &[1.0], &[9, 0, 0]).contains("version 9"));
    assert!(said(&one, &[1.0], &[2, 0]).contains("2 bytes"));
    assert!(said(&one, &[1.0], &[2, 0, 0, 7]).contains("4 bytes"));
    assert!(said(&one, &[1.0, 2.0], &[2, 0, 0]).contains("1 symbols with 2 variances"));
    let refused = CODEC.clone().with_perception(-0.1).err();
    assert!(refused.expect("refused").to_string().contains("-0.1"));
    let refused = DeepJsccCodec::open(Some(Path::new("/no/models")), &Device::Cpu).err();
    let words = refused.expect("refused").to_string();
    assert!(words.contains("/no/models/deepjscc.safetensors"), "{words}");
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
    fn hostile_symbols_and_bytes_give_a_picture_or_an_error(
        parts in prop::collection::vec((any_value(), any_value(), any_value()), 1..80),
        power in any::<[u8; 2]>(),
        map in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let symbols: Vec<_> = parts.iter().map(|p| Complex32::new(p.0, p.1)).collect();
        let variances: Vec<_> = parts.iter().map(|p| p.2).collect();
        let received = ReceivedLatents { symbols: &symbols, variances: &variances };
        let size = PhotoSize::new(20, 10).expect("size");
        prop_assert!(CODEC.decode(received, &[2, power[0], power[1]], size).is_ok());
        if let Ok(photo) = CODEC.decode(received, &[&[2, power[0], power[1]], &map[..]].concat(), size) {
            prop_assert_eq!(photo.size(), size);
        }
    }
}
