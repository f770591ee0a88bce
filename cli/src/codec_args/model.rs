//! The flags of which weights, and where the networks run.

use std::path::PathBuf;

use clap::Args;
use heliograph::codec::latent::{PAINTER_FILE, WEIGHTS_FILE};
use heliograph::codec::{CodecId, deepjscc, restored};

use crate::args::device;

const WEIGHTS_FILES: [&str; 4] = [
    WEIGHTS_FILE,
    PAINTER_FILE,
    restored::WEIGHTS_FILE,
    deepjscc::WEIGHTS_FILE,
];

/// Which weights, and where the networks run.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Codec")]
pub struct ModelArgs {
    /// Folder with other weights: codec.safetensors and painter.safetensors, restorer.safetensors for codec restored, deepjscc.safetensors for codec deepjscc; .gguf may stand for .safetensors (heliograph quantize) [default: those in the program]
    #[arg(long, value_name = "DIR")]
    pub(super) model: Option<PathBuf>,

    /// Adapter of codec deepjscc that heliograph adapt wrote; sender and receiver need the same
    #[arg(long, value_name = "FILE.safetensors")]
    pub(super) adapter: Option<PathBuf>,

    /// Where the networks run: cpu, or cuda:N in a build with feature cuda [default: cpu]
    #[arg(long, value_name = "NAME", value_parser = device)]
    pub(super) device: Option<String>,
}

impl ModelArgs {
    /// Where the networks run.
    pub fn device(&self) -> &str {
        self.device.as_deref().unwrap_or("cpu")
    }

    /// What of it means something to `codec`: a receiver has one set of flags for whatever comes.
    pub fn for_codec(&self, codec: CodecId) -> Self {
        Self {
            adapter: self.adapter.clone().filter(|_| codec == CodecId::DeepJscc),
            ..self.clone()
        }
    }

    /// Whether the networks of codec deepjscc are changed.
    pub fn has_adapter(&self) -> bool {
        self.adapter.is_some()
    }

    /// Files of the weights that are read.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let in_folder = |folder: &PathBuf| WEIGHTS_FILES.map(|name| folder.join(name));
        let files = self.model.as_ref().map(in_folder).into_iter().flatten();
        let files = files.flat_map(|path| [path.with_extension("gguf"), path]);
        files.chain(self.adapter.clone())
    }
}
