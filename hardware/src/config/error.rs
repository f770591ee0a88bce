//! What can be wrong with a description.

use std::path::PathBuf;

/// A description of a radio or a rig that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read, or is not UTF-8.
    #[error("{}: {source}", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },

    /// The file is longer than any description.
    #[error("{}: found more than {allowed_bytes} bytes, allowed at most these", path.display())]
    TooLong { path: PathBuf, allowed_bytes: u64 },

    /// Not TOML at all.
    #[error("{origin}: not TOML: {message}")]
    Syntax { origin: String, message: String },

    /// One field has a value of the wrong kind or out of range, is missing, or is no field.
    #[error("{origin}: {field}: found {found}, allowed {allowed}")]
    Field {
        /// The file, or what stands for it where there is none.
        origin: String,
        /// Path of the field, such as `receive.gain_elements_db.LNA`.
        field: String,
        found: String,
        allowed: String,
    },

    /// Neither a name that is known nor anything else that could be meant.
    #[error("{kind} {found:?} is not known, allowed: {allowed}")]
    UnknownName {
        kind: &'static str,
        found: String,
        allowed: String,
    },
}
