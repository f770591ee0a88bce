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
    let deviation = (variance / 2.0).sqrt();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut normal = || -> f32 { StandardNormal.sample(&mut random) };
    let noisy = sent
        .iter()
        .map(|symbol| symbol + Complex32::new(normal(), normal()) * deviation);
    picture.symbols = noisy.collect();
    picture.variances = vec![variance; sent.len()];
}
