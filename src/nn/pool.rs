//! How a block sees the whole picture: a group norm between two 1x1 convolutions, added to its input.
//!
//! The wide activations are never kept: one pass over the rows gathers the statistics, a second computes them again and
//! uses them.

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use super::conv::{Bias, Conv2d, Epilogue, Sampling};
use super::rows::Rows;
use super::weights::{Weights, WeightsError};
use super::{POOL_GROUPS, POOL_WIDTH, WIDTH};

/// What keeps the norm of a flat picture finite; PyTorch's default.
const EPSILON: f64 = 1e-5;

/// Sum and sum of squares of every group.
type Moments = [(f64, f64); POOL_GROUPS];

/// `x + narrow(relu(norm(widen(x))))`.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    widen: Conv2d,
    scale: Vec<f32>,
    shift: Vec<f32>,
    narrow: Conv2d,
}

impl Pool {
    /// Reads `name.0`, `name.1` and `name.3`.
    pub(super) fn load(
        weights: &Weights,
        name: &str,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let point = |place: usize, channels| {
            let name = format!("{name}.{place}");
            Conv2d::load(
                weights,
                &name,
                Sampling::Point,
                channels,
                Bias::None,
                device,
            )
        };
        Ok(Self {
            widen: point(0, (POOL_WIDTH, WIDTH))?,
            scale: weights
                .values(&format!("{name}.1.weight"), &[POOL_WIDTH])?
                .to_vec(),
            shift: weights
                .values(&format!("{name}.1.bias"), &[POOL_WIDTH])?
                .to_vec(),
            narrow: point(3, (WIDTH, POOL_WIDTH))?,
        })
    }

    /// Applies to a whole picture, in place.
    pub(super) fn apply(&self, x: &mut Rows) {
        let (scale, shift) = self.norm(x);
        let (width, row_len) = (x.width(), x.row_len());
        x.data_mut().par_chunks_mut(row_len).for_each_init(
            || Scratch::new(width),
            |scratch, row| {
                self.widen(row, scratch);
                for pixel in scratch.wide.data_mut().chunks_exact_mut(POOL_WIDTH) {
                    for ((value, scale), shift) in pixel.iter_mut().zip(&scale).zip(&shift) {
                        *value = (*value * scale + shift).max(0.0);
                    }
                }
                let skip = Some(scratch.x.row(0));
                let epilogue = Epilogue {
                    skip,
                    ..Epilogue::default()
                };
                self.narrow.row(&scratch.wide, 0, epilogue, row);
            },
        );
    }

    /// The norm as one affine per channel.
    fn norm(&self, x: &Rows) -> (Vec<f32>, Vec<f32>) {
        let width = x.width();
        let rows: Vec<Moments> = x
            .data()
            .par_chunks(x.row_len())
            .map_init(
                || Scratch::new(width),
                |scratch, row| {
                    self.widen(row, scratch);
                    moments(scratch.wide.pixels(0))
                },
            )
            .collect();
        // row by row in order, so that the sums do not depend on the threads
        let mut total = Moments::default();
        for (sum, row) in rows
            .iter()
            .flat_map(|row| row.iter().enumerate())
            .map(|(g, m)| (g, *m))
        {
            total[sum].0 += row.0;
            total[sum].1 += row.1;
        }
        let count = (x.height() * width * POOL_WIDTH / POOL_GROUPS) as f64;
        let channels = self.scale.iter().zip(&self.shift).enumerate();
        channels
            .map(|(c, (&scale, &shift))| {
                let (sum, squares) = total[c / (POOL_WIDTH / POOL_GROUPS)];
                let mean = sum / count;
                let variance = (squares / count - mean * mean).max(0.0);
                let scale = f64::from(scale) / (variance + EPSILON).sqrt();
                (scale as f32, (f64::from(shift) - mean * scale) as f32)
            })
            .unzip()
    }

    /// Copies a row and widens it, both into `scratch`.
    fn widen(&self, row: &[f32], scratch: &mut Scratch) {
        scratch.x.data_mut().copy_from_slice(row);
        let wide = scratch.wide.data_mut();
        self.widen.row(&scratch.x, 0, Epilogue::default(), wide);
    }

    /// The same on a device's tensors.
    pub(super) fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let wide = x.conv2d(&self.widen.weight, 0, 1, 1, 1)?;
        let grouped = wide.reshape((POOL_GROUPS, ()))?;
        let centred = grouped.broadcast_sub(&grouped.mean_keepdim(1)?)?;
        let deviation = (centred.sqr()?.mean_keepdim(1)? + EPSILON)?.sqrt()?;
        let normal = centred.broadcast_div(&deviation)?.reshape(wide.shape())?;
        let per_channel =
            |values: &[f32]| Tensor::from_slice(values, (1, POOL_WIDTH, 1, 1), x.device());
        let scaled = normal.broadcast_mul(&per_channel(&self.scale)?)?;
        let shifted = scaled.broadcast_add(&per_channel(&self.shift)?)?;
        x + shifted.relu()?.conv2d(&self.narrow.weight, 0, 1, 1, 1)?
    }
}

/// One row of input and its wide activations.
struct Scratch {
    x: Rows,
    wide: Rows,
}

impl Scratch {
    fn new(width: usize) -> Self {
        let row = |channels| {
            let mut row = Rows::new(channels, 1, width);
            row.grow(1);
            row
        };
        Self {
            x: row(WIDTH),
            wide: row(POOL_WIDTH),
        }
    }
}

fn moments(pixels: &[f32]) -> Moments {
    let mut all = Moments::default();
    for (i, group) in pixels.chunks_exact(POOL_WIDTH / POOL_GROUPS).enumerate() {
        let (sum, squares) = &mut all[i % POOL_GROUPS];
        for &value in group {
            let value = f64::from(value);
            *sum += value;
            *squares += value * value;
        }
    }
    all
}
