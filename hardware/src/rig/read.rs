//! TOML to [`Rig`].

use std::path::{Path, PathBuf};

use super::limits::Limits;
use super::{Photos, Rig, RigRadio, Scenario};
use crate::config::{ConfigError, Fields, parse, read_bounded};
use crate::profile::{Overrides, SETTINGS_FIELDS};
use crate::settings::{Direction, Range};

const RIG_FIELDS: [&str; 5] = ["name", "wiring", "transmitter", "receiver", "scenario"];
const SCENARIO_FIELDS: [&str; 13] = [
    "name",
    "photos",
    "transmitter_args",
    "receiver_args",
    "transmitter",
    "receiver",
    "cbr",
    "repeat",
    "caption",
    "seed",
    "timeout_s",
    "quarantine",
    "limits",
];
const TIMEOUT_S: Range = Range {
    min: 1.0,
    max: 86_400.0,
};
const DEFAULT_TIMEOUT_S: f64 = 120.0;
const DEFAULT_SEED: u64 = 1;
const MAX_SCENARIOS: usize = 1000;
const MAX_PHOTOS: u64 = 100_000;
const MAX_NAME_CHARS: usize = 100;
const MAX_ARGS_CHARS: usize = 1000;
const MAX_PATH_CHARS: usize = 4000;
const MAX_TEXT_CHARS: usize = 10_000;
const MAX_REPEAT: u64 = 8;

impl Rig {
    /// Reads and checks a rig; `origin` stands for its file in errors. That the radios can be set as the scenarios want is
    /// checked too.
    ///
    /// # Errors
    /// [`ConfigError::Syntax`], [`ConfigError::Field`], and those of [`profile`](Self::profile).
    pub fn from_toml_str(text: &str, origin: &str) -> Result<Self, ConfigError> {
        Self::read(text, origin, None)
    }

    /// Reads and checks a file (at most 256 KiB). Paths in it start from its folder.
    ///
    /// # Errors
    /// As [`from_toml_str`](Self::from_toml_str), and [`ConfigError::Read`] or [`ConfigError::TooLong`]; all of them
    /// name the file.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = read_bounded(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::read(&text, &path.display().to_string(), Some(folder))
    }

    fn read(text: &str, origin: &str, folder: Option<&Path>) -> Result<Self, ConfigError> {
        let table = parse(text, origin)?;
        let document = Fields::new(&table, origin, &RIG_FIELDS)?;
        let name = document.text("name", MAX_NAME_CHARS)?;
        let scenarios = document.tables("scenario", MAX_SCENARIOS, &SCENARIO_FIELDS)?;
        if scenarios.is_empty() {
            return Err(document.fault("scenario", "none", "at least one [[scenario]]"));
        }
        let scenarios: Result<Vec<_>, _> = scenarios
            .iter()
            .map(|fields| read_scenario(fields, folder))
            .collect();
        let rig = Self {
            name: document.required("name", name, "a name for people")?,
            wiring: document.text("wiring", MAX_TEXT_CHARS)?.unwrap_or_default(),
            transmitter: read_radio(&document, "transmitter", folder)?,
            receiver: read_radio(&document, "receiver", folder)?,
            scenarios: scenarios?,
            folder: folder.map(Path::to_owned),
            origin: origin.to_owned(),
        };
        rig.check_scenarios(&document)?;
        Ok(rig)
    }

    fn check_scenarios(&self, document: &Fields<'_>) -> Result<(), ConfigError> {
        for (i, scenario) in self.scenarios.iter().enumerate() {
            let earlier = &self.scenarios[..i];
            if earlier.iter().any(|other| other.name == scenario.name) {
                let field = format!("scenario[{i}].name");
                let found = format!("{:?} again", scenario.name);
                return Err(document.fault(&field, found, "a name that is free"));
            }
            self.profile(Direction::Transmit, scenario)?;
            self.profile(Direction::Receive, scenario)?;
        }
        Ok(())
    }
}

