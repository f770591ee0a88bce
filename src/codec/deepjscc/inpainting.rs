//! The inpainter: layers of the synthesis for pictures of which some blocks sent nothing, with weights of their own.

use std::path::Path;

use crate::codec::CodecError;
use crate::codec::weights_files::{find, read};
use crate::nn::{BandSynthesis, Weights};
use crate::shortened;

/// File of the inpainter's weights in a folder of models; `.gguf` may stand for its end. It may be missing.
pub const INPAINTER_FILE: &str = "inpainter.safetensors";

static SHIPPED: &[u8] = include_bytes!("../../../weights/inpainter.safetensors");

/// Name in the metadata under which stands for which codec it was trained: [`Weights::unadapted_hash32`], hexadecimal.
const TRAINED_FOR: &str = "codec";

/// Name in the metadata under which stands with how much noise it was trained ([`super::texture`]); without it, with none.
const NOISE: &str = "noise";

/// What is to be known of an inpainter beside its layers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Inpainter {
    /// First 32 bits of the SHA-256 of its weights.
    pub(super) hash: u32,
    /// In the latents of empty blocks, of their deviation.
    pub(super) noise: f32,
}

/// A synthesis network, with an inpainter if it has one.
type Inpainting = (BandSynthesis, Option<Inpainter>);

/// With the layers that came with the program; without, for other weights of the codec than the program's own.
///
/// # Errors
/// [`CodecError::Weights`] if they do not fit this program, which its tests rule out.
fn shipped(synthesis: BandSynthesis, codec: &Weights) -> Result<Inpainting, CodecError> {
    let weights = Weights::from_bytes(SHIPPED)?;
    match check(&weights, codec) {
        Ok(()) => with(synthesis, &weights),
        Err(_) => Ok((synthesis, None)),
    }
}

fn with(synthesis: BandSynthesis, weights: &Weights) -> Result<Inpainting, CodecError> {
    let inpainter = Inpainter {
        hash: weights.hash32(),
        noise: noise(weights)?,
    };
    Ok((synthesis.with_inpainter(weights)?, Some(inpainter)))
}

fn noise(weights: &Weights) -> Result<f32, CodecError> {
    let Some(found) = weights.metadata(NOISE) else {
        return Ok(0.0);
    };
    let amount = found.parse().ok().filter(|n| (0.0..=1.0).contains(n));
    amount.ok_or_else(|| CodecError::Weights {
        reason: format!(
            "metadata {NOISE}: found {:?}, allowed 0 to 1",
            shortened(found)
        ),
    })
}

/// With those in a folder of models, if there is one and they lie there, or with the program's own.
///
/// # Errors
/// [`CodecError::Weights`] naming the file that is damaged, of another shape, or made for another codec.
pub(super) fn of_folder(
    synthesis: BandSynthesis,
    folder: Option<&Path>,
    codec: &Weights,
) -> Result<Inpainting, CodecError> {
    let Some(folder) = folder else {
        return shipped(synthesis, codec);
    };
    let path = find(folder, INPAINTER_FILE)?;
    if let Ok(false) = path.try_exists() {
        return shipped(synthesis, codec);
    }
    let weights = read(&path)?;
    check(&weights, codec)
        .and_then(|()| with(synthesis, &weights))
        .map_err(|error| error.in_file(&path))
}

fn check(weights: &Weights, codec: &Weights) -> Result<(), CodecError> {
    // An adapter changes the receiver little enough to fill gaps as before.
    let expected = format!("{:08x}", codec.unadapted_hash32());
    let found = weights.metadata(TRAINED_FOR).unwrap_or("none");
    if found == expected {
        return Ok(());
    }
    let reason = format!("the inpainter was trained for codec {found}; this one is {expected}");
    Err(CodecError::Weights { reason })
}
