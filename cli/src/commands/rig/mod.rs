//! `heliograph rig run`: scenarios on a bench, limits, reports.

mod args;
mod bench;
mod figures;
mod plan;
mod process;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use anyhow::Context;
use heliograph_hardware::rig::{
    Measured, Outcome, PictureSource, Rig, RigReport, Scenario, ScenarioReport, to_html, to_json,
    to_junit,
};

pub use args::RigArgs;
use args::{RigAction, RunArgs};
pub use process::end_all;

use crate::exit::{Ending, UsageError};
use crate::progress::Progress;
use crate::{interrupt, output};

/// Files of the results.
const JUNIT: &str = "junit.xml";
const JSON: &str = "report.json";
const HTML: &str = "report.html";
/// Error of a scenario that Ctrl-C ended or kept from its begin.
const INTERRUPTED: &str = "interrupted";
/// Pictures within the page, at most; a page with more gets heavy.
const MAX_PICTURE_BYTES: u64 = 2 << 20;

/// Runs the command.
///
/// # Errors
/// A rig that cannot be read or believed, a folder that cannot be written.
pub fn run(args: &RigArgs) -> anyhow::Result<Ending> {
    let RigAction::Run(args) = &args.action;
    let rig = Rig::from_file(&args.file)?;
    let scenarios = chosen(&rig, &args.scenario)?;
    for scenario in &scenarios {
        plan::check(&rig, scenario)?;
    }
    if args.dry_run {
        let plans = scenarios.iter().map(|s| plan::words(&rig, s, args));
        let plans = plans.collect::<anyhow::Result<Vec<_>>>()?;
        output::print(&format!(
            "{}\n{}\n\n{}",
            rig.name,
            rig.wiring.trim(),
            plans.join("\n\n")
        ))?;
        return Ok(Ending::Done);
    }
    output::make_folder(&args.out)?;
    let interrupted = interrupt::take_first();
    let report = run_all(&rig, &scenarios, args, interrupted)?;
    write(&report, args)?;
    if args.json {
        output::print(&to_json(&report)?)?;
    }
    Ok(match report.outcome() {
        _ if interrupted.load(Ordering::Relaxed) => Ending::Interrupted,
        Outcome::Passed => Ending::Done,
        Outcome::Failed => Ending::Failed,
    })
}

/// The scenarios that were asked for, or all.
fn chosen<'a>(rig: &'a Rig, names: &[String]) -> anyhow::Result<Vec<&'a Scenario>> {
    for name in names {
        if !rig.scenarios.iter().any(|s| s.name == *name) {
            let known: Vec<&str> = rig.scenarios.iter().map(|s| s.name.as_str()).collect();
            let known = known.join(", ");
            return Err(UsageError(format!("--scenario: found {name:?}, allowed {known}")).into());
        }
    }
    let wanted = |s: &&Scenario| names.is_empty() || names.contains(&s.name);
    Ok(rig.scenarios.iter().filter(wanted).collect())
}

fn run_all(
    rig: &Rig,
    scenarios: &[&Scenario],
    args: &RunArgs,
    interrupted: &AtomicBool,
) -> anyhow::Result<RigReport> {
    let program = concat!("heliograph ", env!("CARGO_PKG_VERSION"));
    let mut report = RigReport::new(rig, program, SystemTime::now());
    for scenario in scenarios {
        if interrupted.load(Ordering::Relaxed) {
            // The report says that it is missing; its old results stay.
            report.add(scenario, not_run());
            continue;
        }
        let progress = Progress::new(scenario.name.clone());
        let measured = bench::run(rig, scenario, args, &progress, interrupted)?;
        drop(progress);
        report.add(scenario, measured);
        if !args.json {
            output::print(&words(report.scenarios.last().expect("one was added")))?;
        }
        // What was done so far is on disk, whatever comes next.
        write(&report, args)?;
    }
    Ok(report)
}

fn not_run() -> Measured {
    Measured {
        error: Some(INTERRUPTED.to_owned()),
        ..Measured::default()
    }
}

fn words(scenario: &ScenarioReport) -> String {
    let verdict = &scenario.verdict;
    let word = match (verdict.outcome(), &scenario.quarantine) {
        (Outcome::Passed, _) => "passed",
        (Outcome::Failed, None) => "FAILED",
        (Outcome::Failed, Some(_)) => "failed, in quarantine",
    };
    let mut lines = vec![format!(
        "{}: {word} ({} of {} pictures, {:.1} s)",
        scenario.name,
        scenario.measured.pictures.len(),
        scenario.measured.pictures_sent,
        scenario.measured.seconds
    )];
    lines.extend(verdict.error.iter().map(|error| format!("  {error}")));
    lines.extend(verdict.checks.iter().map(|check| format!("  {check}")));
    lines.join("\n")
}

fn write(report: &RigReport, args: &RunArgs) -> anyhow::Result<()> {
    let picture = |path: &str| {
        let path = args.out.join(path);
        let is_small = fs::metadata(&path).is_ok_and(|m| m.len() <= MAX_PICTURE_BYTES);
        match fs::read(path) {
            Ok(bytes) if is_small => PictureSource::Png(bytes),
            Ok(_) => PictureSource::Link,
            Err(_) => PictureSource::Absent,
        }
    };
    output::write_text(&args.out.join(JUNIT), &to_junit(report))?;
    let json = to_json(report).context("the report as JSON")?;
    output::write_text(&args.out.join(JSON), &(json + "\n"))?;
    output::write_text(&args.out.join(HTML), &to_html(report, &picture))
}
