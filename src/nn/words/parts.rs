//! Parts of a transformer, on rows of values one behind the other.

use candle_core::Result;

use super::WIDTH;
use crate::nn::{Activation, Pointwise, Weights, WeightsError};

const HEADS: usize = 6;
const HEAD: usize = WIDTH / HEADS;

/// As PyTorch has it.
const EPSILON: f32 = 1e-5;

/// `x` gains `y`.
pub(super) fn plus(x: &mut [f32], y: &[f32]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x += y;
    }
}

/// Layer normalization.
#[derive(Debug)]
pub(super) struct Norm {
    scale: Vec<f32>,
    shift: Vec<f32>,
}

impl Norm {
    pub(super) fn load(
        weights: &Weights,
        name: &str,
        width: usize,
    ) -> std::result::Result<Self, WeightsError> {
        let values = |part: &str| weights.values(&format!("{name}.{part}"), &[width]);
        Ok(Self {
            scale: values("weight")?.to_vec(),
            shift: values("bias")?.to_vec(),
        })
    }

    /// Every row brought to mean 0 and variance 1, scaled and shifted.
    pub(super) fn apply(&self, x: &[f32]) -> Vec<f32> {
        let width = self.scale.len() as f32;
        let mut y = x.to_vec();
        for row in y.chunks_exact_mut(self.scale.len()) {
            let mean = row.iter().sum::<f32>() / width;
            let variance = row.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / width;
            let factor = 1.0 / (variance + EPSILON).sqrt();
            for (value, (scale, shift)) in row.iter_mut().zip(self.scale.iter().zip(&self.shift)) {
                *value = (*value - mean) * factor * scale + shift;
            }
        }
        y
    }
}

/// Two layers with a rectifier between.
#[derive(Debug)]
pub(super) struct Mlp {
    up: Pointwise,
    down: Pointwise,
}

impl Mlp {
    pub(super) fn load(
        weights: &Weights,
        name: &str,
        hidden: usize,
    ) -> std::result::Result<Self, WeightsError> {
        let (up, down) = (format!("{name}.up"), format!("{name}.down"));
        Ok(Self {
            up: Pointwise::load(weights, &up, [WIDTH, hidden], Activation::Relu)?,
            down: Pointwise::load(weights, &down, [hidden, WIDTH], Activation::None)?,
        })
    }

    pub(super) fn apply(&self, x: Vec<f32>) -> Result<Vec<f32>> {
        self.down.apply(self.up.apply(x)?)
    }
}

/// Keys and values, a row of [`WIDTH`] for each place that may be looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl Past {
    /// Places.
    pub(super) fn length(&self) -> usize {
        self.keys.len() / WIDTH
    }

    pub(super) fn extend(&mut self, more: Self) {
        self.keys.extend(more.keys);
        self.values.extend(more.values);
    }
}

/// Attention of several heads.
#[derive(Debug)]
pub(super) struct Attention {
    q: Pointwise,
    k: Pointwise,
    v: Pointwise,
    out: Pointwise,
}

impl Attention {
    pub(super) fn load(weights: &Weights, name: &str) -> std::result::Result<Self, WeightsError> {
        let part = |part: &str| {
            let name = format!("{name}.{part}");
            Pointwise::load(weights, &name, [WIDTH, WIDTH], Activation::None)
        };
        Ok(Self {
            q: part("q")?,
            k: part("k")?,
            v: part("v")?,
            out: part("out")?,
        })
    }

    /// What rows `x` offer to those that look.
    pub(super) fn past(&self, x: &[f32]) -> Result<Past> {
        Ok(Past {
            keys: self.k.apply(x.to_vec())?,
            values: self.v.apply(x.to_vec())?,
        })
    }

    /// Rows `x` look at all places of `seen`.
    pub(super) fn apply(&self, x: Vec<f32>, seen: &Past) -> Result<Vec<f32>> {
        let q = self.q.apply(x)?;
        let mut y = vec![0.0; q.len()];
        let heads = q.chunks_exact(HEAD).zip(y.chunks_exact_mut(HEAD));
        for (i, (q, y)) in heads.enumerate() {
            look(q, seen, i % HEADS * HEAD, y);
        }
        self.out.apply(y)
    }
}

/// One head of one row: the values of `seen` at `start`, weighted by the softmax of `q` times the keys.
fn look(q: &[f32], seen: &Past, start: usize, y: &mut [f32]) {
    let places: Vec<usize> = (start..seen.keys.len()).step_by(WIDTH).collect();
    let score = |at: &usize| {
        let products = seen.keys[*at..][..HEAD].iter().zip(q).map(|(k, q)| k * q);
        products.sum::<f32>() / (HEAD as f32).sqrt()
    };
    let scores: Vec<f32> = places.iter().map(score).collect();
    let highest = scores.iter().copied().fold(f32::MIN, f32::max);
    let weights: Vec<f32> = scores.iter().map(|score| (score - highest).exp()).collect();
    let whole: f32 = weights.iter().sum();
    for (at, weight) in places.iter().zip(weights) {
        for (y, value) in y.iter_mut().zip(&seen.values[*at..][..HEAD]) {
            *y += weight / whole * value;
        }
    }
}
