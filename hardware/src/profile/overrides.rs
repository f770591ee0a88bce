//! Some settings of one direction: those that a file names.

use std::collections::BTreeMap;

use super::Profile;
use super::read::{FREQUENCY_HZ, GAIN_DB, MAX_NAME_CHARS, SAMPLE_RATE_HZ};
use crate::config::{ConfigError, Fields};
use crate::resampling::EDGE;
use crate::settings::{Direction, RadioSettings, Range};

const BANDWIDTH_HZ: Range = Range {
    min: 1.0,
    max: 1e10,
};
const LO_OFFSET_HZ: Range = Range {
    min: -1e9,
    max: 1e9,
};
const MAX_CHANNEL: u64 = 63;

/// Fields of a direction's settings.
pub(crate) const SETTINGS_FIELDS: [&str; 10] = [
    "frequency_hz",
    "sample_rate_hz",
    "radio_rate_hz",
    "gain_db",
    "gain_elements_db",
    "bandwidth_hz",
    "antenna",
    "channel",
    "lo_offset_hz",
    "clock_source",
];

/// Settings of one direction that take the place of a profile's; what is absent stays as it is, but for an analog filter that
/// is narrower than a wider signal: it follows the rate then. Units and meaning are those of [`RadioSettings`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    pub frequency_hz: Option<f64>,
    pub sample_rate_hz: Option<f64>,
    pub radio_rate_hz: Option<f64>,
    pub gain_db: Option<f64>,
    /// Stages that are not named keep their gains.
    pub gain_elements_db: BTreeMap<String, f64>,
    pub bandwidth_hz: Option<f64>,
    pub antenna: Option<String>,
    pub channel: Option<usize>,
    pub lo_offset_hz: Option<f64>,
    pub clock_source: Option<String>,
}

impl Overrides {
    /// Reads the fields of [`SETTINGS_FIELDS`] that are there.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, ConfigError> {
        let channel = fields.whole("channel", 0, MAX_CHANNEL)?;
        Ok(Self {
            frequency_hz: fields.number("frequency_hz", FREQUENCY_HZ)?,
            sample_rate_hz: fields.number("sample_rate_hz", SAMPLE_RATE_HZ)?,
            radio_rate_hz: fields.number("radio_rate_hz", SAMPLE_RATE_HZ)?,
            gain_db: fields.number("gain_db", GAIN_DB)?,
            gain_elements_db: fields.numbers("gain_elements_db", GAIN_DB)?,
            bandwidth_hz: fields.number("bandwidth_hz", BANDWIDTH_HZ)?,
            antenna: fields.text("antenna", MAX_NAME_CHARS)?,
            channel: channel.map(|channel| channel as usize),
            lo_offset_hz: fields.number("lo_offset_hz", LO_OFFSET_HZ)?,
            clock_source: fields.text("clock_source", MAX_NAME_CHARS)?,
        })
    }

    /// Puts what is given in the place of what is set.
    pub fn apply(&self, settings: &mut RadioSettings) {
        fn put<T: Clone>(given: &Option<T>, set: &mut T) {
            if let Some(given) = given {
                set.clone_from(given);
            }
        }
        let before = signal_width_hz(settings);
        put(&self.frequency_hz, &mut settings.frequency_hz);
        put(&self.sample_rate_hz, &mut settings.sample_rate_hz);
        put(&self.channel, &mut settings.channel);
        put(&self.lo_offset_hz, &mut settings.lo_offset_hz);
        let elements = self.gain_elements_db.clone();
        settings.gain_elements_db.extend(elements);
        settings.radio_rate_hz = self.radio_rate_hz.or(settings.radio_rate_hz);
        settings.gain_db = self.gain_db.or(settings.gain_db);
        // A filter that was made for a narrower signal would cut off what is asked for.
        let width = signal_width_hz(settings);
        let fits = width <= before || settings.bandwidth_hz >= Some(width);
        let kept = settings.bandwidth_hz.filter(|_| fits);
        settings.bandwidth_hz = self.bandwidth_hz.or(kept);
        settings.antenna = self.antenna.clone().or(settings.antenna.take());
        settings.clock_source = self.clock_source.clone().or(settings.clock_source.take());
    }
}

/// What an analog filter has to let through: the signal, beside the oscillator where that is moved.
fn signal_width_hz(settings: &RadioSettings) -> f64 {
    2.0 * (EDGE * settings.sample_rate_hz + settings.lo_offset_hz.abs())
}

impl Profile {
    /// This profile with other settings of one direction, checked against its limits; `origin` stands for the file that
    /// overrides in errors. A direction without settings gets them if frequency and sample rate are given.
    ///
    /// # Errors
    /// [`ConfigError::Field`] such as `bench.toml: receive.gain_db: found 99, allowed 0 to 76 by the limits of this radio`.
    pub fn with_overrides(
        mut self,
        direction: Direction,
        overrides: &Overrides,
        origin: &str,
    ) -> Result<Self, ConfigError> {
        let place = match direction {
            Direction::Receive => &mut self.receive,
            Direction::Transmit => &mut self.transmit,
        };
        let wanted = overrides.frequency_hz.zip(overrides.sample_rate_hz);
        let fresh = wanted.map(|(frequency_hz, rate_hz)| RadioSettings::new(frequency_hz, rate_hz));
        let Some(mut settings) = place.take().or(fresh) else {
            let allowed = "frequency_hz and sample_rate_hz: the profile has none";
            return Err(ConfigError::Field {
                origin: origin.to_owned(),
                field: direction.to_string(),
                found: "neither".to_owned(),
                allowed: allowed.to_owned(),
            });
        };
        overrides.apply(&mut settings);
        self.limits
            .check(direction, &settings, |name, found, allowed| {
                ConfigError::Field {
                    origin: origin.to_owned(),
                    field: format!("{direction}.{name}"),
                    found,
                    allowed,
                }
            })?;
        *place = Some(settings);
        Ok(self)
    }
}
