//! Why a message is refused.

use thiserror::Error;

use super::{MAX_MESSAGE_BYTES, MAX_METADATA_BYTES, MESSAGE_VERSION};
use crate::bits::header::HeaderError;
use crate::codec::CbrError;
use crate::photo::PhotoError;
use crate::shortened;

/// What can be wrong with the bytes of a received picture.
#[derive(Debug, Error)]
pub enum MessageError {
    /// Not begun like a message.
    #[error("not a received picture: it does not begin with \"heliopic\"")]
    Format,
    /// Made by a program of another version.
    #[error("message version: found {found}, allowed {MESSAGE_VERSION}")]
    Version { found: u32 },
    /// Larger than is read or written.
    #[error("message: found {found} bytes, allowed at most {MAX_MESSAGE_BYTES}")]
    TooLarge { found: usize },
    /// More metadata than is read.
    #[error("metadata: found {found} bytes, allowed at most {MAX_METADATA_BYTES}")]
    MetadataLength { found: usize },
    /// Cut off, or with something behind its end.
    #[error("message: found {found} bytes, by its fields it has {allowed}")]
    Length { found: usize, allowed: usize },
    /// Altered on the way.
    #[error("message: its SHA-256 does not hold")]
    Hash,
    /// Metadata that is no JSON, lacks a field, or has one that is unknown.
    #[error("metadata: {reason}")]
    Metadata { reason: String },
    /// A field that says what cannot be.
    #[error("{field}: found {found}, allowed {allowed}")]
    Field {
        field: &'static str,
        found: String,
        allowed: &'static str,
    },
    /// A header that no transmitter makes.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A ratio that has no code.
    #[error(transparent)]
    Cbr(#[from] CbrError),
    /// A size that no picture has.
    #[error(transparent)]
    Size(#[from] PhotoError),
}

impl MessageError {
    pub(super) fn field(field: &'static str, found: impl ToString, allowed: &'static str) -> Self {
        Self::Field {
            field,
            found: shortened(&found.to_string()),
            allowed,
        }
    }

    pub(super) fn metadata(error: serde_json::Error) -> Self {
        Self::Metadata {
            reason: shortened(&error.to_string()),
        }
    }
}
