//! Files of weights, checked before they are read.

use std::path::Path;

use super::CodecError;
use crate::nn::Weights;

/// Largest file of weights that is read, in bytes.
pub const MAX_WEIGHTS_BYTES: u64 = 256 << 20;

/// # Errors
/// [`CodecError::Weights`] naming the file that is missing, too large or damaged.
pub(super) fn read(path: &Path) -> Result<Weights, CodecError> {
    let named = |reason: String| CodecError::Weights { reason }.in_file(path);
    // Asked before it is opened: a pipe would wait for a writer, a device never end.
    let kind = std::fs::metadata(path).map_err(|e| named(e.to_string()))?;
    if !kind.is_file() || kind.len() > MAX_WEIGHTS_BYTES {
        let found = kind.len();
        return Err(named(format!(
            "found {found} bytes; a file of at most {MAX_WEIGHTS_BYTES} is read"
        )));
    }
    let bytes = std::fs::read(path).map_err(|e| named(e.to_string()))?;
    Weights::from_safetensors(&bytes).map_err(|e| named(e.to_string()))
}
