//! What the blocks do with whole maps besides convolving them.

use crate::nn::rows::Rows;
use crate::nn::whole::filled;
use crate::nn::{Weights, WeightsError};

/// Channels of `a`, then those of `b`.
pub(super) fn beside(a: &Rows, b: &Rows) -> Rows {
    let channels = a.channels() + b.channels();
    filled(channels, a, |y, row| {
        let end = row.len() - channels;
        let pixels = row[channels..end].chunks_exact_mut(channels);
        let first = a.pixels(y).chunks_exact(a.channels());
        let second = b.pixels(y).chunks_exact(b.channels());
        for (out, (first, second)) in pixels.zip(first.zip(second)) {
            out[..first.len()].copy_from_slice(first);
            out[first.len()..].copy_from_slice(second);
        }
    })
}

/// Adds `other` in place.
pub(super) fn add(x: &mut Rows, other: &Rows) {
    let values = x.data_mut().iter_mut().zip(other.data());
    values.for_each(|(value, other)| *value += other);
}

/// A 3x3 convolution whose taps lie apart, on small maps.
pub(super) struct Dilated {
    /// `[tap][input][output]`.
    taps: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
    dilation: isize,
}

impl Dilated {
    pub(super) fn load(
        weights: &Weights,
        name: &str,
        (outputs, inputs): (usize, usize),
        dilation: usize,
    ) -> Result<Self, WeightsError> {
        let shape = [outputs, inputs, 3, 3];
        let kernel = weights.values(&format!("{name}.weight"), &shape)?;
        let mut taps = vec![0.0; kernel.len()];
        for (at, value) in kernel.iter().enumerate() {
            let (output, input, tap) = (at / (9 * inputs), at / 9 % inputs, at % 9);
            taps[(tap * inputs + input) * outputs + output] = *value;
        }
        Ok(Self {
            taps,
            bias: weights
                .values(&format!("{name}.bias"), &[outputs])?
                .to_vec(),
            inputs,
            dilation: dilation as isize,
        })
    }

    /// Convolves and clips at zero from below.
    pub(super) fn apply(&self, x: &Rows) -> Rows {
        let outputs = self.bias.len();
        filled(outputs, x, |y, row| {
            let end = row.len() - outputs;
            let pixels = row[outputs..end].chunks_exact_mut(outputs);
            for (column, sums) in pixels.enumerate() {
                sums.copy_from_slice(&self.bias);
                for tap in 0..9 {
                    let step = |tap: usize| (tap as isize - 1) * self.dilation;
                    let at = (y as isize + step(tap / 3), column as isize + step(tap % 3));
                    self.add_tap(x, at, tap, sums);
                }
                sums.iter_mut().for_each(|sum| *sum = sum.max(0.0));
            }
        })
    }

    fn add_tap(&self, x: &Rows, (y, column): (isize, isize), tap: usize, sums: &mut [f32]) {
        let inside = |at: isize, side: usize| usize::try_from(at).ok().filter(|at| *at < side);
        let places = inside(y, x.height()).zip(inside(column, x.width()));
        let Some((y, column)) = places else { return };
        let pixel = &x.pixels(y)[column * self.inputs..][..self.inputs];
        let kernels = self.taps[tap * self.inputs * sums.len()..].chunks_exact(sums.len());
        for (value, kernel) in pixel.iter().zip(kernels) {
            for (sum, weight) in sums.iter_mut().zip(kernel) {
                *sum += value * weight;
            }
        }
    }
}
