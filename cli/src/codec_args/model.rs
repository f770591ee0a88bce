//! The flags of which weights, and where the networks run.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use heliograph::codec::latent::{PAINTER_FILE, WEIGHTS_FILE};
use heliograph::codec::{CodecId, deepjscc, restored};

use crate::args::device;

/// Files of weights, and the codecs that read them.
const WEIGHTS_FILES: [(&str, CodecId); 5] = [
    (WEIGHTS_FILE, CodecId::Latent),
    (PAINTER_FILE, CodecId::Latent),
    (restored::WEIGHTS_FILE, CodecId::Restored),
    (deepjscc::WEIGHTS_FILE, CodecId::DeepJscc),
    (deepjscc::INPAINTER_FILE, CodecId::DeepJscc),
];

/// Which weights, and where the networks run.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Codec")]
pub struct ModelArgs {
    /// Folder with other weights: codec.safetensors and painter.safetensors, restorer.safetensors for codec restored, deepjscc.safetensors and inpainter.safetensors for codec deepjscc; .gguf may stand for .safetensors (heliograph quantize) [default: those in the program]
    #[arg(long, value_name = "DIR")]
    pub(super) model: Option<PathBuf>,

    /// Adapter of codec deepjscc that heliograph adapt wrote; sender and receiver need the same
    #[arg(long, value_name = "FILE.safetensors")]
    pub(super) adapter: Option<PathBuf>,

    /// Command of the program that is codec external: started once, asked line by line (docs/guide/your-codec.md)
    #[arg(long, value_name = "COMMAND", value_parser = NonEmptyStringValueParser::new())]
    pub(super) external: Option<String>,

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
            external: self.external.clone().filter(|_| codec == CodecId::External),
            ..match codec {
                // A program of one's own has weights and devices of its own.
                CodecId::External => Self::default(),
                _ => self.clone(),
            }
        }
    }

    /// The codecs that these flags are about: those whose weights are in the folder, or one of the program's own.
    ///
    /// # Errors
    /// A folder with no file of weights.
    pub fn codecs(&self) -> anyhow::Result<Vec<CodecId>> {
        let mut codecs: Vec<CodecId> = match &self.model {
            None => vec![CodecId::Latent],
            Some(folder) => in_folder(folder)
                .filter(|(path, _)| path.exists())
                .map(|(_, codec)| codec)
                .collect(),
        };
        if let (Some(folder), []) = (&self.model, codecs.as_slice()) {
            let names = WEIGHTS_FILES.map(|(name, _)| name).join(", ");
            anyhow::bail!(
                "--model: {}: found no file of weights, allowed {names} or .gguf in their place",
                folder.display()
            );
        }
        codecs.extend(self.adapter.as_ref().map(|_| CodecId::DeepJscc));
        codecs.extend(self.external.as_ref().map(|_| CodecId::External));
        let all = CodecId::ALL.into_iter();
        Ok(all.filter(|codec| codecs.contains(codec)).collect())
    }

    /// Files of the weights that are read.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let files = self.model.iter().flat_map(|folder| in_folder(folder));
        files.map(|(path, _)| path).chain(self.adapter.clone())
    }
}

/// Where weights may be, under both names of each.
fn in_folder(folder: &Path) -> impl Iterator<Item = (PathBuf, CodecId)> {
    WEIGHTS_FILES.into_iter().flat_map(move |(name, codec)| {
        let path = folder.join(name);
        [(path.with_extension("gguf"), codec), (path, codec)]
    })
}
