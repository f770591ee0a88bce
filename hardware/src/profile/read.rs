//! TOML to [`Profile`].

use std::path::Path;

use super::overrides::{Overrides, SETTINGS_FIELDS};
use super::{
    DUPLEX_WORDS, DeviceTraits, DirectionLimits, Limits, Profile, TIMESTAMPS_WORDS, TRANSFERS_WORDS,
};
use crate::config::{ConfigError, Fields, parse, read_bounded};
use crate::settings::{Direction, RadioSettings, Range};

/// What any radio may be set to, whatever its limits.
pub(super) const FREQUENCY_HZ: Range = Range {
    min: 0.0,
    max: 1e12,
};
pub(super) const SAMPLE_RATE_HZ: Range = Range { min: 1.0, max: 1e9 };
pub(super) const GAIN_DB: Range = Range {
    min: -200.0,
    max: 200.0,
};
pub(super) const MAX_NAME_CHARS: usize = 100;
const MAX_ARGS_CHARS: usize = 1000;
const MAX_ANTENNAS: usize = 64;

const PROFILE_FIELDS: [&str; 5] = ["name", "device", "limits", "receive", "transmit"];
const DEVICE_FIELDS: [&str; 4] = ["args", "duplex", "timestamps", "transfers"];
const LIMITS_FIELDS: [&str; 4] = ["frequency_hz", "sample_rate_hz", "receive", "transmit"];
const DIRECTION_LIMITS_FIELDS: [&str; 3] = ["gain_db", "gain_elements_db", "antennas"];
impl Profile {
    /// Reads and checks a profile; `origin` stands for its file in errors.
    ///
    /// ```
    /// use heliograph_hardware::profile::Profile;
    ///
    /// let text = "name = 'mine'\n[device]\nargs = 'driver=rtlsdr'\n[receive]\nfrequency_hz = 433.92e6\nsample_rate_hz = 2e6";
    /// assert!(Profile::from_toml_str(text, "mine.toml")?.transmit.is_none());
    ///
    /// let error = Profile::from_toml_str(&text.replace("433.92e6", "true"), "mine.toml").unwrap_err();
    /// assert_eq!(error.to_string(), "mine.toml: receive.frequency_hz: found true, allowed a number, 0 to 1000000000000");
    /// # Ok::<(), heliograph_hardware::config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::Syntax`] or [`ConfigError::Field`].
    pub fn from_toml_str(text: &str, origin: &str) -> Result<Self, ConfigError> {
        let table = parse(text, origin)?;
        let document = Fields::new(&table, origin, &PROFILE_FIELDS)?;
        let name = document.text("name", MAX_NAME_CHARS)?;
        let name = document.required("name", name, "a name for people")?;
        let device = document.table("device", &DEVICE_FIELDS)?;
        let device = document.required("device", device, "a table with args = \"driver=...\"")?;
        let args = device.text("args", MAX_ARGS_CHARS)?;
        let args = device.required("args", args, "SoapySDR device arguments")?;
        let limits = read_limits(&document)?;
        let receive = read_settings(&document, Direction::Receive, &limits)?;
        let transmit = read_settings(&document, Direction::Transmit, &limits)?;
        if receive.is_none() && transmit.is_none() {
            return Err(document.fault("receive", "neither receive nor transmit", "one or both"));
        }
        Ok(Self {
            name,
            device: args,
            traits: read_traits(&device)?,
            limits,
            receive,
            transmit,
        })
    }

    /// Reads and checks a file (at most 256 KiB).
    ///
    /// # Errors
    /// As [`from_toml_str`](Self::from_toml_str), and [`ConfigError::Read`] or [`ConfigError::TooLong`]; all of them
    /// name the file.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        Self::from_toml_str(&read_bounded(path)?, &path.display().to_string())
    }
}

fn read_traits(device: &Fields<'_>) -> Result<DeviceTraits, ConfigError> {
    let plain = DeviceTraits::default();
    let duplex = device.choice("duplex", &DUPLEX_WORDS)?;
    let timestamps = device.choice("timestamps", &TIMESTAMPS_WORDS)?;
    let transfers = device.choice("transfers", &TRANSFERS_WORDS)?;
    Ok(DeviceTraits {
        duplex: duplex.unwrap_or(plain.duplex),
        timestamps: timestamps.unwrap_or(plain.timestamps),
        transfers: transfers.unwrap_or(plain.transfers),
    })
}

fn read_limits(document: &Fields<'_>) -> Result<Limits, ConfigError> {
    let Some(limits) = document.table("limits", &LIMITS_FIELDS)? else {
        return Ok(Limits::default());
    };
    Ok(Limits {
        frequency_hz: limits.range("frequency_hz", FREQUENCY_HZ)?,
        sample_rate_hz: limits.range("sample_rate_hz", SAMPLE_RATE_HZ)?,
        receive: read_direction_limits(&limits, "receive")?,
        transmit: read_direction_limits(&limits, "transmit")?,
    })
}

fn read_direction_limits(limits: &Fields<'_>, name: &str) -> Result<DirectionLimits, ConfigError> {
    let Some(limits) = limits.table(name, &DIRECTION_LIMITS_FIELDS)? else {
        return Ok(DirectionLimits::default());
    };
    let antennas = limits.texts("antennas", MAX_ANTENNAS, MAX_NAME_CHARS)?;
    Ok(DirectionLimits {
        gain_db: limits.range("gain_db", GAIN_DB)?,
        gain_elements_db: limits.ranges("gain_elements_db", GAIN_DB)?,
        antennas: antennas.unwrap_or_default(),
    })
}

fn read_settings(
    document: &Fields<'_>,
    direction: Direction,
    limits: &Limits,
) -> Result<Option<RadioSettings>, ConfigError> {
    let Some(fields) = document.table(&direction.to_string(), &SETTINGS_FIELDS)? else {
        return Ok(None);
    };
    let given = Overrides::read(&fields)?;
    let mut settings = RadioSettings::new(
        fields.required(
            "frequency_hz",
            given.frequency_hz,
            "a centre frequency in Hz",
        )?,
        fields.required("sample_rate_hz", given.sample_rate_hz, "samples per second")?,
    );
    given.apply(&mut settings);
    limits.check(direction, &settings, |name, found, allowed| {
        fields.fault(name, found, allowed)
    })?;
    Ok(Some(settings))
}
