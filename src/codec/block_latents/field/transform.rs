//! The lowest coefficients of a picture of one value a block.

use super::MOST;
use crate::codec::block_latents::grid::Grid;

/// Times that an image is continued to where it does not count.
const ROUNDS: usize = 3;

/// The lowest coefficients of an orthonormal DCT-II over the blocks.
pub(super) struct Transform {
    down: Vec<Vec<f64>>,
    across: Vec<Vec<f64>>,
}

impl Transform {
    pub(super) fn new(grid: Grid) -> Self {
        Self {
            down: basis(grid.rows),
            across: basis(grid.columns),
        }
    }

    /// Of an image of which only a part counts; what is left out is continued.
    pub(super) fn of_part(&self, mut image: Vec<f64>, counts: &[bool]) -> Vec<f64> {
        let inside = |image: &[f64]| -> Vec<f64> {
            let pairs = image.iter().zip(counts);
            pairs
                .filter(|(_, counts)| **counts)
                .map(|(c, _)| *c)
                .collect()
        };
        let known = inside(&image);
        if known.len() == image.len() {
            return self.forward(&image);
        }
        let continue_with = |image: &mut [f64], continued: &[f64]| {
            let places = image.iter_mut().zip(counts).zip(continued);
            let outside = places.filter(|((_, counts), _)| !**counts);
            outside.for_each(|((c, _), continued)| *c = *continued);
        };
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        let mean = vec![mean; image.len()];
        continue_with(&mut image, &mean);
        for _ in 0..ROUNDS {
            let continued = self.inverse(&self.forward(&image));
            continue_with(&mut image, &continued);
        }
        self.forward(&image)
    }

    fn forward(&self, image: &[f64]) -> Vec<f64> {
        let columns = self.across[0].len();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let rows: Vec<Vec<f64>> = image
            .chunks_exact(columns)
            .map(|row| self.across.iter().map(|wave| dot(wave, row)).collect())
            .collect();
        let coefficient = |down: &[f64], at: usize| -> f64 {
            down.iter().zip(&rows).map(|(d, row)| d * row[at]).sum()
        };
        let along = |down: &Vec<f64>| -> Vec<f64> {
            (0..self.across.len())
                .map(|at| coefficient(down, at))
                .collect()
        };
        self.down.iter().flat_map(along).collect()
    }

    pub(super) fn inverse(&self, coefficients: &[f64]) -> Vec<f64> {
        let columns = self.across[0].len();
        let weighted = |line: &mut [f64], factor: f64, wave: &[f64]| {
            let places = line.iter_mut().zip(wave);
            places.for_each(|(c, wave)| *c += factor * wave);
        };
        let line = |coefficients: &[f64]| {
            let mut line = vec![0.0; columns];
            let waves = coefficients.iter().zip(&self.across);
            waves.for_each(|(&factor, across)| weighted(&mut line, factor, across));
            line
        };
        let lines: Vec<Vec<f64>> = coefficients
            .chunks_exact(self.across.len())
            .map(line)
            .collect();
        let mut image = vec![0.0; self.down[0].len() * columns];
        for (row, out) in image.chunks_exact_mut(columns).enumerate() {
            for (down, line) in self.down.iter().zip(&lines) {
                weighted(out, down[row], line);
            }
        }
        image
    }
}

/// The lowest rows of the orthonormal DCT-II over `count` values.
fn basis(count: usize) -> Vec<Vec<f64>> {
    let wave = |k: usize| {
        let scale = if k == 0 { 1.0 } else { 2.0 } / count as f64;
        let angle = |at: usize| (at as f64 + 0.5) * k as f64 * std::f64::consts::PI / count as f64;
        (0..count)
            .map(|at| scale.sqrt() * angle(at).cos())
            .collect()
    };
    (0..count.min(MOST)).map(wave).collect()
}
