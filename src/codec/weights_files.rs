//! Files of weights, checked before they are read.

use std::path::{Path, PathBuf};

use super::CodecError;
use crate::nn::Weights;

/// Largest file of weights that is read, in bytes.
pub const MAX_WEIGHTS_BYTES: u64 = 256 << 20;

/// Where a folder has the weights `file`: under this name, or under the same with `.gguf` at its end.
///
/// # Errors
/// [`CodecError::Weights`] where both are there: nobody could tell which were meant.
pub(crate) fn find(folder: &Path, file: &str) -> Result<PathBuf, CodecError> {
    let path = folder.join(file);
    let quantized = path.with_extension("gguf");
    match (path.exists(), quantized.exists()) {
        (true, true) => {
            let reason = format!("found {file} beside it; one of them is allowed");
            Err(CodecError::Weights { reason }.in_file(&quantized))
        }
        (false, true) => Ok(quantized),
        _ => Ok(path),
    }
}

/// # Errors
/// [`CodecError::Weights`] naming the file that is missing, too large or damaged.
pub(crate) fn read(path: &Path) -> Result<Weights, CodecError> {
    let named = |reason: String| CodecError::Weights { reason }.in_file(path);
    // Asked before it is opened: a pipe would wait for a writer, a device never end.
    let kind = std::fs::metadata(path).map_err(|e| named(e.to_string()))?;
    if !kind.is_file() {
        return Err(named("found no file, allowed is one".to_owned()));
    }
    if kind.len() > MAX_WEIGHTS_BYTES {
        let found = kind.len();
        return Err(named(format!(
            "found {found} bytes; a file of at most {MAX_WEIGHTS_BYTES} is read"
        )));
    }
    let bytes = std::fs::read(path).map_err(|e| named(e.to_string()))?;
    Weights::from_bytes(&bytes).map_err(|e| named(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_have_one_name_or_the_other_but_not_both() {
        let name = format!("heliograph-weights-files-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let found = || find(&folder, "a.safetensors");
        let (plain, quantized) = (folder.join("a.safetensors"), folder.join("a.gguf"));
        assert_eq!(found().unwrap(), plain, "missing: named like this");
        std::fs::write(&quantized, "").unwrap();
        assert_eq!(found().unwrap(), quantized);
        std::fs::write(&plain, "").unwrap();
        let said = found().unwrap_err().to_string();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(
            said.contains("a.gguf") && said.contains("found a.safetensors beside it"),
            "{said}"
        );
    }
}
