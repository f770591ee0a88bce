//! The thirteen convolutions of VGG16, in five stages with a 2x2 maximum between them.
//!
//! Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015,
//! configuration D without its last layers.

use candle_core::Device;

use super::conv::{Bias, Conv2d, Sampling};
use super::rows::Rows;
use super::whole::{convolved, halved};
use super::{Weights, WeightsError};

/// Convolutions of each stage, and their channels.
const STAGES: [(usize, usize); VggNet::STAGES] = [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)];

/// The network with its weights.
pub(crate) struct VggNet(Vec<Vec<Conv2d>>);

/// Maps of one stage behind its last convolution.
pub(crate) struct StageMap(Rows);

impl StageMap {
    /// Vectors of a row of positions, one behind the other.
    pub(crate) fn row(&self, y: usize) -> std::slice::ChunksExact<'_, f32> {
        self.0.pixels(y).chunks_exact(self.0.channels())
    }
}

impl VggNet {
    pub(crate) const STAGES: usize = 5;

    /// Channels of each stage.
    pub(crate) fn channels() -> [usize; Self::STAGES] {
        STAGES.map(|(_, channels)| channels)
    }

    /// Takes `conv0.weight` of shape `[out, in, 3, 3]`, `conv0.bias`, and so on to `conv12`.
    ///
    /// # Errors
    /// [`WeightsError::Missing`] and [`WeightsError::Shape`].
    pub(crate) fn load(weights: &Weights) -> Result<Self, WeightsError> {
        let (mut stages, mut inputs, mut place) = (Vec::new(), 3, 0);
        for (count, channels) in STAGES {
            let mut stage = Vec::new();
            for _ in 0..count {
                let (name, shape) = (format!("conv{place}"), (channels, inputs));
                let same = Sampling::Same;
                stage.push(Conv2d::load(
                    weights,
                    &name,
                    same,
                    shape,
                    Bias::Own,
                    &Device::Cpu,
                )?);
                (inputs, place) = (channels, place + 1);
            }
            stages.push(stage);
        }
        Ok(Self(stages))
    }

    /// Maps of all stages of `height` x `width` pixels, colours fastest; stage `i` has 1/2^i of the positions of a side.
    pub(crate) fn run(&self, pixels: &[f32], height: usize, width: usize) -> Vec<StageMap> {
        let mut x = Rows::new(3, height, width);
        let len = x.row_len();
        let rows = x.grow(height).chunks_exact_mut(len);
        for (row, pixels) in rows.zip(pixels.chunks_exact(3 * width)) {
            row[3..len - 3].copy_from_slice(pixels);
        }
        let stage = |stage: &Vec<Conv2d>| {
            for conv in stage {
                x = convolved(conv, &x, true);
            }
            let smaller = halved(&x);
            StageMap(std::mem::replace(&mut x, smaller))
        };
        self.0.iter().map(stage).collect()
    }
}
