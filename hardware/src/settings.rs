//! What can be set on a radio, and what a radio can do.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

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
    /// Samples per second of the signal.
    pub sample_rate_hz: f64,
    /// Samples per second of the radio, where it runs faster than the signal ([`crate::Resampling`]); `None` for the same.
    pub radio_rate_hz: Option<f64>,
    /// Gain, dB; `None` leaves it to the radio (its own default, or automatic gain where there is one).
    pub gain_db: Option<f64>,
    /// Gains of single stages by the radio's names for them (LNA, VGA, AMP), dB; applied after `gain_db`.
    pub gain_elements_db: BTreeMap<String, f64>,
    /// Analog filter, Hz; `None` follows the radio's sample rate.
    pub bandwidth_hz: Option<f64>,
    /// Antenna connector by the radio's name for it; `None` for its default.
    pub antenna: Option<String>,
    /// Channel, from 0.
    pub channel: usize,
    /// Offset tuning: the radio's oscillator stands this far above `frequency_hz`, Hz, and the samples are shifted back,
    /// so that its leakage (the DC spike) lies beside the signal; 0 for none. The signal's edge and the offset together
    /// have to stay below half of the radio's sample rate.
    pub lo_offset_hz: f64,
    /// Reference clock by the radio's name for it (internal, external, gpsdo); `None` for its default.
    pub clock_source: Option<String>,
}

impl RadioSettings {
    /// Frequency and rate; all else as the radio has it.
    pub fn new(frequency_hz: f64, sample_rate_hz: f64) -> Self {
        Self {
            frequency_hz,
            sample_rate_hz,
            radio_rate_hz: None,
            gain_db: None,
            gain_elements_db: BTreeMap::new(),
            bandwidth_hz: None,
            antenna: None,
            channel: 0,
            lo_offset_hz: 0.0,
            clock_source: None,
        }
    }
}

/// Numbers from `min` to `max`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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

    fn around_zero(most: f64) -> Self {
        Self {
            min: -most,
            max: most,
        }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplex {
    /// Both at once.
    Full,
    /// One at a time (HackRF).
    Half,
}

/// Does a radio tell and keep times?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
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
    /// Samples per second of the radio.
    pub sample_rate_hz: Range,
    /// Widths of the analog filter, Hz; `None` if it cannot be set.
    pub bandwidth_hz: Option<Range>,
    /// Gains, dB.
    pub gain_db: Range,
    /// Gains of single stages, dB.
    pub gain_elements_db: BTreeMap<String, Range>,
    /// Antenna connectors.
    pub antennas: Vec<String>,
    /// Reference clocks.
    pub clock_sources: Vec<String>,
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
        let (field, rate_hz) = match settings.radio_rate_hz {
            None => ("sample_rate_hz", settings.sample_rate_hz),
            Some(radio_rate_hz) => ("radio_rate_hz", radio_rate_hz),
        };
        self.frequency_hz
            .check("frequency_hz", settings.frequency_hz)?;
        self.sample_rate_hz.check(field, rate_hz)?;
        Range::around_zero(rate_hz / 2.0).check("lo_offset_hz", settings.lo_offset_hz)?;
        if let Some((bandwidth_hz, allowed)) = settings.bandwidth_hz.zip(self.bandwidth_hz) {
            allowed.check("bandwidth_hz", bandwidth_hz)?;
        }
        self.check_gains(settings)?;
        let last = self.channels.saturating_sub(1) as f64;
        let channels = Range {
            min: 0.0,
            max: last,
        };
        channels.check("channel", settings.channel as f64)?;
        one_of("antenna", settings.antenna.as_ref(), &self.antennas)?;
        let clock = settings.clock_source.as_ref();
        one_of("clock_source", clock, &self.clock_sources)
    }

    fn check_gains(&self, settings: &RadioSettings) -> Result<(), RadioError> {
        if let Some(gain_db) = settings.gain_db {
            self.gain_db.check("gain_db", gain_db)?;
        }
        for (name, &gain_db) in &settings.gain_elements_db {
            let names = self.gain_elements_db.keys();
            one_of("gain_elements_db", Some(name), names)?;
            if let Some(range) = self.gain_elements_db.get(name)
                && !range.contains(gain_db)
            {
                return Err(RadioError::Setting {
                    field: "gain_elements_db",
                    found: format!("{name} = {gain_db}"),
                    allowed: format!("{name} = {range}"),
                });
            }
        }
        Ok(())
    }
}

/// Checks a name, if there is one.
fn one_of<'a>(
    field: &'static str,
    found: Option<&String>,
    allowed: impl IntoIterator<Item = &'a String>,
) -> Result<(), RadioError> {
    let Some(found) = found else {
        return Ok(());
    };
    let allowed: Vec<_> = allowed.into_iter().map(String::as_str).collect();
    if allowed.contains(&found.as_str()) {
        return Ok(());
    }
    Err(RadioError::Setting {
        field,
        found: found.clone(),
        allowed: match allowed.is_empty() {
            true => "none: this radio has no choice".to_owned(),
            false => allowed.join(", "),
        },
    })
}
