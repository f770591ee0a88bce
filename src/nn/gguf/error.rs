//! Why a GGUF file is refused.

use thiserror::Error;

use super::{MAX_DIMENSIONS, MAX_STORED_DIMENSIONS, WeightType};

/// What can be wrong with a GGUF file.
#[derive(Debug, Error)]
pub enum GgufError {
    /// Cut off within the header.
    #[error("{what} needs {needed} bytes from byte {at} on; the file has {bytes} bytes")]
    Short {
        what: &'static str,
        at: u64,
        needed: u64,
        bytes: u64,
    },
    /// Not the format's first bytes.
    #[error("the file begins with {found:02x?}; a GGUF file begins with GGUF")]
    Magic { found: [u8; 4] },
    /// Written by a format that is not read.
    #[error("GGUF version {found}; 2 and 3 are read")]
    Version { found: u32 },
    /// More entries than there is room for.
    #[error("{found} {what} in a file of {bytes} bytes, which has room for {room}")]
    Count {
        what: &'static str,
        found: u64,
        bytes: u64,
        room: u64,
    },
    /// A text that is none.
    #[error("{what} at byte {at} is no UTF-8")]
    Text { what: &'static str, at: u64 },
    /// A kind of metadata that the format does not have.
    #[error("metadata {key} is of kind {found}; allowed is {allowed}")]
    Kind {
        key: String,
        found: u32,
        allowed: &'static str,
    },
    /// Tensors that begin anywhere, or nowhere.
    #[error("alignment {found}; powers of 2 up to 65536 are allowed")]
    Alignment { found: u32 },
    /// Two tensors of one name.
    #[error("tensor {name} is there twice")]
    Twice { name: String },
    /// A type that is not read.
    #[error(
        "tensor {name} is stored as type {found}; read are {}",
        WeightType::with_codes()
    )]
    Type { name: String, found: u32 },
    /// More dimensions than a tensor may have.
    #[error(
        "tensor {name} has {found} dimensions; {MAX_STORED_DIMENSIONS} are allowed, {MAX_DIMENSIONS} for the shape in the metadata"
    )]
    Dimensions { name: String, found: u64 },
    /// So many values that they cannot be counted, or not as many as there are.
    #[error(
        "tensor {name} is of shape {shape:?}, which is not the number of its values ({values}), or more than can be"
    )]
    Shape {
        name: String,
        shape: Vec<u64>,
        values: u64,
    },
    /// Values that fill no whole number of blocks.
    #[error("tensor {name} has {values} values; {type_} is stored in blocks of {}", type_.block_len())]
    Blocks {
        name: String,
        values: u64,
        type_: WeightType,
    },
    /// A tensor that does not lie within the file.
    #[error(
        "tensor {name} lies at {offset} and has {length} bytes; behind the header are {room}, and tensors begin at multiples of {alignment}"
    )]
    Place {
        name: String,
        offset: u64,
        length: u64,
        room: u64,
        alignment: u64,
    },
    /// Tensors that lie over one another.
    #[error("the tensors have {found} bytes together; behind the header are {room}")]
    Overlap { found: u64, room: u64 },
}
