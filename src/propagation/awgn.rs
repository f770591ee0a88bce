//! Additive white Gaussian noise, circularly symmetric.
//!
//! The library's OFDM is unitary with unit power on an occupied carrier, so that white noise of variance
//! `10^(-snr_db / 10)` per complex sample gives Es/N0 = `snr_db` on every occupied carrier.

use num_complex::Complex32;
use rand_distr::{Distribution, StandardNormal};

use super::Impairment;
use super::seed::{StageRng, Stream, stage_rng};

/// Adds complex noise of one variance to every sample.
#[derive(Debug, Clone)]
pub struct Awgn {
    deviation: f32,
    rng: StageRng,
}

impl Awgn {
    /// Noise for Es/N0 = `snr_db` on an occupied carrier.
    pub fn new(snr_db: f64, seed: u64) -> Self {
        Self {
            deviation: (0.5 * 10f64.powf(-snr_db / 10.0)).sqrt() as f32,
            rng: stage_rng(seed, Stream::Awgn),
        }
    }
}

impl Impairment for Awgn {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        for sample in samples {
            *sample += gaussian(&mut self.rng) * self.deviation;
        }
    }
}

/// A complex Gaussian number of unit variance per real part (2 in all).
pub(super) fn gaussian(rng: &mut StageRng) -> Complex32 {
    let re: f32 = StandardNormal.sample(rng);
    let im: f32 = StandardNormal.sample(rng);
    Complex32::new(re, im)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 200,000 samples of noise alone.
    fn noise(snr_db: f64) -> Vec<Complex32> {
        let mut samples = vec![Complex32::ZERO; 200_000];
        Awgn::new(snr_db, 3).process(&mut samples);
        samples
    }

    fn mean(values: impl Iterator<Item = f64>) -> f64 {
        let (sum, count) =
            values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        sum / count
    }

    #[test]
    fn the_noise_variance_follows_the_snr() {
        for snr_db in [-3.0, 0.0, 10.0, 25.0] {
            let variance = mean(noise(snr_db).iter().map(|x| f64::from(x.norm_sqr())));
            let found_db = -10.0 * variance.log10();
            // One standard deviation is 10/ln10/sqrt(200,000) = 0.01 dB.
            assert!(
                (found_db - snr_db).abs() < 0.04,
                "{found_db} dB, not {snr_db} dB"
            );
        }
    }

    #[test]
    fn the_noise_is_circular_white_and_gaussian() {
        let noise = noise(0.0);
        let pseudo_variance = mean(noise.iter().map(|x| f64::from((x * x).re)));
        let neighbour = mean(noise.windows(2).map(|x| f64::from((x[0] * x[1].conj()).re)));
        let fourth = mean(noise.iter().map(|x| f64::from(x.norm_sqr()).powi(2)));
        assert!(
            pseudo_variance.abs() < 0.01,
            "pseudo-variance {pseudo_variance}"
        );
        assert!(
            neighbour.abs() < 0.01,
            "correlation of neighbours {neighbour}"
        );
        // E|x|^4 = 2 for a circular Gaussian of unit variance.
        assert!((fourth - 2.0).abs() < 0.05, "fourth moment {fourth}");
    }
}
