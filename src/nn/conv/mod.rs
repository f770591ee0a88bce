//! Convolutions 3x3 and 1x1, row by row on the processor.
//!
//! A direct convolution on channel-last rows: 64 channels a pixel are enough work for full registers, and rows let a whole
//! network run in strips without computing anything twice (`strips`).

mod kernel;
mod pack;
#[cfg(test)]
mod tests;

use candle_core::{Device, Tensor};
use pulp::Arch;

use super::rows::Rows;
use super::weights::{Weights, WeightsError};
use kernel::{BLOCK, Line, RowJob};

pub(super) use kernel::Epilogue;

/// How a convolution's output lies on its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sampling {
    /// 3x3 taps, zeros around the picture.
    Same,
    /// 3x3 taps at every second row and column.
    Half,
    /// 3x3 taps on the picture doubled by repetition.
    Double,
    /// One tap.
    Point,
}

impl Sampling {
    /// Taps of a side.
    pub(super) fn side(self) -> usize {
        if self == Self::Point { 1 } else { 3 }
    }

    /// Output rows (or columns) for `n` of the input.
    pub(super) fn output_len(self, n: usize) -> usize {
        match self {
            Self::Same | Self::Point => n,
            Self::Half => n.div_ceil(2),
            Self::Double => 2 * n,
        }
    }

    /// Output rows that can be computed from input rows `..end` of `height`.
    pub(super) fn rows_ready(self, end: usize, height: usize) -> usize {
        if end == height {
            return self.output_len(height);
        }
        match self {
            Self::Same => end.saturating_sub(1),
            Self::Half => end / 2,
            Self::Double => (2 * end).saturating_sub(1),
            Self::Point => end,
        }
    }

    /// The first input row that output row `y` reads.
    pub(super) fn first_row(self, y: usize) -> isize {
        let y = y as isize;
        match self {
            Self::Same => y - 1,
            Self::Half => 2 * y - 1,
            Self::Double => (y + 1) / 2 - 1,
            Self::Point => y,
        }
    }
}

/// One convolution with its weights.
#[derive(Debug, Clone)]
pub(super) struct Conv2d {
    sampling: Sampling,
    in_channels: usize,
    padded_channels: usize,
    /// One kernel; four for `Double`, even and odd columns of even rows first.
    packed: Vec<Vec<Line>>,
    padded_bias: Vec<f32>,
    /// As loaded, for devices that have their own convolution: `[out, in, side, side]`, `[out]`.
    pub(super) weight: Tensor,
    pub(super) bias: Option<Tensor>,
}

impl Conv2d {
    /// Takes `weight` as `[out][in][side][side]` and a bias per output channel, if any.
    pub(super) fn new(
        sampling: Sampling,
        (out_channels, in_channels): (usize, usize),
        weight: &[f32],
        bias: Option<&[f32]>,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let side = sampling.side();
        let at = |o: usize, i: usize, row: usize, col: usize| {
            weight[((o * in_channels + i) * side + row) * side + col]
        };
        let shape = (out_channels, in_channels);
        let packed = if !device.is_cpu() {
            Vec::new()
        } else if sampling == Sampling::Double {
            let parities = [(0, 0), (0, 1), (1, 0), (1, 1)];
            parities
                .map(|odd| pack::pack_doubled(shape, odd, at))
                .to_vec()
        } else {
            vec![pack::pack(shape, (side, side), at)]
        };
        let padded_channels = out_channels.next_multiple_of(BLOCK);
        let mut padded_bias = bias.unwrap_or_default().to_vec();
        padded_bias.resize(padded_channels, 0.0);
        let tensor = Tensor::from_slice(weight, (out_channels, in_channels, side, side), device)?;
        let bias = bias
            .map(|bias| Tensor::from_slice(bias, (1, out_channels, 1, 1), device))
            .transpose()?;
        Ok(Self {
            sampling,
            in_channels,
            padded_channels,
            packed,
            padded_bias,
            weight: tensor,
            bias,
        })
    }

    /// Reads `name.weight` and, as `bias` says, `name.bias`.
    pub(super) fn load(
        weights: &Weights,
        name: &str,
        sampling: Sampling,
        (out_channels, in_channels): (usize, usize),
        bias: Bias,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let side = sampling.side();
        let weight = weights.values(
            &format!("{name}.weight"),
            &[out_channels, in_channels, side, side],
        )?;
        let bias = match bias {
            Bias::Own => Some(weights.values(&format!("{name}.bias"), &[out_channels])?),
            Bias::None => None,
        };
        Self::new(sampling, (out_channels, in_channels), weight, bias, device)
    }

    pub(super) fn sampling(&self) -> Sampling {
        self.sampling
    }

    pub(super) fn in_channels(&self) -> usize {
        self.in_channels
    }

    /// Channels of the output rows: the convolution's own, filled with zeros to whole blocks.
    pub(super) fn padded_channels(&self) -> usize {
        self.padded_channels
    }

    /// Computes output row `y` from rows that hold all it reads, into a row with a pixel of zeros at either end.
    pub(super) fn row(&self, input: &Rows, y: usize, epilogue: Epilogue, out: &mut [f32]) {
        let side = self.taps_a_side();
        let parities = if self.sampling == Sampling::Double {
            2
        } else {
            1
        };
        let first_row = self.sampling.first_row(y);
        for odd in 0..parities {
            let first_pixel = match self.sampling {
                Sampling::Double => odd,
                Sampling::Point => 1,
                Sampling::Same | Sampling::Half => 0,
            };
            let mut taps: [&[f32]; 3] = [&[]; 3];
            for (i, tap) in taps[..side].iter_mut().enumerate() {
                *tap = &input.row(first_row + i as isize)[first_pixel * self.in_channels..];
            }
            let at = (1 + odd) * self.padded_channels;
            Arch::new().dispatch(RowJob {
                taps: &taps[..side],
                run: side * self.in_channels,
                in_step: self.in_channels
                    * if self.sampling == Sampling::Half {
                        2
                    } else {
                        1
                    },
                weights: &self.packed[(parities - 1) * 2 * (y % 2) + odd],
                bias: &self.padded_bias,
                epilogue: Epilogue {
                    skip: epilogue.skip.map(|skip| &skip[at..]),
                    ..epilogue
                },
                out: &mut out[at..],
                out_step: parities * self.padded_channels,
                pixels: self.sampling.output_len(input.width()) / parities,
            });
        }
    }

    /// Rows and columns of the kernel as packed.
    fn taps_a_side(&self) -> usize {
        match self.sampling {
            Sampling::Point => 1,
            Sampling::Double => 2,
            Sampling::Same | Sampling::Half => 3,
        }
    }
}

/// Whether a convolution has a bias of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bias {
    Own,
    None,
}
