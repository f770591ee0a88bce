//! Why a file is not quantized.

use std::io;

use safetensors::Dtype;
use thiserror::Error;

use crate::nn::gguf::WeightType;

/// What can go wrong between the two files.
#[derive(Debug, Error)]
pub enum QuantizeError {
    /// Reading failed.
    #[error(transparent)]
    Read(io::Error),
    /// Writing failed.
    #[error(transparent)]
    Write(io::Error),
    /// A folder, a device, a pipe.
    #[error("not a file; a safetensors file is needed")]
    NotAFile,
    /// No header that could be read.
    #[error("not a safetensors file: {reason}")]
    Format { reason: String },
    /// Cut off, or with something behind its end.
    #[error("{found} bytes; by its header the safetensors file has {expected}")]
    Length { found: u64, expected: u64 },
    /// A tensor is stored as something else than numbers that can be quantized.
    #[error(
        "tensor {name} is stored as {found:?}; F64, F32, F16, BF16 and I8 with scales are read"
    )]
    Type { name: String, found: Dtype },
    /// Bytes without a scale for each row.
    #[error(
        "tensor {name} of I8 needs a tensor {name}.scale of F32 and shape [{rows}]; found {found}"
    )]
    Scale {
        name: String,
        rows: usize,
        found: String,
    },
    /// A beginning that no tensor's name has.
    #[error("--tensor-type: no tensor's name begins with {name:?}")]
    Exception { name: String },
    /// A value is infinite or not a number.
    #[error("tensor {name} holds {found} at place {place}; every value must be finite")]
    NotFinite {
        name: String,
        place: usize,
        found: f32,
    },
    /// A value that the type has no room for.
    #[error("tensor {name} holds {found} at place {place}; {stored_as} cannot store its block")]
    TooLarge {
        name: String,
        place: usize,
        found: f32,
        stored_as: WeightType,
    },
    /// Candle refused a tensor.
    #[error("tensor: {0}")]
    Tensor(#[from] candle_core::Error),
}
