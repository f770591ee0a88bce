//! The codec as a pair, what it knows of its error, and what hostile air may do to it.

use std::sync::LazyLock;

use num_complex::Complex32;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;

static CODEC: LazyLock<RestoredCodec> =
    LazyLock::new(|| RestoredCodec::shipped().expect("weights"));

/// Soft shapes in warm colours, edges and some grain.
fn photo(width: u32, height: u32) -> Photo {
    let size = PhotoSize::new(width, height).expect("size");
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let mut rgb = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let wave = (x as f32 * 0.15).sin() * (y as f32 * 0.1).cos() * 40.0;
        let edge = if x > y { 50.0 } else { 0.0 };
        let grain: f32 = StandardNormal.sample(&mut random);
        rgb.extend([120.0, 90.0, 70.0].map(|base| (base + wave + edge + 2.0 * grain) as u8));
    }
    Photo::new(size, rgb).expect("length")
}

struct Arrived {
    symbols: Vec<Complex32>,
    variances: Vec<f32>,
    side_information: Vec<u8>,
}

/// The photo after noise of `variance`, every `period`-th symbol lost.
fn through(photo: &Photo, budget: usize, variance: f32, period: usize) -> Arrived {
    let sent = CODEC.encode(photo, None, budget).expect("symbols");
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let deviation = (variance / 2.0).sqrt();
    let mut normal = || -> f32 { StandardNormal.sample(&mut random) };
    let mut noisy = |x: &Complex32| x + Complex32::new(normal(), normal()) * deviation;
    let mut symbols: Vec<_> = sent.symbols.iter().map(&mut noisy).collect();
    let mut variances = vec![variance; budget];
    for at in (0..budget).filter(|at| at % period == period - 1) {
        (symbols[at], variances[at]) = (Complex32::ZERO, f32::INFINITY);
    }
    Arrived {
        symbols,
        variances,
        side_information: sent.side_information,
    }
}

impl Arrived {
    fn received(&self) -> ReceivedLatents<'_> {
        ReceivedLatents {
            symbols: &self.symbols,
            variances: &self.variances,
        }
    }

    fn decoded(&self, codec: &dyn Codec, size: PhotoSize) -> Photo {
        let found = codec.decode(self.received(), &self.side_information, size);
        found.expect("picture")
    }
}

const NONE_LOST: usize = usize::MAX;

#[test]
fn the_symbols_are_softcasts() {
    let photo = photo(70, 50);
    let theirs = SoftCast::default().encode(&photo, None, 900);
    assert_eq!(CODEC.encode(&photo, None, 900), theirs);
}

#[test]
fn the_picture_that_is_restored_is_softcasts_before_rounding() {
    let photo = photo(90, 61);
    for period in [NONE_LOST, 5] {
        let arrived = through(&photo, 1200, 0.2, period);
        let estimate = Estimate::new(arrived.received(), &arrived.side_information, photo.size());
        let planes = estimate.expect("estimate").planes;
        let theirs = arrived.decoded(&SoftCast::default(), photo.size());
        assert_eq!(photo_of(&planes, photo.size()), theirs);
    }
}

#[test]
fn more_noise_and_more_losses_leave_more_uncertain() {
    let photo = photo(96, 64);
    let total = |variance, period| {
        let arrived = through(&photo, 1500, variance, period);
        let estimate = Estimate::new(arrived.received(), &arrived.side_information, photo.size());
        let error = estimate.expect("estimate").error;
        error.fine.iter().map(|d| d * d).sum::<f32>()
    };
    let (clean, noisy, lossy) = (total(0.01, NONE_LOST), total(0.3, NONE_LOST), total(0.3, 3));
    assert!(
        clean < 0.9 * noisy && noisy < 0.9 * lossy,
        "{clean} {noisy} {lossy}"
    );
}

#[test]
fn every_size_is_decoded_tiles_and_lost_symbols_too() {
    for (width, height, budget, period) in [(1, 1, 1, 2), (3, 500, 200, 3), (2100, 9, 3000, 4)] {
        let photo = photo(width, height);
        let arrived = through(&photo, budget, 0.1, period);
        let found = arrived.decoded(&*CODEC, photo.size());
        let mean = |photo: &Photo| {
            let sum: f64 = photo.rgb().iter().map(|x| f64::from(*x)).sum();
            sum / photo.rgb().len() as f64
        };
        assert!(
            (mean(&found) - mean(&photo)).abs() < 6.0,
            "{width}x{height}"
        );
    }
}

#[test]
fn the_dial_is_heard_and_held_within_its_ends() {
    let photo = photo(64, 48);
    let arrived = through(&photo, 400, 0.2, NONE_LOST);
    let at = |perception| {
        let codec = CODEC.clone().with_perception(perception).expect("dial");
        arrived.decoded(&codec, photo.size())
    };
    assert_eq!(at(0.5), arrived.decoded(&*CODEC, photo.size()));
    assert_ne!(at(0.0), at(1.0));
    let refused = CODEC.clone().with_perception(-0.1).err();
    assert!(refused.expect("refused").to_string().contains("-0.1"));
}

#[test]
fn a_folder_without_the_weights_is_named() {
    let refused = RestoredCodec::open(Some(Path::new("/no/models")), &Device::Cpu).err();
    let words = refused.expect("refused").to_string();
    assert!(words.contains("/no/models/restorer.safetensors"), "{words}");
}

#[test]
fn lengths_and_bytes_that_do_not_fit_are_refused_in_words() {
    let received = ReceivedLatents {
        symbols: &[Complex32::ZERO; 3],
        variances: &[1.0; 2],
    };
    let size = PhotoSize::new(8, 8).expect("size");
    let words = CODEC
        .decode(received, &[0x10], size)
        .unwrap_err()
        .to_string();
    assert!(words.contains("3 symbols with 2 variances"), "{words}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn hostile_symbols_variances_and_bytes_give_a_picture_or_an_error(
        width in 1u32..40,
        height in 1u32..40,
        values in prop::collection::vec(any::<f32>(), 3..200),
        mut bytes in prop::collection::vec(any::<u8>(), 1..60),
    ) {
        bytes[0] = 0x10 | bytes[0] & 3;
        let symbols: Vec<_> = values.chunks_exact(3).map(|v| Complex32::new(v[0], v[1])).collect();
        let variances: Vec<_> = values.chunks_exact(3).map(|v| v[2]).collect();
        let received = ReceivedLatents { symbols: &symbols, variances: &variances };
        let size = PhotoSize::new(width, height).expect("size");
        if let Ok(photo) = CODEC.decode(received, &bytes, size) {
            prop_assert_eq!(photo.size(), size);
        }
        let sent = CODEC.encode(&photo(width, height), None, symbols.len()).expect("symbols");
        prop_assert!(CODEC.decode(received, &sent.side_information, size).is_ok());
    }
}
