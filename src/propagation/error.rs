//! What can be wrong with a channel's description.

use std::path::PathBuf;

/// A channel's description that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PropagationError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },

    /// The file is longer than any channel's description.
    #[error("{}: found {found_bytes} bytes, allowed at most {allowed_bytes}", path.display())]
    TooLong {
        path: PathBuf,
        found_bytes: u64,
        allowed_bytes: u64,
    },

    /// Not TOML at all.
    #[error("{origin}: not TOML: {message}")]
    Syntax { origin: String, message: String },

    /// One field has a value of the wrong kind or out of range, or is no field.
    #[error("{origin}: {field}: found {found}, allowed {allowed}")]
    Field {
        /// The file, or "propagation" where there is none.
        origin: String,
        /// Path of the field, such as `multipath.taps[2].gain_db`.
        field: String,
        found: String,
        allowed: String,
    },

    /// No channel has this name.
    #[error("channel {found:?} is not known, allowed: {allowed}")]
    UnknownName { found: String, allowed: String },
}

impl PropagationError {
    /// The same fault, with the place where the description came from.
    pub(super) fn in_origin(self, name: &str) -> Self {
        match self {
            Self::Field {
                field,
                found,
                allowed,
                ..
            } => Self::Field {
                origin: name.to_owned(),
                field,
                found,
                allowed,
            },
            Self::Syntax { message, .. } => Self::Syntax {
                origin: name.to_owned(),
                message,
            },
            other => other,
        }
    }
}
