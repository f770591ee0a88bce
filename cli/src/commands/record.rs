//! `heliograph record`: what a radio hears, as a SigMF recording.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use heliograph_hardware::sigmf::Datatype;
use heliograph_hardware::{Direction, RadioError};
use num_complex::Complex32;

use crate::args::positive_seconds;
use crate::exit::Ending;
use crate::figures::grouped;
use crate::progress::Progress;
use crate::radio_args::RadioArgs;
use crate::{interrupt, output, recording};

/// Record what a radio hears until Ctrl-C
///
/// Writes NAME.sigmf-data and NAME.sigmf-meta (SigMF 1.2). Where samples were lost a new capture segment begins, so that `heliograph
/// replay` brings the same losses at the same places. A recording that is killed can still be read.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RecordArgs {
    /// Recording to write; one that is there is not replaced
    #[arg(value_name = "NAME.sigmf-meta")]
    pub file: PathBuf,

    #[command(flatten)]
    pub radio: RadioArgs,

    /// End after so many seconds of samples
    #[arg(long, value_name = "S", value_parser = positive_seconds, help_heading = "Recording")]
    pub seconds: Option<f64>,

    /// Samples: cf32 (as they came) or ci8 (a quarter of the size)
    #[arg(long, value_name = "TYPE", default_value = "cf32", value_parser = recording::datatype(), help_heading = "Recording")]
    pub datatype: Datatype,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph record bench --radio usrp-b210 --frequency 433.92M --seconds 2\n  \
    heliograph record bench --radio hackrf --datatype ci8";

/// Samples that are asked for at a time.
const PIECE: usize = 1 << 15;
/// A read waits at most so long, so that Ctrl-C is heard.
const READ_LIMIT: Duration = Duration::from_millis(100);

/// Records.
///
/// # Errors
/// A radio that cannot be opened or goes away: what it brought before is a whole recording. A file that cannot be written.
pub fn run(args: &RecordArgs) -> anyhow::Result<Ending> {
    let mut open = args.radio.open(Direction::Receive)?;
    let (rate_hz, name) = (open.settings.sample_rate_hz, open.name.clone());
    let stream = open.radio.receive().with_context(|| name.clone())?;
    let (mut stream, recording) =
        recording::tee(stream, &args.file, &open.settings, &name, args.datatype)?;
    let wanted = args.seconds.map_or(u64::MAX, |s| (s * rate_hz) as u64);
    let interrupted = interrupt::take_first();
    let progress = Progress::new("recording".to_owned());
    let mut buffer = vec![Complex32::ZERO; PIECE];
    let mut outcome = Ok(());
    loop {
        let now = recording.summary();
        progress.say(format!("{} samples", grouped(now.samples)));
        let left = wanted.saturating_sub(now.samples);
        if left == 0 || interrupted.load(Ordering::Relaxed) {
            break;
        }
        let piece = PIECE.min(usize::try_from(left).unwrap_or(PIECE));
        match stream.read(&mut buffer[..piece], READ_LIMIT) {
            Ok(_) | Err(RadioError::Timeout { .. }) => {}
            Err(RadioError::Ended) => break,
            Err(error) => {
                outcome = Err(error).context(name);
                break;
            }
        }
    }
    drop(progress);
    match recording.conclude() {
        Ok(summary) => output::print(&recording::words(&summary, rate_hz))?,
        // A recording that failed says at its end only that it did.
        Err(error) => return outcome.and(Err(error)),
    }
    outcome.map(|()| Ending::Done)
}
