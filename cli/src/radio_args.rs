//! The flags that choose a radio and lie over its profile.

use std::path::Path;

use anyhow::Context;
use clap::Args;
use heliograph_hardware::config::ConfigError;
use heliograph_hardware::profile::{DeviceTraits, Limits, Overrides, Profile};
use heliograph_hardware::sigmf::{Datatype, Existing, FileRadio};
use heliograph_hardware::{Direction, Radio, RadioError, RadioSettings, Resampling};

use crate::args::{gain_element, hertz, sample_rate_hz};
use crate::exit::UsageError;
use crate::figures::grouped;

/// Before the name of a recording that stands for a radio.
pub const FILE: &str = "file:";
/// Samples per second where neither flag nor profile says.
const DEFAULT_SAMPLE_RATE_HZ: f64 = 2e6;
/// What stands for a file name in errors about flags.
pub const ORIGIN: &str = "command line";

/// Which radio, and how it is set.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Radio")]
pub struct RadioArgs {
    /// A profile by name (heliograph radios lists them), a profile's TOML file, SoapySDR device arguments, or file:NAME for a
    /// SigMF recording
    #[arg(long, value_name = "PROFILE|FILE.toml|ARGS")]
    pub radio: String,

    /// Further device arguments: serial=31A3,KEY=VALUE
    #[arg(
        long,
        value_name = "KEY=VALUE,...",
        default_value = "",
        hide_default_value = true
    )]
    pub device_args: String,

    #[command(flatten)]
    pub tuning: TuningArgs,
}

/// Settings that lie over those of a profile.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Radio")]
pub struct TuningArgs {
    /// Centre frequency in Hz: 868.3e6 or 868.3M [default: the profile's or recording's]
    #[arg(long, value_name = "HZ", value_parser = hertz)]
    pub frequency: Option<f64>,

    /// Samples per second of the signal: 2e6 or 2M [default: the profile's or recording's, else 2e6]
    #[arg(long, value_name = "HZ", value_parser = sample_rate_hz)]
    pub sample_rate: Option<f64>,

    /// Samples per second of the radio, up to 64 times those of the signal [default: the profile's, else the same]
    #[arg(long, value_name = "HZ", value_parser = sample_rate_hz)]
    pub radio_rate: Option<f64>,

    /// Gain in dB [default: the profile's]
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    pub gain_db: Option<f64>,

    /// Gain of one stage in dB, like LNA=16; may be given several times
    #[arg(long, value_name = "STAGE=DB", value_parser = gain_element)]
    pub gain_element: Vec<(String, f64)>,

    /// Antenna connector by the radio's name for it [default: the profile's]
    #[arg(long, value_name = "NAME")]
    pub antenna: Option<String>,

    /// Channel of the radio, from 0 [default: the profile's]
    #[arg(long, value_name = "N")]
    pub radio_channel: Option<usize>,

    /// Analog filter in Hz [default: the profile's, if the signal fits, else as the radio's rate]
    #[arg(long, value_name = "HZ", value_parser = hertz)]
    pub bandwidth: Option<f64>,

    /// Offset tuning: the oscillator's distance from the centre in Hz [default: the profile's]
    #[arg(long, value_name = "HZ", value_parser = hertz, allow_negative_numbers = true)]
    pub lo_offset: Option<f64>,

    /// Reference clock: internal, external, gpsdo, ... [default: the profile's]
    #[arg(long, value_name = "NAME")]
    pub clock_source: Option<String>,
}

/// A radio with one direction set.
pub struct OpenRadio {
    pub radio: Box<dyn Radio>,
    /// As the radio took them.
    pub settings: RadioSettings,
    /// Name for people.
    pub name: String,
}

