//! The networks of codec `deepjscc`: from the bands of block DCTs to latents, and back.
//!
//! At either end one network works on the 48 bands of 4x4 blocks (1/4 resolution), one on the 192 bands of 8x8 blocks
//! (1/8); features pass between them, and a linear map between bands and latents stands beside them. In the manner of
//! DeepJSCC ([Bourtsoulatze et al. 2019]); trained by `training/deepjscc.py`, tensor names are the checkpoint's.
//!
//! [Bourtsoulatze et al. 2019]: https://arxiv.org/abs/1809.01733

mod activity;
mod analysis;
mod colours;
mod received;
mod synthesis;
#[cfg(test)]
mod tests;

pub(crate) use activity::bits_of_blocks;
pub use analysis::BandAnalysis;
pub use received::BandLatents;
pub use synthesis::BandSynthesis;

use super::latent_net::Shape;
use super::weights::{Weights, WeightsError, check_positive};
use super::{PHOTO_CHANNELS, SCALE};

/// Latents at 1/8 resolution.
pub const BAND_LATENTS: usize = 48;

/// Sides of the blocks.
const FINE: usize = 4;
const COARSE: usize = SCALE;

/// Coefficients of a block of all planes.
const FINE_BANDS: usize = PHOTO_CHANNELS * FINE * FINE;
const COARSE_BANDS: usize = PHOTO_CHANNELS * COARSE * COARSE;

/// Fine blocks on a side of a coarse one.
const FOLD: usize = COARSE / FINE;

/// Planes at 1/4 resolution that pass between the two networks of one end, and what they are at 1/8.
const FEATURES: usize = 32;
const FOLDED: usize = FEATURES * FOLD * FOLD;

/// A network at 1/4 resolution.
const fn fine(inputs: usize, outputs: usize, depth: usize) -> Shape {
    let (scalars, width, around) = (1, 96, 3);
    Shape {
        inputs,
        outputs,
        scalars,
        width,
        around,
        depth,
    }
}

/// A network at 1/8 resolution.
const fn coarse(inputs: usize, outputs: usize, depth: usize) -> Shape {
    let narrow = fine(inputs, outputs, depth);
    Shape {
        width: 256,
        ..narrow
    }
}

/// Where in a folded plane a feature's value lies: `(plane, row, column)` at 1/8 for those at 1/4, as PyTorch's
/// `pixel_unshuffle` has it.
const fn folded(feature: usize, y: usize, x: usize) -> (usize, usize, usize) {
    let plane = (feature * FOLD + y % FOLD) * FOLD + x % FOLD;
    (plane, y / FOLD, x / FOLD)
}

/// Mean and standard deviation of each plane in training.
#[derive(Debug, Clone)]
struct Scales {
    mean: Vec<f32>,
    std: Vec<f32>,
}

impl Scales {
    /// Takes the tensors `name_mean` and `name_std`.
    fn load(weights: &Weights, name: &str, count: usize) -> Result<Self, WeightsError> {
        let values = |part: &str| {
            let values = weights.values(&format!("{name}_{part}"), &[count])?;
            Ok::<_, WeightsError>(values.to_vec())
        };
        let (mean, std) = (values("mean")?, values("std")?);
        check_positive(&format!("{name}_std"), &std)?;
        Ok(Self { mean, std })
    }

    /// Values of one place in units of the deviations around the means.
    fn normal(&self, values: &[f32], out: &mut [f32]) {
        let scales = self.mean.iter().zip(&self.std);
        for ((out, value), (mean, std)) in out.iter_mut().zip(values).zip(scales) {
            *out = (value - mean) / std;
        }
    }
}
