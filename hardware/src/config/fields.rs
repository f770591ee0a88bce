//! One table of a description: fields by name, each checked as it is read.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::ConfigError;
use crate::settings::Range;

/// Longest value quoted in an error.
const MAX_QUOTED_CHARS: usize = 60;

/// A table, and where it stands.
pub(crate) struct Fields<'a> {
    table: &'a Table,
    origin: &'a str,
    /// Path of the table, empty for the document.
    path: String,
}

impl<'a> Fields<'a> {
    /// A document with the fields `known` and no others.
    pub fn new(table: &'a Table, origin: &'a str, known: &[&str]) -> Result<Self, ConfigError> {
        let document = Self {
            table,
            origin,
            path: String::new(),
        };
        document.check_known(known)?;
        Ok(document)
    }

    fn check_known(&self, known: &[&str]) -> Result<(), ConfigError> {
        let stranger = self.table.keys().find(|key| !known.contains(&key.as_str()));
        match stranger {
            None => Ok(()),
            Some(key) => Err(self.fault(
                key,
                "an unknown field",
                format!("one of {}", known.join(", ")),
            )),
        }
    }

    /// The error for a field of this table.
    pub fn fault(
        &self,
        name: &str,
        found: impl Into<String>,
        allowed: impl Into<String>,
    ) -> ConfigError {
        ConfigError::Field {
            origin: self.origin.to_owned(),
            field: self.path_of(name),
            found: found.into(),
            allowed: allowed.into(),
        }
    }

    fn path_of(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    /// A field that must be there.
    pub fn required<T>(
        &self,
        name: &str,
        read: Option<T>,
        allowed: &str,
    ) -> Result<T, ConfigError> {
        read.ok_or_else(|| self.fault(name, "nothing", allowed))
    }

    /// A number within `allowed`, whole or not.
    pub fn number(&self, name: &str, allowed: Range) -> Result<Option<f64>, ConfigError> {
        self.table
            .get(name)
            .map(|value| self.number_of(name, value, allowed))
            .transpose()
    }

    fn number_of(&self, name: &str, value: &Value, allowed: Range) -> Result<f64, ConfigError> {
        let number = match value {
            Value::Float(number) => *number,
            Value::Integer(number) => *number as f64,
            other => return Err(self.fault(name, quote(other), format!("a number, {allowed}"))),
        };
        match allowed.contains(number) {
            true => Ok(number),
            false => Err(self.fault(name, number.to_string(), allowed.to_string())),
        }
    }

    /// A whole number from `min` to `max`.
    pub fn whole(&self, name: &str, min: u64, max: u64) -> Result<Option<u64>, ConfigError> {
        let Some(value) = self.table.get(name) else {
            return Ok(None);
        };
        let whole = value.as_integer().and_then(|i| u64::try_from(i).ok());
        match whole.filter(|whole| (min..=max).contains(whole)) {
            Some(whole) => Ok(Some(whole)),
            None => Err(self.fault(
                name,
                quote(value),
                format!("a whole number, {min} to {max}"),
            )),
        }
    }

    /// A text of 1 to `max_chars` characters.
    pub fn text(&self, name: &str, max_chars: usize) -> Result<Option<String>, ConfigError> {
        self.table
            .get(name)
            .map(|value| self.text_of(name, value, max_chars))
            .transpose()
    }

    fn text_of(&self, name: &str, value: &Value, max_chars: usize) -> Result<String, ConfigError> {
        let allowed = || format!("a text of 1 to {max_chars} characters");
        let Some(text) = value.as_str() else {
            return Err(self.fault(name, quote(value), allowed()));
        };
        match text.chars().count() {
            chars if (1..=max_chars).contains(&chars) => Ok(text.to_owned()),
            chars => Err(self.fault(name, format!("{chars} characters"), allowed())),
        }
    }

    /// Up to `max` texts of 1 to `max_chars` characters.
    pub fn texts(
        &self,
        name: &str,
        max: usize,
        max_chars: usize,
    ) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(value) = self.table.get(name) else {
            return Ok(None);
        };
        let items = self.items(name, value, max)?;
        let texts = items.iter().enumerate();
        texts
            .map(|(i, item)| self.text_of(&format!("{name}[{i}]"), item, max_chars))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn items(&self, name: &str, value: &'a Value, max: usize) -> Result<&'a [Value], ConfigError> {
        let Some(items) = value.as_array() else {
            return Err(self.fault(name, quote(value), "a list"));
        };
        match items.len() <= max {
            true => Ok(items),
            false => Err(self.fault(
                name,
                format!("{} entries", items.len()),
                format!("at most {max}"),
            )),
        }
    }

    /// One of the words of `choices`.
    pub fn choice<T: Copy>(
        &self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.table.get(name) else {
            return Ok(None);
        };
        let chosen = value
            .as_str()
            .and_then(|word| choices.iter().find(|(choice, _)| *choice == word));
        match chosen {
            Some((_, choice)) => Ok(Some(*choice)),
            None => {
                let words: Vec<_> = choices
                    .iter()
                    .map(|(word, _)| format!("{word:?}"))
                    .collect();
                Err(self.fault(name, quote(value), words.join(" or ")))
            }
        }
    }

    /// `[min, max]`, both within `allowed`.
    pub fn range(&self, name: &str, allowed: Range) -> Result<Option<Range>, ConfigError> {
        self.table
            .get(name)
            .map(|value| self.range_of(name, value, allowed))
            .transpose()
    }

    fn range_of(&self, name: &str, value: &Value, allowed: Range) -> Result<Range, ConfigError> {
        let Some([min, max]) = value.as_array().map(Vec::as_slice) else {
            return Err(self.fault(name, quote(value), "[min, max]"));
        };
        let min = self.number_of(&format!("{name}[0]"), min, allowed)?;
        let max = self.number_of(&format!("{name}[1]"), max, allowed)?;
        match min <= max {
            true => Ok(Range { min, max }),
            false => Err(self.fault(name, quote(value), "[min, max] with min <= max")),
        }
    }

    /// A table with the fields `known` and no others.
    pub fn table(&self, name: &str, known: &[&str]) -> Result<Option<Fields<'a>>, ConfigError> {
        let table = self.any_table(name)?;
        if let Some(table) = &table {
            table.check_known(known)?;
        }
        Ok(table)
    }

    fn any_table(&self, name: &str) -> Result<Option<Fields<'a>>, ConfigError> {
        self.table
            .get(name)
            .map(|value| self.table_of(name, value))
            .transpose()
    }

