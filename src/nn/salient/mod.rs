//! U2Netp: six encoder stages, five decoder stages, each a U-shaped block with a residual; batch norms are folded in.
//!
//! Qin, Zhang, Huang, Dehghan, Zaiane and Jagersand, "U²-Net: going deeper with nested U-structure for salient object
//! detection", Pattern Recognition 106, 2020. Weights, origin and licence: `weights/u2netp.md`.

mod maps;
mod stretch;

#[cfg(test)]
mod tests;

use candle_core::Device;
use rayon::prelude::*;

use self::maps::{Dilated, add, beside};
use self::stretch::enlarged;
pub(crate) use self::stretch::stretched;
use super::conv::{Bias, Conv2d, Sampling};
use super::rows::Rows;
use super::whole::{convolved, halved};
use super::{Weights, WeightsError};

const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

/// Channels within a block, and behind it.
const INNER: usize = 16;
const OUTER: usize = 64;

/// Levels of the blocks of stages 1 to 6; the last two keep their size and widen their kernels instead.
const DEPTHS: [usize; 6] = [7, 6, 5, 4, 4, 4];
const DILATED: [bool; 6] = [false, false, false, false, true, true];

/// The network that finds what stands out.
pub(crate) struct SalientNet {
    encoder: Vec<Block>,
    /// Stages 5 to 1.
    decoder: Vec<Block>,
    sides: Vec<Conv2d>,
    /// What each side output counts for, and what is added.
    out: (Vec<f32>, f32),
}

impl SalientNet {
    /// Pixels of a side of what the network looks at.
    pub(crate) const SIDE: usize = 320;

    /// Takes the weights that `training/export_u2netp.py` writes.
    ///
    /// # Errors
    /// [`WeightsError::Missing`] and [`WeightsError::Shape`].
    pub(crate) fn load(weights: &Weights) -> Result<Self, WeightsError> {
        let count = DEPTHS.len();
        let stage = |stage: usize, suffix: &str, inputs: usize| {
            let name = format!("stage{}{suffix}", stage + 1);
            Block::load(weights, &name, inputs, DEPTHS[stage], DILATED[stage])
        };
        let inputs = |i: usize| if i == 0 { 3 } else { OUTER };
        let encoder = (0..count).map(|i| stage(i, "", inputs(i)));
        let decoder = (0..count - 1).rev().map(|i| stage(i, "d", 2 * OUTER));
        let side = |i: usize| same(weights, &format!("side{}", i + 1), (1, OUTER));
        let shares = weights.values("out.weight", &[1, count, 1, 1])?.to_vec();
        Ok(Self {
            encoder: encoder.collect::<Result<_, _>>()?,
            decoder: decoder.collect::<Result<_, _>>()?,
            sides: (0..count).map(side).collect::<Result<_, _>>()?,
            out: (shares, weights.values("out.bias", &[1])?[0]),
        })
    }

    /// Saliency of [`Self::SIDE`] x [`Self::SIDE`] RGB bytes, 0 to 1, row by row.
    pub(crate) fn run(&self, rgb: &[u8]) -> Vec<f32> {
        let mut encoded: Vec<Rows> = Vec::new();
        let mut x = normalized(rgb);
        for (i, block) in self.encoder.iter().enumerate() {
            if i > 0 {
                x = halved(&x);
            }
            x = block.apply(&x);
            encoded.push(x.clone());
        }
        // From the deepest up: what the side outputs look at.
        let mut decoded = vec![x.clone()];
        for (block, like) in self.decoder.iter().zip(encoded.iter().rev().skip(1)) {
            let larger = enlarged(&x, like.height(), like.width());
            x = block.apply(&beside(&larger, like));
            decoded.push(x.clone());
        }
        let mut scores = vec![self.out.1; Self::SIDE * Self::SIDE];
        let sides = self.sides.iter().zip(&self.out.0);
        for ((conv, share), map) in sides.zip(decoded.iter().rev()) {
            let found = first_channel(&convolved(conv, map, false));
            let size = (map.height(), map.width());
            let whole = stretched(&found, size, (Self::SIDE, Self::SIDE));
            scores
                .par_iter_mut()
                .zip(whole)
                .for_each(|(score, found)| *score += share * found);
        }
        let sigmoid = |score: f32| 1.0 / (1.0 + (-score).exp());
        scores.into_iter().map(sigmoid).collect()
    }
}

