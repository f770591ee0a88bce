//! Carrier frequency offset: the receiver's oscillator against the transmitter's.
//!
//! The phase is a 64-bit fixed-point count of turns, so that it is continuous over chunks and exact to
//! 1e-10 turns after 1e9 samples. Every [`GROUP`] samples a phasor is taken from it; a table of rotations carries
//! that phasor over the group, which costs two complex products a sample.

use std::f64::consts::TAU;

use multiversion::multiversion;
use num_complex::{Complex32, Complex64};

use super::Impairment;

/// Samples between two exact phasors.
const GROUP: usize = 64;

/// Two to the power of 64: fixed-point phase of one turn.
const TURN: f64 = 18_446_744_073_709_551_616.0;

/// Multiplies sample n by exp(j 2 pi n cfo_hz / sample_rate_hz), n = 0 at the first sample.
#[derive(Debug, Clone)]
pub struct Cfo {
    /// Phase of the group's first sample, in turns times 2^64.
    phase: u64,
    step: u64,
    table: [Complex32; GROUP],
    anchor: Complex32,
    /// Samples of the current group already rotated.
    position: usize,
}

impl Cfo {
    /// A carrier received `cfo_hz` above where it was sent.
    pub fn new(cfo_hz: f64, sample_rate_hz: f64) -> Self {
        // The sign is put on last: 1 - tiny would lose the tiny offset's digits.
        let magnitude = ((cfo_hz / sample_rate_hz).abs().fract() * TURN) as u64;
        let step = if cfo_hz < 0.0 {
            magnitude.wrapping_neg()
        } else {
            magnitude
        };
        Self {
            phase: 0,
            step,
            table: std::array::from_fn(|k| phasor(step.wrapping_mul(k as u64))),
            anchor: Complex32::ONE,
            position: 0,
        }
    }

    fn next_group(&mut self) {
        self.phase = self
            .phase
            .wrapping_add(self.step.wrapping_mul(GROUP as u64));
        self.anchor = phasor(self.phase);
        self.position = 0;
    }
}

impl Impairment for Cfo {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        let mut rest = samples.as_mut_slice();
        while !rest.is_empty() {
            if self.position == GROUP {
                self.next_group();
            }
            let take = rest.len().min(GROUP - self.position);
            let (now, later) = rest.split_at_mut(take);
            rotate(
                now,
                self.anchor,
                &self.table[self.position..self.position + take],
            );
            self.position += take;
            rest = later;
        }
    }
}

fn phasor(phase: u64) -> Complex32 {
    let exact = Complex64::cis(phase as f64 / TURN * TAU);
    Complex32::new(exact.re as f32, exact.im as f32)
}

#[multiversion(targets("x86_64+avx2"))]
fn rotate(samples: &mut [Complex32], anchor: Complex32, table: &[Complex32]) {
    for (sample, rotation) in samples.iter_mut().zip(table) {
        *sample *= anchor * rotation;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest error against the phase computed afresh for samples `first..first + 1000`.
    fn worst_error(cfo_hz: f64, first: u64) -> f64 {
        let mut cfo = Cfo::new(cfo_hz, 2e6);
        // Groups are the unit of the phase: jump there without running every sample.
        assert_eq!(first % GROUP as u64, 0);
        cfo.phase = cfo.step.wrapping_mul(first);
        cfo.anchor = phasor(cfo.phase);
        let mut samples = vec![Complex32::ONE; 1000];
        cfo.process(&mut samples);
        let error = |(n, sample): (usize, &Complex32)| {
            let index = (first + n as u64) as f64;
            // index * cfo_hz is exact in f64 for the values tested.
            let turns = (index * cfo_hz).rem_euclid(2e6) / 2e6;
            (Complex64::new(sample.re.into(), sample.im.into()) - Complex64::cis(turns * TAU))
                .norm()
        };
        samples.iter().enumerate().map(error).fold(0.0, f64::max)
    }

    #[test]
    fn the_phase_is_exact_at_the_start_and_after_a_billion_samples() {
        for cfo_hz in [100e3, -100e3, 1.5, -7.25, 0.0] {
            for first in [0, 1_000_000_000] {
                let error = worst_error(cfo_hz, first);
                assert!(
                    error < 1e-6,
                    "{cfo_hz} Hz from sample {first}: error {error}"
                );
            }
        }
    }

    #[test]
    fn a_group_s_phasors_join_without_a_step() {
        let mut samples = vec![Complex32::ONE; 10 * GROUP];
        Cfo::new(12_345.0, 2e6).process(&mut samples);
        let step = Complex32::cis((TAU * 12_345.0 / 2e6) as f32);
        for pair in samples.windows(2) {
            assert!((pair[0] * step - pair[1]).norm() < 1e-6);
        }
    }
}
