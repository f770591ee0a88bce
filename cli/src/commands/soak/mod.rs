//! `heliograph soak`: bursts without pictures through a channel, and what the link makes of them.

mod noise;
mod sent;
mod settings;
mod statistics;
mod stream;
mod summary;
mod table;
mod workers;

use std::io::IsTerminal;
use std::sync::atomic::AtomicBool;

use indicatif::{ProgressBar, ProgressStyle};

use settings::Settings;
pub use settings::SoakArgs;
use summary::Summary;

use crate::exit::Ending;
use crate::{interrupt, output};

/// Runs the command.
///
/// # Errors
/// Arguments out of range, a channel that cannot be read, a file that cannot be written.
pub fn run(args: &SoakArgs) -> anyhow::Result<Ending> {
    let settings = args.resolve()?;
    let summary = soak(&settings, interrupt::take_first())?;
    let json = serde_json::to_string_pretty(&summary)?;
    if let Some(path) = &args.out {
        output::write_text(path, &format!("{json}\n"))?;
    }
    if args.json {
        output::print(&json)?;
    } else {
        output::print(table::render(&summary).trim_end())?;
    }
    Ok(Ending::Done)
}

/// All streams of a run.
fn soak(settings: &Settings, stop: &AtomicBool) -> anyhow::Result<Summary> {
    let (total, each) = match settings.noise_only_samples {
        Some(samples) => (samples, noise::STREAM_SAMPLES),
        None => (settings.bursts as u64, stream::STREAM_BURSTS as u64),
    };
    let streams = total.div_ceil(each) as usize;
    let progress = progress(total, settings);
    let results = workers::run(streams, settings.threads, stop, |index| {
        let count = each.min(total - index as u64 * each);
        let result = match settings.noise_only_samples {
            Some(_) => noise::run(settings, index as u64, count)?,
            None => stream::run(settings, index as u64, count as usize)?,
        };
        progress.inc(count);
        Ok(result)
    })?;
    progress.finish_and_clear();
    Ok(Summary::new(settings, &results, results.len() < streams))
}

/// A progress bar on terminals, nothing elsewhere.
fn progress(total: u64, settings: &Settings) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let unit = if settings.noise_only_samples.is_some() {
        "samples"
    } else {
        "bursts"
    };
    let template = format!("{{bar:32}} {{human_pos}} of {{human_len}} {unit}, {{eta}} left");
    let style =
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}

#[cfg(test)]
mod tests;
