//! What a model needs in memory, computed from its description and the list of its tensors.

use crate::folder::{Kind, ModelFolder};
use crate::{ModelError, autoencoder, blip, sam, tensors};

/// Bytes that a model needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// For as long as it is loaded.
    pub weights: u64,
    /// While it works: the largest tensors that are there at once.
    pub work: u64,
}

impl Memory {
    /// What the model in a folder needs; nothing is loaded, but a file of quantized weights is read.
    ///
    /// # Errors
    /// Those of opening it, but for tensors that are missing.
    pub fn of(folder: &ModelFolder) -> Result<Self, ModelError> {
        let work = match folder.kind() {
            Kind::Blip => blip::work(folder),
            Kind::Sam => sam::work(folder),
            Kind::Autoencoder => autoencoder::work(folder),
        };
        Ok(Self {
            weights: weights(folder)?,
            work: work?,
        })
    }
}

/// How the names of the tensors begin that are loaded; files of an autoencoder have those of its encoder too.
fn loaded(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Blip => &["vision_model.", "text_decoder."],
        Kind::Sam => &[
            "vision_encoder.",
            "image_encoder.",
            "shared_image_embedding.",
            "prompt_encoder.",
            "mask_decoder.",
        ],
        Kind::Autoencoder => &["decoder.", "post_quant_conv.", "bn."],
    }
}

/// Quantized matrices of BLIP stay as they are; everything else is f32 once it is read.
fn weights(folder: &ModelFolder) -> Result<u64, ModelError> {
    let beginnings = loaded(folder.kind());
    let is_loaded = |name: &str| beginnings.iter().any(|begin| name.starts_with(begin));
    let (values, stored) = tensors::count(folder, is_loaded)?;
    let stays = folder.is_quantized() && folder.kind() == Kind::Blip;
    Ok(if stays { stored } else { 4 * values })
}
