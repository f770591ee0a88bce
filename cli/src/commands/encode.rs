//! `heliograph encode`: the symbols of a photo as a file, for a channel of one's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use heliograph::codec::{Cbr, CodecId, LatentsFile};
use heliograph::photo::Photo;

use crate::codec_args::{self, AllocationArgs, ModelArgs, PainterArgs};
use crate::exit::{Ending, UsageError};
use crate::output;
use crate::progress::{CurrentProgress, Progress};
use crate::region_args::RegionArgs;

/// Write the symbols of a photo to a file, for a channel of your own
///
/// The file is a safetensors file that PyTorch and NumPy read; cli/LATENTS.md explains it. `heliograph decode` makes a picture
/// of it again.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct EncodeArgs {
    /// Photo to encode: PNG, JPEG, WebP, GIF, BMP, TIFF or PNM
    #[arg(value_name = "PHOTO")]
    photo: PathBuf,

    /// File of symbols to write; an old one is replaced
    #[arg(short, long, value_name = "FILE.safetensors")]
    out: PathBuf,

    /// Channel bandwidth ratio: analog symbols per colour value, 1/341 to 1
    #[arg(long, value_name = "RATIO", default_value = "1/24")]
    cbr: Cbr,

    /// What turns photos into symbols
    #[arg(long, value_name = "NAME", default_value = "deepjscc", value_parser = codec_args::codec(), help_heading = "Codec")]
    codec: CodecId,

    #[command(flatten)]
    allocation: AllocationArgs,

    #[command(flatten)]
    model: ModelArgs,

    #[command(flatten)]
    regions: RegionArgs,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph encode boat.jpg --out boat.safetensors\n  \
    heliograph encode boat.jpg --codec softcast --cbr 1/48 --out boat-48.safetensors";

/// Encodes the photo.
///
/// # Errors
/// Names the file that cannot be read or written, and the flag that does not fit.
pub fn run(args: &EncodeArgs) -> anyhow::Result<Ending> {
    protect(
        &args.photo,
        args.model.files().chain(args.regions.files()),
        &args.out,
    )?;
    let file = encode(args)?;
    output::write_whole(&args.out, |writer| file.write(writer))?;
    output::print(&format!(
        "{}: {} symbols at CBR {}, {} bytes of side information",
        args.out.display(),
        file.symbols().len(),
        args.cbr,
        file.side_information().len()
    ))?;
    Ok(Ending::Done)
}

fn encode(args: &EncodeArgs) -> anyhow::Result<LatentsFile> {
    let named = || args.photo.display().to_string();
    let current = CurrentProgress::default();
    let painter = PainterArgs::default();
    let codec = codec_args::open(
        args.codec,
        &painter,
        &args.model,
        args.allocation.allocation,
        current.listener(),
    )?
    .codec;
    let interest = args.regions.interest(&*codec, args.model.device())?;
    let codec = args.regions.wrap(codec, interest);
    let progress = Arc::new(Progress::new(named()));
    current.follow(&progress);
    progress.busy("reading");
    let photo = Photo::open(&args.photo)?;
    progress.busy("encoding");
    let file = LatentsFile::encode(&*codec, &photo, args.cbr).with_context(named);
    current.leave();
    file
}

/// Refuses to write over what is read: `input`, and weights or masks.
///
/// # Errors
/// [`UsageError`] naming the file.
pub fn protect(
    input: &Path,
    others: impl Iterator<Item = PathBuf>,
    out: &Path,
) -> Result<(), UsageError> {
    let Ok(out) = out.canonicalize() else {
        return Ok(()); // not there yet
    };
    let mut read = std::iter::once(input.to_owned()).chain(others);
    match read.find(|path| path.canonicalize().is_ok_and(|path| path == out)) {
        Some(path) => Err(UsageError(format!(
            "{}: would be overwritten; choose another --out",
            path.display()
        ))),
        None => Ok(()),
    }
}
