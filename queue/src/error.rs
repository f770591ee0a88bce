//! What can go wrong between a host and the queue.

use std::path::PathBuf;

use heliograph::shortened;
use thiserror::Error;

/// Why the queue did not take or give a picture.
#[derive(Debug, Error)]
pub enum QueueError {
    /// An address that is none.
    #[error(
        "found {found:?}, allowed an address like nats://host:4222 or tls://host:4222 ({reason})"
    )]
    Address { found: String, reason: String },
    /// Credentials or certificates that cannot be read.
    #[error("{path}: {reason}", path = path.display())]
    File { path: PathBuf, reason: String },
    /// The server does not answer, or refuses. It may pass.
    #[error("{doing}: {reason}")]
    Server { doing: &'static str, reason: String },
    /// The threads of the connection cannot be started.
    #[error("threads: {0}")]
    Runtime(#[from] std::io::Error),
    /// A ticket of a program of another version.
    #[error("ticket version: found {found}, allowed {allowed}")]
    Version { found: u32, allowed: u32 },
    /// A ticket that no publisher writes.
    #[error("ticket: {reason}")]
    Ticket { reason: String },
    /// A picture of which a piece is gone, or is not what the ticket says.
    #[error("picture {id}: {reason}")]
    Pieces { id: String, reason: String },
}

impl QueueError {
    /// Whether it is the picture's fault: trying again would not help.
    pub fn is_of_picture(&self) -> bool {
        matches!(self, Self::Ticket { .. } | Self::Pieces { .. })
    }

    pub(crate) fn ticket(reason: impl ToString) -> Self {
        Self::Ticket {
            reason: shortened(&reason.to_string()),
        }
    }

    pub(crate) fn server(doing: &'static str) -> impl FnOnce(BoxedError) -> Self {
        move |error| Self::Server {
            doing,
            reason: error.to_string(),
        }
    }
}

pub(crate) type BoxedError = Box<dyn std::error::Error + Send + Sync>;
