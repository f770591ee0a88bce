//! What can be set on a radio, and what a radio can do.

use std::fmt;

use crate::error::RadioError;

/// Which way the samples go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the antenna.
    Receive,
    /// To the antenna.
    Transmit,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Receive => "receive",
            Self::Transmit => "transmit",
        })
    }
}

/// Settings of one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct RadioSettings {
    /// Centre frequency, Hz.
    pub frequency_hz: f64,
    /// Samples per second.
    pub sample_rate_hz: f64,
    /// Gain, dB; `None` leaves it to the radio (its own default, or automatic gain where there is one).
    pub gain_db: Option<f64>,
    /// Analog filter, Hz; `None` follows the sample rate.
    pub bandwidth_hz: Option<f64>,
    /// Antenna connector by the radio's name for it; `None` for its default.
    pub antenna: Option<String>,
    /// Channel, from 0.
    pub channel: usize,
}

impl RadioSettings {
    /// Frequency and rate; all else as the radio has it.
    pub fn new(frequency_hz: f64, sample_rate_hz: f64) -> Self {
        Self {
            frequency_hz,
            sample_rate_hz,
            gain_db: None,
            bandwidth_hz: None,
            antenna: None,
            channel: 0,
        }
    }
}

/// Numbers from `min` to `max`, both included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.min, self.max)
    }
}

impl Range {
    /// Is `value` within? NaN never is.
    pub fn contains(self, value: f64) -> bool {
        (self.min..=self.max).contains(&value)
    }

    fn check(self, field: &'static str, found: f64) -> Result<(), RadioError> {
        if self.contains(found) {
            return Ok(());
        }
        Err(RadioError::Setting {
            field,
            found: found.to_string(),
            allowed: self.to_string(),
        })
    }
}

/// Can a radio send and receive at the same time?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplex {
    /// Both at once.
    Full,
    /// One at a time (HackRF).
    Half,
}

/// Does a radio tell and keep times?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timestamps {
    /// Received samples have times, bursts can be timed.
    Supported,
    /// Neither (HackRF).
    Unsupported,
}

/// What one direction of a radio can do.
#[derive(Clone, Debug, PartialEq)]
pub struct Capabilities {
    /// Name of the radio for messages.
    pub name: String,
    /// Centre frequencies, Hz.
    pub frequency_hz: Range,
    /// Samples per second.
    pub sample_rate_hz: Range,
    /// Gains, dB.
    pub gain_db: Range,
    /// Antenna connectors.
    pub antennas: Vec<String>,
    /// Channels.
    pub channels: usize,
    /// One way or both.
    pub duplex: Duplex,
    /// Times or none.
    pub timestamps: Timestamps,
    /// Samples that the radio takes or gives at a time; buffers of this size are the fastest.
    pub mtu_samples: usize,
}

impl Capabilities {
    /// Checks settings before any of them is applied.
    ///
    /// # Errors
    /// [`RadioError::Setting`] for the first one out of range.
    pub fn check(&self, settings: &RadioSettings) -> Result<(), RadioError> {
        self.frequency_hz
            .check("frequency_hz", settings.frequency_hz)?;
        self.sample_rate_hz
            .check("sample_rate_hz", settings.sample_rate_hz)?;
        if let Some(gain_db) = settings.gain_db {
            self.gain_db.check("gain_db", gain_db)?;
        }
        let last = self.channels.saturating_sub(1) as f64;
        Range {
            min: 0.0,
            max: last,
        }
        .check("channel", settings.channel as f64)?;
        match &settings.antenna {
            Some(antenna) if !self.antennas.contains(antenna) => Err(RadioError::Setting {
                field: "antenna",
                found: antenna.clone(),
                allowed: self.antennas.join(", "),
            }),
            _ => Ok(()),
        }
    }
}
