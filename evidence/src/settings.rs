//! What lies beside the rows: `run.json` with the settings, `skipped.csv` with the pictures that were left out.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::Value;

use crate::Error;
use crate::rows::unreadable;

/// Settings and their values in words, by name; none without the file.
///
/// # Errors
/// The file cannot be read or holds no JSON object.
pub fn read(path: &Path) -> Result<Vec<(String, String)>, Error> {
    let Some(text) = read_if_there(path)? else {
        return Ok(Vec::new());
    };
    let wrong = |what: String| Error::Settings {
        path: path.into(),
        what,
    };
    match serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))? {
        Value::Object(settings) => {
            let words = settings.into_iter().map(|(name, v)| (name, words(&v)));
            // A feature of the JSON crate, switched on elsewhere, would change their order.
            Ok(words.collect::<BTreeMap<_, _>>().into_iter().collect())
        }
        other => Err(wrong(format!("it holds {other}"))),
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) if values.iter().all(|v| !v.is_object() && !v.is_array()) => {
            values.iter().map(words).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// Pictures and why each was skipped; none without the file.
///
/// # Errors
/// The file cannot be read, or a line has not two fields.
pub fn read_skipped(path: &Path) -> Result<Vec<(String, String)>, Error> {
    let Some(text) = read_if_there(path)? else {
        return Ok(Vec::new());
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| unreadable(path, &e))?;
    if header.iter().ne(["picture", "reason"]) {
        return Err(Error::Header {
            path: path.into(),
            found: header.iter().collect::<Vec<_>>().join(","),
            allowed: "picture,reason".to_owned(),
        });
    }
    let records = reader.records().map(|record| {
        let record = record.map_err(|e| unreadable(path, &e))?;
        Ok((record[0].to_owned(), record[1].to_owned()))
    });
    records.collect()
}

fn read_if_there(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Io {
            path: path.into(),
            source,
        }),
    }
}
