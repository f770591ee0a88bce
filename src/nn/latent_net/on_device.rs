//! The same network with candle's own operations, the whole picture at once: for a GPU, and as a reference.

use candle_core::{Result, Tensor};

use super::conditions::{EPSILON, Norm};
use super::{GatedBlock, LatentNet};
use crate::nn::network::Source;
use crate::nn::on_device::convolve;

impl LatentNet {
    /// All output planes, one after the other.
    pub(super) fn forward(
        &self,
        (height, width): (usize, usize),
        embedding: &[f32],
        source: Source,
    ) -> Result<Vec<f32>> {
        let channels = self.enter.in_channels();
        let mut places = vec![0.0; channels * height * width];
        for (y, row) in places.chunks_exact_mut(channels * width).enumerate() {
            source(y, row);
        }
        let x = Tensor::from_vec(places, (1, height, width, channels), &self.device)?;
        let x = x.permute((0, 3, 1, 2))?.contiguous()?;
        let mut x = convolve(&self.enter, &x)?;
        for block in &self.blocks {
            x = block.forward(&x, embedding)?;
        }
        convolve(&self.leave, &x)?.flatten_all()?.to_vec1()
    }
}

impl GatedBlock {
    fn forward(&self, x: &Tensor, embedding: &[f32]) -> Result<Tensor> {
        let norms = self.norms.each_ref().map(|norm| Norm::new(norm, embedding));
        let wide = convolve(&self.widen[0], &normed(&norms[0], x)?)?;
        let (channels, padding) = (self.around.channels(), self.around.padding());
        let around = wide.conv2d(&self.around.weight, padding, 1, 1, channels)?;
        let gated = gate(&around.broadcast_add(&self.around.bias_tensor)?)?;
        let x = (x + convolve(&self.narrow[0], &gated)?)?;
        let wide = convolve(&self.widen[1], &normed(&norms[1], &x)?)?;
        &x + convolve(&self.narrow[1], &gate(&wide)?)?
    }
}

fn gate(x: &Tensor) -> Result<Tensor> {
    let halves = x.chunk(2, 1)?;
    &halves[0] * &halves[1]
}

fn normed(norm: &Norm, x: &Tensor) -> Result<Tensor> {
    let each = |values: &[f32]| Tensor::from_slice(values, (1, values.len(), 1, 1), x.device());
    let rms = (x.sqr()?.mean_keepdim(1)? + f64::from(EPSILON))?.sqrt()?;
    let x = x.broadcast_div(&rms)?.broadcast_mul(&each(&norm.scale)?)?;
    x.broadcast_add(&each(&norm.shift)?)
}
