//! Propagation: what happens to the samples between two antennas and in the radios behind them.
//!
//! Samples in, samples out, as a stream in chunks of any size. Every impairment is one file and one [`Impairment`];
//! [`Propagation`] strings those that a [`PropagationConfig`] asks for together, always in the order in which a signal
//! meets them:
//!
//! | place | stage | why here |
//! |---|---|---|
//! | transmitter | [`EnvelopeClipping`] | the power amplifier is the transmitter's last stage |
//! | air | [`Multipath`] | acts on what was radiated |
//! | clocks | [`Sfo`] | the receiver samples the sum of the paths with its own clock; linear, so it may precede the mixer |
//! | receiver's mixer | [`Cfo`], [`PhaseNoise`] | both oscillators' errors in one product; after the paths, since the paths filter the clean carrier |
//! | | [`IqImbalance`] | made by the mixer: the image of a signal already offset |
//! | | [`DcOffset`] | the oscillator's own leakage: it is neither offset nor mirrored |
//! | receiver's front end | [`Impulses`], [`Awgn`] | other people's bursts and thermal noise, unfiltered by paths and interpolators: exactly white, so that `snr_db` is exact |
//! | | [`Gain`], [`RailClipping`], [`Quantization`] | amplifier and converter see signal, noise and spike together |
//! | host | [`SampleDrops`] | an overrun loses samples that were already numbers |
//!
//! Noise stands after mixer and DC because that keeps it white and circular at any setting; the image of the noise, tens
//! of dB below it, is the only thing left out. Every stage draws from a random stream of its own derived from the one
//! seed: switching a stage on leaves the noise of the others as it was. Outputs are the same bits for the same seed,
//! whatever the chunk sizes.
//!
//! Levels are relative to unit power, the power of an occupied carrier (`snr_db` is Es/N0 on it), except where a
//! converter's or amplifier's limit is meant: those are in dB above the nominal rms, [`NOMINAL_POWER`] = 204/256.
//! Multipath has unit mean power, so that `snr_db` is the mean over the fading.
//!
//! ```
//! use heliograph::propagation::{Propagation, PropagationConfig};
//! use num_complex::Complex32;
//!
//! let mut config = PropagationConfig::named("tdl-a")?;
//! config.snr_db = Some(15.0);
//! config.cfo_hz = 1500.0;
//! let mut channel = Propagation::new(&config, 2e6, 42)?;
//!
//! let mut received = channel.push(&[Complex32::ONE; 1000]);
//! received.extend(channel.finish());
//! assert!(received.len() >= 1000);
//! assert_eq!(channel.statistics().samples_dropped, 0);
//! # Ok::<(), heliograph::propagation::PropagationError>(())
//! ```
//!
//! The same channel as a file, for [`PropagationConfig::from_file`]:
//!
//! ```
//! # use heliograph::propagation::PropagationConfig;
//! let config = PropagationConfig::from_toml_str(
//!     r#"
//!     snr_db = 15
//!     cfo_hz = 1500
//!     [multipath]
//!     profile = "tdl-a"
//!     delay_spread_ns = 100
//!     "#,
//! )?;
//! assert_eq!(config.snr_db, Some(15.0));
//! let error = PropagationConfig::from_toml_str("snr_db = 900").unwrap_err();
//! assert_eq!(error.to_string(), "propagation: snr_db: found 900, allowed -100 to 200");
//! # Ok::<(), heliograph::propagation::PropagationError>(())
//! ```

mod awgn;
mod cfo;
mod chain;
mod cis;
mod clipping;
mod config;
mod convolution;
mod dc_offset;
mod drops;
mod error;
mod fading;
mod gain;
mod history;
mod impulses;
mod interpolator;
mod iq_imbalance;
mod multipath;
mod named;
mod phase_noise;
mod quantization;
mod seed;
mod sfo;
mod tdl;
mod toml_reader;
mod validation;

use std::fmt::Debug;

use num_complex::Complex32;

pub use awgn::Awgn;
pub use cfo::Cfo;
pub use chain::{Propagation, PropagationStatistics};
pub use clipping::{EnvelopeClipping, RailClipping};
pub use config::{
    DcOffsetConfig, ImpulsesConfig, IqImbalanceConfig, MultipathConfig, MultipathProfile,
    PhaseNoiseConfig, PropagationConfig, QuantizationConfig, SampleDropsConfig, TapConfig,
    TapPower,
};
pub use dc_offset::DcOffset;
pub use drops::SampleDrops;
pub use error::PropagationError;
pub use gain::Gain;
pub use impulses::Impulses;
pub use iq_imbalance::IqImbalance;
pub use multipath::{Multipath, Tap, TapFading};
pub use named::NAMES;
pub use phase_noise::PhaseNoise;
pub use quantization::Quantization;
pub use sfo::Sfo;

/// Mean power of a sample of the signal: 204 of 256 carriers occupied with unit power, unitary transform.
pub const NOMINAL_POWER: f64 = 204.0 / 256.0;

/// One stage of the channel, over a stream of samples cut into chunks of any size.
pub trait Impairment: Debug + Send {
    /// Replaces the next chunk of input by what leaves the stage. Chunk borders leave no trace.
    fn process(&mut self, samples: &mut Vec<Complex32>);

    /// As [`process`](Self::process) for the last chunk, followed by what the stage still holds back.
    fn finish(&mut self, samples: &mut Vec<Complex32>) {
        self.process(samples);
    }

    /// Adds what this stage counted since its beginning.
    fn count(&self, _statistics: &mut PropagationStatistics) {}
}