impl RadioArgs {
    /// The profile with the flags over it.
    ///
    /// # Errors
    /// No such profile, a file that cannot be read or believed, a flag beyond the profile's limits, no frequency.
    pub fn profile(&self, direction: Direction) -> anyhow::Result<Profile> {
        let profile = match self.radio.strip_prefix(FILE) {
            Some(_) => recording(&self.radio),
            None => find("--radio", &self.radio)?,
        };
        let has_settings = match direction {
            Direction::Receive => profile.receive.is_some(),
            Direction::Transmit => profile.transmit.is_some(),
        };
        let mut overrides = self.tuning.overrides();
        if !has_settings {
            let heard = self.recorded(direction)?;
            // Of a recording that says none the frequency is 0; one that is told the radio's rate may hold a slower signal.
            let frequency_hz = heard.as_ref().map(|heard| heard.frequency_hz);
            let rate_hz = heard
                .filter(|_| overrides.radio_rate_hz.is_none())
                .map_or(DEFAULT_SAMPLE_RATE_HZ, |heard| heard.sample_rate_hz);
            overrides.sample_rate_hz.get_or_insert(rate_hz);
            let known = frequency_hz.filter(|hz| *hz > 0.0);
            overrides.frequency_hz = overrides.frequency_hz.or(known);
            if overrides.frequency_hz.is_none() {
                let words = format!("--frequency: needed, {} does not say it", self.radio);
                return Err(UsageError(words).into());
            }
        }
        let profile = profile
            .with_args(&self.device_args)
            .context("--device-args")?;
        let profile = profile.with_overrides(direction, &overrides, ORIGIN);
        profile.map_err(|error| refused(None, &error))
    }

    /// Settings of the recording that is to be heard, if it is one.
    fn recorded(&self, direction: Direction) -> anyhow::Result<Option<RadioSettings>> {
        match (direction, self.radio.strip_prefix(FILE)) {
            (Direction::Receive, Some(path)) => {
                Ok(FileRadio::receiver(Path::new(path))?.recorded())
            }
            _ => Ok(None),
        }
    }

    /// A recording in place of a radio?
    pub fn is_file(&self) -> bool {
        self.radio.starts_with(FILE)
    }

    /// Opens the radio and sets one direction.
    ///
    /// # Errors
    /// Names the radio and what it refuses.
    pub fn open(&self, direction: Direction) -> anyhow::Result<OpenRadio> {
        open(self.profile(direction)?, direction)
    }
}

/// The profile that a flag names.
///
/// # Errors
/// Names the flag.
pub fn find(flag: &str, name: &str) -> anyhow::Result<Profile> {
    Profile::find(name).map_err(|error| refused(Some(flag), &error))
}

/// What the command line says wrong is the user's to mend, a file that cannot be read is not.
pub fn refused(flag: Option<&str>, error: &ConfigError) -> anyhow::Error {
    let words = flag.map_or_else(|| error.to_string(), |flag| format!("{flag}: {error}"));
    match error {
        ConfigError::Field { origin, .. } if origin == ORIGIN => UsageError(words).into(),
        ConfigError::UnknownName { .. } => UsageError(words).into(),
        _ => anyhow::anyhow!(words),
    }
}

/// Opens the radio of a profile and sets one direction.
///
/// # Errors
/// Names the radio and what it refuses.
pub fn open(profile: Profile, direction: Direction) -> anyhow::Result<OpenRadio> {
    let named = || profile.name.clone();
    let (radio, settings) = configured(&profile, direction).with_context(named)?;
    Ok(OpenRadio {
        radio,
        settings,
        name: profile.name,
    })
}

/// Opens the device of a profile, or the recording that it names, and sets one direction.
///
/// # Errors
/// That of the device.
pub fn configured(
    profile: &Profile,
    direction: Direction,
) -> Result<(Box<dyn Radio>, RadioSettings), RadioError> {
    let wanted = match direction {
        Direction::Receive => &profile.receive,
        Direction::Transmit => &profile.transmit,
    };
    let wanted = wanted
        .as_ref()
        .ok_or(RadioError::NotConfigured { direction })?;
    let mut radio = device(profile, direction)?;
    let settings = radio.configure(direction, wanted)?;
    Ok((radio, settings))
}

