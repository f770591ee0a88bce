//! Why a file of symbols is refused.

use std::io;
use std::path::PathBuf;

use safetensors::Dtype;
use thiserror::Error;

use super::MAX_HEADER_BYTES;
use crate::codec::{CodecError, CodecId};

/// What can be wrong with a file of symbols, or with what is done with it.
#[derive(Debug, Error)]
pub enum LatentsFileError {
    /// The file, and what is wrong with it.
    #[error("{}: {source}", path.display())]
    At {
        path: PathBuf,
        source: Box<LatentsFileError>,
    },
    /// Reading failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A folder, a device, a pipe.
    #[error("not a file (found {found}); a file of symbols is needed")]
    NotAFile { found: &'static str },
    /// No header that could be read.
    #[error("not a safetensors file: {reason}")]
    Format { reason: String },
    /// More header than is read.
    #[error(
        "not a safetensors file of symbols: its header would be {found} bytes; allowed are at most {MAX_HEADER_BYTES}"
    )]
    HeaderLength { found: u64 },
    /// Cut off, or with something behind its end.
    #[error("{found} bytes; by its header the file has {expected}")]
    Length { found: u64, expected: u64 },
    /// A field of the metadata is not there.
    #[error("field {field} is missing in the metadata; it must be {allowed}")]
    FieldMissing {
        field: &'static str,
        allowed: &'static str,
    },
    /// A field of the metadata says what cannot be.
    #[error("field {field} of the metadata is {found:?}; allowed: {allowed}")]
    Field {
        field: &'static str,
        found: String,
        allowed: &'static str,
    },
    /// A tensor is not there.
    #[error("tensor {name} is missing")]
    TensorMissing { name: &'static str },
    /// A tensor that such files do not have; a misspelled one must not pass for none.
    #[error("tensor {found:?} is unknown; allowed are symbols, variances and side_information")]
    TensorUnknown { found: String },
    /// A tensor is stored as something else.
    #[error("tensor {name} is stored as {found:?}; allowed is {allowed:?}")]
    Type {
        name: &'static str,
        found: Dtype,
        allowed: Dtype,
    },
    /// A tensor has another shape than the picture's size and ratio give.
    #[error("tensor {name} is of shape {found}; allowed is {allowed}")]
    Shape {
        name: &'static str,
        found: String,
        allowed: String,
    },
    /// A value that no symbol or variance has.
    #[error("tensor {name} holds {found} at {place}; allowed are {allowed}")]
    Value {
        name: &'static str,
        place: String,
        found: f32,
        allowed: &'static str,
    },
    /// Symbols of another codec.
    #[error("the symbols are of codec {found}, this decoder is codec {allowed}")]
    OtherCodec { found: CodecId, allowed: CodecId },
    /// Symbols of other weights.
    #[error("the symbols were made with weights {found:08x}, this decoder has {allowed:08x}")]
    OtherWeights { found: u32, allowed: u32 },
    /// What the codec says.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

pub(super) fn shape(name: &'static str, found: &[usize], allowed: &[usize]) -> LatentsFileError {
    LatentsFileError::Shape {
        name,
        found: shape_in_words(found),
        allowed: format!("{allowed:?}"),
    }
}

/// A stranger's shape may have as many sides as a header has room for.
pub(super) fn shape_in_words(shape: &[usize]) -> String {
    match shape.len() {
        0..=4 => format!("{shape:?}"),
        dimensions => format!("{dimensions} dimensions"),
    }
}
