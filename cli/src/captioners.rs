//! The captioner: the one that comes with the program, or one in a folder of models.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use heliograph::captions::{Captioner, NetworkCaptioner};
use heliograph::photo::Photo;

use crate::large_models;

/// Who says what a photo shows.
#[derive(Clone, Debug, Default, Args)]
pub struct CaptionerArgs {
    /// Let a network say what the photo shows: auto (the one that comes with the program; it knows people, dogs and what they do
    /// outdoors), a folder with captioner.safetensors or .gguf and captioner.words, as training/export_captioner.py writes them, or
    /// BLIP as transformers writes it, in a build with feature large-models (heliograph models says which are there)
    #[arg(long, value_name = "auto|DIR", conflicts_with = "caption")]
    pub captioner: Option<PathBuf>,
}

impl CaptionerArgs {
    /// The captioner, if one is asked for; a large one runs on `device`.
    ///
    /// # Errors
    /// Names the file that is missing or cannot be used.
    pub fn open(&self, device: &str) -> anyhow::Result<Option<Found>> {
        let captioner = self.captioner.as_deref();
        captioner.map(|folder| open(folder, device)).transpose()
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

fn open(folder: &Path, device: &str) -> anyhow::Result<Found> {
    let named = || format!("--captioner: {}", folder.display());
    let captioner: Arc<dyn Captioner> = match folder.to_str() {
        Some(AUTO) => Arc::new(NetworkCaptioner::shipped().with_context(named)?),
        _ => match large_models::captioner(folder, device)? {
            Some(large) => large,
            None => Arc::new(NetworkCaptioner::open(folder).with_context(named)?),
        },
    };
    Ok(Found {
        folder: folder.to_owned(),
        captioner,
    })
}
