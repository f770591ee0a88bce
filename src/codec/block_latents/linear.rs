//! The linear stage: blocks of latents to components of unit power, and back by least squares.
//!
//! Transmitter: `c = (u - mean) V`, symbol `g (c - f) / sqrt(p')`, with `f` what blocks have in common (`field/`) and `p'` the
//! picture's own mean power. Receiver: `g f` is added again, to `g c` of power `p`; every component has the prior variance
//! `p lam`, so each estimate and what remains uncertain of it follow from the
//! precision (one over the noise variance) with which it arrived; `W` takes both back to the latents.
//! The transform is a KLT in the metric of the decoder (training/README.md), fine-tuned with the networks.

use rayon::prelude::*;

use super::field;
use super::powers::Powers;
use super::rates::Rates;
use crate::nn::{Weights, WeightsError, check_positive};

/// Prior variances are not below this, nor are variances of latents below `LEAST_VARIANCE`.
const LEAST_PRIOR: f32 = 1e-9;
const LEAST_VARIANCE: f32 = 1e-10;

/// No estimate is further from the mean: what lies beyond came from a broken receiver, and would overflow.
const LIMIT: f32 = 1e4;

/// Matrices are `[from][to]`.
#[derive(Debug, Clone)]
pub(in crate::codec) struct LinearStage {
    v: Vec<f32>,
    w: Vec<f32>,
    w_squared: Vec<f32>,
    mean: Vec<f32>,
    prior: Vec<f32>,
    gain: Vec<f32>,
    flat: Vec<usize>,
}

/// What arrived of one value: the noisy symbol's weighted sum, and the weight.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::codec) struct Arrived {
    weighted: f32,
    precision: f32,
}

impl Arrived {
    /// One more copy of it: a real symbol of unit power, and its noise variance.
    pub(in crate::codec) fn add(&mut self, symbol: f32, variance: f32) {
        // Neither a variance that is no number nor a negative one says that the symbol is certain.
        if variance.is_nan() || variance < 0.0 || !symbol.is_finite() {
            return;
        }
        let precision = 1.0 / variance.max(LEAST_PRIOR);
        self.weighted += precision * symbol.clamp(-LIMIT, LIMIT);
        self.precision += precision;
    }
}

impl LinearStage {
    /// Takes the tensors `linear.*`, of blocks of so many components.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing, of another shape, or gives gains that cannot be used.
    pub(in crate::codec) fn load(
        weights: &Weights,
        components: usize,
    ) -> Result<Self, WeightsError> {
        let square = [components, components];
        let read = |name: &str, shape: &[usize]| weights.values(name, shape).map(<[f32]>::to_vec);
        let prior: Vec<f32> = read("linear.lam", &[components])?
            .into_iter()
            .map(|lam| lam.max(LEAST_PRIOR))
            .collect();
        let log_gain = read("linear.log_gain", &[components])?;
        let gain: Vec<f32> = prior
            .iter()
            .zip(log_gain)
            .map(|(lam, log)| lam.powf(-0.25) * log.exp())
            .collect();
        let powers: Vec<f32> = gain
            .iter()
            .zip(&prior)
            .map(|(g, lam)| g * g * lam)
            .collect();
        check_positive("linear.log_gain", &gain)?;
        check_positive("linear.lam", &powers)?;
        let w = read("linear.W", &square)?;
        Ok(Self {
            v: read("linear.V", &square)?,
            w_squared: w.iter().map(|w| w * w).collect(),
            w,
            mean: read("linear.mean", &[components])?,
            gain,
            prior,
            flat: Vec::new(),
        })
    }

    /// The common part of components that are means of a block, of so many `places`, travels digitally from here on.
    #[must_use]
    pub(in crate::codec) fn with_field(mut self, places: usize) -> Self {
        self.flat = field::flat(&self.v, self.components(), places);
        self
    }

    /// Components that are means of a block, of which the common part travels digitally.
    pub(in crate::codec) fn flat(&self) -> &[usize] {
        &self.flat
    }

