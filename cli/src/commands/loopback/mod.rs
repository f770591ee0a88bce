//! `heliograph loopback`: photos through a simulated channel, painted, measured and reported.

mod args;
mod jobs;
mod journey;
mod measure;
mod on_page;
mod pages;
mod regions;
mod rounds;
mod settings;
mod summary;
mod words;

pub use args::{LoopbackArgs, numerology};

use crate::exit::{self, Ending, UsageError};
use crate::output;
use crate::report::{Outcome, Report};
use settings::{Announce, Settings};

/// Sends every photo; one that fails does not keep the others from their way.
///
/// # Errors
/// Flags that do not go together; the only photo that there is; a folder that cannot be made.
pub fn run(args: LoopbackArgs) -> anyhow::Result<Ending> {
    if args.page.page.is_some() && !args.again {
        let words = "--page: the photos are through before anyone looks; add --loop";
        return Err(UsageError(words.to_owned()).into());
    }
    let (again, pause) = (args.again, args.pause);
    let codec = args.codec.clone();
    let page = args.page.open("loopback", &codec.painter, &codec.model)?;
    let settings = Settings::resolve(args)?;
    for job in &settings.jobs {
        job.protect_photo()?;
    }
    if again {
        return rounds::run(settings, &codec, page.as_ref(), pause);
    }
    let mut ending = Ending::Done;
    for (i, job) in settings.jobs.iter().enumerate() {
        let of_job = match journey::run(&settings, job, None) {
            Ok(report) => {
                announce(&settings, i, &report)?;
                outcome(&report)
            }
            Err(error) if settings.jobs.len() == 1 => return Err(error),
            Err(error) => {
                exit::say(&error);
                Ending::Failed
            }
        };
        ending = ending.max(of_job);
    }
    Ok(ending)
}

fn outcome(report: &Report) -> Ending {
    match report.outcome {
        Outcome::NothingReceived => Ending::NothingArrived,
        _ => Ending::Done,
    }
}

fn announce(settings: &Settings, index: usize, report: &Report) -> anyhow::Result<()> {
    match settings.announce {
        Announce::Json => output::print(&report.line()?),
        Announce::Words => {
            let folder = &settings.jobs[index].folder;
            let blank = if index > 0 { "\n" } else { "" };
            output::print(&format!("{blank}{}", summary::words(report, folder)))
        }
    }
}
