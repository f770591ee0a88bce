//! Signals to send, and what to measure on those received.

use std::f64::consts::TAU;

use crate::radio::Sample;

/// Samples that tell their places apart, with I and Q on steps of 1/128 and never zero, so that every format is exact.
pub fn distinct(count: usize) -> Vec<Sample> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 24) % 127 + 1) as f32 / 128.0
    };
    (0..count).map(|_| [next(), -next()]).collect()
}

/// A tone of half of full scale.
pub fn tone(count: usize, cycles_per_sample: f64) -> Vec<Sample> {
    let phase = |n: usize| TAU * (cycles_per_sample * n as f64).fract();
    (0..count)
        .map(|n| [0.5 * phase(n).cos() as f32, 0.5 * phase(n).sin() as f32])
        .collect()
}

/// Mean of the samples turned back by a tone: its amplitude and phase (radians at sample 0).
pub fn correlate(samples: &[Sample], cycles_per_sample: f64) -> (f64, f64) {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, &[i, q]) in samples.iter().enumerate() {
        let (sin, cos) = (TAU * (cycles_per_sample * n as f64).fract()).sin_cos();
        re += f64::from(i) * cos + f64::from(q) * sin;
        im += f64::from(q) * cos - f64::from(i) * sin;
    }
    let count = samples.len() as f64;
    ((re / count).hypot(im / count), im.atan2(re))
}

pub fn power(samples: &[Sample]) -> f64 {
    let sum: f64 = samples
        .iter()
        .map(|&[i, q]| f64::from(i).powi(2) + f64::from(q).powi(2))
        .sum();
    sum / samples.len() as f64
}

/// The difference of two phases, within half a turn.
pub fn phase_difference(a: f64, b: f64) -> f64 {
    (a - b + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0
}

/// Asserts equality without printing thousands of samples.
#[track_caller]
pub fn assert_same<T: PartialEq + std::fmt::Debug>(found: &[T], expected: &[T]) {
    assert_eq!(found.len(), expected.len());
    let different = found.iter().zip(expected).position(|(a, b)| a != b);
    if let Some(n) = different {
        panic!(
            "sample {n}: found {:?}, expected {:?}",
            found[n], expected[n]
        );
    }
}
