//! `heliograph soak`: bursts without pictures through a channel, and what the link makes of them.

mod args;
mod chunk;
mod noise;
mod sent;
mod settings;
mod statistics;
mod stream;
mod summary;
mod table;
mod workers;

use std::sync::atomic::AtomicBool;

pub use args::SoakArgs;
use settings::Settings;
use summary::Summary;

use crate::exit::Ending;
use crate::progress::Progress;
use crate::{interrupt, output};

/// Runs the command.
///
/// # Errors
/// Arguments out of range, a channel that cannot be read, a file that cannot be written.
pub fn run(args: &SoakArgs) -> anyhow::Result<Ending> {
    let settings = Settings::resolve(args)?;
    if let Some(path) = &args.out {
        output::check_place(path)?;
    }
    let summary = soak(&settings, interrupt::take_first())?;
    let json = serde_json::to_string_pretty(&summary)?;
    let words = if args.json {
        &json
    } else {
        &table::render(&summary)
    };
    // Either way is left if the other fails.
    let printed = output::print(words.trim_end());
    if let Some(path) = &args.out {
        output::write_text(path, &format!("{json}\n"))?;
    }
    printed?;
    Ok(if summary.interrupted {
        Ending::Interrupted
    } else {
        Ending::Done
    })
}

/// All streams of a run, or those that were done when `stop` was raised.
fn soak(settings: &Settings, stop: &AtomicBool) -> anyhow::Result<Summary> {
    let (total, each) = match settings.noise_only_samples {
        Some(samples) => (samples, noise::STREAM_SAMPLES),
        None => (settings.bursts as u64, stream::STREAM_BURSTS as u64),
    };
    let streams = total.div_ceil(each) as usize;
    let progress = Progress::new("soak".to_owned());
    progress.expect(streams as u64, "streams");
    let results = workers::run(streams, settings.threads, stop, |index| {
        let count = each.min(total - index as u64 * each);
        let result = match settings.noise_only_samples {
            Some(_) => noise::run(settings, index as u64, count)?,
            None => stream::run(settings, index as u64, count as usize)?,
        };
        progress.step();
        Ok(result)
    })?;
    Ok(Summary::new(settings, &results, results.len() < streams))
}

#[cfg(test)]
mod tests;
