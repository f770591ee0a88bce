//! The end of a run: rows sorted and whole, and what was made of them in words.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::journal::Found;
use super::row::{HEADER, Key, Row};
use super::settings::RunSettings;
use crate::exit::Ending;
use crate::figures::counted;
use crate::json;
use crate::output;

/// Writes the rows in the order of the settings.
///
/// # Errors
/// Names the file.
pub fn write_rows(path: &Path, settings: &RunSettings, found: &Found) -> anyhow::Result<()> {
    let row = |key: Key| {
        let result = found.get(&key)?.clone();
        Some(Row { key, result }.to_string() + "\n")
    };
    let rows: String = settings.keys().filter_map(row).collect();
    output::write_text(path, &format!("{HEADER}\n{rows}"))
}

/// What a run came to.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub rows: usize,
    pub skipped: usize,
    pub folder: PathBuf,
    pub interrupted: bool,
}

impl Summary {
    /// Prints it.
    ///
    /// # Errors
    /// What standard output says.
    pub fn say(&self, json: bool, made: &[PathBuf]) -> anyhow::Result<Ending> {
        if json {
            output::print(&json::line(self)?)?;
        } else {
            self.say_words(made)?;
        }
        Ok(if self.interrupted {
            Ending::Interrupted
        } else {
            Ending::Done
        })
    }

    fn say_words(&self, made: &[PathBuf]) -> anyhow::Result<()> {
        let (rows, skipped) = (counted(self.rows as u64, "row"), self.skipped as u64);
        let skipped = match skipped {
            0 => String::new(),
            n => format!("; skipped {} (skipped.csv)", counted(n, "photo")),
        };
        output::print(&format!("{}: {rows}{skipped}", self.folder.display()))?;
        for file in made {
            output::print(&file.display().to_string())?;
        }
        Ok(())
    }
}
