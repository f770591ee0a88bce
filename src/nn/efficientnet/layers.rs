//! The three kinds of layers, on maps of rows, columns and channels, channels fastest; batch norms are folded in.

use candle_core::{Device, Result, Tensor};
use rayon::prelude::*;

use crate::nn::{Weights, WeightsError};

/// Feature maps: square, channels fastest.
pub struct Maps {
    pub side: usize,
    pub channels: usize,
    pub values: Vec<f32>,
}

/// What stands behind a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    None,
    Relu,
    Relu6,
}

impl Activation {
    fn apply(self, value: f32) -> f32 {
        match self {
            Self::None => value,
            Self::Relu => value.max(0.0),
            Self::Relu6 => value.clamp(0.0, 6.0),
        }
    }
}

/// The same matrix at every position: a convolution of 1x1, or the last layer.
#[derive(Debug)]
pub struct Pointwise {
    /// Of shape inputs, outputs.
    matrix: Tensor,
    bias: Vec<f32>,
    activation: Activation,
}

impl Pointwise {
    pub fn load(
        weights: &Weights,
        name: &str,
        [inputs, outputs]: [usize; 2],
        activation: Activation,
    ) -> std::result::Result<Self, WeightsError> {
        let matrix = weights.tensor(&format!("{name}.weight"), &[inputs, outputs], &Device::Cpu)?;
        let bias = weights.values(&format!("{name}.bias"), &[outputs])?;
        Ok(Self {
            matrix,
            bias: bias.to_vec(),
            activation,
        })
    }

    /// Every position of `values` through the matrix.
    pub fn apply(&self, values: Vec<f32>) -> Result<Vec<f32>> {
        let (inputs, outputs) = self.matrix.dims2()?;
        let positions = values.len() / inputs;
        let x = Tensor::from_vec(values, (positions, inputs), &Device::Cpu)?;
        let mut y = x.matmul(&self.matrix)?.flatten_all()?.to_vec1::<f32>()?;
        y.par_chunks_mut(64 * outputs).for_each(|rows| {
            for row in rows.chunks_exact_mut(outputs) {
                for (value, bias) in row.iter_mut().zip(&self.bias) {
                    *value = self.activation.apply(*value + bias);
                }
            }
        });
        Ok(y)
    }
}

/// A convolution of each channel by itself, padded as TensorFlow's SAME: more zeros behind than before.
#[derive(Debug)]
pub struct Depthwise {
    /// Of shape taps, channels.
    taps: Vec<f32>,
    bias: Vec<f32>,
    reach: usize,
    stride: usize,
}

impl Depthwise {
    /// A kernel of `reach` x `reach` on `channels` maps.
    pub fn load(
        weights: &Weights,
        name: &str,
        channels: usize,
        (reach, stride): (usize, usize),
    ) -> std::result::Result<Self, WeightsError> {
        let taps = weights.values(&format!("{name}.weight"), &[reach * reach, channels])?;
        let bias = weights.values(&format!("{name}.bias"), &[channels])?;
        Ok(Self {
            taps: taps.to_vec(),
            bias: bias.to_vec(),
            reach,
            stride,
        })
    }

    pub fn apply(&self, x: &Maps) -> Maps {
        let side = x.side.div_ceil(self.stride);
        let mut values = vec![0.0; side * side * x.channels];
        let rows = values.par_chunks_mut(side * x.channels);
        rows.enumerate()
            .for_each(|(row, out)| self.row(x, row, out));
        Maps {
            side,
            channels: x.channels,
            values,
        }
    }

    fn row(&self, x: &Maps, row: usize, out: &mut [f32]) {
        let before = zeros_before(x.side, self.reach, self.stride);
        let inside = |out: usize, tap: usize| {
            let place = (out * self.stride + tap).checked_sub(before)?;
            (place < x.side).then_some(place)
        };
        for (column, sums) in out.chunks_exact_mut(x.channels).enumerate() {
            sums.copy_from_slice(&self.bias);
            for ky in 0..self.reach {
                let Some(y) = inside(row, ky) else { continue };
                for kx in 0..self.reach {
                    let Some(x_at) = inside(column, kx) else {
                        continue;
                    };
                    let pixel = &x.values[(y * x.side + x_at) * x.channels..][..x.channels];
                    let taps = &self.taps[(ky * self.reach + kx) * x.channels..][..x.channels];
                    for ((sum, value), tap) in sums.iter_mut().zip(pixel).zip(taps) {
                        *sum += value * tap;
                    }
                }
            }
            for sum in sums {
                *sum = Activation::Relu6.apply(*sum);
            }
        }
    }
}

/// Zeros before the first value of a side: half of what is missing, rounded down.
pub fn zeros_before(side: usize, reach: usize, stride: usize) -> usize {
    let last = (side.div_ceil(stride) - 1) * stride;
    (last + reach).saturating_sub(side) / 2
}