    /// Prior variance of a component.
    pub(in crate::codec) fn prior(&self, component: usize) -> f32 {
        self.prior[component]
    }

    /// Values of a block.
    pub(in crate::codec) fn components(&self) -> usize {
        self.prior.len()
    }

    /// Blocks of latents to components, in place.
    pub(in crate::codec) fn analyze(&self, blocks: &mut [f32]) {
        blocks
            .par_chunks_exact_mut(self.components())
            .for_each(|block| {
                let centred = block.iter().zip(&self.mean).map(|(u, mean)| u - mean);
                let c = product(&centred.collect::<Vec<f32>>(), &self.v);
                block.copy_from_slice(&c);
            });
    }

    /// Gains that give unit mean power where every component has its prior variance.
    pub(in crate::codec) fn gains(&self, rates: &Rates, powers: &Powers) -> Vec<f32> {
        let sent = rates.of_blocks().iter().sum::<usize>().max(1) as f64;
        let counts = rates.counts(|block| f64::from(powers.factor(block)).powi(2));
        let power = counts.iter().zip(&self.gain).zip(&self.prior);
        let expected: f64 = power
            .map(|((count, gain), prior)| count * f64::from(gain * gain * prior))
            .sum();
        let scale = (expected / sent).max(1e-12).sqrt().recip() as f32;
        self.gain.iter().map(|gain| gain * scale).collect()
    }

    /// Least-squares blocks of latents, and the standard deviation that remains of each latent.
    ///
    /// `power` is the picture's: the factor of its prior variances.
    pub(in crate::codec) fn estimate(
        &self,
        arrived: &[Arrived],
        gains: &[f32],
        powers: &Powers,
        power: f32,
    ) -> (Vec<f32>, Vec<f32>) {
        let mut latents = vec![0.0; arrived.len()];
        let mut deviations = vec![0.0; arrived.len()];
        let blocks = arrived.par_chunks_exact(self.components());
        let out = latents
            .par_chunks_exact_mut(self.components())
            .zip(deviations.par_chunks_exact_mut(self.components()));
        blocks
            .zip(out)
            .enumerate()
            .for_each(|(block, (arrived, (latents, deviations)))| {
                let factor = powers.factor(block);
                let (estimate, remaining) = self.estimates(arrived, gains, factor, power);
                latents.copy_from_slice(&product(&estimate, &self.w));
                latents
                    .iter_mut()
                    .zip(&self.mean)
                    .for_each(|(z, mean)| *z += mean);
                deviations.copy_from_slice(&product(&remaining, &self.w_squared));
                deviations
                    .iter_mut()
                    .for_each(|d| *d = d.max(LEAST_VARIANCE).sqrt());
            });
        (latents, deviations)
    }

    /// Estimates of a block's components and their remaining variances.
    fn estimates(
        &self,
        arrived: &[Arrived],
        gains: &[f32],
        factor: f32,
        power: f32,
    ) -> (Vec<f32>, Vec<f32>) {
        let each = arrived.iter().zip(gains).zip(&self.prior);
        each.map(|((arrived, gain), prior)| {
            let gain = gain * factor;
            let precision = arrived.precision.min(1.0 / LEAST_PRIOR);
            let snr = precision * gain * gain * prior;
            let remaining = prior / (snr + 1.0) * power;
            if arrived.precision == 0.0 {
                return (0.0, remaining);
            }
            let symbol = arrived.weighted / arrived.precision;
            let estimate = symbol / gain * (snr / (snr + 1.0)) * power.sqrt();
            (estimate.clamp(-LIMIT, LIMIT), remaining)
        })
        .unzip()
    }
}

/// Row vector times square matrix, summed from the first row to the last whatever the threads.
fn product(vector: &[f32], matrix: &[f32]) -> Vec<f32> {
    let mut sum = vec![0.0; vector.len()];
    for (x, row) in vector.iter().zip(matrix.chunks_exact(vector.len())) {
        if *x != 0.0 {
            sum.iter_mut().zip(row).for_each(|(sum, m)| *sum += x * m);
        }
    }
    sum
}
