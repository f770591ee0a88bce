//! The same network with candle's own operations, several pictures at once: for a GPU, and as a reference.

use candle_core::{Result, Tensor};

use super::conditions::{EPSILON, Norm, NormWeights};
use super::{GatedBlock, Job, LatentNet};
use crate::nn::on_device::convolve;

/// Norms under the embedding of each picture.
pub(super) type Embeddings = Vec<Vec<f32>>;

impl LatentNet {
    /// Rows `rows` of the output planes of each job: `jobs x outputs x rows x width`.
    pub(super) fn forward(
        &self,
        rows: std::ops::Range<usize>,
        (height, width): (usize, usize),
        jobs: &[Job],
    ) -> Result<Tensor> {
        let reach = self.shape.reach();
        let first = rows.start.saturating_sub(reach);
        let taken = height.min(rows.end + reach) - first;
        let channels = self.enter.in_channels();
        let mut places = vec![0.0; jobs.len() * taken * width * channels];
        for (picture, job) in places.chunks_exact_mut(taken * width * channels).zip(jobs) {
            for (y, row) in picture.chunks_exact_mut(channels * width).enumerate() {
                (job.source)(first + y, row);
            }
        }
        let embeddings: Embeddings = jobs
            .iter()
            .map(|job| self.conditions.embed(job.scalars))
            .collect();
        let x = Tensor::from_vec(places, (jobs.len(), taken, width, channels), &self.device)?;
        let x = x.permute((0, 3, 1, 2))?.contiguous()?;
        let mut x = convolve(&self.enter, &x)?;
        let shares = self.with_gaps(jobs)?;
        for (i, block) in self.blocks.iter().enumerate() {
            if let Some(shares) = &shares {
                for layer in self.inpainting.iter().filter(|layer| layer.before == i) {
                    x = layer.forward(&x, &embeddings, shares)?;
                }
            }
            x = block.forward(&x, &embeddings)?;
        }
        convolve(&self.leave, &x)?.narrow(2, rows.start - first, rows.len())
    }

    /// 1 for jobs with gaps, else 0, `jobs x 1 x 1 x 1`; `None` where none has.
    fn with_gaps(&self, jobs: &[Job]) -> Result<Option<Tensor>> {
        if jobs.iter().all(|job| !job.has_gaps) {
            return Ok(None);
        }
        let shares = jobs.iter().map(|job| f32::from(u8::from(job.has_gaps)));
        Tensor::from_vec(shares.collect(), (jobs.len(), 1, 1, 1), &self.device).map(Some)
    }
}

impl GatedBlock {
    fn forward(&self, x: &Tensor, embeddings: &Embeddings) -> Result<Tensor> {
        let wide = convolve(&self.widen[0], &normed(&self.norms[0], embeddings, x)?)?;
        let gated = gate(&self.around.forward(&wide)?)?;
        let x = (x + convolve(&self.narrow[0], &gated)?)?;
        let wide = convolve(&self.widen[1], &normed(&self.norms[1], embeddings, &x)?)?;
        &x + convolve(&self.narrow[1], &gate(&wide)?)?
    }
}

pub(super) fn gate(x: &Tensor) -> Result<Tensor> {
    let halves = x.chunk(2, 1)?;
    &halves[0] * &halves[1]
}

pub(super) fn normed(weights: &NormWeights, embeddings: &Embeddings, x: &Tensor) -> Result<Tensor> {
    let norms: Vec<Norm> = embeddings
        .iter()
        .map(|embedding| Norm::new(weights, embedding))
        .collect();
    let each = |values: fn(&Norm) -> &[f32]| {
        let values: Vec<f32> = norms.iter().flat_map(values).copied().collect();
        let shape = (norms.len(), values.len() / norms.len(), 1, 1);
        Tensor::from_vec(values, shape, x.device())
    };
    let rms = (x.sqr()?.mean_keepdim(1)? + f64::from(EPSILON))?.sqrt()?;
    let x = x.broadcast_div(&rms)?;
    x.broadcast_mul(&each(|norm| &norm.scale)?)?
        .broadcast_add(&each(|norm| &norm.shift)?)
}
