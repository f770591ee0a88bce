//! Phase noise of the oscillators: a Wiener process for the Lorentzian line, white phase for the floor.
//!
//! Free-running oscillators have a Lorentzian spectrum of full width `linewidth_hz` at half maximum; its phase walks
//! with variance 2 pi linewidth / sample rate a sample (A. Demir, A. Mehrotra, J. Roychowdhury, "Phase noise in
//! oscillators", IEEE Trans. Circuits Syst. I 47(5), 2000). The floor of buffers and mixers is white phase.

use std::f64::consts::TAU;

use multiversion::multiversion;
use num_complex::Complex32;
use rand_distr::{Distribution, StandardNormal};

use super::Impairment;
use super::cis::cis_turns;
use super::seed::{StageRng, Stream, stage_rng};

/// Multiplies every sample by exp(j phase), phase a random walk plus white noise.
#[derive(Debug, Clone)]
pub struct PhaseNoise {
    /// Phase of the walk, in turns.
    walk: f64,
    walk_deviation: f64,
    floor_deviation: f64,
    turns: Vec<f32>,
    rng: StageRng,
}

impl PhaseNoise {
    /// `linewidth_hz`: full width at half maximum of the carrier's line; `floor_dbc_hz`: density of the white phase
    /// floor, if any, held over the whole sample rate (variance 10^(floor/10) sample_rate_hz rad^2).
    pub fn new(
        linewidth_hz: f64,
        floor_dbc_hz: Option<f64>,
        sample_rate_hz: f64,
        seed: u64,
    ) -> Self {
        let floor_variance = floor_dbc_hz.map_or(0.0, |db| 10f64.powf(db / 10.0) * sample_rate_hz);
        Self {
            walk: 0.0,
            walk_deviation: (TAU * linewidth_hz / sample_rate_hz).sqrt() / TAU,
            floor_deviation: floor_variance.sqrt() / TAU,
            turns: Vec::new(),
            rng: stage_rng(seed, Stream::PhaseNoise),
        }
    }

    fn draw_phases(&mut self, count: usize) {
        self.turns.clear();
        for _ in 0..count {
            let mut phase = self.walk;
            if self.floor_deviation > 0.0 {
                phase += self.floor_deviation * self.normal();
            }
            self.turns.push(phase as f32);
            if self.walk_deviation > 0.0 {
                let walk = self.walk + self.walk_deviation * self.normal();
                // Kept within a turn, so that f32 has its digits where they count.
                self.walk = walk - walk.round();
            }
        }
    }

    fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.rng)
    }
}

impl Impairment for PhaseNoise {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        self.draw_phases(samples.len());
        rotate(samples, &self.turns);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn rotate(samples: &mut [Complex32], turns: &[f32]) {
    for (sample, &turns) in samples.iter_mut().zip(turns) {
        *sample *= cis_turns(turns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 2e6;

    /// Mean of |phase(n + lag) - phase(n)|^2 of a carrier through the stage, in rad^2.
    fn structure_function(linewidth_hz: f64, floor_dbc_hz: Option<f64>, lag: usize) -> f64 {
        let mut samples = vec![Complex32::ONE; 400_000];
        PhaseNoise::new(linewidth_hz, floor_dbc_hz, RATE_HZ, 9).process(&mut samples);
        let differences = samples
            .iter()
            .zip(&samples[lag..])
            .map(|(a, b)| f64::from((b * a.conj()).arg()).powi(2));
        differences.sum::<f64>() / (samples.len() - lag) as f64
    }

    #[test]
    fn the_walk_s_variance_grows_with_time_and_linewidth() {
        for (linewidth_hz, lag) in [(100.0, 1), (100.0, 50), (1000.0, 10)] {
            let theory = TAU * linewidth_hz * lag as f64 / RATE_HZ;
            let found = structure_function(linewidth_hz, None, lag);
            assert!(
                (found / theory - 1.0).abs() < 0.05,
                "{found} rad^2, theory {theory} rad^2"
            );
        }
    }

    #[test]
    fn the_floor_is_white_at_its_density() {
        let theory = 2.0 * 10f64.powf(-11.0) * RATE_HZ;
        for lag in [1, 100] {
            let found = structure_function(0.0, Some(-110.0), lag);
            assert!(
                (found / theory - 1.0).abs() < 0.05,
                "{found} rad^2, theory {theory} rad^2"
            );
        }
    }

    #[test]
    fn the_magnitude_stays() {
        let mut samples = vec![Complex32::new(0.0, 2.0); 1000];
        PhaseNoise::new(1e4, Some(-90.0), RATE_HZ, 1).process(&mut samples);
        assert!(samples.iter().all(|x| (x.norm() - 2.0).abs() < 1e-5));
    }
}
