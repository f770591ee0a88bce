//! Against golden vectors of `training/export_restorer.py` (photo kodim23, its seed inside), and against itself.

use std::sync::LazyLock;

use safetensors::SafeTensors;

use super::*;

/// 1e-3 of the range of 8 bits.
const TOLERANCE: f32 = 0.255;

static RESTORER: LazyLock<Restorer> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/restorer.safetensors");
    let weights = Weights::from_safetensors(&std::fs::read(path).expect("weights"));
    Restorer::load(&weights.expect("weights"), &Device::Cpu).expect("restorer")
});

fn golden(name: &str) -> Vec<f32> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/vectors/restorer.golden.safetensors"
    );
    let bytes = std::fs::read(path).expect("vectors");
    let file = SafeTensors::deserialize(&bytes).expect("vectors");
    let (words, _) = file.tensor(name).expect("tensor").data().as_chunks::<4>();
    words.iter().map(|word| f32::from_le_bytes(*word)).collect()
}

fn golden_planes(name: &str) -> Planes {
    Planes::new(3, 40, 64, golden(name)).expect("length")
}

fn golden_error() -> ErrorSpectrum {
    ErrorSpectrum {
        coarse: golden("deviation"),
        fine: golden("spectrum"),
    }
}

/// The golden error, `factor` times as strong.
fn error(factor: f32) -> ErrorSpectrum {
    let ErrorSpectrum { coarse, fine } = golden_error();
    let scaled = |values: Vec<f32>| values.into_iter().map(|d| d * factor).collect();
    ErrorSpectrum {
        coarse: scaled(coarse),
        fine: scaled(fine),
    }
}

fn restored(planes: &Planes, error: &ErrorSpectrum, perception: f32) -> Planes {
    let mut planes = planes.clone();
    let done = RESTORER.restore(&mut planes, error, perception, &mut |_, _| ());
    done.expect("planes");
    planes
}

fn largest_difference(a: &Planes, b: &Planes) -> f32 {
    let pairs = a.data().iter().zip(b.data());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn the_golden_picture_is_restored() {
    let received = golden_planes("received");
    for (dial, name) in [(0.0, "restored_0"), (1.0, "restored_1")] {
        let found = restored(&received, &golden_error(), dial);
        let difference = largest_difference(&found, &golden_planes(name));
        assert!(difference <= TOLERANCE, "{name}: {difference}");
        assert!(largest_difference(&found, &received) > 1.0, "{name}");
    }
}

#[test]
fn what_the_channel_made_certain_stays() {
    let received = golden_planes("received");
    let found = restored(&received, &error(1e-3), 0.0);
    assert!(largest_difference(&found, &received) < 0.5);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let received = golden_planes("received");
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.expect("threads");
        pool.install(|| restored(&received, &golden_error(), 0.5))
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn every_size_is_restored() {
    for (height, width) in [(1, 1), (3, 50), (5, 2), (41, 7)] {
        let value = |i: usize| 100.0 + (i as f32 * 0.3).sin() * 30.0;
        let data = (0..3 * height * width).map(value).collect();
        let planes = Planes::new(3, height, width, data).expect("length");
        let found = restored(&planes, &golden_error(), 1.0);
        assert!(found.data().iter().all(|x| x.is_finite()));
    }
}

#[test]
fn unusable_planes_spectra_and_dials_are_refused_in_words() {
    let said = |planes: &Planes, error: &ErrorSpectrum, perception| {
        let found = RESTORER.restore(&mut planes.clone(), error, perception, &mut |_, _| ());
        found.unwrap_err().to_string()
    };
    let good = golden_planes("received");
    let words = said(&Planes::zeros(2, 4, 4), &golden_error(), 0.0);
    assert!(words.contains("[2, 4, 4]"), "{words}");
    let words = said(&Planes::zeros(3, 0, 4), &golden_error(), 0.0);
    assert!(words.contains("at least 1"), "{words}");
    let mut short = golden_error();
    short.fine.pop();
    assert!(said(&good, &short, 0.0).contains("[48, 191]"));
    let mut unsure = golden_error();
    unsure.coarse[5] = f32::NAN;
    assert!(said(&good, &unsure, 0.0).contains("finite"));
    assert!(said(&good, &golden_error(), 1.5).contains("1.5"));
}
