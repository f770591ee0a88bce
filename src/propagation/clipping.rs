//! Clipping: the converter's rails at the receiver, the power amplifier at the transmitter.
//!
//! Levels are amplitudes in dB above the nominal rms of the signal, sqrt(204/256): 204 of 256 carriers occupied
//! with unit power. The nominal value is a constant, so that the level does not depend on what is sent.

use num_complex::Complex32;

use super::{Impairment, NOMINAL_POWER, PropagationStatistics};

/// Limits the magnitude and keeps the phase: an amplifier's soft limiter.
#[derive(Debug, Clone)]
pub struct EnvelopeClipping {
    limit: f32,
    clipped: u64,
}

/// Limits I and Q each for itself: a converter that runs into its rails.
#[derive(Debug, Clone)]
pub struct RailClipping {
    limit: f32,
    clipped: u64,
}

/// Amplitude `level_db` above the nominal rms of the complex signal.
pub(super) fn amplitude(level_db: f64) -> f32 {
    (NOMINAL_POWER.sqrt() * 10f64.powf(level_db / 20.0)) as f32
}

impl EnvelopeClipping {
    /// `level_db`: largest magnitude, in dB above the nominal rms of the complex signal.
    pub fn new(level_db: f64) -> Self {
        Self {
            limit: amplitude(level_db),
            clipped: 0,
        }
    }
}

impl RailClipping {
    /// `level_db`: largest |I| and |Q|, in dB above the nominal rms of the complex signal (not of I or Q alone,
    /// which is 3 dB lower).
    pub fn new(level_db: f64) -> Self {
        Self {
            limit: amplitude(level_db),
            clipped: 0,
        }
    }
}

impl Impairment for EnvelopeClipping {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        for sample in samples {
            let power = sample.norm_sqr();
            if power > self.limit * self.limit {
                *sample *= self.limit / power.sqrt();
                self.clipped += 1;
            }
        }
    }

    fn count(&self, statistics: &mut PropagationStatistics) {
        statistics.samples_clipped_at_transmitter += self.clipped;
    }
}

impl Impairment for RailClipping {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        for sample in samples {
            self.clipped += u64::from(sample.re.abs() > self.limit || sample.im.abs() > self.limit);
            sample.re = sample.re.clamp(-self.limit, self.limit);
            sample.im = sample.im.clamp(-self.limit, self.limit);
        }
    }

    fn count(&self, statistics: &mut PropagationStatistics) {
        statistics.samples_clipped += self.clipped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propagation::awgn::Awgn;

    /// Gaussian samples of the nominal power.
    fn signal() -> Vec<Complex32> {
        let mut samples = vec![Complex32::ZERO; 100_000];
        Awgn::new(-10.0 * NOMINAL_POWER.log10(), 1).process(&mut samples);
        samples
    }

    #[test]
    fn rails_limit_each_part_and_count_each_sample_once() {
        let mut samples = vec![
            Complex32::new(9.0, -9.0),
            Complex32::new(0.1, -9.0),
            Complex32::new(0.1, 0.2),
        ];
        let mut clipping = RailClipping::new(0.0);
        clipping.process(&mut samples);
        let limit = (204.0f32 / 256.0).sqrt();
        assert_eq!(samples[0], Complex32::new(limit, -limit));
        assert_eq!(samples[1], Complex32::new(0.1, -limit));
        assert_eq!(samples[2], Complex32::new(0.1, 0.2));
        assert_eq!(clipping.clipped, 2);
    }

    #[test]
    fn the_amplifier_clips_as_often_as_the_rayleigh_law_says_and_keeps_the_phase() {
        let before = signal();
        let mut after = before.clone();
        let mut clipping = EnvelopeClipping::new(3.0);
        clipping.process(&mut after);
        // P(|x|^2 > 10^0.3 E|x|^2) = exp(-10^0.3) = 0.1360.
        let share = clipping.clipped as f64 / before.len() as f64;
        assert!((share - 0.1360).abs() < 0.004, "clipped {share}");
        for (sent, got) in before.iter().zip(&after) {
            assert!((sent * got.conj()).im.abs() < 1e-5);
            assert!(got.norm() <= amplitude(3.0) * 1.000_001);
        }
    }
}
