//! `heliograph evaluate`: codecs over the whole waveform on a folder of photos.

mod args;
mod grid;
mod row;
mod settings;

mod contender;
mod photos;
mod plan;

mod air;
mod digital;
mod kept;
mod link;
mod medium;

mod earlier;
mod finish;
mod journal;
mod merge;
mod work;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::Context;
use heliograph_baselines::Fitter;

pub use args::EvaluateArgs;

use finish::Summary;
use grid::{Shard, Unit, units};
use journal::{Found, Journal};
use plan::Plan;
use row::Key;
use settings::RunSettings;
use work::Work;

use crate::exit::Ending;
use crate::figures::counted;
use crate::progress::Progress;
use crate::say::say;
use crate::{interrupt, output};

/// Measures, or joins what shards measured.
///
/// # Errors
/// Names the file or flag.
pub fn run(args: &EvaluateArgs) -> anyhow::Result<Ending> {
    if args.merge {
        return merge::run(args);
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads.unwrap_or(0));
    let pool = pool.build().context("--threads: they cannot be started")?;
    let progress = Progress::logged("evaluate".to_owned());
    progress.busy("reading photos");
    let plan = pool.install(|| Plan::resolve(args))?;
    output::make_folder(&plan.out)?;
    let files = Files::new(&plan.out, args.shard);
    let mut found = begin(&plan, &files)?;
    take_over(&args.rows_from, &plan, &files, &mut found)?;
    let units = units_of(&plan, args.shard);
    let stop = interrupt::take_first();
    work(&plan, &files, &found, &units, &pool, &progress, stop)?;
    drop(progress);
    let mut rows = read_rows(&files)?;
    leave_out_foreign(&plan.settings, &mut rows);
    let summary = Summary {
        rows: rows.len(),
        skipped: plan.photos.skipped.len(),
        folder: plan.out.clone(),
        interrupted: stop.load(Ordering::Relaxed),
    };
    if summary.interrupted {
        say!(
            "heliograph: interrupted; {} rows are in {}; the same command goes on",
            rows.len(),
            files.partial.display()
        );
        return summary.say(args.json, &[]);
    }
    finish::write_rows(&files.whole, &plan.settings, &rows)?;
    output::remove_stale(&files.partial)?;
    let made = match args.shard {
        Some(_) => Vec::new(),
        None => heliograph_evidence::remake(&plan.out)?.files,
    };
    summary.say(args.json, &made)
}

/// Where rows go.
pub struct Files {
    pub whole: PathBuf,
    pub partial: PathBuf,
}

impl Files {
    pub fn new(out: &Path, shard: Option<Shard>) -> Self {
        let stem = shard.map_or("rows".to_owned(), |shard| format!("rows-{shard}"));
        Self {
            whole: out.join(format!("{stem}.csv")),
            partial: out.join(format!("{stem}.partial.csv")),
        }
    }
}

/// Checks that the folder's rows are of these settings, and reads them.
fn begin(plan: &Plan, files: &Files) -> anyhow::Result<Found> {
    plan.photos.say_skipped();
    let path = plan.out.join(settings::FILE);
    let found = read_rows(files)?;
    if !found.is_empty() && !path.exists() {
        let rows = found.len();
        anyhow::bail!(
            "{}: not found beside {rows} rows; choose another --out",
            path.display()
        );
    }
    // Shards may start at once: one writes the file, all compare with what is in it.
    plan.settings.write_if_new(&path)?;
    let settings = RunSettings::read(&path)?;
    let settings = settings.with_context(|| format!("{}: not found", path.display()))?;
    plan.settings.must_equal(&settings, &path)?;
    plan.photos.write_skipped(&plan.out.join("skipped.csv"))?;
    Ok(found)
}

/// Rows of earlier runs, with the pictures that were kept of them, to disk and to what is found.
fn take_over(
    folders: &[PathBuf],
    plan: &Plan,
    files: &Files,
    found: &mut Found,
) -> anyhow::Result<()> {
    for folder in folders {
        let rows = earlier::rows(folder, &plan.settings, found)?;
        let (count, from) = (counted(rows.rows.len() as u64, "row"), folder.display());
        let others: String = rows.why.iter().map(|why| format!("; {why}")).collect();
        say!("heliograph: {count} taken over from {from}{others}");
        for key in rows.shared.iter().filter(|key| plan.keeps(key)) {
            kept::take(folder, &plan.out, key)?;
        }
        let rows = rows.rows;
        Journal::open(&files.partial)?.append(&rows)?;
        found.extend(rows.into_iter().map(|row| (row.key, row.result)));
    }
    Ok(())
}

/// A damaged name makes a row of nothing that is asked for.
fn leave_out_foreign(settings: &RunSettings, rows: &mut Found) {
    let asked: HashSet<Key> = settings.keys().collect();
    let mut foreign: Vec<Key> = rows
        .keys()
        .filter(|key| !asked.contains(key))
        .cloned()
        .collect();
    foreign.sort_unstable();
    for key in &foreign {
        rows.remove(key);
    }
    if !foreign.is_empty() {
        let count = counted(foreign.len() as u64, "row");
        let named = merge::named(&foreign);
        say!(
            "heliograph: {count} left out that {} does not ask for: {named}",
            settings::FILE
        );
    }
}

fn read_rows(files: &Files) -> anyhow::Result<Found> {
    let mut found = Found::new();
    journal::read(&files.whole, &mut found)?;
    journal::read(&files.partial, &mut found)?;
    Ok(found)
}

/// The units of this run.
fn units_of(plan: &Plan, shard: Option<Shard>) -> Vec<Unit> {
    let (pictures, channels) = (plan.photos.pictures.len(), plan.channels.len());
    let (cbrs, senders) = (plan.cbrs.0.len(), plan.parties.len());
    let all = units(pictures, channels, cbrs, senders, plan.settings.seeds);
    let takes = |place: usize| shard.is_none_or(|shard| shard.takes(place));
    let ours = all
        .into_iter()
        .enumerate()
        .filter(|(place, _)| takes(*place));
    ours.map(|(_, unit)| unit).collect()
}

/// Measures what is missing.
fn work(
    plan: &Plan,
    files: &Files,
    found: &Found,
    units: &[Unit],
    pool: &rayon::ThreadPool,
    progress: &Progress,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let work = Work {
        plan,
        found,
        journal: Mutex::new(Journal::open(&files.partial)?),
        progress,
        stop,
        failed: AtomicBool::new(false),
        fitter: Arc::new(Fitter::default()),
    };
    progress.expect(work.remaining(units) as u64, "rows");
    work.run(pool, units)
}
