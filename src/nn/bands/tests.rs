//! Both ends against golden vectors of `training/export_deepjscc.py` (photo kodim23, its seed inside), and against
//! themselves.

use std::sync::LazyLock;

use candle_core::Device;
use safetensors::SafeTensors;

use super::*;
use crate::nn::{NetworkError, Planes};

const TOLERANCE: f32 = 1e-3;

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/deepjscc.safetensors");
    Weights::from_safetensors(&std::fs::read(path).expect("weights")).expect("weights")
});

static ANALYSIS: LazyLock<BandAnalysis> =
    LazyLock::new(|| BandAnalysis::load(&WEIGHTS, &Device::Cpu).expect("analysis"));

static SYNTHESIS: LazyLock<BandSynthesis> =
    LazyLock::new(|| BandSynthesis::load(&WEIGHTS, &Device::Cpu).expect("synthesis"));

static INPAINTING: LazyLock<BandSynthesis> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/inpainter.safetensors");
    let weights = Weights::from_safetensors(&std::fs::read(path).expect("weights"));
    let with = SYNTHESIS.clone().with_inpainter(&weights.expect("weights"));
    with.expect("inpainter")
});

/// Bytes of one golden tensor of a file, in words.
fn golden_words<const N: usize>(file: &str, name: &str) -> Vec<[u8; N]> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    let bytes = std::fs::read(format!("{folder}/{file}.golden.safetensors")).expect("vectors");
    let file = SafeTensors::deserialize(&bytes).expect("vectors");
    let (words, _) = file.tensor(name).expect("tensor").data().as_chunks::<N>();
    words.to_vec()
}

fn golden(name: &str, channels: usize, side: usize) -> Planes {
    golden_of("deepjscc", name, channels, side)
}

fn golden_of(file: &str, name: &str, channels: usize, side: usize) -> Planes {
    let words = golden_words::<4>(file, name).into_iter();
    let values = words.map(f32::from_le_bytes).collect();
    Planes::new(channels, side, side, values).expect("length")
}

fn golden_rates() -> Vec<usize> {
    let words = golden_words::<8>("deepjscc", "rate").into_iter();
    words
        .map(|word| i64::from_le_bytes(word) as usize)
        .collect()
}

/// Structure everywhere, no two rows alike.
fn pattern(channels: usize, height: usize, width: usize) -> Planes {
    let value = |i: usize| (i as f32 * 0.37).sin() * (i as f32 * 0.0013).cos() * 0.5 + 0.5;
    let values = (0..channels * height * width).map(value).collect();
    Planes::new(channels, height, width, values).expect("length")
}

fn largest_difference(a: &Planes, b: &Planes) -> f32 {
    assert_eq!(a.shape(), b.shape());
    let pairs = a.data().iter().zip(b.data());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn latents(photo: Planes, rates: &[usize]) -> Planes {
    let found = ANALYSIS.latents(photo, rates, &mut |_, _| ());
    found.expect("latents")
}

fn painted(latents: &Planes, deviation: &Planes, perception: f32) -> Planes {
    let found = SYNTHESIS.paint(latents, deviation, perception, &mut |_, _| ());
    found.expect("picture")
}

#[test]
fn analysis_gives_the_golden_latents() {
    let found = latents(golden("photo", 3, 64), &golden_rates());
    let difference = largest_difference(&found, &golden("latents", BAND_LATENTS, 8));
    assert!(difference <= TOLERANCE, "{difference}");
}

#[test]
fn synthesis_paints_the_golden_pictures() {
    let (z, deviation) = (
        golden("latents_hat", BAND_LATENTS, 8),
        golden("deviation", BAND_LATENTS, 8),
    );
    for (dial, name) in [(0.0, "painted_0"), (1.0, "painted_1")] {
        let found = painted(&z, &deviation, dial);
        let difference = largest_difference(&found, &golden(name, 3, 64));
        assert!(difference <= TOLERANCE, "{name}: {difference}");
    }
}

#[test]
fn the_inpainter_paints_the_golden_picture_and_no_other() {
    let of = |name| golden(name, BAND_LATENTS, 8);
    let (latents, deviation) = (&of("latents_hat"), &of("deviation"));
    let received = [true, false].map(|has_gaps| BandLatents {
        latents,
        deviation,
        has_gaps,
    });
    let found = INPAINTING.paint_all(&received, 1.0, &mut |_, _| ());
    let found = found.expect("pictures");
    let difference = largest_difference(&found[0], &golden_of("inpainter", "painted_1", 3, 64));
    assert!(difference <= TOLERANCE, "{difference}");
    assert_eq!(found[1], painted(latents, deviation, 1.0));
    assert!(largest_difference(&found[0], &found[1]) > 0.01);
}

#[test]
fn rates_uncertainty_and_the_dial_are_heard() {
    let photo = pattern(3, 32, 64);
    let usual = latents(photo.clone(), &[128, 128]);
    assert_ne!(latents(photo, &[128, 12]), usual);
    let unsure = |share: f32| {
        Planes::new(BAND_LATENTS, 4, 8, vec![share; BAND_LATENTS * 4 * 8]).expect("length")
    };
    let picture = painted(&usual, &unsure(0.5), 0.5);
    assert_ne!(painted(&usual, &unsure(0.1), 0.5), picture);
    assert_ne!(painted(&usual, &unsure(0.5), 1.0), picture);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| {
            let z = latents(pattern(3, 64, 96), &[0, 1, 77, 128, 512, 9999]);
            painted(&z, &pattern(BAND_LATENTS, 8, 12), 0.5)
        })
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn progress_goes_from_the_first_strip_to_all() {
    let mut heard = Vec::new();
    let mut hear = |done, total| heard.push((done, total));
    let z = ANALYSIS.latents(pattern(3, 32, 32), &[128], &mut hear);
    let z = z.expect("latents");
    let done = SYNTHESIS.paint(&z, &pattern(BAND_LATENTS, 4, 4), 0.0, &mut hear);
    assert!(done.is_ok());
    assert_eq!(heard, [(1, 2), (2, 2), (1, 2), (2, 2)]);
}

#[test]
fn unusable_photos_rates_latents_and_dials_are_refused_in_words() {
    let said = |photo: Planes, rates: &[usize]| {
        let refused = ANALYSIS.latents(photo, rates, &mut |_, _| ());
        refused.expect_err("refused").to_string()
    };
    let words = said(pattern(3, 32, 40), &[1]);
    assert!(
        words.contains("[3, 32, 40]") && words.contains("32x32"),
        "{words}"
    );
    assert!(said(pattern(1, 32, 32), &[1]).contains("[1, 32, 32]"));
    assert!(said(Planes::zeros(3, 0, 32), &[]).contains("[3, 0, 32]"));
    assert!(said(pattern(3, 32, 32), &[1, 2]).contains("with 2 rates"));
    let z = Planes::zeros(BAND_LATENTS, 4, 4);
    let refused = |deviation: &Planes, dial| SYNTHESIS.paint(&z, deviation, dial, &mut |_, _| ());
    let found = refused(&Planes::zeros(BAND_LATENTS, 4, 5), 0.0);
    assert!(matches!(found, Err(NetworkError::Latents { .. })));
    assert!(matches!(
        refused(&z, 1.5),
        Err(NetworkError::Perception { .. })
    ));
}
