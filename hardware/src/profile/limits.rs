//! What a radio can do by its data sheet: typing errors are found before the radio is even plugged in.

use std::collections::BTreeMap;

use crate::config::ConfigError;
use crate::error::RadioError;
use crate::resampling::{Ratio, check_offset};
use crate::settings::{Direction, RadioSettings, Range};

/// Limits of a radio; what is absent or empty is not checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Centre frequencies, Hz; the oscillator's with its offset too.
    pub frequency_hz: Option<Range>,
    /// Samples per second of the radio.
    pub sample_rate_hz: Option<Range>,
    /// Of the receiver.
    pub receive: DirectionLimits,
    /// Of the transmitter.
    pub transmit: DirectionLimits,
}

/// Limits of one direction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DirectionLimits {
    /// Gain in all, dB.
    pub gain_db: Option<Range>,
    /// Stages and their gains, dB.
    pub gain_elements_db: BTreeMap<String, Range>,
    /// Antenna connectors.
    pub antennas: Vec<String>,
}

/// Makes the error for a field of a name, what was found, what is allowed.
type Fault<'a> = &'a dyn Fn(&str, String, String) -> ConfigError;

impl Limits {
    /// The limits of one direction.
    pub fn direction(&self, direction: Direction) -> &DirectionLimits {
        match direction {
            Direction::Receive => &self.receive,
            Direction::Transmit => &self.transmit,
        }
    }

    /// Checks the settings of one direction; `fault` makes an error of a field, what was found and what is allowed.
    pub(super) fn check(
        &self,
        direction: Direction,
        settings: &RadioSettings,
        fault: impl Fn(&str, String, String) -> ConfigError,
    ) -> Result<(), ConfigError> {
        let fault: Fault<'_> = &fault;
        let oscillator_hz = settings.frequency_hz + settings.lo_offset_hz;
        within(
            "frequency_hz",
            settings.frequency_hz,
            self.frequency_hz,
            fault,
        )?;
        if let Some(allowed) = self.frequency_hz.filter(|r| !r.contains(oscillator_hz)) {
            let found = format!(
                "{} (oscillator at {oscillator_hz} Hz)",
                settings.lo_offset_hz
            );
            let allowed = format!("an oscillator at {allowed} Hz");
            return Err(fault("lo_offset_hz", found, allowed));
        }
        self.check_rates(settings, fault)?;
        self.direction(direction).check(settings, fault)
    }

    /// The limits are of the radio's own rate.
    fn check_rates(&self, settings: &RadioSettings, fault: Fault<'_>) -> Result<(), ConfigError> {
        let Some(radio_rate_hz) = settings.radio_rate_hz else {
            let rate_hz = settings.sample_rate_hz;
            let slower = |name: &str, found, allowed| {
                fault(
                    name,
                    found,
                    format!("{allowed}; or slower with radio_rate_hz there"),
                )
            };
            let is_slower = self
                .sample_rate_hz
                .is_some_and(|allowed| rate_hz < allowed.min);
            let fault: Fault<'_> = if is_slower { &slower } else { fault };
            return within("sample_rate_hz", rate_hz, self.sample_rate_hz, fault);
        };
        within("radio_rate_hz", radio_rate_hz, self.sample_rate_hz, fault)?;
        let ratio = Ratio::of(radio_rate_hz, settings.sample_rate_hz);
        match ratio.and_then(|_| check_offset(settings)) {
            Err(RadioError::Setting {
                field,
                found,
                allowed,
            }) => Err(fault(field, found, allowed)),
            _ => Ok(()),
        }
    }
}

impl DirectionLimits {
    fn check(&self, settings: &RadioSettings, fault: Fault<'_>) -> Result<(), ConfigError> {
        if let Some(gain_db) = settings.gain_db {
            within("gain_db", gain_db, self.gain_db, fault)?;
        }
        for (name, &gain_db) in &settings.gain_elements_db {
            self.check_element(name, gain_db, fault)?;
        }
        match &settings.antenna {
            Some(antenna) if !self.antennas.is_empty() && !self.antennas.contains(antenna) => Err(
                fault("antenna", format!("{antenna:?}"), self.antennas.join(", ")),
            ),
            _ => Ok(()),
        }
    }

    fn check_element(&self, name: &str, gain_db: f64, fault: Fault<'_>) -> Result<(), ConfigError> {
        let field = format!("gain_elements_db.{name}");
        match self.gain_elements_db.get(name) {
            None if self.gain_elements_db.is_empty() => Ok(()),
            None => {
                let names: Vec<_> = self.gain_elements_db.keys().cloned().collect();
                Err(fault(
                    &field,
                    "an unknown stage".to_owned(),
                    format!("one of {}", names.join(", ")),
                ))
            }
            Some(&range) => within(&field, gain_db, Some(range), fault),
        }
    }
}

fn within(
    name: &str,
    found: f64,
    allowed: Option<Range>,
    fault: Fault<'_>,
) -> Result<(), ConfigError> {
    match allowed {
        Some(allowed) if !allowed.contains(found) => Err(fault(
            name,
            found.to_string(),
            format!("{allowed} by the limits of this radio"),
        )),
        _ => Ok(()),
    }
}
