//! `heliograph replay`: pictures from a recording, bit for bit those of the live run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use heliograph_hardware::sigmf::{Datatype, FileRadio, SigmfReader};
use heliograph_hardware::{Direction, Lost, Radio, RadioError, Reception, Resampling, RxStream};
use num_complex::Complex32;

use super::receive::{Receiver, ReceptionArgs, Source};
use crate::args::sample_rate_hz;
use crate::exit::{Ending, UsageError};
use crate::live::WhilePaused;
use crate::reception::{NoTake, RadioState};

/// Receive from a recording
///
/// Pictures and reports are those of the run that was recorded, byte for byte, if the flags are the same. Any SigMF recording of
/// one channel in cf32_le or ci8 will do, at the transmitter's sample rate or faster; files without metadata (.cf32, .ci8, .cs8) need
/// --sample-rate.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReplayArgs {
    /// Recording: NAME.sigmf-meta, or a file of bare samples
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Samples per second of the signal; a recording that has more, up to 64 times as many, is resampled [default: those of the
    /// recording]
    #[arg(long, value_name = "HZ", value_parser = sample_rate_hz)]
    pub sample_rate: Option<f64>,

    /// Samples per second of a file without metadata, where they are not those of the signal
    #[arg(long, value_name = "HZ", value_parser = sample_rate_hz, requires = "sample_rate")]
    pub radio_rate: Option<f64>,

    /// First compare the samples with the hash in the metadata
    #[arg(long)]
    pub verify: bool,

    #[command(flatten)]
    pub reception: ReceptionArgs,
}

/// Rates that differ by less are the same to clocks.
const RATE_TOLERANCE: f64 = 1e-6;

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph replay bench.sigmf-meta --out again\n  \
    heliograph replay capture.cs8 --sample-rate 2M --perception 1\n  \
    heliograph replay wide.sigmf-meta --sample-rate 500k";

/// How samples lie in a file without metadata, by its extension.
fn raw_datatype(path: &Path) -> Option<Datatype> {
    match path.extension()?.to_str()? {
        "cf32" => Some(Datatype::Cf32Le),
        "ci8" | "cs8" => Some(Datatype::Ci8),
        _ => None,
    }
}

fn is_recording(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let mut meta = path.as_os_str().to_owned();
    meta.push(".sigmf-meta");
    matches!(extension, Some("sigmf-meta" | "sigmf-data")) || Path::new(&meta).is_file()
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
    // Of the recording, not of a clock: the same pictures on any computer.
    let (seconds, by_clock) = (args.reception.seconds, None);
    let reception = ReceptionArgs {
        seconds: by_clock,
        ..args.reception.clone()
    };
    let mut receiver = Receiver::prepare(reception, "replay")?;
    let recording = open(&args)?;
    let mut settings = recording.recorded().context("a recording has settings")?;
    if let Some(sample_rate_hz) = args.sample_rate {
        if sample_rate_hz > settings.sample_rate_hz * (1.0 + RATE_TOLERANCE) {
            return Err(UsageError(format!(
                "--sample-rate: found {sample_rate_hz}, allowed is up to the {} of {}",
                settings.sample_rate_hz,
                named()
            ))
            .into());
        }
        settings.radio_rate_hz = Some(settings.sample_rate_hz);
        settings.sample_rate_hz = sample_rate_hz;
    }
    let mut radio = Resampling::new(Box::new(recording));
    let settings = radio
        .configure(Direction::Receive, &settings)
        .with_context(named)?;
    let mut stream = radio.receive().with_context(named)?;
    if let Some(seconds) = seconds {
        let left = (seconds * settings.sample_rate_hz) as u64;
        stream = Box::new(Beginning { stream, left });
    }
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

/// The first samples of a stream.
struct Beginning {
    stream: Box<dyn RxStream>,
    left: u64,
}

impl RxStream for Beginning {
    fn read(
        &mut self,
        samples: &mut [Complex32],
        limit: Duration,
    ) -> Result<Reception, RadioError> {
        if self.left == 0 {
            return Err(RadioError::Ended);
        }
        let room = |left: u64| usize::try_from(left).unwrap_or(usize::MAX);
        let most = samples.len().min(room(self.left));
        let mut reception = self.stream.read(&mut samples[..most], limit)?;
        if let Lost::Samples(lost) = reception.lost {
            self.left = self.left.saturating_sub(lost);
            if self.left == 0 {
                return Err(RadioError::Ended);
            }
        }
        reception.samples = reception.samples.min(room(self.left));
        self.left -= reception.samples as u64;
        Ok(reception)
    }
}

fn open(args: &ReplayArgs) -> anyhow::Result<FileRadio> {
    let file = args.file.display();
    let given = args.radio_rate.or(args.sample_rate);
    match (raw_datatype(&args.file), given) {
        (None, _) if args.radio_rate.is_some() => Err(UsageError(format!(
            "--radio-rate: {file} says its own; allowed with .cf32, .ci8 and .cs8"
        ))
        .into()),
        // Without an extension of SigMF the name may be that of a recording; one that is a file itself is none.
        (None, _) if args.file.is_file() && !is_recording(&args.file) => Err(UsageError(format!(
            "{file}: found no recording, allowed are NAME.sigmf-meta and bare samples named .cf32, .ci8 or .cs8"
        ))
        .into()),
        (None, _) => Ok(FileRadio::receiver(&args.file)?),
        (Some(datatype), Some(hz)) => Ok(FileRadio::raw_receiver(&args.file, datatype, hz)?),
        (Some(_), None) => {
            Err(UsageError(format!("--sample-rate: needed, {file} does not say it")).into())
        }
    }
}
