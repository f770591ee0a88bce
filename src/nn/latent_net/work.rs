//! The network on the processor: rows of places, channel last, every row on its own.

use rayon::prelude::*;

use super::around::Around;
use super::conditions::Norm;
use crate::nn::conv::{Conv2d, Epilogue};
use crate::nn::network::Source;
use crate::nn::rows::Rows;

/// Sizes of the strip that is being computed.
pub(super) struct Work {
    height: usize,
    width: usize,
}

impl Work {
    pub(super) fn new(height: usize, width: usize) -> Self {
        Self { height, width }
    }

    /// Rows of `channels`, filled by `fill` with the row and what lies between its zeros.
    fn rows(&self, channels: usize, fill: impl Fn(usize, &mut [f32]) + Sync) -> Rows {
        let mut rows = Rows::new(channels, self.height, self.width);
        let len = rows.row_len();
        rows.grow(self.height)
            .par_chunks_exact_mut(len)
            .enumerate()
            .for_each(|(y, row)| fill(y, &mut row[channels..len - channels]));
        rows
    }

    /// The input, and its first convolution.
    pub(super) fn enter(&mut self, conv: &Conv2d, source: Source) -> Rows {
        let input = self.rows(conv.in_channels(), source);
        self.convolve(conv, &input, None)
    }

    /// A convolution of all rows; `skip` is added.
    pub(super) fn convolve(&self, conv: &Conv2d, input: &Rows, skip: Option<&Rows>) -> Rows {
        let mut rows = Rows::new(conv.padded_channels(), self.height, self.width);
        let len = rows.row_len();
        rows.grow(self.height)
            .par_chunks_exact_mut(len)
            .enumerate()
            .for_each(|(y, row)| {
                let skip = skip.map(|skip| skip.row(y as isize));
                conv.row(
                    input,
                    y,
                    Epilogue {
                        skip,
                        ..Default::default()
                    },
                    row,
                );
            });
        rows
    }

    /// `x + narrow(gate(widen(norm(x))))`; the gate multiplies halves, after the depthwise filter if there is one.
    pub(super) fn gated(
        &mut self,
        x: &Rows,
        norm: &Norm,
        widen: &Conv2d,
        around: Option<&Around>,
        narrow: &Conv2d,
    ) -> Rows {
        let channels = x.channels();
        let normed = self.rows(channels, |y, row| {
            let places = x.pixels(y).chunks_exact(channels);
            places
                .zip(row.chunks_exact_mut(channels))
                .for_each(|(x, out)| norm.apply(x, out));
        });
        let wide = self.convolve(widen, &normed, None);
        drop(normed);
        let gated = self.rows(channels, |y, row| match around {
            Some(around) => around.gated_row(&wide, y, row),
            None => multiply_halves(channels, wide.pixels(y), row),
        });
        drop(wide);
        self.convolve(narrow, &gated, Some(x))
    }
}

/// Each place's first half times its second; a place of `wide` has twice the channels.
fn multiply_halves(channels: usize, wide: &[f32], out: &mut [f32]) {
    for (wide, out) in wide
        .chunks_exact(2 * channels)
        .zip(out.chunks_exact_mut(channels))
    {
        let (a, b) = wide.split_at(channels);
        out.iter_mut()
            .zip(a.iter().zip(b))
            .for_each(|(out, (a, b))| *out = a * b);
    }
}
