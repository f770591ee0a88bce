//! `heliograph models`: which large models are there, and what each needs.

#[cfg(feature = "large-models")]
mod found;

use std::path::PathBuf;

use clap::Args;

#[cfg(not(feature = "large-models"))]
use crate::exit::Ending;

/// Say which large models are there, where they are looked for, and what each needs in memory
///
/// Nothing is fetched and no network is loaded. A model is a folder as transformers and diffusers write it: config.json and one file
/// of weights, *.safetensors or *.gguf. Looked into are HELIOGRAPH_MODELS (or heliograph/models in the user's folder of data) and what
/// Hugging Face's programs fetched. Salesforce/blip-image-captioning-base comes without such weights: docs/guide/large-models.md
/// says how to make them; the -large one has them.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ModelsArgs {
    /// Folders to look into in their place
    #[arg(value_name = "DIR")]
    folders: Vec<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph models\n  \
    heliograph models /data/models --json\n  \
    heliograph loopback boat.jpg --captioner Salesforce/blip-image-captioning-large --out out\n  \
    heliograph inspect boat.jpg --segmenter facebook/sam-vit-base --roi 420,300";

#[cfg(feature = "large-models")]
pub use found::run;

/// Says how to have large models.
///
/// # Errors
/// Always: this program has none.
#[cfg(not(feature = "large-models"))]
pub fn run(args: &ModelsArgs) -> anyhow::Result<Ending> {
    // Read so that the flags are the same in every build.
    let (_, _) = (&args.folders, args.json);
    anyhow::bail!(crate::large_models::MISSING)
}
