//! Profiles: what a kind of radio is, and how a lab sets it; TOML files in `hardware/profiles`.
//!
//! The files there are part of the program; [`Profile::find`] takes their names, a file of the lab's own, or SoapySDR
//! device arguments. Every value is checked as it is read, against the limits that the file itself states from the
//! radio's data sheet; `hardware/profiles/README.md` has all fields with units and ranges.
//!
//! ```
//! use heliograph_hardware::Duplex;
//! use heliograph_hardware::profile::Profile;
//!
//! let hackrf = Profile::find("driver=hackrf,serial=0000000000000000a06063c8234e925f")?;
//! assert_eq!((hackrf.name.as_str(), hackrf.traits.duplex), ("HackRF One", Duplex::Half));
//! assert!(hackrf.receive.is_some_and(|settings| settings.gain_elements_db.contains_key("LNA")));
//!
//! let error = Profile::find("hackfr").unwrap_err().to_string();
//! assert!(error.contains("usrp-b210, usrp-n2xx, usrp-x3xx, hackrf"), "{error}");
//! # Ok::<(), heliograph_hardware::config::ConfigError>(())
//! ```

mod limits;

mod overrides;

mod read;

mod shipped;

mod write;

use crate::settings::{Duplex, RadioSettings, Timestamps};

pub use limits::{DirectionLimits, Limits};
pub use overrides::Overrides;
pub(crate) use overrides::SETTINGS_FIELDS;

/// A radio as a profile describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Name for people: `HackRF One`.
    pub name: String,
    /// SoapySDR device arguments: `driver=hackrf`.
    pub device: String,
    /// What SoapySDR does not tell about the device.
    pub traits: DeviceTraits,
    /// What the radio can do by its data sheet; the settings lie within.
    pub limits: Limits,
    /// Settings of the receiver.
    pub receive: Option<RadioSettings>,
    /// Settings of the transmitter.
    pub transmit: Option<RadioSettings>,
}

/// What SoapySDR does not tell about a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceTraits {
    /// One way at a time, or both.
    pub duplex: Duplex,
    /// Times, or none.
    pub timestamps: Timestamps,
    /// What a transmission must be made of.
    pub transfers: Transfers,
}

/// What a transmission must be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfers {
    /// Any number of samples.
    AnyLength,
    /// Whole MTUs only; the rest is filled with silence (HackRF).
    WholeMtus,
}

impl Default for DeviceTraits {
    /// A radio without quirks.
    fn default() -> Self {
        Self {
            duplex: Duplex::Full,
            timestamps: Timestamps::Supported,
            transfers: Transfers::AnyLength,
        }
    }
}

/// Words of the file for what a device is like.
const DUPLEX_WORDS: [(&str, Duplex); 2] = [("full", Duplex::Full), ("half", Duplex::Half)];
const TIMESTAMPS_WORDS: [(&str, Timestamps); 2] = [
    ("supported", Timestamps::Supported),
    ("unsupported", Timestamps::Unsupported),
];
const TRANSFERS_WORDS: [(&str, Transfers); 2] = [
    ("any-length", Transfers::AnyLength),
    ("whole-mtus", Transfers::WholeMtus),
];

#[cfg(test)]
mod tests;
