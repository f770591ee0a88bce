//! What can be wrong with a model from a file.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a model cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// A file that is missing, too large or damaged.
    #[error("{path}: {reason}", path = path.display())]
    File { path: PathBuf, reason: String },
    /// A field of `config.json` that this program cannot follow.
    #[error("{path}: {field}: found {found}, allowed {allowed}", path = path.display())]
    Field {
        path: PathBuf,
        field: &'static str,
        found: String,
        allowed: String,
    },
    /// Weights that are not those of the network that `config.json` describes.
    #[error("{path}: {reason}", path = path.display())]
    Weights { path: PathBuf, reason: String },
    /// The network could not be evaluated.
    #[error("{what}: {reason}")]
    Network { what: &'static str, reason: String },
}

impl ModelError {
    pub(crate) fn file(path: &Path, reason: impl ToString) -> Self {
        Self::File {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// A tensor that is missing or of another shape: candle names it.
    pub(crate) fn weights(path: &Path) -> impl Fn(candle_core::Error) -> Self {
        move |error| Self::Weights {
            path: path.to_owned(),
            reason: first_line(&error.to_string()),
        }
    }

    pub(crate) fn network(what: &'static str) -> impl Fn(candle_core::Error) -> Self {
        move |error| Self::Network {
            what,
            reason: first_line(&error.to_string()),
        }
    }
}

/// Candle may add a trace of calls.
fn first_line(words: &str) -> String {
    words.lines().next().unwrap_or_default().to_owned()
}
