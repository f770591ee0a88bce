//! `heliograph replay`: pictures from a recording, bit for bit those of the live run.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use heliograph_hardware::sigmf::{Datatype, FileRadio, SigmfReader};
use heliograph_hardware::{Direction, Radio};

use super::receive::{Receiver, ReceptionArgs, Source};
use crate::args::sample_rate_hz;
use crate::exit::{Ending, UsageError};
use crate::live::WhilePaused;
use crate::reception::{NoTake, RadioState};

/// Receive from a recording
///
/// Pictures and reports are those of the run that was recorded, byte for byte, if the flags are the same. Any SigMF recording of
/// one channel in cf32_le or ci8 will do; files without metadata (.cf32, .ci8, .cs8) need --sample-rate.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReplayArgs {
    /// Recording: NAME.sigmf-meta, or a file of bare samples
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Samples per second of a file without metadata
    #[arg(long, value_name = "HZ", value_parser = sample_rate_hz)]
    pub sample_rate: Option<f64>,

    /// First compare the samples with the hash in the metadata
    #[arg(long)]
    pub verify: bool,

    #[command(flatten)]
    pub reception: ReceptionArgs,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph replay bench.sigmf-meta --out again\n  \
    heliograph replay capture.cs8 --sample-rate 2M --perception 1";

/// How samples lie in a file without metadata, by its extension.
fn raw_datatype(path: &Path) -> Option<Datatype> {
    match path.extension()?.to_str()? {
        "cf32" => Some(Datatype::Cf32Le),
        "ci8" | "cs8" => Some(Datatype::Ci8),
        _ => None,
    }
}

/// Receives from the recording.
///
/// # Errors
/// A recording that cannot be read or believed; files that cannot be written.
pub fn run(args: ReplayArgs) -> anyhow::Result<Ending> {
    let named = || args.file.display().to_string();
    if args.verify {
        SigmfReader::open(&args.file)?.verify()?;
    }
    let mut receiver = Receiver::prepare(args.reception.clone(), "replay")?;
    let mut radio = open(&args)?;
    let settings = radio.recorded().context("a recording has settings")?;
    let settings = radio
        .configure(Direction::Receive, &settings)
        .with_context(named)?;
    let stream = radio.receive().with_context(named)?;
    receiver.show(&args.file.display().to_string(), &settings, "replaying");
    let source = Source {
        stream,
        state: RadioState::default(),
        while_paused: WhilePaused::Waits,
    };
    let ending = receiver.receive(source, settings.sample_rate_hz, &mut NoTake);
    let published = receiver.publish_rest();
    let ending = ending?.or_failed(!published);
    receiver.stay();
    Ok(ending)
}

fn open(args: &ReplayArgs) -> anyhow::Result<FileRadio> {
    let file = args.file.display();
    match (raw_datatype(&args.file), args.sample_rate) {
        (None, None) => Ok(FileRadio::receiver(&args.file)?),
        (Some(datatype), Some(hz)) => Ok(FileRadio::raw_receiver(&args.file, datatype, hz)?),
        (None, Some(_)) => Err(UsageError(format!(
            "--sample-rate: {file} says its own; allowed with .cf32, .ci8 and .cs8"
        ))
        .into()),
        (Some(_), None) => {
            Err(UsageError(format!("--sample-rate: needed, {file} does not say it")).into())
        }
    }
}
