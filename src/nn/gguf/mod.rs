//! GGUF, the file format of quantized weights, as far as weights need it: versions 2 and 3, little-endian.
//!
//! [Specification](https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). A tensor is stored as rows of blocks; kernels end in
//! a dimension of 3 that no block divides, so such a tensor lies flat in the file and its true shape stands in the metadata:
//!
//! | key | value |
//! |---|---|
//! | `general.architecture` | `heliograph` |
//! | `general.quantization_version` | 2 |
//! | `heliograph.shape.TENSOR` | array of u64: the true shape, the last dimension fastest |
//! | `heliograph.metadata.NAME` | string: what the safetensors file said of itself under NAME |

mod error;
mod parser;
mod qtensors;
mod reader;
mod weight_type;
mod writer;

#[cfg(test)]
mod tests;

pub use error::GgufError;
pub use qtensors::gguf_tensors;
pub(crate) use reader::GgufFile;
pub use weight_type::{UnknownWeightType, WeightType};
pub(crate) use writer::{GgufHeader, padding};

/// First bytes of every file.
pub(crate) const MAGIC: [u8; 4] = *b"GGUF";

/// Bytes that a tensor begins at a multiple of, if the file says nothing else.
const ALIGNMENT: u64 = 32;

/// Most dimensions that the format itself can say.
const MAX_STORED_DIMENSIONS: usize = 4;
/// Most dimensions of a true shape.
const MAX_DIMENSIONS: usize = 8;

const SHAPE_KEY: &str = "heliograph.shape.";
const METADATA_KEY: &str = "heliograph.metadata.";
const ALIGNMENT_KEY: &str = "general.alignment";

/// Numbers by which the format tells what a value of the metadata is.
mod value {
    pub(super) const U32: u32 = 4;
    pub(super) const STRING: u32 = 8;
    pub(super) const ARRAY: u32 = 9;
    pub(super) const U64: u32 = 10;

    /// Bytes of a value of fixed length.
    pub(super) fn bytes(code: u32) -> Option<u64> {
        match code {
            0 | 1 | 7 => Some(1),
            2 | 3 => Some(2),
            4..=6 => Some(4),
            10..=12 => Some(8),
            _ => None,
        }
    }
}
