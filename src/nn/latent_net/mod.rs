//! A network at 1/8 or 1/4 resolution: gated blocks after NAFNet ([Chen et al. 2022], section 3).
//!
//! Norms are over the channels of one place, so a strip of rows with the receptive field around it gives what the
//! whole picture would, bit for bit.
//!
//! [Chen et al. 2022]: https://arxiv.org/abs/2204.04676

mod around;
mod conditions;
mod inpaint;
mod on_device;
mod shape;
#[cfg(test)]
mod tests;
mod work;

use candle_core::Device;

use around::Around;
use conditions::{Conditions, Norm, NormWeights};
pub(super) use shape::Shape;
use work::Work;

use super::conv::{Bias, Conv2d, Sampling};
use super::network::Source;
use super::weights::{Weights, WeightsError};
use super::{NetworkError, Planes};

/// Values of a strip's widest rows, its surroundings not counted: bounds the memory to about 14 bytes a value.
const STRIP_VALUES: usize = 25 << 20;

/// Values of the widest tensor on a GPU, for all pictures that are evaluated together: candle's convolutions of 3x3 spread every place to
/// nine of them there.
const DEVICE_VALUES: usize = 400 << 20;

/// What a network is given of one picture.
pub(super) struct Job<'a> {
    pub(super) scalars: &'a [f32],
    /// Fills rows of places, channel last.
    pub(super) source: Source<'a>,
    /// Whether the layers for pictures with gaps are used, if there are such.
    pub(super) has_gaps: bool,
}

/// Maps `inputs` planes and a few numbers a picture to `outputs` planes of the same size.
#[derive(Debug, Clone)]
pub(super) struct LatentNet {
    conditions: Conditions,
    enter: Conv2d,
    blocks: Vec<GatedBlock>,
    leave: Conv2d,
    inpainting: Vec<inpaint::Layer>,
    shape: Shape,
    device: Device,
    strip_places: usize,
    device_places: usize,
}

/// Norm, pointwise, depthwise, product of two halves, pointwise; then the same without the depthwise one.
#[derive(Debug, Clone)]
struct GatedBlock {
    norms: [NormWeights; 2],
    widen: [Conv2d; 2],
    around: Around,
    narrow: [Conv2d; 2],
}

impl LatentNet {
    /// Takes the tensors `name.*`.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing or of another shape.
    pub(super) fn load(
        weights: &Weights,
        name: &str,
        shape: Shape,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let width = shape.width;
        let conv = |part: &str, sampling, channels| {
            Conv2d::load(
                weights,
                &format!("{name}.{part}"),
                sampling,
                channels,
                Bias::Own,
                device,
            )
        };
        let block = |i: usize| {
            let part = |part: &str| format!("blocks.{i}.{part}");
            let named = |part: &str| format!("{name}.blocks.{i}.{part}");
            let point =
                |part_name: &str, channels| conv(&part(part_name), Sampling::Point, channels);
            Ok::<_, WeightsError>(GatedBlock {
                norms: [
                    NormWeights::load(weights, &named("norm1"), width)?,
                    NormWeights::load(weights, &named("norm2"), width)?,
                ],
                widen: [
                    point("widen1", (2 * width, width))?,
                    point("widen2", (2 * width, width))?,
                ],
                around: Around::load(weights, &named("around"), (2 * width, shape.around), device)?,
                narrow: [
                    point("narrow1", (width, width))?,
                    point("narrow2", (width, width))?,
                ],
            })
        };
        Ok(Self {
            conditions: Conditions::load(weights, &format!("{name}.embed"), shape.scalars)?,
            enter: conv("enter", Sampling::Same, (width, shape.inputs))?,
            blocks: (0..shape.depth).map(block).collect::<Result<_, _>>()?,
            leave: conv("leave", Sampling::Same, (shape.outputs, width))?,
            inpainting: Vec::new(),
            shape,
            device: device.clone(),
            strip_places: STRIP_VALUES / (2 * width),
            device_places: DEVICE_VALUES / (9 * width.max(shape.inputs)),
        })
    }

