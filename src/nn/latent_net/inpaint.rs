//! Pointwise layers between the blocks, for pictures with gaps.

use candle_core::{Device, Result, Tensor};

use super::conditions::{Norm, NormWeights};
use super::on_device::{Embeddings, gate, normed};
use super::work::Work;
use crate::nn::conv::{Bias, Conv2d, Sampling};
use crate::nn::on_device::convolve;
use crate::nn::rows::Rows;
use crate::nn::weights::{Weights, WeightsError};

/// Norm, pointwise, product of two halves, pointwise: the second half of a block, before block `before`.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) before: usize,
    norm: NormWeights,
    widen: Conv2d,
    narrow: Conv2d,
}

impl Layer {
    /// Takes the tensors `name.*`.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing or of another shape.
    pub(super) fn load(
        weights: &Weights,
        name: &str,
        width: usize,
        before: usize,
        device: &Device,
    ) -> std::result::Result<Self, WeightsError> {
        let conv = |part: &str, outputs: usize| {
            let name = format!("{name}.{part}");
            let channels = (outputs, width);
            Conv2d::load(weights, &name, Sampling::Point, channels, Bias::Own, device)
        };
        Ok(Self {
            before,
            norm: NormWeights::load(weights, &format!("{name}.norm"), width)?,
            widen: conv("widen", 2 * width)?,
            narrow: conv("narrow", width)?,
        })
    }

    /// What the next block is given for `x`.
    pub(super) fn apply(&self, work: &mut Work, x: &Rows, embedding: &[f32]) -> Rows {
        let norm = Norm::new(&self.norm, embedding);
        work.gated(x, &norm, &self.widen, None, &self.narrow)
    }

    /// The same of several pictures; `shares` is 1 for those with gaps, else 0, `jobs x 1 x 1 x 1`.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        embeddings: &Embeddings,
        shares: &Tensor,
    ) -> Result<Tensor> {
        let wide = convolve(&self.widen, &normed(&self.norm, embeddings, x)?)?;
        let change = convolve(&self.narrow, &gate(&wide)?)?;
        x + change.broadcast_mul(shares)?
    }
}