/// Divided by the brightest value, then normalized as the network was trained.
fn normalized(rgb: &[u8]) -> Rows {
    let side = SalientNet::SIDE;
    let brightest = f32::from(*rgb.iter().max().unwrap_or(&1)).max(1.0);
    let mut rows = Rows::new(3, side, side);
    let len = rows.row_len();
    let lines = rows.grow(side).chunks_exact_mut(len);
    for (row, bytes) in lines.zip(rgb.chunks_exact(3 * side)) {
        for (i, (value, byte)) in row[3..].iter_mut().zip(bytes).enumerate() {
            *value = (f32::from(*byte) / brightest - MEAN[i % 3]) / DEVIATION[i % 3];
        }
    }
    rows
}

fn first_channel(x: &Rows) -> Vec<f32> {
    let lines = (0..x.height()).flat_map(|y| x.pixels(y).iter().step_by(x.channels()));
    lines.copied().collect()
}

fn same(weights: &Weights, name: &str, shape: (usize, usize)) -> Result<Conv2d, WeightsError> {
    Conv2d::load(
        weights,
        name,
        Sampling::Same,
        shape,
        Bias::Own,
        &Device::Cpu,
    )
}

/// A convolution and the ReLU behind it.
enum Layer {
    Close(Conv2d),
    Wide(Dilated),
}

impl Layer {
    fn load(
        weights: &Weights,
        name: &str,
        shape: (usize, usize),
        dilation: usize,
    ) -> Result<Self, WeightsError> {
        Ok(match dilation {
            1 => Self::Close(same(weights, name, shape)?),
            _ => Self::Wide(Dilated::load(weights, name, shape, dilation)?),
        })
    }

    fn apply(&self, x: &Rows) -> Rows {
        match self {
            Self::Close(conv) => convolved(conv, x, true),
            Self::Wide(conv) => conv.apply(x),
        }
    }
}

/// A block: down through its levels, up again beside what each held, and what came in added.
struct Block {
    entrance: Layer,
    down: Vec<Layer>,
    up: Vec<Layer>,
    is_dilated: bool,
}

impl Block {
    fn load(
        weights: &Weights,
        name: &str,
        inputs: usize,
        depth: usize,
        is_dilated: bool,
    ) -> Result<Self, WeightsError> {
        // Where the size is kept, kernels widen; otherwise only the deepest level's does.
        let dilation = |level: usize| match (is_dilated, level + 1 == depth) {
            (true, _) => 1 << level,
            (false, true) => 2,
            (false, false) => 1,
        };
        let load = |part: String, shape, dilation| {
            Layer::load(weights, &format!("{name}.{part}"), shape, dilation)
        };
        let down = (0..depth).map(|level| {
            let inputs = if level == 0 { OUTER } else { INNER };
            load(format!("{}", level + 1), (INNER, inputs), dilation(level))
        });
        let up = (0..depth - 1).rev().map(|level| {
            let outputs = if level == 0 { OUTER } else { INNER };
            let dilation = if is_dilated { 1 << level } else { 1 };
            load(format!("{}d", level + 1), (outputs, 2 * INNER), dilation)
        });
        Ok(Self {
            entrance: load("in".to_owned(), (OUTER, inputs), 1)?,
            down: down.collect::<Result<_, _>>()?,
            up: up.collect::<Result<_, _>>()?,
            is_dilated,
        })
    }

    fn apply(&self, x: &Rows) -> Rows {
        let entrance = self.entrance.apply(x);
        let mut levels: Vec<Rows> = Vec::new();
        let mut x = entrance.clone();
        for (level, layer) in self.down.iter().enumerate() {
            // The deepest level keeps the size of the one above it.
            if !self.is_dilated && level > 0 && level + 1 < self.down.len() {
                x = halved(&x);
            }
            x = layer.apply(&x);
            levels.push(x.clone());
        }
        for (layer, level) in self.up.iter().zip(levels.iter().rev().skip(1)) {
            let larger = enlarged(&x, level.height(), level.width());
            x = layer.apply(&beside(&larger, level));
        }
        add(&mut x, &entrance);
        x
    }
}