fn device(profile: &Profile, direction: Direction) -> Result<Box<dyn Radio>, RadioError> {
    let Some(path) = profile.device.strip_prefix(FILE) else {
        return heliograph_hardware::open(profile);
    };
    let path = Path::new(path);
    let file = match direction {
        Direction::Receive => FileRadio::receiver(path)?,
        Direction::Transmit => FileRadio::transmitter(path, Datatype::Cf32Le, Existing::Refuse),
    };
    Ok(Box::new(Resampling::new(Box::new(file))))
}

/// A recording in place of a radio.
fn recording(device: &str) -> Profile {
    Profile {
        name: device.to_owned(),
        device: device.to_owned(),
        traits: DeviceTraits::default(),
        limits: Limits::default(),
        receive: None,
        transmit: None,
    }
}

/// The signal's rate, and the radio's where that is another.
pub fn rates(settings: &RadioSettings) -> String {
    let whole = |hz: f64| grouped(hz.round() as u64);
    let of_radio = settings.radio_rate_hz.map(whole);
    let of_radio = of_radio.map_or_else(String::new, |rate| format!(" of the radio's {rate}"));
    format!(
        "{} samples per second{of_radio}",
        whole(settings.sample_rate_hz)
    )
}

impl TuningArgs {
    fn overrides(&self) -> Overrides {
        let flags = self.clone();
        Overrides {
            frequency_hz: flags.frequency,
            sample_rate_hz: flags.sample_rate,
            radio_rate_hz: flags.radio_rate,
            gain_db: flags.gain_db,
            gain_elements_db: flags.gain_element.into_iter().collect(),
            bandwidth_hz: flags.bandwidth,
            antenna: flags.antenna,
            channel: flags.radio_channel,
            lo_offset_hz: flags.lo_offset,
            clock_source: flags.clock_source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::FromArgMatches;

    fn profile(words: &str, direction: Direction) -> Result<Profile, String> {
        let command = RadioArgs::augment_args(clap::Command::new("radio"));
        let words = std::iter::once("radio").chain(words.split_whitespace());
        let matches = command.try_get_matches_from(words).unwrap();
        let args = RadioArgs::from_arg_matches(&matches).unwrap();
        args.profile(direction)
            .map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn flags_lie_over_the_profile() {
        let flags =
            "--radio hackrf --frequency 868.3M --gain-element LNA=24 --device-args serial=7";
        let hackrf = profile(flags, Direction::Receive).unwrap();
        let settings = hackrf.receive.unwrap();
        assert_eq!(
            (settings.frequency_hz, settings.gain_elements_db["LNA"]),
            (868.3e6, 24.0)
        );
        assert!(hackrf.device.contains("driver=hackrf") && hackrf.device.contains("serial=7"));
    }

    #[test]
    fn device_arguments_of_an_unknown_driver_need_a_frequency_and_have_a_rate() {
        let unknown = "--radio driver=airspy --frequency 1G";
        let settings = profile(unknown, Direction::Transmit);
        assert_eq!(
            settings.unwrap().transmit.unwrap(),
            RadioSettings::new(1e9, 2e6)
        );
        let said = profile("--radio driver=airspy", Direction::Transmit).unwrap_err();
        assert!(said.contains("--frequency: needed"), "{said}");
    }

    #[test]
    fn a_gain_beyond_the_limits_and_an_unknown_profile_are_refused_with_what_is_allowed() {
        let said = profile("--radio usrp-b210 --gain-db 99", Direction::Receive).unwrap_err();
        assert!(said.contains("99") && said.contains("76"), "{said}");
        let said = profile("--radio moon", Direction::Receive).unwrap_err();
        assert!(
            said.contains("moon") && said.contains("usrp-b210"),
            "{said}"
        );
    }
}
