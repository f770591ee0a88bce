//! The shipped profiles, and what a user may mean by a radio.

use std::path::Path;

use super::{DeviceTraits, Limits, Profile};
use crate::config::ConfigError;

/// Names and files, in the order in which they are listed and matched against device arguments.
const SHIPPED: [(&str, &str); 7] = [
    ("usrp-b210", include_str!("../../profiles/usrp-b210.toml")),
    ("usrp-n2xx", include_str!("../../profiles/usrp-n2xx.toml")),
    ("usrp-x3xx", include_str!("../../profiles/usrp-x3xx.toml")),
    ("hackrf", include_str!("../../profiles/hackrf.toml")),
    ("pluto", include_str!("../../profiles/pluto.toml")),
    ("limesdr", include_str!("../../profiles/limesdr.toml")),
    ("virtual", include_str!("../../profiles/virtual.toml")),
];

/// Drivers that can be told to behave as another one; then they have its traits.
const EMULATE: &str = "emulate";

impl Profile {
    /// Names of the shipped profiles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// A shipped profile.
    ///
    /// # Errors
    /// [`ConfigError::UnknownName`] with the names there are.
    pub fn named(name: &str) -> Result<Self, ConfigError> {
        let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name);
        let (name, text) = shipped.ok_or_else(|| unknown(name, Self::names().collect()))?;
        Self::from_toml_str(text, &format!("hardware/profiles/{name}.toml"))
    }

    /// A radio by its SoapySDR device arguments, `driver=uhd,serial=30F5A2C`.
    ///
    /// Settings, limits and traits are those of the first shipped profile that the arguments do not contradict: of the
    /// same driver, and of the same `type` if there is one. Radios of other drivers are taken to be without quirks and
    /// have no settings. The virtual radio with `emulate=hackrf` has the traits of that radio.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is not `key=value,key=value`.
    pub fn from_args(text: &str) -> Result<Self, ConfigError> {
        let given = parse_args(text)?;
        let mut profile = Self {
            name: text.to_owned(),
            device: text.to_owned(),
            traits: DeviceTraits::default(),
            limits: Limits::default(),
            receive: None,
            transmit: None,
        };
        for name in Self::names() {
            let shipped = Self::named(name)?;
            if is_kind(&given, &parse_args(&shipped.device)?) {
                profile = Self {
                    device: text.to_owned(),
                    ..shipped
                };
                break;
            }
        }
        profile.take_emulated_traits()?;
        Ok(profile)
    }

    /// This profile with further device arguments; of a key that is there already the new value counts.
    ///
    /// ```
    /// use heliograph_hardware::profile::Profile;
    ///
    /// let lab = Profile::named("virtual")?.with_args("ether=lab,noise_dbfs=-40")?.with_args("ether=bench")?;
    /// assert_eq!(lab.device, "driver=heliograph,noise_dbfs=-40,ether=bench");
    /// # Ok::<(), heliograph_hardware::config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is not `key=value,key=value`.
    pub fn with_args(mut self, more: &str) -> Result<Self, ConfigError> {
        if more.trim().is_empty() {
            return Ok(self);
        }
        let more = parse_args(more)?;
        let mut args = parse_args(&self.device)?;
        args.retain(|(key, _)| value_of(&more, key).is_none());
        args.extend(more);
        let args: Vec<_> = args
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        self.device = args.join(",");
        self.take_emulated_traits()?;
        Ok(self)
    }

    /// The virtual radio may behave as another one.
    fn take_emulated_traits(&mut self) -> Result<(), ConfigError> {
        if let Some(emulated) = value_of(&parse_args(&self.device)?, EMULATE) {
            self.traits = Self::named(emulated)?.traits;
        }
        Ok(())
    }

    /// What a user means by a radio: a shipped name, else a path to a `.toml`, else device arguments with a `=`.
    ///
    /// # Errors
    /// Those of [`named`](Self::named) for what is none of the three, of [`from_file`](Self::from_file) and
    /// [`from_args`](Self::from_args).
    pub fn find(text: &str) -> Result<Self, ConfigError> {
        let path = Path::new(text);
        let is_toml = path
            .extension()
            .is_some_and(|extension| extension == "toml");
        if Self::names().any(|name| name == text) {
            Self::named(text)
        } else if is_toml && (path.is_file() || !text.contains('=')) {
            Self::from_file(path)
        } else if text.contains('=') {
            Self::from_args(text)
        } else {
            let mut allowed: Vec<_> = Self::names().collect();
            allowed.extend(["a file PROFILE.toml", "device arguments driver=..."]);
            Err(unknown(text, allowed))
        }
    }
}

fn unknown(found: &str, allowed: Vec<&str>) -> ConfigError {
    ConfigError::UnknownName {
        kind: "radio",
        found: found.to_owned(),
        allowed: allowed.join(", "),
    }
}

type Args<'a> = Vec<(&'a str, &'a str)>;

fn parse_args(text: &str) -> Result<Args<'_>, ConfigError> {
    let parts = text.split(',').map(str::trim);
    let args: Option<Args<'_>> = parts.map(|part| part.split_once('=')).collect();
    args.filter(|args| args.iter().all(|(key, _)| !key.trim().is_empty()))
        .ok_or_else(|| ConfigError::Field {
            origin: "radio".to_owned(),
            field: "device arguments".to_owned(),
            found: format!("{text:?}"),
            allowed: "key=value,key=value such as driver=uhd,type=b200".to_owned(),
        })
}

fn value_of<'a>(args: &Args<'a>, key: &str) -> Option<&'a str> {
    args.iter()
        .find(|(k, _)| *k == key)
        .map(|(_, value)| *value)
}

/// May the radio `given` be of this kind? The driver must be the same, other arguments must not differ.
fn is_kind(given: &Args<'_>, kind: &Args<'_>) -> bool {
    let driver = value_of(given, "driver");
    let agrees = |(key, value): &(&str, &str)| value_of(given, key).is_none_or(|v| v == *value);
    driver.is_some() && driver == value_of(kind, "driver") && kind.iter().all(agrees)
}
