//! Rows that are kept in a file, so that an interrupted run goes on.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::Error;

/// A line of settings, then a line a photo.
pub struct Journal {
    found: HashMap<String, Vec<Value>>,
    file: Mutex<File>,
}

impl Journal {
    /// Reads what is there; a last line that was cut off does not count.
    pub fn open(path: &Path, settings: &[String]) -> Result<Self, Error> {
        let mut found = HashMap::new();
        let settings = json!({ "settings": settings });
        let mut is_new = true;
        if path.exists() {
            for line in BufReader::new(File::open(path)?).lines() {
                let Ok(line) = serde_json::from_str::<Value>(&line?) else {
                    continue;
                };
                if is_new && line != settings {
                    let words = format!(
                        "{}: found rows of {line}, allowed {settings}",
                        path.display()
                    );
                    return Err(words.into());
                }
                is_new = false;
                let (photo, rows) = (line["photo"].as_str(), line["rows"].as_array());
                if let (Some(photo), Some(rows)) = (photo, rows) {
                    found.insert(photo.to_owned(), rows.clone());
                }
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let journal = Self {
            found,
            file: Mutex::new(file),
        };
        if is_new {
            journal.write(&settings)?;
        }
        Ok(journal)
    }

    /// The rows of a photo by its name, measured unless they are there.
    pub fn rows_of(
        &self,
        photo: &str,
        measure: impl FnOnce() -> Result<Vec<Value>, Error>,
    ) -> Result<Vec<Value>, Error> {
        if let Some(rows) = self.found.get(photo) {
            return Ok(rows.clone());
        }
        let rows = measure()?;
        self.write(&json!({ "photo": photo, "rows": rows }))?;
        Ok(rows)
    }

    /// Whole lines, each begun on a line of its own whatever was cut off before.
    fn write(&self, line: &Value) -> Result<(), Error> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(file.write_all(format!("\n{line}\n").as_bytes())?)
    }
}
