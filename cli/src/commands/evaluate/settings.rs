//! `run.json`: the settings that decide results. Rows of other settings do not belong in the same folder.

use std::fs;
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::row::Key;
use crate::output;

/// The file's name.
pub const FILE: &str = "run.json";

/// Draws of a photo that can be asked for.
pub const SEEDS: RangeInclusive<u64> = 1..=10_000;

/// Rows are held in memory.
const MOST_ROWS: u64 = 100_000_000;

/// In words, as the report shows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSettings {
    pub program: String,
    /// Names in the rows.
    pub pictures: Vec<String>,
    pub picture_files: Vec<String>,
    pub snr_db: Vec<String>,
    pub cbr: Vec<String>,
    pub codecs: Vec<String>,
    pub weights: Vec<String>,
    pub channels: Vec<String>,
    pub channel_settings: Vec<String>,
    pub seeds: u64,
    pub sample_rate_hz: f64,
    /// Which weights the semantic figures are from.
    #[serde(default)]
    pub semantic: Option<String>,
    /// Flags that name files, without the folders of these, and the command of codec external: what the report says to type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

impl RunSettings {
    /// Reads the file; `None` when there is none.
    ///
    /// # Errors
    /// Names the file and what is wrong in it.
    pub fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.with_context(|| format!("{}: cannot be read", path.display()))?,
        };
        let settings: Self = serde_json::from_str(&text)
            .with_context(|| format!("{}: no settings of a run", path.display()))?;
        settings.check(path)?;
        Ok(Some(settings))
    }

    /// A file may say anything.
    fn check(&self, path: &Path) -> anyhow::Result<()> {
        let path = path.display();
        if !SEEDS.contains(&self.seeds) {
            let (found, first, last) = (self.seeds, SEEDS.start(), SEEDS.end());
            anyhow::bail!("{path}: seeds: found {found}, allowed {first} to {last}");
        }
        let rows = self
            .lists()
            .iter()
            .try_fold(self.seeds, |rows, list| rows.checked_mul(list.len() as u64));
        match rows {
            Some(rows) if (1..=MOST_ROWS).contains(&rows) => Ok(()),
            _ => anyhow::bail!(
                "{path}: pictures, channels, cbr, snr_db, codecs and seeds must make 1 to {MOST_ROWS} rows"
            ),
        }
    }

    /// What rows are sorted by, slowest first; seeds come behind.
    fn lists(&self) -> [&Vec<String>; 5] {
        [
            &self.pictures,
            &self.channels,
            &self.cbr,
            &self.snr_db,
            &self.codecs,
        ]
    }

    /// Writes the file, unless there is one.
    ///
    /// # Errors
    /// Names the file.
    pub fn write_if_new(&self, path: &Path) -> anyhow::Result<()> {
        output::write_new_text(path, &(serde_json::to_string_pretty(self)? + "\n"))?;
        Ok(())
    }

    /// Compares with what a folder was begun with.
    ///
    /// # Errors
    /// The first field that differs, with what was found and what is asked.
    pub fn must_equal(&self, found: &Self, path: &Path) -> anyhow::Result<()> {
        let (asked, found) = (serde_json::to_value(self)?, serde_json::to_value(found)?);
        let fields = asked.as_object().into_iter().flatten();
        for (field, asked) in fields {
            if let Some((found, asked)) = first_difference(&found[field], asked) {
                let path = path.display();
                anyhow::bail!(
                    "{path}: {field}: found {found}, asked for is {asked}; the same settings go on, others need another --out"
                );
            }
        }
        Ok(())
    }

    /// All that is to be measured, in the order of `rows.csv`.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        let lists = self.lists();
        let counts = lists.map(Vec::len);
        let total = counts.iter().product::<usize>() as u64 * self.seeds;
        (0..total).map(move |place| {
            let mut rest = (place / self.seeds) as usize;
            let mut at = [0; 5];
            for list in (0..5).rev() {
                at[list] = rest % counts[list];
                rest /= counts[list];
            }
            let [picture, channel, cbr, snr_db, codec] =
                std::array::from_fn(|list| lists[list][at[list]].clone());
            Key {
                picture,
                channel,
                cbr,
                snr_db,
                codec,
                seed: (place % self.seeds).to_string(),
            }
        })
    }
}

/// The first pair that differs, in words.
fn first_difference(found: &Value, asked: &Value) -> Option<(String, String)> {
    if found == asked {
        return None;
    }
    let (Some(old), Some(new)) = (found.as_array(), asked.as_array()) else {
        return Some((found.to_string(), asked.to_string()));
    };
    let words = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
    let place = (0..).find(|i| old.get(*i) != new.get(*i))?;
    Some((words(old.get(place)), words(new.get(place))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> RunSettings {
        let list = |text: &str| text.split(' ').map(str::to_owned).collect();
        RunSettings {
            program: "heliograph 0".to_owned(),
            pictures: list("a b"),
            picture_files: list("a.png b.png"),
            snr_db: list("1 7"),
            cbr: list("1/48"),
            codecs: list("softcast deepjscc-0"),
            weights: list("-"),
            channels: list("awgn"),
            channel_settings: list("-"),
            seeds: 2,
            sample_rate_hz: 2e6,
            semantic: None,
            files: Vec::new(),
        }
    }

    #[test]
    fn keys_run_through_the_lists_seeds_fastest() {
        let keys: Vec<Key> = settings().keys().collect();
        assert_eq!(keys.len(), 16);
        let [first, second, third] = [0, 1, 2].map(|i| (&*keys[i].codec, &*keys[i].seed));
        assert_eq!(
            [first, second, third],
            [("softcast", "0"), ("softcast", "1"), ("deepjscc-0", "0")]
        );
        assert_eq!((&*keys[15].picture, &*keys[15].snr_db), ("b", "7"));
    }

    #[test]
    fn a_file_that_asks_for_too_much_or_nothing_is_refused() {
        let path = std::env::temp_dir().join(format!("run-{}.json", std::process::id()));
        let read = |change: fn(&mut RunSettings)| {
            let mut settings = settings();
            change(&mut settings);
            let _ = fs::remove_file(&path);
            settings.write_if_new(&path).unwrap();
            RunSettings::read(&path).map_err(|error| error.to_string())
        };
        assert!(read(|_| ()).is_ok());
        assert!(
            read(|s| s.seeds = 0)
                .unwrap_err()
                .contains("found 0, allowed 1 to 10000")
        );
        assert!(read(|s| s.seeds = u64::MAX).unwrap_err().contains("seeds"));
        assert!(
            read(|s| s.codecs.clear())
                .unwrap_err()
                .contains("1 to 100000000 rows")
        );
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_difference_names_field_found_and_asked() {
        let (old, mut new) = (settings(), settings());
        new.snr_db.push("9".to_owned());
        let error = new.must_equal(&old, Path::new("run.json")).unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains("snr_db: found nothing, asked for is \"9\""),
            "{said}"
        );
        new.must_equal(&new.clone(), Path::new("run.json")).unwrap();
    }
}
