//! EfficientNet-Lite0 without its head: the stem and sixteen inverted bottlenecks.
//!
//! Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019, in its Lite form (no
//! squeeze and excitation, ReLU6). Metrics and captions share it, each with weights of its own.

mod layers;

use candle_core::Result;

pub(crate) use self::layers::{Activation, Pointwise};
use self::layers::{Depthwise, Maps, zeros_before};
use super::{Weights, WeightsError};

const STEM: usize = 32;
const STEM_REACH: usize = 3;

/// Blocks of one kind: how many, kernel, stride of the first, expansion, channels behind.
type Stage = (usize, usize, usize, usize, usize);

/// Table 1 of the paper.
const STAGES: [Stage; 7] = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
];

/// The layers with their weights.
#[derive(Debug)]
pub(crate) struct Backbone {
    stem: Pointwise,
    blocks: Vec<Block>,
}

impl Backbone {
    /// Pixels of a side of what the network looks at.
    pub(crate) const SIDE: usize = 224;

    /// Positions of a side of what it gives.
    pub(crate) const GRID: usize = Self::SIDE / 32;

    /// Values of a position.
    pub(crate) const CHANNELS: usize = 320;

    /// Takes tensors `stem` and `blocks.0` to `blocks.15`, as `training/export_efficientnet.py` writes them.
    ///
    /// # Errors
    /// [`WeightsError::Missing`] and [`WeightsError::Shape`].
    pub(crate) fn load(weights: &Weights) -> std::result::Result<Self, WeightsError> {
        let relu6 = Activation::Relu6;
        let taps = 3 * STEM_REACH * STEM_REACH;
        let (mut blocks, mut channels) = (Vec::new(), STEM);
        for (count, reach, stride, expansion, out) in STAGES {
            for place in 0..count {
                let stride = if place == 0 { stride } else { 1 };
                let name = format!("blocks.{}", blocks.len());
                let kernel = (reach, stride);
                let block = Block::load(weights, &name, [channels, out], expansion, kernel)?;
                blocks.push(block);
                channels = out;
            }
        }
        Ok(Self {
            stem: Pointwise::load(weights, "stem", [taps, STEM], relu6)?,
            blocks,
        })
    }

    /// [`Backbone::GRID`] squared positions of [`Backbone::CHANNELS`] values, row by row, of [`Backbone::SIDE`] squared RGB
    /// bytes: the same bits whatever the number of threads.
    pub(crate) fn run(&self, rgb: &[u8]) -> Result<Vec<f32>> {
        let side = Self::SIDE / 2;
        let mut x = Maps {
            side,
            channels: STEM,
            values: self.stem.apply(windows(rgb, side))?,
        };
        for block in &self.blocks {
            x = block.apply(x)?;
        }
        Ok(x.values)
    }
}

/// The windows that the stem sees, normalized as the network was trained; zeros outside the picture.
fn windows(rgb: &[u8], side: usize) -> Vec<f32> {
    let before = zeros_before(Backbone::SIDE, STEM_REACH, 2);
    let mut values = vec![0.0; side * side * 3 * STEM_REACH * STEM_REACH];
    let mut window = values.chunks_exact_mut(3);
    for out in 0..side * side {
        for tap in 0..STEM_REACH * STEM_REACH {
            let y = 2 * (out / side) + tap / STEM_REACH;
            let x = 2 * (out % side) + tap % STEM_REACH;
            let values = window.next().expect("three values a tap");
            let inside = |place: usize| (before..before + Backbone::SIDE).contains(&place);
            if inside(y) && inside(x) {
                let pixel = &rgb[3 * ((y - before) * Backbone::SIDE + x - before)..][..3];
                for (value, byte) in values.iter_mut().zip(pixel) {
                    *value = (f32::from(*byte) - 127.0) / 128.0;
                }
            }
        }
    }
    values
}

/// An inverted bottleneck: expand, filter every channel, project.
#[derive(Debug)]
struct Block {
    expand: Option<Pointwise>,
    depthwise: Depthwise,
    project: Pointwise,
    out: usize,
    expanded: usize,
    skips: bool,
}

impl Block {
    fn load(
        weights: &Weights,
        name: &str,
        [inputs, out]: [usize; 2],
        expansion: usize,
        (reach, stride): (usize, usize),
    ) -> std::result::Result<Self, WeightsError> {
        let expanded = inputs * expansion;
        let pointwise = |part: &str, sizes, activation| {
            Pointwise::load(weights, &format!("{name}.{part}"), sizes, activation)
        };
        let expand = || pointwise("expand", [inputs, expanded], Activation::Relu6);
        let depthwise = format!("{name}.depthwise");
        Ok(Self {
            expand: (expansion > 1).then(expand).transpose()?,
            depthwise: Depthwise::load(weights, &depthwise, expanded, (reach, stride))?,
            project: pointwise("project", [expanded, out], Activation::None)?,
            out,
            expanded,
            skips: stride == 1 && inputs == out,
        })
    }

    fn apply(&self, x: Maps) -> Result<Maps> {
        let around = self.skips.then(|| x.values.clone());
        let values = match &self.expand {
            Some(expand) => expand.apply(x.values)?,
            None => x.values,
        };
        let filtered = self.depthwise.apply(&Maps {
            side: x.side,
            channels: self.expanded,
            values,
        });
        let mut values = self.project.apply(filtered.values)?;
        for (value, around) in values.iter_mut().zip(around.iter().flatten()) {
            *value += around;
        }
        Ok(Maps {
            side: filtered.side,
            channels: self.out,
            values,
        })
    }
}
