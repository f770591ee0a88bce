//! `heliograph evaluate --merge`: the rows of all shards in one file.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::args::EvaluateArgs;
use super::finish::{self, Summary};
use super::grid::Shard;
use super::journal::{self, Found};
use super::row::Key;
use super::settings::{self, RunSettings};
use crate::exit::Ending;
use crate::figures::counted;
use crate::say::say;

/// Keys that an error names.
const NAMED: usize = 3;

/// Joins what the shards wrote.
///
/// # Errors
/// Names the shards and rows that are missing, and rows that contradict each other or the settings.
pub fn run(args: &EvaluateArgs) -> anyhow::Result<Ending> {
    let out = &args.out;
    let path = out.join(settings::FILE);
    let settings = RunSettings::read(&path)?
        .with_context(|| format!("{}: not found; shards write it", path.display()))?;
    let shards = shards(out)?;
    let mut found = Found::new();
    let mut again = Vec::new();
    for file in shards.values() {
        again.extend(journal::read(file, &mut found)?);
    }
    if !again.is_empty() {
        let (rows, named) = (counted(again.len() as u64, "row"), named(&again));
        say!("heliograph: {rows} found again, equal to the first; each is kept once: {named}");
    }
    check(out, &settings, &shards, &found)?;
    finish::write_rows(&out.join("rows.csv"), &settings, &found)?;
    let summary = Summary {
        rows: found.len(),
        skipped: skipped(&out.join("skipped.csv")),
        folder: out.clone(),
        interrupted: false,
    };
    summary.say(args.json, &heliograph_evidence::remake(out)?.files)
}

/// Files of the shards by index, all of one count.
fn shards(out: &Path) -> anyhow::Result<BTreeMap<usize, PathBuf>> {
    let named = || format!("{}: folder cannot be read", out.display());
    let mut files: Vec<(Shard, PathBuf)> = Vec::new();
    for entry in fs::read_dir(out).with_context(named)? {
        let path = entry.with_context(named)?.path();
        if let Some(shard) = path.file_name().and_then(|n| shard(n.to_str()?)) {
            files.push((shard, path));
        }
    }
    files.sort_by_key(|(shard, _)| (shard.count, shard.index));
    let (first, last) = files.first().zip(files.last()).with_context(|| {
        format!(
            "{}: found no rows-I-of-N.csv, allowed those of one N",
            out.display()
        )
    })?;
    if first.0.count != last.0.count {
        let (one, other) = (first.1.display(), last.1.display());
        anyhow::bail!(
            "{one}: found beside {other}, allowed shards of one N; remove the older ones"
        );
    }
    Ok(files
        .into_iter()
        .map(|(shard, path)| (shard.index, path))
        .collect())
}

fn shard(name: &str) -> Option<Shard> {
    let (index, count) = name
        .strip_prefix("rows-")?
        .strip_suffix(".csv")?
        .split_once("-of-")?;
    format!("{index}/{count}").parse().ok()
}

/// Every row once, and no other.
fn check(
    out: &Path,
    settings: &RunSettings,
    shards: &BTreeMap<usize, PathBuf>,
    found: &Found,
) -> anyhow::Result<()> {
    let asked: HashSet<Key> = settings.keys().collect();
    if let Some(foreign) = found.keys().filter(|key| !asked.contains(key)).min() {
        let (out, row) = (out.display(), words(foreign));
        anyhow::bail!(
            "{out}: found the row {row}, which {} does not ask for",
            settings::FILE
        );
    }
    let missing: Vec<Key> = settings
        .keys()
        .filter(|key| !found.contains_key(key))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (out, gaps, all) = (out.display(), missing.len(), asked.len());
    let (named, absent) = (named(&missing), absent(shards));
    anyhow::bail!("{out}: {gaps} of {all} rows are missing: {named}{absent}")
}

/// The first few.
pub fn named(keys: &[Key]) -> String {
    let first: Vec<String> = keys.iter().take(NAMED).map(words).collect();
    let more = if keys.len() > NAMED { " ..." } else { "" };
    first.join(", ") + more
}

/// Shards without a file.
fn absent(shards: &BTreeMap<usize, PathBuf>) -> String {
    let count = shards
        .values()
        .next()
        .and_then(|path| shard(path.file_name()?.to_str()?));
    let all = 1..=count.map_or(0, |shard| shard.count);
    let absent: Vec<String> = all
        .filter(|i| !shards.contains_key(i))
        .map(|i| i.to_string())
        .collect();
    match absent.len() {
        0 => String::new(),
        1..=20 => format!("; shards without a file: {}", absent.join(", ")),
        n => format!(
            "; shards without a file: {n}, the first {}",
            absent[..20].join(", ")
        ),
    }
}

fn words(key: &Key) -> String {
    let Key {
        picture,
        channel,
        cbr,
        snr_db,
        codec,
        seed,
    } = key;
    format!("{picture} {channel} {cbr} {snr_db} dB {codec} seed {seed}")
}

/// Photos that were skipped: lines behind the header.
fn skipped(path: &Path) -> usize {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().count().saturating_sub(1)
}
