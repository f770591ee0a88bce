//! The waveform: OFDM bursts and their receiver.
//!
//! On the way out: [`framing`] joins ramp, preamble, training, header, digital and analog symbols to a burst, with the
//! analog symbols spread by [`interleaver`]. On the way in: [`synchronizer`] finds bursts in a stream of samples and reads
//! their headers; [`demodulator`] turns a burst into soft bits and analog symbols, each with its noise variance.

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
