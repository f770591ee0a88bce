//! `heliograph adapt`: fits the receiver's networks to one kind of pictures.

mod clock;
mod course;
mod recordings;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use heliograph::codec::Cbr;
use heliograph::nn::Adapter;
use heliograph::waveform::Numerology;
use heliograph_adaptation::{MAX_RANK, Photos, Settings, Trainer};
use serde_json::json;

use crate::args::{number, perception};
use crate::commands::loopback::numerology;
use crate::exit::Ending;
use crate::say::say;
use crate::{interrupt, json, output, photo_files};
use course::{Course, Outcome};

/// Fit the receiver's networks of codec deepjscc to one kind of pictures
///
/// Trains small changes of their matrices (LoRA) on crops of the photos as they arrive through white noise; one photo in eight is held
/// out and measured. The adapter is written whenever it is better on these than everything before, and not at all if it never is.
/// Give it to every command of sender and receiver with --adapter; its hash travels in the header.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct AdaptArgs {
    /// Folder of photos of that kind, at least 4 with sides of 64 pixels; a few dozen do more
    #[arg(long, value_name = "DIR")]
    pictures: PathBuf,

    /// Recordings in which these photos were received; half of training is on what was heard
    ///
    /// SigMF recordings of heliograph receive --record or any other program. A picture that was sent with codec deepjscc and these
    /// weights is found among the photos by what it shows; those of photos held out are measured.
    #[arg(long, value_name = "FILE.sigmf-meta", num_args = 1..)]
    recording: Vec<PathBuf>,

    /// OFDM sizes of the recordings
    #[arg(long, value_name = "NAME", default_value = "standard", value_parser = numerology(), requires = "recording")]
    numerology: Numerology,

    /// File to write
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,

    /// How long to train
    #[arg(long, value_name = "M", default_value = "20", value_parser = minutes, allow_negative_numbers = true)]
    minutes: f64,

    /// Rank of the changes: 16 makes a file of 1.0 MB [default: 16, with --resume that of the adapter]
    #[arg(long, value_name = "R", value_parser = rank, allow_negative_numbers = true)]
    rank: Option<usize>,

    /// Channel bandwidth ratio that matters: half of training and all figures are at it
    #[arg(long, value_name = "RATIO", default_value = "1/48")]
    cbr: Cbr,

    /// SNR that matters, in dB
    #[arg(long, value_name = "DB", default_value = "7", value_parser = snr_db, allow_negative_numbers = true)]
    snr_db: f64,

    /// Where the receiver's dial will stand, 0 to 1: below LPIPS counts, at 0 the squared error
    #[arg(long, value_name = "P", default_value = "0.5", value_parser = perception, allow_negative_numbers = true)]
    perception: f32,

    /// Folder with other weights: deepjscc.safetensors or .gguf [default: those in the program]
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,

    /// Go on from the adapter that is there
    #[arg(long)]
    resume: bool,

    /// Seed of crops and noise
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

const DEFAULT_RANK: usize = 16;

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph adapt --pictures drawings --minutes 20 --out drawings.safetensors\n  \
    heliograph loopback drawing.png --adapter drawings.safetensors --cbr 1/48 --snr-db 7\n  \
    heliograph adapt --pictures sent --recording roof.sigmf-meta yard.sigmf-meta --out roof.safetensors\n  \
    heliograph adapt --pictures drawings --minutes 20 --out drawings.safetensors --resume";

/// Trains and writes.
///
/// # Errors
/// Names the file or flag; an adapter that would make nothing better.
pub fn run(args: &AdaptArgs) -> anyhow::Result<Ending> {
    if args.out.exists() && !args.resume {
        let words = "is there already; allowed is another name, or --resume to go on from it";
        anyhow::bail!("--out: {} {words}", args.out.display());
    }
    if let Some(folder) = args.out.parent().filter(|folder| *folder != Path::new("")) {
        let named = || format!("--out: {}", folder.display());
        let folder = fs::metadata(folder).with_context(named)?;
        anyhow::ensure!(
            folder.is_dir(),
            "{}: found a file, allowed a folder",
            named()
        );
    }
    let mut trainer = trainer(args)?;
    let heard = recordings::hear(&args.recording, args.numerology, &mut trainer)?;
    let stop = interrupt::take_first();
    let course = Course::run(&mut trainer, args.minutes, &args.out, args.resume, stop)?;
    let words = match args.json {
        true => json::line(&json!({
            "before": figures(&course.before),
            "after": figures(&course.best),
            "steps": course.steps,
            "seconds": course.seconds.round(),
            "bytes": course.bytes,
            "trained_on": trainer.photos().trained_on(),
            "held_out": trainer.photos().held_out().len(),
            "heard": heard,
        }))?,
        false => course.words(&args.out),
    };
    match (
        course.outcome,
        stop.load(std::sync::atomic::Ordering::Relaxed),
    ) {
        (Outcome::Better, interrupted) => {
            output::print(&words)?;
            Ok(if interrupted {
                Ending::Interrupted
            } else {
                Ending::Done
            })
        }
        (Outcome::NotBetter, true) => {
            say!("heliograph: interrupted; nothing was written: {words}");
            Ok(Ending::Interrupted)
        }
        (Outcome::NotBetter, false) => anyhow::bail!("nothing was written: {words}"),
    }
}

fn figures(held_out: &heliograph_adaptation::HeldOut) -> serde_json::Value {
    json!({ "lpips": held_out.lpips, "psnr_db": held_out.psnr_db })
}

fn trainer(args: &AdaptArgs) -> anyhow::Result<Trainer> {
    let files = photo_files::in_folder(&args.pictures)?;
    let named = || format!("--pictures: {}", args.pictures.display());
    let photos = Photos::open(&files).with_context(named)?;
    for (file, reason) in &photos.skipped {
        say!("skipped {}: {reason}", file.display());
    }
    let named = || format!("--resume: {}", args.out.display());
    let resumed = args.resume.then(|| Adapter::open(&args.out)).transpose();
    let resumed = resumed.with_context(named)?;
    let rank = args.rank.or(resumed.as_ref().and_then(Adapter::rank));
    let settings = Settings {
        models: args.model.clone(),
        rank: rank.unwrap_or(DEFAULT_RANK),
        cbr: args.cbr,
        snr_db: args.snr_db as f32,
        perception: args.perception,
        seed: args.seed,
    };
    let mut trainer = Trainer::new(photos, settings)?;
    if let Some(adapter) = resumed {
        trainer.resume(&adapter).with_context(named)?;
    }
    Ok(trainer)
}

fn minutes(text: &str) -> Result<f64, String> {
    number(text, 0.01..=10_000.0)
}

fn snr_db(text: &str) -> Result<f64, String> {
    number(text, -10.0..=40.0)
}

fn rank(text: &str) -> Result<usize, String> {
    let found = text
        .parse()
        .ok()
        .filter(|rank| (1..=MAX_RANK).contains(rank));
    found.ok_or_else(|| format!("found {text:?}, allowed 1 to {MAX_RANK}"))
}
