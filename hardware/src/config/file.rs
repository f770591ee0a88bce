//! Text of a file, and TOML of a text.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use toml::Table;

use super::ConfigError;

/// Longest file: the shipped ones take a twentieth of it.
const MAX_BYTES: u64 = 262_144;

/// The text of a file of at most 256 KiB.
pub(crate) fn read_bounded(path: &Path) -> Result<String, ConfigError> {
    let read_error = |source| ConfigError::Read {
        path: path.to_owned(),
        source,
    };
    let mut text = String::new();
    let file = File::open(path).map_err(read_error)?;
    let read = file.take(MAX_BYTES + 1).read_to_string(&mut text);
    if read.map_err(read_error)? as u64 > MAX_BYTES {
        return Err(ConfigError::TooLong {
            path: path.to_owned(),
            allowed_bytes: MAX_BYTES,
        });
    }
    Ok(text)
}

/// The document in `text`; `origin` is its name in errors.
pub(crate) fn parse(text: &str, origin: &str) -> Result<Table, ConfigError> {
    text.parse()
        .map_err(|error: toml::de::Error| ConfigError::Syntax {
            origin: origin.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })
}
