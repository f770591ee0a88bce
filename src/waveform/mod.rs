//! The waveform: OFDM bursts and their receiver.
//!
//! | way | module | what it does |
//! |---|---|---|
//! | out | [`framing`] | joins ramp, [`preamble`], training, header, digital and analog symbols to a burst |
//! | | [`interleaver`] | spreads the analog symbols of a picture over carriers, OFDM symbols and bursts |
//! | | [`ofdm`] | carriers to samples, and back |
//! | in | [`dc`] | takes the front end's constant away |
//! | | [`synchronizer`] | finds bursts in a stream of samples: `search` suspects, `acquisition` decides, `training` reads the header |
//! | | [`clipping`] | tells whether the converter was at its rails |
//! | | [`channel`] | estimates the channel over the used carriers |
//! | | [`tracking`] | follows phase and clock by the pilots |
//! | | [`equalizer`], [`snr`] | give every symbol its noise variance |
//! | | [`demodulator`] | runs the last four: a burst becomes soft bits and analog symbols |
//! | | [`combine`] | makes one of several receptions of a burst |

mod numerology;
mod prbs;

pub mod framing;
pub mod interleaver;
pub mod ofdm;
pub mod preamble;

mod acquisition;
pub mod channel;
pub mod clipping;
pub mod combine;
pub mod dc;
pub mod demodulator;
pub mod equalizer;
mod search;
pub mod snr;
pub mod synchronizer;
pub mod tracking;
mod training;

pub use acquisition::MAX_CFO;
pub use numerology::{CarrierPlan, Numerology};
