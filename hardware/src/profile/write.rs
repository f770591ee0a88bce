//! [`Profile`] to TOML, for `heliograph calibrate`: the known fields and no comments.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::{
    DUPLEX_WORDS, DeviceTraits, DirectionLimits, Limits, Profile, TIMESTAMPS_WORDS, TRANSFERS_WORDS,
};
use crate::settings::{RadioSettings, Range};

impl Profile {
    /// The profile as a file, which [`from_toml_str`](Self::from_toml_str) reads back to an equal one.
    ///
    /// ```
    /// use heliograph_hardware::profile::Profile;
    ///
    /// let mut profile = Profile::named("usrp-b210")?;
    /// profile.transmit.as_mut().unwrap().gain_db = Some(61.5);
    /// let text = profile.to_toml();
    /// assert!(text.contains("\n[transmit]\n") && text.contains("gain_db = 61.5"));
    /// assert_eq!(Profile::from_toml_str(&text, "calibrated.toml")?, profile);
    /// # Ok::<(), heliograph_hardware::config::ConfigError>(())
    /// ```
    pub fn to_toml(&self) -> String {
        let mut file = Lines::default();
        file.field("name", self.name.as_str());
        write_device(&mut file, &self.device, self.traits);
        write_limits(&mut file, &self.limits);
        write_settings(&mut file, "receive", self.receive.as_ref());
        write_settings(&mut file, "transmit", self.transmit.as_ref());
        file.text
    }
}

/// The text so far.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn field(&mut self, name: &str, value: impl Into<Value>) {
        self.text.push_str(&format!("{name} = {}\n", value.into()));
    }

    fn optional(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.field(name, value);
        }
    }

    fn section(&mut self, name: &str) {
        self.text.push_str(&format!("\n[{name}]\n"));
    }

    /// An inline table, none if it is empty.
    fn entries<T: Copy>(
        &mut self,
        name: &str,
        entries: &BTreeMap<String, T>,
        value: impl Fn(T) -> Value,
    ) {
        if !entries.is_empty() {
            let entries = entries
                .iter()
                .map(|(key, entry)| (key.clone(), value(*entry)));
            self.field(name, Table::from_iter(entries));
        }
    }
}

fn write_device(file: &mut Lines, args: &str, traits: DeviceTraits) {
    file.section("device");
    file.field("args", args);
    file.field("duplex", word(&DUPLEX_WORDS, traits.duplex));
    file.field("timestamps", word(&TIMESTAMPS_WORDS, traits.timestamps));
    file.field("transfers", word(&TRANSFERS_WORDS, traits.transfers));
}

/// The file's word for `value`.
fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    let found = words.iter().find(|(_, meaning)| *meaning == value);
    found.map_or("", |(word, _)| word)
}

fn write_limits(file: &mut Lines, limits: &Limits) {
    if *limits == Limits::default() {
        return;
    }
    file.section("limits");
    file.optional("frequency_hz", limits.frequency_hz.map(pair));
    file.optional("sample_rate_hz", limits.sample_rate_hz.map(pair));
    write_direction_limits(file, "limits.receive", &limits.receive);
    write_direction_limits(file, "limits.transmit", &limits.transmit);
}

fn write_direction_limits(file: &mut Lines, name: &str, limits: &DirectionLimits) {
    if *limits == DirectionLimits::default() {
        return;
    }
    file.section(name);
    file.optional("gain_db", limits.gain_db.map(pair));
    file.entries("gain_elements_db", &limits.gain_elements_db, pair);
    if !limits.antennas.is_empty() {
        file.field("antennas", limits.antennas.clone());
    }
}

fn pair(range: Range) -> Value {
    Value::from(vec![range.min, range.max])
}

fn write_settings(file: &mut Lines, name: &str, settings: Option<&RadioSettings>) {
    let Some(settings) = settings else { return };
    file.section(name);
    file.field("frequency_hz", settings.frequency_hz);
    file.field("sample_rate_hz", settings.sample_rate_hz);
    file.optional("radio_rate_hz", settings.radio_rate_hz);
    file.optional("gain_db", settings.gain_db);
    file.entries("gain_elements_db", &settings.gain_elements_db, Value::from);
    file.optional("bandwidth_hz", settings.bandwidth_hz);
    file.optional("antenna", settings.antenna.clone());
    file.field("channel", settings.channel as i64);
    file.field("lo_offset_hz", settings.lo_offset_hz);
    file.optional("clock_source", settings.clock_source.clone());
}
