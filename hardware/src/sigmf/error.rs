//! What can be wrong with a recording.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::RadioError;

/// A recording that cannot be read or written. Every message begins with the file.
#[derive(Debug, thiserror::Error)]
pub enum SigmfError {
    /// The system refuses; a full disk is this, with `what` "write".
    #[error("{}: cannot {what}: {source}", path.display())]
    Io {
        path: PathBuf,
        what: &'static str,
        source: io::Error,
    },

    /// There is a recording of this name, and it was not to be replaced.
    #[error("{}: found a recording, allowed a name that is free", path.display())]
    Exists { path: PathBuf },

    /// The metadata are no SigMF metadata, or one of their fields is wrong or cannot be used here.
    #[error("{}: {field}: found {found}, allowed {allowed}", path.display())]
    Field {
        path: PathBuf,
        /// Path of the field, such as `captures[2].core:sample_start`.
        field: String,
        found: String,
        allowed: String,
    },

    /// The samples are not what they should be.
    #[error("{}: found {found}, allowed {allowed}", path.display())]
    Data {
        path: PathBuf,
        found: String,
        allowed: String,
    },

    /// More gaps and bursts than metadata may hold.
    #[error("{}: metadata are full: allowed {allowed}", path.display())]
    Full { path: PathBuf, allowed: String },

    /// An earlier error ended the recording.
    #[error("{}: the recording ended with an error before", path.display())]
    Broken { path: PathBuf },
}

impl SigmfError {
    pub(super) fn io(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, what, source }
    }

    pub(super) fn field(
        path: &Path,
        field: impl Into<String>,
        found: impl ToString,
        allowed: impl Into<String>,
    ) -> Self {
        Self::Field {
            path: path.to_owned(),
            field: field.into(),
            found: found.to_string(),
            allowed: allowed.into(),
        }
    }

    pub(super) fn data(path: &Path, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self::Data {
            path: path.to_owned(),
            found: found.into(),
            allowed: allowed.into(),
        }
    }
}

impl From<SigmfError> for RadioError {
    fn from(error: SigmfError) -> Self {
        Self::Recording {
            reason: error.to_string(),
        }
    }
}