    /// With layers for pictures with gaps before the blocks `before`; takes the tensors `blocks.*`.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing or of another shape.
    pub(super) fn with_inpainting(
        mut self,
        weights: &Weights,
        before: &[usize],
    ) -> Result<Self, WeightsError> {
        let each = before.iter().enumerate().map(|(i, before)| {
            let (name, width) = (format!("blocks.{i}"), self.shape.width);
            inpaint::Layer::load(weights, &name, width, *before, &self.device)
        });
        self.inpainting = each.collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Evaluates it on `height` rows of `width` places that `source` fills, channel last.
    ///
    /// `progress` hears how many strips of how many are done.
    ///
    /// # Errors
    /// [`NetworkError::Device`] when a GPU fails.
    pub(super) fn evaluate(
        &self,
        size: (usize, usize),
        scalars: &[f32],
        source: Source,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Planes, NetworkError> {
        let job = Job {
            scalars,
            source,
            has_gaps: false,
        };
        let mut found = self.evaluate_all(size, &[job], progress)?;
        Ok(found.swap_remove(0))
    }

    /// One picture, strip by strip.
    fn on_processor(
        &self,
        (height, width): (usize, usize),
        job: &Job,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Planes {
        let mut out = Planes::zeros(self.shape.outputs, height, width);
        let strip = (self.strip_places / width).max(1);
        let strips = height.div_ceil(strip);
        for i in 0..strips {
            let rows = i * strip..height.min((i + 1) * strip);
            self.strip(rows, (height, width), job, &mut out);
            progress(i + 1, strips);
        }
        out
    }

    /// Evaluates it on pictures of one size: on a GPU at once, else one after the other.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub(super) fn evaluate_all(
        &self,
        size: (usize, usize),
        jobs: &[Job],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Planes>, NetworkError> {
        if !self.device.is_cpu() {
            return self.on_device(size, jobs, progress);
        }
        let total = jobs.len();
        let each = jobs.iter().enumerate().map(|(i, job)| {
            let mut tell = |done, strips| progress(i * strips + done, total * strips);
            self.on_processor(size, job, &mut tell)
        });
        Ok(each.collect())
    }

    /// In strips of rows that fit the device.
    fn on_device(
        &self,
        (height, width): (usize, usize),
        jobs: &[Job],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Planes>, NetworkError> {
        let outputs = self.shape.outputs;
        let mut out = vec![Planes::zeros(outputs, height, width); jobs.len()];
        let strip = (self.device_places / (width * jobs.len().max(1))).max(1);
        let strips = height.div_ceil(strip);
        for i in 0..strips {
            let rows = i * strip..height.min((i + 1) * strip);
            let found = self.forward(rows.clone(), (height, width), jobs)?;
            let found: Vec<f32> = found.flatten_all()?.to_vec1()?;
            let pictures = found.chunks_exact(outputs * rows.len() * width);
            for (out, values) in out.iter_mut().zip(pictures) {
                out.set_rows(rows.clone(), values);
            }
            progress(i + 1, strips);
        }
        Ok(out)
    }

    /// Output rows `rows`, from the input rows they depend on.
    fn strip(
        &self,
        rows: std::ops::Range<usize>,
        (height, width): (usize, usize),
        job: &Job,
        out: &mut Planes,
    ) {
        let embedding = &self.conditions.embed(job.scalars);
        let reach = self.shape.reach();
        let first = rows.start.saturating_sub(reach);
        let end = height.min(rows.end + reach);
        let mut work = Work::new(end - first, width);
        let mut x = work.enter(&self.enter, &|y, row| (job.source)(first + y, row));
        for (i, block) in self.blocks.iter().enumerate() {
            let layers = self.inpainting.iter().filter(|layer| layer.before == i);
            for layer in layers.filter(|_| job.has_gaps) {
                x = layer.apply(&mut work, &x, embedding);
            }
            let norms = block
                .norms
                .each_ref()
                .map(|norm| Norm::new(norm, embedding));
            x = work.gated(
                &x,
                &norms[0],
                &block.widen[0],
                Some(&block.around),
                &block.narrow[0],
            );
            x = work.gated(&x, &norms[1], &block.widen[1], None, &block.narrow[1]);
        }
        let stride = self.leave.padded_channels();
        let left = work.convolve(&self.leave, &x, None);
        for y in rows {
            out.set_row(y, left.pixels(y - first), stride);
        }
    }
}
