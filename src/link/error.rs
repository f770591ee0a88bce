//! What can go wrong between photo and samples.

use thiserror::Error;

use crate::codec::{CodecError, CodecId};

/// Why a picture cannot be sent, or what arrived cannot be believed or painted.
#[derive(Debug, Error)]
pub enum LinkError {
    /// The picture is too large for the numerology and ratio.
    #[error(
        "{symbols} analog symbols do not fit: at most {allowed} can be counted by a header; use a smaller --cbr"
    )]
    TooManyBursts { symbols: usize, allowed: usize },
    /// A header contradicts itself.
    #[error("header field {field}: found {found}, allowed: {allowed}")]
    Inconsistent {
        field: &'static str,
        found: u64,
        allowed: String,
    },
    /// Repetitions out of range.
    #[error("repeats: found {found}, allowed: 1 to 8")]
    Repeats { found: u8 },
    /// The digital stream cannot hold it.
    #[error(transparent)]
    Digital(#[from] crate::bits::digital::DigitalError),
    /// The header cannot say it.
    #[error(transparent)]
    Header(#[from] crate::bits::header::HeaderError),
    /// A ratio out of range.
    #[error(transparent)]
    Cbr(#[from] crate::codec::CbrError),
    /// A picture size out of range.
    #[error(transparent)]
    Photo(#[from] crate::photo::PhotoError),
    /// The codec refuses.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The picture was made by another codec.
    #[error("the picture was sent with codec number {found}, this receiver paints with {allowed}")]
    OtherCodec { found: u8, allowed: CodecId },
    /// The picture was made with other weights.
    #[error("the picture was sent with weights {found:08x}, this receiver has {allowed:08x}")]
    OtherWeights { found: u32, allowed: u32 },
}
