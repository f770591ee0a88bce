//! Rows of earlier runs that this one would measure again to the last byte: they are taken over.

use std::path::Path;

use anyhow::Context;

use super::journal::{self, Found};
use super::row::{Key, Row};
use super::settings::{self, RunSettings};

/// What an earlier run gives.
pub struct Taken {
    pub rows: Vec<Row>,
    /// All that both runs measure alike, whether it was found before or not.
    pub shared: Vec<Key>,
    /// Why there are not more, as far as settings differ.
    pub why: Vec<String>,
}

/// Rows of the run in `folder` that `asked` asks for and `found` lacks: of the same photo, channel, codec, weights, sample rate,
/// version and semantic network.
///
/// # Errors
/// Names the file that is missing, or is none of a run.
pub fn rows(folder: &Path, asked: &RunSettings, found: &Found) -> anyhow::Result<Taken> {
    let path = folder.join(settings::FILE);
    let settings = RunSettings::read(&path)?
        .with_context(|| format!("--rows-from: {}: not found", path.display()))?;
    let mut theirs = Found::new();
    for name in ["rows.csv", "rows.partial.csv"] {
        journal::read(&folder.join(name), &mut theirs)?;
    }
    let same = Same::of(asked, &settings);
    let shared = asked
        .keys()
        .filter(|key| same.holds(key) && theirs.contains_key(key));
    let shared: Vec<Key> = shared.collect();
    let wanted = shared.iter().filter(|key| !found.contains_key(key));
    let row = |key: &Key| Row {
        key: key.clone(),
        result: theirs[key].clone(),
    };
    Ok(Taken {
        rows: wanted.map(row).collect(),
        shared,
        why: differences(asked, &settings),
    })
}

/// What keeps rows from being taken over, in words.
fn differences(asked: &RunSettings, theirs: &RunSettings) -> Vec<String> {
    let semantic = |run: &RunSettings| run.semantic.clone().unwrap_or_else(|| "none".to_owned());
    let of_all = [
        ("program", theirs.program.clone(), asked.program.clone()),
        (
            "sample_rate_hz",
            theirs.sample_rate_hz.to_string(),
            asked.sample_rate_hz.to_string(),
        ),
        ("semantic", semantic(theirs), semantic(asked)),
    ];
    let of_all = of_all
        .into_iter()
        .filter(|(_, found, asked)| found != asked);
    let lists = [
        ("pictures", &theirs.picture_files, &asked.picture_files),
        (
            "channels",
            &theirs.channel_settings,
            &asked.channel_settings,
        ),
        ("cbr", &theirs.cbr, &asked.cbr),
        ("snr_db", &theirs.snr_db, &asked.snr_db),
        ("codecs", &theirs.codecs, &asked.codecs),
    ];
    let apart = lists
        .into_iter()
        .filter(|(_, found, asked)| !found.iter().any(|entry| asked.contains(entry)))
        .map(|(field, found, asked)| (field, found.join(", "), asked.join(", ")));
    of_all
        .chain(apart)
        .chain(other_weights(asked, theirs))
        .map(|(field, found, asked)| format!("{field}: found {found}, asked for {asked}"))
        .collect()
}

/// The weights of codecs that both runs have, where they differ.
fn other_weights(
    asked: &RunSettings,
    theirs: &RunSettings,
) -> Option<(&'static str, String, String)> {
    let differs = |codec: &&String| weights(asked, codec) != weights(theirs, codec);
    let shared = asked.codecs.iter().filter(|c| theirs.codecs.contains(c));
    let codecs: Vec<&String> = shared.filter(differs).collect();
    let of = |run| {
        let named = codecs
            .iter()
            .map(|codec| format!("{codec}: {}", weights(run, codec).unwrap_or("none")));
        named.collect::<Vec<_>>().join(", ")
    };
    (!codecs.is_empty()).then(|| ("weights", of(theirs), of(asked)))
}

/// What two runs have in common, by the names in the rows.
struct Same {
    pictures: Vec<String>,
    channels: Vec<String>,
    codecs: Vec<String>,
}

impl Same {
    fn of(asked: &RunSettings, theirs: &RunSettings) -> Self {
        let of_all = |run: &RunSettings| {
            let (program, semantic) = (run.program.clone(), run.semantic.clone());
            (program, run.sample_rate_hz.to_bits(), semantic)
        };
        if of_all(asked) != of_all(theirs) {
            return Self {
                pictures: Vec::new(),
                channels: Vec::new(),
                codecs: Vec::new(),
            };
        }
        let codecs = asked.codecs.iter().filter(|codec| {
            theirs.codecs.contains(codec) && weights(asked, codec) == weights(theirs, codec)
        });
        Self {
            pictures: in_common(asked, theirs, |run| (&run.pictures, &run.picture_files)),
            channels: in_common(asked, theirs, |run| (&run.channels, &run.channel_settings)),
            codecs: codecs.cloned().collect(),
        }
    }

    fn holds(&self, key: &Key) -> bool {
        self.pictures.contains(&key.picture)
            && self.channels.contains(&key.channel)
            && self.codecs.contains(&key.codec)
    }
}

/// Names with the same words behind them in both.
fn in_common(
    asked: &RunSettings,
    theirs: &RunSettings,
    lists: fn(&RunSettings) -> (&Vec<String>, &Vec<String>),
) -> Vec<String> {
    let pairs = |run| {
        let (names, words) = lists(run);
        names.iter().zip(words)
    };
    let theirs: Vec<_> = pairs(theirs).collect();
    pairs(asked)
        .filter(|pair| theirs.contains(pair))
        .map(|(name, _)| name.clone())
        .collect()
}

/// `LABEL: HASH` of a codec that has weights.
fn weights<'a>(settings: &'a RunSettings, codec: &str) -> Option<&'a str> {
    let hash = |entry: &'a String| entry.strip_prefix(codec)?.strip_prefix(": ");
    settings.weights.iter().find_map(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(codecs: &[&str], weights: &[&str]) -> RunSettings {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        RunSettings {
            program: "heliograph".to_owned(),
            pictures: owned(&["a"]),
            picture_files: owned(&["a.png: 1 byte"]),
            snr_db: owned(&["0"]),
            cbr: owned(&["1/48"]),
            codecs: owned(codecs),
            weights: owned(weights),
            channels: owned(&["awgn"]),
            channel_settings: owned(&["awgn: {}"]),
            seeds: 1,
            sample_rate_hz: 2e6,
            semantic: None,
            files: Vec::new(),
        }
    }

    #[test]
    fn other_weights_are_named_and_their_rows_left() {
        let asked = run(&["softcast", "deepjscc"], &["deepjscc: aaaa"]);
        let theirs = run(&["deepjscc", "softcast"], &["deepjscc: bbbb"]);
        let why = "weights: found deepjscc: bbbb, asked for deepjscc: aaaa";
        assert_eq!(differences(&asked, &theirs), [why]);
        assert_eq!(Same::of(&asked, &theirs).codecs, ["softcast"]);
        assert!(differences(&asked, &asked).is_empty());
    }
}
