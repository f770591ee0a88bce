//! The captioner in a folder of models.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use heliograph::captions::{Captioner, NetworkCaptioner};
use heliograph::nn::Weights;
use heliograph::photo::Photo;

/// Longest word in bytes: the longest caption of such words can be sent.
const MAX_WORD_BYTES: usize = 32;

/// Who says what a photo shows.
#[derive(Clone, Debug, Default, Args)]
pub struct CaptionerArgs {
    /// Let a network say what the photo shows: a folder with captioner.safetensors (or .gguf) and captioner.words, as
    /// training/export_captioner.py writes them. Experimental: none comes with the program yet
    #[arg(long, value_name = "DIR", conflicts_with = "caption")]
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

fn open(folder: &Path) -> anyhow::Result<Found> {
    let named = |name: &str| folder.join(format!("captioner.{name}"));
    let [plain, packed, words] = ["safetensors", "gguf", "words"].map(named);
    let weights = if packed.is_file() { packed } else { plain };
    let origin = || format!("--captioner: {}", weights.display());
    let bytes = fs::read(&weights).with_context(origin)?;
    let loaded = Weights::from_bytes(&bytes).with_context(origin)?;
    let vocabulary = vocabulary(&words)?;
    let captioner = NetworkCaptioner::load(&loaded, &vocabulary).with_context(origin)?;
    Ok(Found {
        folder: folder.to_owned(),
        captioner: Arc::new(captioner),
    })
}

fn vocabulary(path: &Path) -> anyhow::Result<String> {
    let origin = || format!("--captioner: {}", path.display());
    let text = fs::read_to_string(path).with_context(origin)?;
    let is_no_word = |line: &&str| {
        line.is_empty() || line.len() > MAX_WORD_BYTES || line.contains(char::is_control)
    };
    if let Some(line) = text.lines().position(|line| is_no_word(&line)) {
        bail!(
            "{}: line {}: allowed is a word of 1 to {MAX_WORD_BYTES} bytes",
            origin(),
            line + 1
        );
    }
    Ok(text)
}
