//! `heliograph decode`: a picture from a file of symbols.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use heliograph::codec::LatentsFile;
use heliograph::photo::Photo;

use super::encode::protect;
use crate::args::{Snr, png, snr_db};
use crate::codec_args::{self, ModelArgs, PainterArgs};
use crate::exit::Ending;
use crate::output;
use crate::progress::{CurrentProgress, Progress};

/// Paint the picture behind a file of symbols
///
/// The file comes from `heliograph encode`, with or without what a channel of your own did to it; cli/LATENTS.md explains it.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DecodeArgs {
    /// File of symbols
    #[arg(value_name = "FILE.safetensors")]
    file: PathBuf,

    /// Picture to write, a PNG; an old one is replaced
    #[arg(short, long, value_name = "PICTURE.png", value_parser = png)]
    out: PathBuf,

    /// Add white noise first: Es/N0 in dB, or none
    #[arg(long, value_name = "DB", default_value = "none", value_parser = snr_db, allow_negative_numbers = true)]
    snr_db: Snr,

    /// Seed of that noise
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    #[command(flatten)]
    painter: PainterArgs,

    #[command(flatten)]
    model: ModelArgs,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph decode received.safetensors --out received.png\n  \
    heliograph decode boat.safetensors --snr-db 7 --perception 1 --out boat-7db.png";

/// Paints the picture.
///
/// # Errors
/// Names the file that cannot be read or written, and what in it cannot be believed.
pub fn run(args: &DecodeArgs) -> anyhow::Result<Ending> {
    protect(&args.file, args.model.files(), &args.out)?;
    let photo = decode(args)?;
    let size = photo.size();
    output::write_png(&args.out, photo.rgb(), size.width(), size.height())?;
    output::print(&format!("{}: {size}", args.out.display()))?;
    Ok(Ending::Done)
}

fn decode(args: &DecodeArgs) -> anyhow::Result<Photo> {
    let named = || args.file.display().to_string();
    let mut file = LatentsFile::open(&args.file)?;
    if let Snr::Db(db) = args.snr_db {
        file = file.with_white_noise(db, args.seed).with_context(named)?;
    }
    let current = CurrentProgress::default();
    let id = file.origin().codec;
    let codec = codec_args::open(id, &args.painter, &args.model, None, current.listener())?.codec;
    let progress = Arc::new(Progress::new(named()));
    current.follow(&progress);
    progress.busy("painting");
    let photo = file.decode(&*codec).with_context(named);
    current.leave();
    photo
}
