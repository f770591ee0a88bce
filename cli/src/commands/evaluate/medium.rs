//! What symbols cross: the whole waveform over a channel, or nothing but noise.

use anyhow::Context;
use heliograph::link::ReceivedPicture;
use heliograph::propagation::{Propagation, PropagationConfig};
use num_complex::Complex32;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::channels;
use crate::exit::UsageError;

/// Name of [`Medium::Ideal`] in `--channels`.
pub const IDEAL: &str = "ideal-awgn";

/// Between a sender and its receiver.
#[derive(Clone, Debug)]
pub enum Medium {
    /// Modulator, channel, synchronization, equalizer.
    Waveform(Box<PropagationConfig>),
    /// White noise of known variance on the codec's symbols; everything else arrives. The difference to `awgn` is the price of
    /// the waveform.
    Ideal,
}

impl Medium {
    /// By name or file.
    ///
    /// # Errors
    /// [`UsageError`] for a name that is none; a file that cannot be read, or does not suit the sample rate.
    pub fn resolve(typed: &str, sample_rate_hz: f64) -> anyhow::Result<Self> {
        if typed == IDEAL {
            return Ok(Self::Ideal);
        }
        let config = channels::named_or_file("--channels", typed).map_err(with_ideal)?;
        let suits = Propagation::new(&config, sample_rate_hz, 0);
        suits.with_context(|| format!("--channels: {typed}"))?;
        Ok(Self::Waveform(Box::new(config)))
    }

    /// Whether a draw may be better than its nominal SNR.
    pub fn fades(&self) -> bool {
        matches!(self, Self::Waveform(config) if config.multipath.is_some())
    }

    /// For the settings of a run.
    pub fn in_words(&self) -> String {
        match self {
            Self::Waveform(config) => serde_json::to_string(config).unwrap_or_default(),
            Self::Ideal => "noise of known variance on the symbols".to_owned(),
        }
    }

    /// The samples' way at an Es/N0, dB.
    pub fn propagation(&self, snr_db: f64) -> PropagationConfig {
        match self {
            Self::Waveform(config) => PropagationConfig {
                snr_db: Some(snr_db),
                ..PropagationConfig::clone(config)
            },
            Self::Ideal => PropagationConfig::default(),
        }
    }
}

fn with_ideal(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<UsageError>() {
        Ok(UsageError(words)) => UsageError(format!("{words}, or {IDEAL}")).into(),
        Err(error) => error,
    }
}

/// Puts `sent` and white noise in the place of what the waveform made of them.
pub fn noise_alone(picture: &mut ReceivedPicture, sent: &[Complex32], snr_db: f64, seed: u64) {
    let variance = 10f32.powf(-snr_db as f32 / 10.0);
    picture.symbols = noisy(sent, variance, seed);
    picture.variances = vec![variance; sent.len()];
}

/// With circular noise of a variance per complex symbol.
fn noisy(sent: &[Complex32], variance: f32, seed: u64) -> Vec<Complex32> {
    let deviation = (variance / 2.0).sqrt();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut normal = || -> f32 { StandardNormal.sample(&mut random) };
    let noisy = |symbol| symbol + Complex32::new(normal(), normal()) * deviation;
    sent.iter().map(noisy).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_circular_of_the_stated_variance_and_the_same_for_a_seed() {
        let sent = vec![Complex32::new(3.0, -1.0); 100_000];
        let noise: Vec<Complex32> = noisy(&sent, 0.2, 7)
            .iter()
            .zip(&sent)
            .map(|(a, b)| a - b)
            .collect();
        let mean = |of: fn(&Complex32) -> f32| noise.iter().map(of).sum::<f32>() / 1e5;
        // Five standard errors of a variance over 100,000 draws are 2.2 %.
        assert!((mean(|n| n.re * n.re) - 0.1).abs() < 0.0022);
        assert!((mean(|n| n.im * n.im) - 0.1).abs() < 0.0022);
        assert!(mean(|n| n.re * n.im).abs() < 0.0016 && mean(|n| n.re).abs() < 0.005);
        assert_eq!(noisy(&sent, 0.2, 7), noisy(&sent, 0.2, 7));
        assert_ne!(noisy(&sent, 0.2, 7), noisy(&sent, 0.2, 8));
    }

    #[test]
    fn only_paths_make_a_draw_better_than_its_nominal_snr() {
        let fades = |name: &str| Medium::resolve(name, 2e6).unwrap().fades();
        assert_eq!(["awgn", IDEAL, "tdl-a"].map(fades), [false, false, true]);
    }
}
