//! The codec as a pair, and what hostile air may do to it.

mod gaps;
mod golden;
mod rates;

use std::sync::LazyLock;

use num_complex::Complex32;
use proptest::prelude::*;

use super::painting::LEAST_VARIANCE;
use super::*;
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
    // What a field saves counts too: no field here.
    assert_eq!(sent.side_information[0], 2);
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
    for version in [0, 1, 4, 5, 8, 255] {
        let words = said(&one, &[1.0], &[version, 0, 0]);
        assert!(words.contains(&format!("version {version}")), "{words}");
    }
    assert!(said(&one, &[1.0], &[6, 0, 0]).contains("field is cut off"));
    assert!(said(&one, &[1.0], &[7, 0, 0, 9, 1]).contains("field is cut off"));
    assert!(said(&one, &[1.0], &[6, 0, 0, 0]).contains("field is empty"));
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
        (version, field) in (prop::sample::select(vec![2u8, 3, 6, 7]), prop::collection::vec(any::<u8>(), 1..=255)),
    ) {
        let symbols: Vec<_> = parts.iter().map(|p| Complex32::new(p.0, p.1)).collect();
        let variances: Vec<_> = parts.iter().map(|p| p.2).collect();
        let received = ReceivedLatents { symbols: &symbols, variances: &variances };
        let size = PhotoSize::new(100, 70).expect("size");
        let mut side = vec![version, power[0], power[1]];
        if version > 3 {
            side.push(field.len() as u8);
            side.extend(field);
        }
        prop_assert!(CODEC.decode(received, &side, size).is_ok());
        side.extend(map);
        if let Ok(photo) = CODEC.decode(received, &side, size) {
            prop_assert_eq!(photo.size(), size);
        }
    }
}
