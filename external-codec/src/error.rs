//! What can go wrong with a program.

use std::io;
use std::time::Duration;

use heliograph::codec::CodecError;
use thiserror::Error;

/// Why a program of a codec could not be used.
#[derive(Debug, Error)]
pub enum ExternalError {
    /// It cannot be started, or a file for it cannot be written.
    #[error("{doing}: {source}")]
    Io {
        doing: &'static str,
        source: io::Error,
    },
    /// It ended instead of answering.
    #[error("the program ended ({status}) while it should {asked}")]
    Ended { asked: &'static str, status: String },
    /// It took too long.
    #[error("no answer within {limit:?} to: {asked}")]
    Late {
        asked: &'static str,
        limit: Duration,
    },
    /// A line that answers nothing.
    #[error("it printed {found:?} without being asked; words for people belong to standard error")]
    Unasked { found: String },
    /// It cannot do with so few symbols.
    #[error("it needs at least {least} symbols; there are {found}")]
    TooFew { found: usize, least: usize },
    /// A line that is no answer.
    #[error("asked to {asked}, it printed {found:?}; allowed is {allowed}")]
    Answer {
        asked: &'static str,
        found: String,
        allowed: &'static str,
    },
    /// What it said itself.
    #[error("asked to {asked}, it said: {words}")]
    Refused { asked: &'static str, words: String },
    /// A file of its own that does not fit.
    #[error("{file}: {reason}")]
    File { file: &'static str, reason: String },
    /// It was started again and is another one.
    #[error("started again, it is {found}; before it was {before}")]
    Changed { found: String, before: String },
}

impl ExternalError {
    /// An error of input or output, with what was being done.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}

impl From<ExternalError> for CodecError {
    fn from(error: ExternalError) -> Self {
        match error {
            ExternalError::TooFew { found, least } => Self::TooFew { found, least },
            other => Self::External {
                reason: other.to_string(),
            },
        }
    }
}
