//! Complex gains of the taps over time: constant, drawn once, or fading with the Jakes Doppler spectrum.
//!
//! Fading taps are sums of sinusoids after Y. R. Zheng and C. Xiao, "Simulation models with correct statistical
//! properties for Rayleigh fading channels", IEEE Trans. Commun. 51(6), 2003, with their angles
//! alpha_n = (2 pi n - pi + theta) / (4 M). Their quadrature terms are taken from the same authors' "Improved models for
//! the generation of multiple uncorrelated Rayleigh fading waveforms", IEEE Commun. Lett. 6(6), 2002, where every
//! sinusoid has a phase of its own: with the one common phase of the 2003 model the gain at a fixed time is Rayleigh
//! only over long times, not over draws, and short runs are draws.

use std::f64::consts::{PI, TAU};

use num_complex::Complex64;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

use super::seed::StageRng;

/// Sinusoids of the real and of the imaginary part of one tap.
const SINUSOIDS: usize = 16;

/// How the gain of a tap comes about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Law {
    /// The tap's own gain, always.
    Fixed,
    /// A complex Gaussian draw that stays.
    Drawn,
    /// Rayleigh fading; the largest Doppler shift in turns per step.
    Fading { doppler_turns: f64 },
}

/// The gains of all taps, advanced in steps.
#[derive(Debug, Clone)]
pub(super) struct TapGains {
    law: Law,
    mean_gains: Vec<Complex64>,
    gains: Vec<Complex64>,
    oscillators: Vec<Oscillators>,
}

/// The sinusoids of one tap as rotating phasors.
#[derive(Debug, Clone)]
struct Oscillators {
    in_phase: [Oscillator; SINUSOIDS],
    quadrature: [Oscillator; SINUSOIDS],
}

#[derive(Debug, Clone, Copy)]
struct Oscillator {
    phasor: Complex64,
    step: Complex64,
}

impl TapGains {
    /// `mean_gains`: the gain of a fixed tap; a fading one has its squared magnitude as mean power.
    pub fn new(law: Law, mean_gains: Vec<Complex64>, rng: &mut StageRng) -> Self {
        let mut taps = Self {
            law,
            gains: mean_gains.clone(),
            mean_gains,
            oscillators: Vec::new(),
        };
        taps.redraw(rng);
        taps
    }

    /// An independent draw of everything random.
    pub fn redraw(&mut self, rng: &mut StageRng) {
        match self.law {
            Law::Fixed => {}
            Law::Drawn => {
                for (gain, mean) in self.gains.iter_mut().zip(&self.mean_gains) {
                    *gain = unit_gaussian(rng) * mean.norm();
                }
            }
            Law::Fading { doppler_turns } => {
                let taps = 0..self.mean_gains.len();
                self.oscillators = taps
                    .map(|_| Oscillators::draw(doppler_turns, rng))
                    .collect();
                self.sum_oscillators();
            }
        }
    }

    /// Moves fading taps on by one step.
    pub fn step(&mut self) {
        if let Law::Fading { .. } = self.law {
            self.oscillators.iter_mut().for_each(Oscillators::step);
            self.sum_oscillators();
        }
    }

    pub fn gains(&self) -> &[Complex64] {
        &self.gains
    }

    fn sum_oscillators(&mut self) {
        let taps = self
            .gains
            .iter_mut()
            .zip(&self.mean_gains)
            .zip(&self.oscillators);
        for ((gain, mean), oscillators) in taps {
            *gain = oscillators.sum() * mean.norm();
        }
    }
}

impl Oscillators {
    fn draw(doppler_turns: f64, rng: &mut StageRng) -> Self {
        let theta = rng.random_range(-PI..PI);
        let angle = |n: usize| (TAU * (n + 1) as f64 - PI + theta) / (4 * SINUSOIDS) as f64;
        let mut oscillator = |shift: f64| Oscillator {
            phasor: Complex64::cis(rng.random_range(-PI..PI)),
            step: Complex64::cis(TAU * doppler_turns * shift),
        };
        Self {
            in_phase: std::array::from_fn(|n| oscillator(angle(n).cos())),
            quadrature: std::array::from_fn(|n| oscillator(angle(n).sin())),
        }
    }

