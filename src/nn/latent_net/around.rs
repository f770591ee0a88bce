//! The depthwise convolution and the product of its halves.

use candle_core::{Device, Tensor};

use crate::nn::rows::Rows;
use crate::nn::weights::{Weights, WeightsError};

/// One square filter a channel, zeros around the picture.
#[derive(Debug, Clone)]
pub(super) struct Around {
    /// Taps of a side, odd.
    side: usize,
    /// `[row][column][channel]`.
    taps: Vec<f32>,
    channels: usize,
    bias: Vec<f32>,
    /// As loaded, for devices that have their own convolution.
    pub(super) weight: Tensor,
    pub(super) bias_tensor: Tensor,
}

impl Around {
    pub(super) fn load(
        weights: &Weights,
        name: &str,
        (channels, side): (usize, usize),
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let shape = [channels, 1, side, side];
        let weight_name = format!("{name}.weight");
        let weight = weights.values(&weight_name, &shape)?;
        let mut taps = vec![0.0; weight.len()];
        for (channel, filter) in weight.chunks_exact(side * side).enumerate() {
            for (tap, value) in filter.iter().enumerate() {
                taps[tap * channels + channel] = *value;
            }
        }
        let bias_name = format!("{name}.bias");
        let bias = weights.values(&bias_name, &[channels])?.to_vec();
        Ok(Self {
            side,
            taps,
            channels,
            weight: weights.tensor(&weight_name, &shape, device)?,
            bias_tensor: Tensor::from_slice(&bias, (1, channels, 1, 1), device)?,
            bias,
        })
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    /// Zeros on either side that keep the size.
    pub(super) fn padding(&self) -> usize {
        self.side / 2
    }

    /// Row `y` of the convolution, each place's first half times its second.
    pub(super) fn gated_row(&self, input: &Rows, y: usize, out: &mut [f32]) {
        let (channels, half) = (self.channels, self.channels / 2);
        let (side, reach) = (self.side, self.side / 2);
        let row = |dy: usize| input.row(y as isize + dy as isize - reach as isize);
        let rows: Vec<&[f32]> = (0..side).map(row).collect();
        let mut sums = vec![0.0; channels];
        for (x, out) in out.chunks_exact_mut(half).enumerate() {
            sums.copy_from_slice(&self.bias);
            for (dy, row) in rows.iter().enumerate() {
                // rows begin one pixel left of the picture
                let inside = |dx: &usize| (reach..reach + input.width()).contains(&(x + dx));
                for dx in (0..side).filter(inside) {
                    let pixel = &row[(x + dx + 1 - reach) * channels..][..channels];
                    let taps = &self.taps[(dy * side + dx) * channels..][..channels];
                    accumulate(&mut sums, pixel, taps);
                }
            }
            let (a, b) = sums.split_at(half);
            out.iter_mut()
                .zip(a.iter().zip(b))
                .for_each(|(out, (a, b))| *out = a * b);
        }
    }
}

#[multiversion::multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2+fma"))]
fn accumulate(sums: &mut [f32], x: &[f32], taps: &[f32]) {
    sums.iter_mut()
        .zip(x.iter().zip(taps))
        .for_each(|(sum, (x, tap))| *sum += x * tap);
}
