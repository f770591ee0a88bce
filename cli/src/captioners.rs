//! The captioner: the one that comes with the program, or one in a folder of models.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use heliograph::captions::{Captioner, NetworkCaptioner};
use heliograph::photo::Photo;

/// Who says what a photo shows.
#[derive(Clone, Debug, Default, Args)]
pub struct CaptionerArgs {
    /// Let a network say what the photo shows: auto (the one that comes with the program; it knows people, dogs and what they do
    /// outdoors), or a folder with captioner.safetensors or .gguf and captioner.words, as training/export_captioner.py writes them
    #[arg(long, value_name = "auto|DIR", conflicts_with = "caption")]
    pub captioner: Option<PathBuf>,
}

impl CaptionerArgs {
    /// The captioner, if one is asked for.
    ///
    /// # Errors
    /// Names the file that is missing or cannot be used.
    pub fn open(&self) -> anyhow::Result<Option<Found>> {
        self.captioner.as_deref().map(open).transpose()
    }
}

/// A captioner, and where it was found.
#[derive(Clone)]
pub struct Found {
    folder: PathBuf,
    captioner: Arc<dyn Captioner>,
}

impl Found {
    /// What the photo shows; `None` when there is nothing to say.
    pub fn about(&self, photo: &Photo) -> Option<String> {
        Some(self.captioner.caption(photo)).filter(|text| !text.is_empty())
    }
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Found").field(&self.folder).finish()
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        self.folder == other.folder
    }
}

impl Eq for Found {}

/// The word for what comes with the program.
const AUTO: &str = "auto";

fn open(folder: &Path) -> anyhow::Result<Found> {
    let opened = match folder.to_str() {
        Some(AUTO) => NetworkCaptioner::shipped(),
        _ => NetworkCaptioner::open(folder),
    };
    let captioner = opened.with_context(|| format!("--captioner: {}", folder.display()))?;
    Ok(Found {
        folder: folder.to_owned(),
        captioner: Arc::new(captioner),
    })
}
