//! The depthwise 5x5 convolution and the product of its halves.

use candle_core::{Device, Tensor};

use crate::nn::rows::Rows;
use crate::nn::weights::{Weights, WeightsError};

const SIDE: usize = 5;

/// One 5x5 filter a channel, zeros around the picture.
#[derive(Debug, Clone)]
pub(super) struct Around {
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
        channels: usize,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let shape = [channels, 1, SIDE, SIDE];
        let weight_name = format!("{name}.weight");
        let weight = weights.values(&weight_name, &shape)?;
        let mut taps = vec![0.0; weight.len()];
        for (channel, filter) in weight.chunks_exact(SIDE * SIDE).enumerate() {
            for (tap, value) in filter.iter().enumerate() {
                taps[tap * channels + channel] = *value;
            }
        }
        let bias_name = format!("{name}.bias");
        let bias = weights.values(&bias_name, &[channels])?.to_vec();
        Ok(Self {
            taps,
            channels,
            weight: weights.tensor(&weight_name, &shape, device)?,
            bias_tensor: Tensor::from_slice(&bias, (1, channels, 1, 1), device)?,
            bias,
        })
    }

    /// Row `y` of the convolution, each place's first half times its second.
    pub(super) fn gated_row(&self, input: &Rows, y: usize, out: &mut [f32]) {
        let (channels, half) = (self.channels, self.channels / 2);
        let rows: [&[f32]; SIDE] =
            std::array::from_fn(|dy| input.row(y as isize + dy as isize - (SIDE / 2) as isize));
        let mut sums = vec![0.0; channels];
        for (x, out) in out.chunks_exact_mut(half).enumerate() {
            sums.copy_from_slice(&self.bias);
            for (dy, row) in rows.iter().enumerate() {
                // rows begin one pixel left of the picture, taps two
                let columns =
                    (0..SIDE).filter(|dx| (1..=input.width()).contains(&(x + dx).wrapping_sub(1)));
                for dx in columns {
                    let pixel = &row[(x + dx - 1) * channels..][..channels];
                    let taps = &self.taps[(dy * SIDE + dx) * channels..][..channels];
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
