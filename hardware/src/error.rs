//! What can go wrong with a radio.

use std::time::Duration;

use thiserror::Error;

use crate::settings::Direction;

/// Why a radio does not do what it was asked for. Samples that went missing are not errors: see [`crate::Lost`] and
/// [`crate::TxReport`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RadioError {
    /// A setting out of range.
    #[error("{field}: found {found}, allowed {allowed}")]
    Setting {
        field: &'static str,
        found: String,
        allowed: String,
    },
    /// A stream was asked for before its direction was configured.
    #[error("{direction}: not configured; frequency and sample rate come first")]
    NotConfigured { direction: Direction },
    /// A stream or setting was asked for while the direction (or the other one of a half-duplex radio) streams.
    #[error("{direction}: the radio is busy; drop its {busy} stream first")]
    Busy {
        direction: Direction,
        busy: Direction,
    },
    /// A timed burst on a radio without timestamps.
    #[error("{radio} cannot {what}")]
    Unsupported { radio: String, what: &'static str },
    /// More samples at once than the radio can hold.
    #[error("burst part of {found} samples; at most {allowed} fit")]
    TooLong { found: usize, allowed: usize },
    /// Nothing moved for too long.
    #[error("no progress within {limit:?}; {done} of {wanted} samples done")]
    Timeout {
        limit: Duration,
        done: usize,
        wanted: usize,
    },
    /// A recording is over: there are no further samples.
    #[error("the recording is over")]
    Ended,
    /// No radio fits; not plugged in, or its SoapySDR module is not installed.
    #[error("no radio fits '{arguments}'; installed drivers: {drivers}")]
    NotFound { arguments: String, drivers: String },
    /// This build drives no such radio.
    #[error("radio '{device}': built without SoapySDR, use a build with `--features soapy`")]
    NotBuilt { device: String },
    /// A recording cannot be read or written; `reason` names the file.
    #[error("{reason}")]
    Recording { reason: String },
    /// The radio is gone.
    #[error("{radio} does not answer any more: {reason}")]
    Gone { radio: String, reason: String },
    /// The driver refuses.
    #[error("{radio}: {call} failed: {reason}")]
    Driver {
        radio: String,
        call: &'static str,
        reason: String,
    },
}
