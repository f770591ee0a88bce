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

/// Quantized matrices of BLIP stay as they are; everything else is f32 once it is read.
fn weights(folder: &ModelFolder) -> Result<u64, ModelError> {
    let (values, stored) = tensors::count(folder)?;
    let stays = folder.is_quantized() && folder.kind() == Kind::Blip;
    Ok(if stays { stored } else { 4 * values })
}
