//! TOML to [`PropagationConfig`], with errors that name the field.
//!
//! serde's messages name a line but not the path. Every field being optional, the one at fault is found by reading the
//! document again piece by piece: a document with that piece alone fails, all others pass.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use toml::{Table, Value};

use super::{PropagationConfig, PropagationError};

/// Longest file: a channel of 64 taps takes a tenth of it.
const MAX_BYTES: u64 = 65_536;

/// Longest value quoted in an error.
const MAX_QUOTED_CHARS: usize = 60;

impl PropagationConfig {
    /// Reads and checks a description in TOML.
    ///
    /// # Errors
    /// [`PropagationError::Syntax`] or [`PropagationError::Field`].
    pub fn from_toml_str(text: &str) -> Result<Self, PropagationError> {
        let table: Table =
            text.parse()
                .map_err(|error: toml::de::Error| PropagationError::Syntax {
                    origin: "propagation".to_owned(),
                    message: error.to_string().trim_end().to_owned(),
                })?;
        let config = Self::deserialize_table(&table).map_err(|error| find_fault(&table, &error))?;
        config.validate()?;
        Ok(config)
    }

    /// Reads and checks a file (at most 64 KiB).
    ///
    /// # Errors
    /// As [`from_toml_str`](Self::from_toml_str), and [`PropagationError::Read`] or [`PropagationError::TooLong`]; all of
    /// them name the file.
    pub fn from_file(path: &Path) -> Result<Self, PropagationError> {
        let text = read_bounded(path)?;
        Self::from_toml_str(&text).map_err(|error| error.in_origin(&path.display().to_string()))
    }

    fn deserialize_table(table: &Table) -> Result<Self, String> {
        table
            .clone()
            .try_into()
            .map_err(|error: toml::de::Error| error.message().to_owned())
    }
}

fn read_bounded(path: &Path) -> Result<String, PropagationError> {
    let read_error = |source| PropagationError::Read {
        path: path.to_owned(),
        source,
    };
    let mut text = String::new();
    let file = File::open(path).map_err(read_error)?;
    let found_bytes = file
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(read_error)? as u64;
    if found_bytes > MAX_BYTES {
        return Err(PropagationError::TooLong {
            path: path.to_owned(),
            found_bytes: path
                .metadata()
                .map_or(found_bytes, |metadata| metadata.len()),
            allowed_bytes: MAX_BYTES,
        });
    }
    Ok(text)
}

/// The error for the field that makes `table` fail with `message`.
fn find_fault(table: &Table, message: &str) -> PropagationError {
    let mut fault = Fault::new(String::new(), &Value::Table(table.clone()), message);
    fault.narrow_table(table, &|document| document);
    PropagationError::Field {
        origin: "propagation".to_owned(),
        found: fault.found,
        allowed: fault.allowed,
        field: if fault.path.is_empty() {
            "the whole".to_owned()
        } else {
            fault.path
        },
    }
}

/// The smallest part of a document found so far that does not deserialize.
struct Fault {
    path: String,
    found: String,
    allowed: String,
    /// No field has this name: what is inside it does not matter.
    unknown: bool,
}

/// Puts a part of the document back where it came from, without its siblings.
type Embed<'a> = &'a dyn Fn(Value) -> Value;

impl Fault {
    /// The fault of `value` with serde's message, such as "invalid type: boolean `true`, expected f64".
    fn new(path: String, value: &Value, message: &str) -> Self {
        let unknown = message.starts_with("unknown field");
        let expected = message
            .rsplit_once("expected ")
            .map_or(message, |(_, expected)| expected);
        Self {
            path,
            found: if unknown {
                "an unknown field".to_owned()
            } else {
                quote(value)
            },
            allowed: in_words(expected),
            unknown,
        }
    }

    fn narrow_table(&mut self, table: &Table, embed: &dyn Fn(Value) -> Value) {
        for (key, value) in table {
            let alone =
                |value: Value| embed(Value::Table(Table::from_iter([(key.clone(), value)])));
            let dot = if self.path.is_empty() { "" } else { "." };
            let path = format!("{}{dot}{key}", self.path);
            if self.narrow_value(value, path, &alone) {
                return;
            }
        }
    }

    /// Goes on into `value` if the fault is there.
    fn narrow_value(&mut self, value: &Value, path: String, embed: Embed<'_>) -> bool {
        let Value::Table(document) = embed(value.clone()) else {
            return false;
        };
        let Err(message) = PropagationConfig::deserialize_table(&document) else {
            return false;
        };
        *self = Self::new(path, value, &message);
        match value {
            _ if self.unknown => {}
            Value::Table(table) if fits(embed, Table::new()) => self.narrow_table(table, embed),
            Value::Array(items) if fits(embed, Vec::<Value>::new()) => {
                self.narrow_array(items, embed);
            }
            _ => {}
        }
        true
    }

    fn narrow_array(&mut self, items: &[Value], embed: Embed<'_>) {
        for (i, item) in items.iter().enumerate() {
            let alone = |value: Value| embed(Value::Array(vec![value]));
            let path = format!("{}[{i}]", self.path);
            if self.narrow_value(item, path, &alone) {
                return;
            }
        }
    }
}

/// Whether an empty table or array may stand here: then the fault lies inside, else in its being one.
fn fits(embed: Embed<'_>, empty: impl Into<Value>) -> bool {
    matches!(embed(empty.into()), Value::Table(document) if PropagationConfig::deserialize_table(&document).is_ok())
}

/// serde's name of a type, for those who do not write Rust.
fn in_words(expected: &str) -> String {
    match expected {
        "f64" => "a number".to_owned(),
        "u32" | "u64" => "a whole number from 0 on".to_owned(),
        structure if structure.starts_with("struct ") => "a table".to_owned(),
        other => other.to_owned(),
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
