//! The inpainter: layers of the synthesis for pictures of which some blocks sent nothing, with weights of their own.

use std::path::Path;

use crate::codec::CodecError;
use crate::codec::weights_files::{find, read};
use crate::nn::{BandSynthesis, Weights};

/// File of the inpainter's weights in a folder of models; `.gguf` may stand for its end. It may be missing.
pub const INPAINTER_FILE: &str = "inpainter.safetensors";

static SHIPPED: &[u8] = include_bytes!("../../../weights/inpainter.safetensors");

/// Name in the metadata under which stands for which codec it was trained: [`Weights::hash32`], hexadecimal.
const TRAINED_FOR: &str = "codec";

/// With the layers that came with the program; without, for other weights of the codec than the program's own.
///
/// # Errors
/// [`CodecError::Weights`] if they do not fit this program, which its tests rule out.
pub(super) fn shipped(
    synthesis: BandSynthesis,
    codec: &Weights,
) -> Result<BandSynthesis, CodecError> {
    let weights = Weights::from_bytes(SHIPPED)?;
    match check(&weights, codec) {
        Ok(()) => Ok(synthesis.with_inpainter(&weights)?),
        Err(_) => Ok(synthesis),
    }
}

/// With those in a folder of models, or with the program's own.
///
/// # Errors
/// [`CodecError::Weights`] naming the file that is damaged, of another shape, or made for another codec.
pub(super) fn of_folder(
    synthesis: BandSynthesis,
    folder: &Path,
    codec: &Weights,
) -> Result<BandSynthesis, CodecError> {
    let path = find(folder, INPAINTER_FILE)?;
    if let Ok(false) = path.try_exists() {
        return shipped(synthesis, codec);
    }
    let weights = read(&path)?;
    check(&weights, codec)
        .and_then(|()| Ok(synthesis.with_inpainter(&weights)?))
        .map_err(|error| error.in_file(&path))
}

fn check(weights: &Weights, codec: &Weights) -> Result<(), CodecError> {
    let expected = format!("{:08x}", codec.hash32());
    let found = weights.metadata(TRAINED_FOR).unwrap_or("none");
    if found == expected {
        return Ok(());
    }
    let reason = format!("the inpainter was trained for codec {found}; this one is {expected}");
    Err(CodecError::Weights { reason })
}
