//! `heliograph inspect`: what of a photo matters, where its symbols go, and what everything costs.

mod caption;
mod costs;
mod found;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use heliograph::codec::Cbr;
use heliograph::photo::Photo;

use crate::args;
use crate::captioners::CaptionerArgs;
use crate::codec_args::{CodecArgs, Opened};
use crate::commands::encode::protect;
use crate::exit::Ending;
use crate::json;
use crate::output;
use crate::progress::{CurrentProgress, Progress};
use crate::render::inspection;
use caption::Caption;
use found::Found;

/// Show what of a photo matters, where its symbols go, and what everything costs
///
/// Nothing is sent. The picture shows the photo, the importance of its blocks, the symbols that each block gets, and the channel
/// uses by kind: caption and rate map have their price. Words are those of --caption, or what --captioner finds.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct InspectArgs {
    /// Photo to look at: PNG, JPEG, WebP, GIF, BMP, TIFF or PNM
    #[arg(value_name = "PHOTO")]
    photo: PathBuf,

    /// Picture to write
    #[arg(
        short,
        long,
        value_name = "FILE.png",
        value_parser = args::png,
        default_value = "heliograph-inspect.png"
    )]
    out: PathBuf,

    /// Words that would travel beside the photo, at most 1,024 bytes of UTF-8
    #[arg(long, value_name = "TEXT", value_parser = args::caption)]
    caption: Option<String>,

    #[command(flatten)]
    captioner: CaptionerArgs,

    /// Channel bandwidth ratio: analog symbols per colour value, 1/341 to 1
    #[arg(long, value_name = "RATIO", default_value = "1/24")]
    cbr: Cbr,

    #[command(flatten)]
    codec: CodecArgs,

    /// Print everything as one line of JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph inspect boat.jpg --roi auto\n  \
    heliograph inspect boat.jpg --roi 100,40,300,200 --background none --cbr 1/48 --caption 'A boat at dawn'\n  \
    heliograph inspect boat.jpg --roi auto --json | jq .channel_uses";

/// Looks, draws and prints.
///
/// # Errors
/// Names the file that cannot be read or written, and the flag that does not fit.
pub fn run(args: &InspectArgs) -> anyhow::Result<Ending> {
    let read = args.codec.model.files().chain(args.codec.regions.files());
    protect(&args.photo, read, &args.out)?;
    let named = || args.photo.display().to_string();
    let current = CurrentProgress::default();
    let Opened { codec, model, .. } = args.codec.open_plain(current.listener())?;
    let interest = args.codec.interest(&*codec)?;
    let captioner = args.captioner.open(args.codec.model.device())?;
    let progress = Arc::new(Progress::new(named()));
    current.follow(&progress);
    progress.busy("reading");
    let photo = Photo::open(&args.photo)?;
    progress.busy("looking");
    let priorities = args.codec.regions.priorities();
    let sending = found::Sending {
        codec,
        allocation: model.and_then(|model| model.allocation),
        regions: interest.map(|interest| (interest, priorities)),
        cbr: args.cbr,
        caption: Caption::new(args.caption.as_deref(), captioner.as_ref(), &photo),
    };
    let found = Found::new(&named(), &photo, &sending).with_context(named)?;
    current.leave();
    let page = inspection::draw(&found.contents(&photo));
    output::write_png(&args.out, page.as_raw(), page.width(), page.height())?;
    if args.json {
        output::print(&json::line(&found)?)?;
    } else {
        output::print(&found.words(&args.out))?;
    }
    Ok(Ending::Done)
}
