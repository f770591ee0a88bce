//! Impulsive interference: Bernoulli-Gaussian bursts, as of ignitions, switching supplies and short packets.
//!
//! M. Ghosh, "Analysis of the effect of impulse noise on multicarrier and single carrier QAM systems",
//! IEEE Trans. Commun. 44(2), 1996: each sample starts a burst with a fixed probability, a burst is Gaussian noise.

use num_complex::Complex32;

use super::awgn::gaussian;
use super::seed::{StageRng, Stream, geometric_gap, stage_rng};
use super::{Impairment, PropagationStatistics};

/// Adds bursts of complex Gaussian noise at random times.
#[derive(Debug, Clone)]
pub struct Impulses {
    probability: f64,
    deviation: f32,
    duration_samples: u64,
    gap: u64,
    remaining: u64,
    bursts: u64,
    rng: StageRng,
}

impl Impulses {
    /// `probability`: that a burst starts at a sample outside bursts; `power_db`: mean power of a burst relative to
    /// unit power, the power of an occupied carrier; `duration_samples`: length of every burst.
    pub fn new(probability: f64, power_db: f64, duration_samples: u64, seed: u64) -> Self {
        let mut rng = stage_rng(seed, Stream::Impulses);
        Self {
            probability,
            deviation: (0.5 * 10f64.powf(power_db / 10.0)).sqrt() as f32,
            duration_samples,
            gap: geometric_gap(&mut rng, probability),
            remaining: 0,
            bursts: 0,
            rng,
        }
    }

    fn start_burst(&mut self) {
        self.bursts += 1;
        self.remaining = self.duration_samples;
        self.gap = u64::MAX;
    }

    fn hit(&mut self, samples: &mut [Complex32]) {
        for sample in samples.iter_mut() {
            *sample += gaussian(&mut self.rng) * self.deviation;
        }
        self.remaining -= samples.len() as u64;
        if self.remaining == 0 {
            self.gap = geometric_gap(&mut self.rng, self.probability);
        }
    }
}

impl Impairment for Impulses {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        let mut rest = samples.as_mut_slice();
        while !rest.is_empty() {
            if self.remaining == 0 && self.gap == 0 {
                self.start_burst();
            }
            let quiet = self.remaining == 0;
            let until_change = if quiet { self.gap } else { self.remaining };
            let take = until_change.min(rest.len() as u64);
            let (now, later) = rest.split_at_mut(take as usize);
            if quiet {
                self.gap -= take;
            } else {
                self.hit(now);
            }
            rest = later;
        }
    }

    fn count(&self, statistics: &mut PropagationStatistics) {
        statistics.impulses += self.bursts;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_come_at_their_rate_with_their_length_and_power() {
        let (probability, duration) = (1e-3, 50);
        let mut samples = vec![Complex32::ZERO; 1_000_000];
        let mut impulses = Impulses::new(probability, 10.0, duration, 5);
        impulses.process(&mut samples);
        let hit: Vec<_> = samples.iter().filter(|x| **x != Complex32::ZERO).collect();
        let power = hit.iter().map(|x| f64::from(x.norm_sqr())).sum::<f64>() / hit.len() as f64;
        // Mean cycle: gap of (1 - p)/p = 999 samples and a burst of 50: 953 bursts, deviation 30.
        let bursts = impulses.bursts as f64;
        assert!((bursts - 953.0).abs() < 120.0, "{bursts} bursts");
        assert!((hit.len() as f64 / bursts - 50.0).abs() < 0.1);
        assert!((power - 10.0).abs() < 0.2, "power {power}");
    }
}
