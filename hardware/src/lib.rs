//! Radios behind one trait.
//!
//! [`Radio`] is what transmitters and receivers see: settings in Hz, dB and samples per second, [`RxStream`] and
//! [`TxStream`] with timestamps and a report of everything that went wrong on the way. Radios are
//! - those that SoapySDR drives, feature `soapy`: [`open()`] opens the one of a [`profile::Profile`], [`discover`] finds and
//!   [`probe`] asks;
//! - recordings, [`sigmf::FileRadio`], with the losses of the live run at the same places;
//! - [`Loopback`], without hardware, whose receiver hears its transmitter.
//!
//! [`Resampling`] lets a radio run faster than the signal. [`Reconnecting`] opens a radio again that went away. [`rig`] describes
//! benches of two radios, limits and reports.
//!
//! ```
//! use std::time::Duration;
//! use heliograph_hardware::{BurstEnd, Direction, Loopback, Radio, RadioSettings, TxStart};
//! use num_complex::Complex32;
//!
//! let mut radio = Loopback::new(1 << 16);
//! radio.configure(Direction::Transmit, &RadioSettings::new(433e6, 2e6))?;
//! radio.configure(Direction::Receive, &RadioSettings::new(433e6, 2e6))?;
//! let (mut tx, mut rx) = (radio.transmit()?, radio.receive()?);
//!
//! let limit = Duration::from_millis(100);
//! tx.send(&[Complex32::ONE; 100], TxStart::Now, BurstEnd::Here, limit)?;
//! let mut samples = [Complex32::ZERO; 150];
//! let reception = rx.read(&mut samples, limit)?;
//! assert_eq!((reception.samples, samples[99], samples[100]), (150, Complex32::ONE, Complex32::ZERO));
//! # Ok::<(), heliograph_hardware::RadioError>(())
//! ```

mod radio;

mod settings;

mod time;

mod error;

mod loopback;

mod discovery;

mod open;

mod reconnecting;

mod resampling;

#[cfg(any(feature = "soapy", test))]
mod offset;

#[cfg(any(feature = "soapy", test))]
mod streaming;

#[cfg(feature = "soapy")]
mod soapy;

mod datetime;

pub mod config;

pub mod profile;

pub mod sigmf;

pub mod rig;

pub use discovery::{ChannelProbe, Found, Probe};
pub use error::RadioError;
pub use loopback::{LOOPBACK_RATES_HZ, Loopback};
pub use open::{discover, open, probe};
pub use radio::{BurstEnd, Lost, Radio, Reception, RxStream, TxReport, TxStart, TxStream};
pub use reconnecting::{Connection, Reconnecting};
pub use resampling::Resampling;
pub use settings::{Capabilities, Direction, Duplex, RadioSettings, Range, Timestamps};
#[cfg(feature = "soapy")]
pub use soapy::SoapyRadio;
pub use time::RadioTime;