    fn table_of(&self, name: &str, value: &'a Value) -> Result<Fields<'a>, ConfigError> {
        match value.as_table() {
            Some(table) => Ok(Fields {
                table,
                origin: self.origin,
                path: self.path_of(name),
            }),
            None => Err(self.fault(name, quote(value), "a table")),
        }
    }

    /// Up to `max` tables with the fields `known` and no others.
    pub fn tables(
        &self,
        name: &str,
        max: usize,
        known: &[&str],
    ) -> Result<Vec<Fields<'a>>, ConfigError> {
        let Some(value) = self.table.get(name) else {
            return Ok(Vec::new());
        };
        let items = self.items(name, value, max)?;
        let tables = items.iter().enumerate().map(|(i, item)| {
            let table = self.table_of(&format!("{name}[{i}]"), item)?;
            table.check_known(known)?;
            Ok(table)
        });
        tables.collect()
    }

    /// A table of numbers with names of their own, each within `allowed`.
    pub fn numbers(
        &self,
        name: &str,
        allowed: Range,
    ) -> Result<BTreeMap<String, f64>, ConfigError> {
        self.entries(name, |table, key, value| {
            table.number_of(key, value, allowed)
        })
    }

    /// A table of `[min, max]` with names of their own, each within `allowed`.
    pub fn ranges(
        &self,
        name: &str,
        allowed: Range,
    ) -> Result<BTreeMap<String, Range>, ConfigError> {
        self.entries(name, |table, key, value| {
            table.range_of(key, value, allowed)
        })
    }

    fn entries<T>(
        &self,
        name: &str,
        read: impl Fn(&Fields<'a>, &str, &Value) -> Result<T, ConfigError>,
    ) -> Result<BTreeMap<String, T>, ConfigError> {
        let Some(table) = self.any_table(name)? else {
            return Ok(BTreeMap::new());
        };
        let entries = table.table.iter();
        entries
            .map(|(key, value)| Ok((key.clone(), read(&table, key, value)?)))
            .collect()
    }

    /// Is there a list `name`?
    pub fn is_list(&self, name: &str) -> bool {
        self.table.get(name).is_some_and(Value::is_array)
    }
}

/// A value as it might stand in the file, cut to a bearable length.
fn quote(value: &Value) -> String {
    let text = value.to_string().replace('\n', " ");
    match text.char_indices().nth(MAX_QUOTED_CHARS) {
        None => text,
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}
