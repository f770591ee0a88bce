//! From the error variance of every coefficient to the error of every band of a block transform.
//!
//! To the model the coefficients' errors are independent, and an independent error in a DCT of the whole picture is
//! nearly stationary over it. So a coefficient of a short block DCT (length n, basis b_i) has the variance
//! sum_u S(u) |B_i(u)|^2 / N, with S the variances of the N coefficients and B_i the Fourier transform of b_i at
//! their frequencies: the same for every size of picture, and exact where the phases are spread evenly.

use std::f64::consts::PI;

use super::colour::PLANES;
use super::tiles::Tile;

/// Variance of each band of a block transform, plane by plane, vertical frequency slower than horizontal.
#[derive(Debug, Clone)]
pub(super) struct BandVariances {
    side: usize,
    sums: Vec<f64>,
    pixels: usize,
}

impl BandVariances {
    /// For blocks of `side` pixels.
    pub(super) fn new(side: usize) -> Self {
        Self {
            side,
            sums: vec![0.0; PLANES * side * side],
            pixels: 0,
        }
    }

    /// Joins a tile: the error variances of its planes' coefficients, column by column.
    pub(super) fn add(&mut self, tile: &Tile, variances: [&[f32]; PLANES]) {
        let (along_x, along_y) = (
            responses(self.side, tile.width()),
            responses(self.side, tile.height()),
        );
        let bands = self.side * self.side;
        for (plane, sums) in variances.into_iter().zip(self.sums.chunks_exact_mut(bands)) {
            let columns = plane.chunks_exact(tile.height());
            for (column, x) in columns.zip(along_x.chunks_exact(self.side)) {
                let vertical = weighed(column, &along_y, self.side);
                for (sums, vertical) in sums.chunks_exact_mut(self.side).zip(vertical) {
                    let pairs = sums.iter_mut().zip(x);
                    pairs.for_each(|(sum, x)| *sum += vertical * x * tile.pixels() as f64);
                }
            }
        }
        self.pixels += tile.pixels();
    }

    /// Standard deviations, the mean over the picture.
    pub(super) fn deviations(&self) -> Vec<f32> {
        let deviation = |sum: &f64| (sum / self.pixels.max(1) as f64).max(LEAST).sqrt() as f32;
        self.sums.iter().map(deviation).collect()
    }
}

/// Least variance told: a thousandth of a step of 8 bits.
const LEAST: f64 = 1e-6;

/// Sums of a column's variances, weighed by the response of each vertical band.
fn weighed(column: &[f32], responses: &[f64], side: usize) -> Vec<f64> {
    let mut sums = vec![0.0; side];
    for (variance, responses) in column.iter().zip(responses.chunks_exact(side)) {
        let pairs = sums.iter_mut().zip(responses);
        pairs.for_each(|(sum, response)| *sum += f64::from(*variance) * response);
    }
    sums
}

/// |B_i(f)|^2 / `length` for every frequency of an axis (slow) and every band (fast).
fn responses(side: usize, length: usize) -> Vec<f64> {
    let basis = |i: usize, k: usize| {
        let scale = if i == 0 { 1.0f64 } else { 2.0 } / side as f64;
        scale.sqrt() * (PI * i as f64 * (k as f64 + 0.5) / side as f64).cos()
    };
    let mut responses = Vec::with_capacity(side * length);
    for f in 0..length {
        let turn = PI * f as f64 / length as f64;
        for i in 0..side {
            let (mut re, mut im) = (0.0, 0.0);
            for k in 0..side {
                re += basis(i, k) * (turn * k as f64).cos();
                im += basis(i, k) * (turn * k as f64).sin();
            }
            responses.push((re * re + im * im) / length as f64);
        }
    }
    responses
}

#[cfg(test)]
mod tests {
    use super::super::tiles::tiles;
    use super::*;
    use crate::photo::PhotoSize;

    #[test]
    fn a_white_error_is_the_same_in_every_band() {
        let tile = &tiles(PhotoSize::new(512, 384).unwrap())[0];
        let white = vec![9.0; tile.pixels()];
        let mut bands = BandVariances::new(8);
        bands.add(tile, [&white; PLANES]);
        for deviation in bands.deviations() {
            assert!((deviation - 3.0).abs() < 0.1, "{deviation}");
        }
    }

    #[test]
    fn total_power_is_kept_and_a_tone_lies_in_its_band() {
        let tile = &tiles(PhotoSize::new(64, 64).unwrap())[0];
        let mut tone = vec![0.0; tile.pixels()];
        tone[24 * 64 + 8] = 4096.0; // horizontal 3/8, vertical 1/8 of the highest frequency
        let mut bands = BandVariances::new(8);
        bands.add(tile, [&tone, &[0.0; 4096], &[0.0; 4096]]);
        let power: Vec<f32> = bands.deviations().iter().map(|d| d * d).collect();
        let total: f32 = power.iter().sum();
        assert!((total - 64.0).abs() < 0.1, "{total}");
        let strongest = (0..192).max_by(|a, b| power[*a].total_cmp(&power[*b]));
        assert_eq!(strongest, Some(8 + 3));
    }
}
