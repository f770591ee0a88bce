//! What the network is told beside the planes: a few numbers, which steer the norms.

use crate::nn::weights::{Weights, WeightsError};

const EMBEDDING: usize = 64;
/// Keeps the norm of a place where all channels are 0 finite.
pub(super) const EPSILON: f32 = 1e-6;

/// A fully connected layer, weights as `[out][in]`.
#[derive(Debug, Clone)]
struct Linear {
    weight: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
}

impl Linear {
    fn load(
        weights: &Weights,
        name: &str,
        (outputs, inputs): (usize, usize),
    ) -> Result<Self, WeightsError> {
        Ok(Self {
            weight: weights
                .values(&format!("{name}.weight"), &[outputs, inputs])?
                .to_vec(),
            bias: weights
                .values(&format!("{name}.bias"), &[outputs])?
                .to_vec(),
            inputs,
        })
    }

    fn forward(&self, x: &[f32]) -> Vec<f32> {
        let rows = self.weight.chunks_exact(self.inputs).zip(&self.bias);
        rows.map(|(row, bias)| bias + row.iter().zip(x).map(|(w, x)| w * x).sum::<f32>())
            .collect()
    }
}

/// The numbers to an embedding: two layers with a SiLU between.
#[derive(Debug, Clone)]
pub(super) struct Conditions {
    layers: [Linear; 2],
}

impl Conditions {
    pub(super) fn load(
        weights: &Weights,
        name: &str,
        scalars: usize,
    ) -> Result<Self, WeightsError> {
        let first = Linear::load(weights, &format!("{name}.0"), (EMBEDDING, scalars))?;
        let second = Linear::load(weights, &format!("{name}.2"), (EMBEDDING, EMBEDDING))?;
        Ok(Self {
            layers: [first, second],
        })
    }

    /// # Panics
    /// When there are not as many numbers as the weights were made for.
    pub(super) fn embed(&self, scalars: &[f32]) -> Vec<f32> {
        assert_eq!(scalars.len(), self.layers[0].inputs, "numbers a picture");
        let mut hidden = self.layers[0].forward(scalars);
        hidden.iter_mut().for_each(|x| *x /= 1.0 + (-*x).exp());
        self.layers[1].forward(&hidden)
    }
}

/// A norm over the channels of a place, and how it follows the embedding.
#[derive(Debug, Clone)]
pub(super) struct NormWeights {
    weight: Vec<f32>,
    condition: Linear,
}

impl NormWeights {
    pub(super) fn load(weights: &Weights, name: &str, width: usize) -> Result<Self, WeightsError> {
        Ok(Self {
            weight: weights
                .values(&format!("{name}.weight"), &[width])?
                .to_vec(),
            condition: Linear::load(
                weights,
                &format!("{name}.condition"),
                (2 * width, EMBEDDING),
            )?,
        })
    }
}

/// The norm under one embedding: `x / rms(x) * scale + shift`.
#[derive(Debug, Clone)]
pub(super) struct Norm {
    pub(super) scale: Vec<f32>,
    pub(super) shift: Vec<f32>,
}

impl Norm {
    pub(super) fn new(weights: &NormWeights, embedding: &[f32]) -> Self {
        let mut scale = weights.condition.forward(embedding);
        let shift = scale.split_off(weights.weight.len());
        let pairs = scale.iter_mut().zip(&weights.weight);
        pairs.for_each(|(scale, weight)| *scale = (1.0 + *scale) * weight);
        Self { scale, shift }
    }

    /// Norms the channels of one place.
    pub(super) fn apply(&self, x: &[f32], out: &mut [f32]) {
        // Eight sums in a fixed order: what the vector units can do at once.
        let mut sums = [0.0f32; 8];
        for part in x.chunks_exact(8) {
            sums.iter_mut().zip(part).for_each(|(sum, x)| *sum += x * x);
        }
        let power = sums.iter().sum::<f32>() / x.len() as f32;
        let factor = (power + EPSILON).sqrt().recip();
        let affine = self.scale.iter().zip(&self.shift);
        for ((out, x), (scale, shift)) in out.iter_mut().zip(x).zip(affine) {
            *out = x * factor * scale + shift;
        }
    }
}
