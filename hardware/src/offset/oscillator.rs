//! A numerically controlled oscillator without drift.

use std::f64::consts::TAU;

use num_complex::Complex32;

/// Samples between exact phases; within them a table turns on.
const BLOCK: usize = 64;

/// exp(2πi · f · n / rate) for sample n, whatever was asked for before: the phase is a product of n, in units of 2^-64 of
/// a turn, not a sum of roundings. The frequency is off by less than 2^-53 of the rate.
#[derive(Clone, Debug)]
pub(crate) struct Oscillator {
    /// Phase of a sample, in 2^-64 turns.
    step: u64,
    /// What comes within a block.
    table: Vec<Complex32>,
    /// The next sample.
    index: u64,
}

impl Oscillator {
    /// One of `frequency_hz`, of any sign, that stands at sample 0 with phase 0.
    pub fn new(frequency_hz: f64, rate_hz: f64) -> Self {
        let turns = (frequency_hz / rate_hz).rem_euclid(1.0);
        // `as` saturates; 2^64 is a full turn and so 0.
        let step = (turns * 2f64.powi(64)) as u128 as u64;
        let table = (0..BLOCK as u64).map(|n| phasor(step, n)).collect();
        Self {
            step,
            table,
            index: 0,
        }
    }

    /// Turns samples, each by the phase of its place.
    pub fn mix(&mut self, samples: &mut [Complex32]) {
        let mut rest = samples;
        while !rest.is_empty() {
            let within = (self.index % BLOCK as u64) as usize;
            let anchor = phasor(self.step, self.index - within as u64);
            let length = rest.len().min(BLOCK - within);
            let (block, after) = rest.split_at_mut(length);
            for (sample, turn) in block.iter_mut().zip(&self.table[within..]) {
                *sample *= anchor * turn;
            }
            self.index = self.index.wrapping_add(length as u64);
            rest = after;
        }
    }

    /// Lets samples pass that are not here.
    pub fn skip(&mut self, samples: u64) {
        self.index = self.index.wrapping_add(samples);
    }

    /// Goes back, where samples are mixed once more.
    pub fn back(&mut self, samples: u64) {
        self.index = self.index.wrapping_sub(samples);
    }
}

fn phasor(step: u64, index: u64) -> Complex32 {
    let turns = step.wrapping_mul(index) as f64 / 2f64.powi(64);
    let (sin, cos) = (TAU * turns).sin_cos();
    Complex32::new(cos as f32, sin as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 2e6;

    fn ones(length: usize) -> Vec<Complex32> {
        vec![Complex32::ONE; length]
    }

    /// The slow, obvious oscillator, for whole frequencies.
    fn model(frequency_hz: i64, index: u64) -> Complex32 {
        let turns = (i128::from(frequency_hz) * i128::from(index)).rem_euclid(RATE_HZ as i128);
        let phase = TAU * turns as f64 / RATE_HZ;
        Complex32::new(phase.cos() as f32, phase.sin() as f32)
    }

    #[test]
    fn every_sample_has_the_phase_of_its_place_even_after_a_day() {
        for frequency_hz in [0, 1, -1, 250_000, -333_333, 999_999] {
            let mut oscillator = Oscillator::new(frequency_hz as f64, RATE_HZ);
            for from in [0, 1_000_003, 24 * 3600 * RATE_HZ as u64] {
                oscillator.index = from;
                let mut samples = ones(200);
                oscillator.mix(&mut samples);
                for (sample, index) in samples.iter().zip(from..) {
                    let error = (sample - model(frequency_hz, index)).norm();
                    assert!(error < 1e-4, "{frequency_hz} Hz at {index}: {error}");
                }
            }
        }
    }

    #[test]
    fn chunks_of_any_size_give_the_same_samples() {
        let mut whole = ones(1000);
        Oscillator::new(123_456.7, RATE_HZ).mix(&mut whole);
        let mut oscillator = Oscillator::new(123_456.7, RATE_HZ);
        let mut parts = ones(1000);
        let (mut done, mut length) = (0, 1);
        while done < 1000 {
            let end = (done + length).min(1000);
            oscillator.mix(&mut parts[done..end]);
            (done, length) = (end, length * 2 + 1);
        }
        assert_eq!(whole, parts);
    }

    #[test]
    fn skipped_samples_turn_the_phase_and_going_back_turns_it_back() {
        let mut whole = ones(300);
        Oscillator::new(-70e3, RATE_HZ).mix(&mut whole);
        let mut oscillator = Oscillator::new(-70e3, RATE_HZ);
        oscillator.skip(207);
        let mut after = ones(93);
        oscillator.mix(&mut after);
        assert_eq!(whole[207..], after);
        oscillator.back(93);
        let mut again = ones(93);
        oscillator.mix(&mut again);
        assert_eq!(after, again);
    }
}
