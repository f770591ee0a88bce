//! A filter of its own for each channel, the same for all pictures.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::unfold::values;

/// Filters of `side` x `side` taps on a map of `height` x `width` places, zeros around it.
#[derive(Clone)]
pub(super) struct Depthwise {
    height: usize,
    width: usize,
    side: usize,
    /// `[taps][channels]`
    taps: Vec<f32>,
}

impl Depthwise {
    /// Takes `[channels][taps]`.
    pub(super) fn new(kernel: &[f32], side: usize, (height, width): (usize, usize)) -> Self {
        let (count, channels) = (side * side, kernel.len() / (side * side));
        let tap = |i: usize| kernel[i % channels * count + i / channels];
        Self {
            height,
            width,
            side,
            taps: (0..kernel.len()).map(tap).collect(),
        }
    }

    /// Filters `[height * width, channels]`.
    pub(super) fn forward(&self, map: &Tensor) -> Result<Tensor> {
        map.contiguous()?.apply_op1(self.clone())
    }

    /// What takes gradients back: the filters turned by half a turn.
    fn turned(&self) -> Self {
        let channels = self.taps.len() / (self.side * self.side);
        Self {
            taps: self
                .taps
                .chunks_exact(channels)
                .rev()
                .flatten()
                .copied()
                .collect(),
            ..self.clone()
        }
    }

    fn row(&self, map: &[f32], y: usize, out: &mut [f32]) {
        let channels = self.taps.len() / (self.side * self.side);
        let reach = self.side / 2;
        for (tap, weights) in self.taps.chunks_exact(channels).enumerate() {
            let (dy, dx) = (tap / self.side, tap % self.side);
            let Some(from) = (y + dy).checked_sub(reach).filter(|y| *y < self.height) else {
                continue;
            };
            for (x, out) in out.chunks_exact_mut(channels).enumerate() {
                let Some(at) = (x + dx).checked_sub(reach).filter(|x| *x < self.width) else {
                    continue;
                };
                let values = &map[(from * self.width + at) * channels..][..channels];
                for ((out, value), weight) in out.iter_mut().zip(values).zip(weights) {
                    *out += value * weight;
                }
            }
        }
    }
}

impl CustomOp1 for Depthwise {
    fn name(&self) -> &'static str {
        "depthwise"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (map, channels) = (values(storage, layout)?, layout.shape().dims2()?.1);
        let mut out = vec![0.0f32; map.len()];
        let rows = out.par_chunks_mut(self.width * channels).enumerate();
        rows.for_each(|(y, row)| self.row(map, y, row));
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        gradient
            .contiguous()?
            .apply_op1_no_bwd(&self.turned())
            .map(Some)
    }
}
