//! The depthwise convolution and the product of its halves.

use candle_core::{Device, Result as OnDevice, Tensor};

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
    /// `1 x channels x 1 x 1` a tap, row by row, for devices.
    tap_tensors: Vec<Tensor>,
    bias_tensor: Tensor,
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
        let each = |values: &[f32]| Tensor::from_slice(values, (1, channels, 1, 1), device);
        let tap_tensors: Result<_, _> = taps.chunks_exact(channels).map(each).collect();
        Ok(Self {
            side,
            channels,
            tap_tensors: tap_tensors?,
            bias_tensor: each(&bias)?,
            taps,
            bias,
        })
    }

    /// The convolution with a device's own operations.
    ///
    /// As sums of shifted pictures: candle's grouped convolution is one kernel a channel.
    pub(super) fn forward(&self, x: &Tensor) -> OnDevice<Tensor> {
        let (reach, (_, _, height, width)) = (self.side / 2, x.dims4()?);
        let padded = x
            .pad_with_zeros(2, reach, reach)?
            .pad_with_zeros(3, reach, reach)?;
        let mut sum = self.bias_tensor.broadcast_as(x.shape())?;
        for (tap, values) in self.tap_tensors.iter().enumerate() {
            let (dy, dx) = (tap / self.side, tap % self.side);
            let shifted = padded.narrow(2, dy, height)?.narrow(3, dx, width)?;
            sum = (sum + shifted.broadcast_mul(values)?)?;
        }
        Ok(sum)
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