fn read_radio(
    document: &Fields<'_>,
    name: &str,
    folder: Option<&Path>,
) -> Result<RigRadio, ConfigError> {
    let mut known = vec!["radio"];
    known.extend(SETTINGS_FIELDS);
    let table = document.table(name, &known)?;
    let table = document.required(name, table, "a table with radio = \"...\"")?;
    let radio = table.text("radio", MAX_ARGS_CHARS)?;
    let radio = table.required("radio", radio, "a profile, its file, or device arguments")?;
    Ok(RigRadio {
        radio: beside(radio, folder),
        overrides: Overrides::read(&table)?,
    })
}

/// A profile's file beside the rig's, if there is one of this name.
fn beside(radio: String, folder: Option<&Path>) -> String {
    let path = folder.map(|folder| folder.join(&radio));
    match path {
        Some(path) if radio.ends_with(".toml") && path.is_file() => path.display().to_string(),
        _ => radio,
    }
}

fn read_scenario(fields: &Fields<'_>, folder: Option<&Path>) -> Result<Scenario, ConfigError> {
    let overrides = |name: &str| -> Result<Overrides, ConfigError> {
        let table = fields.table(name, &SETTINGS_FIELDS)?;
        table.map_or(Ok(Overrides::default()), |table| Overrides::read(&table))
    };
    let args = |name: &str| -> Result<String, ConfigError> {
        Ok(fields.text(name, MAX_ARGS_CHARS)?.unwrap_or_default())
    };
    let limits = fields.table("limits", &Limits::names())?;
    let limits = fields.required("limits", limits, "a table with one limit or more")?;
    let limits = Limits::read(&limits)?;
    let repeat = fields.whole("repeat", 1, MAX_REPEAT)?;
    let seed = fields.whole("seed", 0, i64::MAX as u64)?;
    Ok(Scenario {
        name: read_name(fields)?,
        photos: read_photos(fields, folder)?,
        transmitter_args: args("transmitter_args")?,
        receiver_args: args("receiver_args")?,
        transmitter: overrides("transmitter")?,
        receiver: overrides("receiver")?,
        cbr: fields.text("cbr", MAX_NAME_CHARS)?,
        repeat: repeat.map(|repeat| repeat as u8),
        caption: fields.text("caption", MAX_TEXT_CHARS)?,
        seed: seed.unwrap_or(DEFAULT_SEED),
        timeout_s: fields
            .number("timeout_s", TIMEOUT_S)?
            .unwrap_or(DEFAULT_TIMEOUT_S),
        quarantine: fields.text("quarantine", MAX_TEXT_CHARS)?,
        limits,
    })
}

/// The name, which is also that of a folder.
fn read_name(fields: &Fields<'_>) -> Result<String, ConfigError> {
    let allowed = "letters, digits, -, _ and . (not first)";
    let name = fields.required("name", fields.text("name", MAX_NAME_CHARS)?, allowed)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match name.chars().all(plain) && !name.starts_with('.') {
        true => Ok(name),
        false => Err(fields.fault("name", format!("{name:?}"), allowed)),
    }
}

fn read_photos(fields: &Fields<'_>, folder: Option<&Path>) -> Result<Photos, ConfigError> {
    let allowed = "a number of photos or a list of files";
    if fields.is_list("photos") {
        let files = fields.texts("photos", MAX_PHOTOS as usize, MAX_PATH_CHARS)?;
        let files = files.unwrap_or_default().into_iter();
        let files: Vec<PathBuf> = files
            .map(|file| folder.unwrap_or(Path::new("")).join(file))
            .collect();
        return match files.is_empty() {
            true => Err(fields.fault("photos", "an empty list", allowed)),
            false => Ok(Photos::Files(files)),
        };
    }
    let count = fields.whole("photos", 1, MAX_PHOTOS)?;
    let count = fields.required("photos", count, allowed)?;
    Ok(Photos::Count(count as u32))
}
