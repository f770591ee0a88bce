//! Windows of a map side by side, so that a convolution is a product of matrices; the gradient folds them back.

use candle_core::{CpuStorage, CustomOp1, Error, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

/// How windows lie on a map of `height` x `width` places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub height: usize,
    pub width: usize,
    /// Places of a side of a window.
    pub side: usize,
    pub stride: usize,
    /// Zeros around the map.
    pub padding: usize,
}

impl Window {
    /// Rows and columns of windows.
    pub(crate) fn sides(&self) -> (usize, usize) {
        let count = |length: usize| (length + 2 * self.padding - self.side) / self.stride + 1;
        (count(self.height), count(self.width))
    }

    /// The place of the map that a tap of a window lies on.
    fn place(&self, (row, column): (usize, usize), (dy, dx): (usize, usize)) -> Option<usize> {
        let y = (row * self.stride + dy).checked_sub(self.padding)?;
        let x = (column * self.stride + dx).checked_sub(self.padding)?;
        (y < self.height && x < self.width).then_some(y * self.width + x)
    }

    fn taps(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let side = self.side;
        (0..side * side).map(move |tap| (tap / side, tap % side))
    }
}

/// `[height * width, channels]` to `[windows, side * side * channels]`, the taps of a window row by row.
pub(crate) fn unfold(map: &Tensor, window: Window) -> Result<Tensor> {
    map.contiguous()?.apply_op1(Unfold(window))
}

struct Unfold(Window);
struct Fold(Window);

/// Values of a tensor that lies in one piece.
pub(super) fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (from, to) = layout
        .contiguous_offsets()
        .ok_or_else(|| Error::Msg("a tensor that does not lie in one piece".to_owned()))?;
    Ok(&storage.as_slice::<f32>()?[from..to])
}

impl CustomOp1 for Unfold {
    fn name(&self) -> &'static str {
        "unfold"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let window = self.0;
        let (map, channels) = (values(storage, layout)?, layout.shape().dims2()?.1);
        let (rows, columns) = window.sides();
        let length = window.side * window.side * channels;
        let mut out = vec![0.0f32; rows * columns * length];
        out.par_chunks_mut(columns * length)
            .enumerate()
            .for_each(|(row, line)| {
                for (column, taps) in line.chunks_exact_mut(length).enumerate() {
                    for (tap, out) in window.taps().zip(taps.chunks_exact_mut(channels)) {
                        if let Some(place) = window.place((row, column), tap) {
                            out.copy_from_slice(&map[place * channels..][..channels]);
                        }
                    }
                }
            });
        Ok((CpuStorage::F32(out), Shape::from((rows * columns, length))))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        gradient
            .contiguous()?
            .apply_op1_no_bwd(&Fold(self.0))
            .map(Some)
    }
}

impl CustomOp1 for Fold {
    fn name(&self) -> &'static str {
        "fold"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let window = self.0;
        let length = layout.shape().dims2()?.1;
        let channels = length / (window.side * window.side);
        let (windows, (_, columns)) = (values(storage, layout)?, window.sides());
        let mut map = vec![0.0f32; window.height * window.width * channels];
        for (at, taps) in windows.chunks_exact(length).enumerate() {
            for (tap, values) in window.taps().zip(taps.chunks_exact(channels)) {
                if let Some(place) = window.place((at / columns, at % columns), tap) {
                    let sums = map[place * channels..][..channels].iter_mut();
                    sums.zip(values).for_each(|(sum, value)| *sum += value);
                }
            }
        }
        let shape = Shape::from((window.height * window.width, channels));
        Ok((CpuStorage::F32(map), shape))
    }
}
