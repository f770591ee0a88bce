//! Orthonormal two-dimensional DCT of a whole plane, separable (crate rustdct).
//!
//! Coefficients lie column by column: `horizontal * height + vertical`, which saves a transposition
//! on either side.

use std::sync::Arc;

use rustdct::{DctPlanner, TransformType2And3};

/// The pair of transforms for planes of one size.
#[derive(Clone)]
pub(super) struct Dct2d {
    width: usize,
    height: usize,
    along_x: Arc<dyn TransformType2And3<f32>>,
    along_y: Arc<dyn TransformType2And3<f32>>,
}

impl Dct2d {
    /// Plans for planes of `width * height` values, each side at least 1.
    pub(super) fn new(width: usize, height: usize) -> Self {
        let mut planner = DctPlanner::new();
        let along_x = planner.plan_dct2(width);
        let along_y = planner.plan_dct2(height);
        Self {
            width,
            height,
            along_x,
            along_y,
        }
    }

    /// Pixels, row by row, to coefficients, column by column.
    pub(super) fn analyze(&self, pixels: &mut [f32]) -> Vec<f32> {
        analyze_lines(&*self.along_x, pixels, self.width);
        let mut coefficients = transposed(pixels, self.width);
        analyze_lines(&*self.along_y, &mut coefficients, self.height);
        coefficients
    }

    /// Coefficients, column by column, to pixels, row by row.
    pub(super) fn synthesize(&self, coefficients: &mut [f32]) -> Vec<f32> {
        synthesize_lines(&*self.along_y, coefficients, self.height);
        let mut pixels = transposed(coefficients, self.height);
        synthesize_lines(&*self.along_x, &mut pixels, self.width);
        pixels
    }
}

/// DCT-II of each line of `length` values, scaled to be orthonormal.
fn analyze_lines(dct: &dyn TransformType2And3<f32>, values: &mut [f32], length: usize) {
    let scale = (2.0 / length as f32).sqrt();
    let mut scratch = vec![0.0; dct.get_scratch_len()];
    for line in values.chunks_exact_mut(length) {
        dct.process_dct2_with_scratch(line, &mut scratch);
        line.iter_mut().for_each(|value| *value *= scale);
        line[0] *= std::f32::consts::FRAC_1_SQRT_2;
    }
}

/// DCT-III of each line, the inverse of [`analyze_lines`].
fn synthesize_lines(dct: &dyn TransformType2And3<f32>, values: &mut [f32], length: usize) {
    let scale = (2.0 / length as f32).sqrt();
    let mut scratch = vec![0.0; dct.get_scratch_len()];
    for line in values.chunks_exact_mut(length) {
        line[0] *= std::f32::consts::SQRT_2;
        line.iter_mut().for_each(|value| *value *= scale);
        dct.process_dct3_with_scratch(line, &mut scratch);
    }
}

/// Lines of `length` values become columns; blocks keep both sides in the cache.
fn transposed(values: &[f32], length: usize) -> Vec<f32> {
    const BLOCK: usize = 32;
    let lines = values.len() / length;
    let mut out = vec![0.0; values.len()];
    for top in (0..lines).step_by(BLOCK) {
        for left in (0..length).step_by(BLOCK) {
            for x in left..(left + BLOCK).min(length) {
                for y in top..(top + BLOCK).min(lines) {
                    out[x * lines + y] = values[y * length + x];
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(width: usize, height: usize) -> Vec<f32> {
        (0..width * height)
            .map(|i| ((i * 7919) % 251) as f32 - 100.0)
            .collect()
    }

    /// The definition: X(u, v) = c(u) c(v) sum x cos cos.
    fn slow_model(pixels: &[f32], width: usize, height: usize, u: usize, v: usize) -> f64 {
        let basis = |n: usize, k: usize, length: usize| {
            let scale = if k == 0 { 1.0 } else { 2.0 } / length as f64;
            let angle = std::f64::consts::PI * (n as f64 + 0.5) * k as f64 / length as f64;
            scale.sqrt() * angle.cos()
        };
        (0..width * height)
            .map(|i| {
                f64::from(pixels[i]) * basis(i % width, u, width) * basis(i / width, v, height)
            })
            .sum()
    }

    #[test]
    fn coefficients_agree_with_the_definition_at_every_small_size() {
        for (width, height) in [(1, 1), (1, 7), (6, 1), (2, 3), (8, 5), (13, 16)] {
            let pixels = plane(width, height);
            let coefficients = Dct2d::new(width, height).analyze(&mut pixels.clone());
            for (i, &found) in coefficients.iter().enumerate() {
                let expected = slow_model(&pixels, width, height, i / height, i % height);
                assert!(
                    (f64::from(found) - expected).abs() < 1e-2,
                    "{width}x{height} {i}"
                );
            }
        }
    }

    #[test]
    fn planes_of_any_size_come_back() {
        for (width, height) in [(1, 1), (40, 1), (97, 61), (128, 64), (255, 33)] {
            let pixels = plane(width, height);
            let dct = Dct2d::new(width, height);
            let back = dct.synthesize(&mut dct.analyze(&mut pixels.clone()));
            for (a, b) in pixels.iter().zip(&back) {
                assert!((a - b).abs() < 1e-2, "{width}x{height}: {a} {b}");
            }
        }
    }
}