    fn step(&mut self) {
        for oscillator in self.in_phase.iter_mut().chain(&mut self.quadrature) {
            oscillator.phasor *= oscillator.step;
        }
    }

    /// Gain of unit mean power.
    fn sum(&self) -> Complex64 {
        let part =
            |oscillators: &[Oscillator]| oscillators.iter().map(|o| o.phasor.re).sum::<f64>();
        Complex64::new(part(&self.in_phase), part(&self.quadrature)) / (SINUSOIDS as f64).sqrt()
    }
}

/// A complex Gaussian number of unit mean power.
fn unit_gaussian(rng: &mut StageRng) -> Complex64 {
    let re: f64 = StandardNormal.sample(rng);
    let im: f64 = StandardNormal.sample(rng);
    Complex64::new(re, im) * 0.5f64.sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::seed::{Stream, stage_rng};
    use super::*;

    fn draws(law: Law, count: usize) -> Vec<Complex64> {
        let mut rng = stage_rng(2, Stream::Multipath);
        let mut taps = TapGains::new(law, vec![Complex64::new(0.0, 2.0)], &mut rng);
        let mut draw = || {
            taps.redraw(&mut rng);
            taps.gains()[0]
        };
        (0..count).map(|_| draw()).collect()
    }

    /// Bessel function of the first kind and order 0, from its integral.
    fn bessel_j0(x: f64) -> f64 {
        let points = 1000;
        let cosine = |i: i32| (x * (PI * (f64::from(i) + 0.5) / f64::from(points)).sin()).cos();
        (0..points).map(cosine).sum::<f64>() / f64::from(points)
    }

    #[test]
    fn drawn_and_fading_gains_are_rayleigh_with_the_tap_s_mean_power() {
        for law in [
            Law::Drawn,
            Law::Fading {
                doppler_turns: 0.01,
            },
        ] {
            let powers: Vec<_> = draws(law, 20_000).iter().map(|g| g.norm_sqr()).collect();
            let mean = powers.iter().sum::<f64>() / powers.len() as f64;
            assert!(
                (mean / 4.0 - 1.0).abs() < 0.03,
                "{law:?}: mean power {mean}, not 4"
            );
            // Exponential power: P(power < t mean) = 1 - exp(-t).
            for threshold in [0.05, 0.5, 1.0, 2.0, 3.0] {
                let below = powers.iter().filter(|p| **p < threshold * 4.0).count();
                let share = below as f64 / powers.len() as f64;
                let theory = 1.0 - (-threshold).exp();
                assert!(
                    (share - theory).abs() < 0.015,
                    "{law:?}: {share} below {threshold}, theory {theory}"
                );
            }
        }
    }

    #[test]
    fn the_autocorrelation_over_time_is_the_bessel_function_of_jakes() {
        let doppler_turns = 0.02;
        let mut rng = stage_rng(4, Stream::Multipath);
        let law = Law::Fading { doppler_turns };
        let lags = [0usize, 5, 12, 19, 27, 40];
        let mut correlation = [Complex64::ZERO; 6];
        let runs = 4000;
        for _ in 0..runs {
            let mut taps = TapGains::new(law, vec![Complex64::ONE], &mut rng);
            let mut path = vec![taps.gains()[0]];
            for _ in 0..40 {
                taps.step();
                path.push(taps.gains()[0]);
            }
            for (sum, lag) in correlation.iter_mut().zip(lags) {
                *sum += path[0].conj() * path[lag] / f64::from(runs);
            }
        }
        for (found, lag) in correlation.iter().zip(lags) {
            let theory = bessel_j0(TAU * doppler_turns * lag as f64);
            assert!(
                (found - theory).norm() < 0.06,
                "lag {lag}: {found}, theory {theory}"
            );
        }
    }
}
