//! Noise and SNR: unbiased, with a standard error.
//!
//! Residuals whose signal part is known are summed with their degrees of freedom; the signal power is what the channel
//! estimate has left after its own error. Es/N0 of an occupied carrier, as everywhere.
//!
//! ```
//! use heliograph::waveform::snr::{NoiseEstimate, SnrEstimate};
//! let noise = NoiseEstimate { variance: 0.1, degrees_of_freedom: 1000.0 };
//! let snr = SnrEstimate::new(1.0, 204.0, noise);
//! assert!((snr.db - 10.0).abs() < 0.01 && snr.standard_error_db < 0.2);
//! ```

/// Variance of complex noise, and how many complex residuals stand behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NoiseEstimate {
    /// Variance of a complex value.
    pub variance: f32,
    /// Complex degrees of freedom: the relative standard error is one over the root of it.
    pub degrees_of_freedom: f32,
}

impl NoiseEstimate {
    /// From a sum of |residual|^2 with its degrees of freedom.
    pub fn from_sum(sum: f32, degrees_of_freedom: f32) -> Self {
        Self {
            variance: sum / degrees_of_freedom.max(1.0),
            degrees_of_freedom,
        }
    }

    /// Both together, weighted by their degrees of freedom.
    pub fn joined(self, other: Self) -> Self {
        let degrees_of_freedom = self.degrees_of_freedom + other.degrees_of_freedom;
        let sum =
            self.variance * self.degrees_of_freedom + other.variance * other.degrees_of_freedom;
        Self::from_sum(sum, degrees_of_freedom)
    }
}

/// An SNR with its standard error, dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SnrEstimate {
    /// Es/N0 on an occupied carrier, dB.
    pub db: f32,
    /// Standard error, dB.
    pub standard_error_db: f32,
}

impl SnrEstimate {
    /// Highest value that is reported: beyond, only rounding is measured.
    pub const CEILING_DB: f32 = 80.0;
    /// Lowest value that is reported.
    pub const FLOOR_DB: f32 = -20.0;

    /// From a signal power measured over `observations` complex values and the noise.
    pub fn new(signal_power: f32, observations: f32, noise: NoiseEstimate) -> Self {
        let snr = signal_power / noise.variance.max(f32::MIN_POSITIVE);
        let db = 10.0 * snr.max(1e-9).log10();
        let relative =
            1.0 / noise.degrees_of_freedom.max(1.0) + (2.0 / snr.max(1e-3)) / observations.max(1.0);
        Self {
            db: db.clamp(Self::FLOOR_DB, Self::CEILING_DB),
            standard_error_db: 10.0 / std::f32::consts::LN_10 * relative.sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_estimates_weigh_by_their_freedom() {
        let a = NoiseEstimate::from_sum(2.0, 1.0);
        let b = NoiseEstimate::from_sum(3.0, 3.0);
        let j = a.joined(b);
        assert_eq!((j.variance, j.degrees_of_freedom), (1.25, 4.0));
    }

    #[test]
    fn extremes_stay_finite() {
        let silent = NoiseEstimate::from_sum(0.0, 10.0);
        assert_eq!(
            SnrEstimate::new(1.0, 204.0, silent).db,
            SnrEstimate::CEILING_DB
        );
        assert_eq!(
            SnrEstimate::new(0.0, 204.0, silent).db,
            SnrEstimate::FLOOR_DB
        );
    }
}
