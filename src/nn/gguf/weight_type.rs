//! How the values of a tensor are stored: as they are, or in blocks of few bits with scales.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{Device, Error, Tensor};
use thiserror::Error as ThisError;

/// A type of GGUF, named as its tools name it.
///
/// ```
/// use heliograph::nn::WeightType;
///
/// let q8_0: WeightType = "q8_0".parse()?;
/// assert_eq!((q8_0.block_len(), q8_0.block_bytes()), (32, 34));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WeightType(usize);

/// Name, number in the file, type. Candle keeps the numbers to itself; q8_1 and q8_k are for products, not for files.
const TYPES: [(&str, u32, GgmlDType); 13] = [
    ("f32", 0, GgmlDType::F32),
    ("f16", 1, GgmlDType::F16),
    ("bf16", 30, GgmlDType::BF16),
    ("q8_0", 8, GgmlDType::Q8_0),
    ("q6_k", 14, GgmlDType::Q6K),
    ("q5_k", 13, GgmlDType::Q5K),
    ("q5_1", 7, GgmlDType::Q5_1),
    ("q5_0", 6, GgmlDType::Q5_0),
    ("q4_k", 12, GgmlDType::Q4K),
    ("q4_1", 3, GgmlDType::Q4_1),
    ("q4_0", 2, GgmlDType::Q4_0),
    ("q3_k", 11, GgmlDType::Q3K),
    ("q2_k", 10, GgmlDType::Q2K),
];

/// Values that are converted at a time: a multiple of every block.
const PIECE: usize = 1 << 16;

/// Alignment of every block in memory, or a multiple of it.
pub(super) const BLOCK_ALIGNMENT: usize = 8;

/// No such type.
#[derive(Debug, ThisError)]
#[error("type {found:?}; allowed are {}", WeightType::names().join(", "))]
pub struct UnknownWeightType {
    found: String,
}

impl WeightType {
    pub const F32: Self = Self(0);
    pub const F16: Self = Self(1);
    pub const Q8_0: Self = Self(3);

    /// All names, most precise first.
    pub fn names() -> [&'static str; 13] {
        TYPES.map(|(name, ..)| name)
    }

    /// Name.
    pub fn name(self) -> &'static str {
        TYPES[self.0].0
    }

    pub(crate) fn code(self) -> u32 {
        TYPES[self.0].1
    }

    pub(crate) fn from_code(code: u32) -> Option<Self> {
        TYPES.iter().position(|entry| entry.1 == code).map(Self)
    }

    pub(super) fn with_codes() -> String {
        let words = TYPES.map(|(name, code, _)| format!("{code} ({name})"));
        words.join(", ")
    }

    pub(super) fn dtype(self) -> GgmlDType {
        TYPES[self.0].2
    }

    /// Values of a block; 1 for plain numbers.
    pub fn block_len(self) -> usize {
        self.dtype().block_size()
    }

    /// Bytes of a block.
    pub fn block_bytes(self) -> usize {
        self.dtype().type_size()
    }

    /// Bytes of so many values; `None` if they fill no whole number of blocks, or more than can be counted.
    pub fn bytes(self, values: u64) -> Option<u64> {
        let block = self.block_len() as u64;
        let is_whole = values.is_multiple_of(block);
        (values / block)
            .checked_mul(self.block_bytes() as u64)
            .filter(|_| is_whole)
    }

    /// Stores values that fill whole blocks.
    ///
    /// # Errors
    /// What candle says.
    pub(crate) fn quantize(self, values: &[f32]) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        for piece in values.chunks(PIECE) {
            let tensor = Tensor::from_slice(piece, piece.len(), &Device::Cpu)?;
            let stored = QTensor::quantize(&tensor, self.dtype())?;
            bytes.extend_from_slice(&stored.data()?);
        }
        Ok(bytes)
    }

    /// Reads whole blocks.
    ///
    /// # Errors
    /// What candle says.
    pub(crate) fn dequantize(self, bytes: &[u8]) -> Result<Vec<f32>, Error> {
        let (len, block) = (self.block_len(), self.block_bytes());
        let mut values = Vec::with_capacity(bytes.len() / block * len);
        let mut room = vec![0; PIECE / len * block + BLOCK_ALIGNMENT];
        for piece in bytes.chunks(PIECE / len * block) {
            // Blocks lie anywhere in a file, and candle wants them aligned.
            let start = room.as_ptr().align_offset(BLOCK_ALIGNMENT);
            let aligned = &mut room[start..start + piece.len()];
            aligned.copy_from_slice(piece);
            let storage =
                QStorage::from_data(Cow::Borrowed(&*aligned), &Device::Cpu, self.dtype())?;
            let tensor = QTensor::new(storage, piece.len() / block * len)?;
            values.extend(tensor.dequantize(&Device::Cpu)?.to_vec1::<f32>()?);
        }
        Ok(values)
    }
}

impl FromStr for WeightType {
    type Err = UnknownWeightType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = TYPES.iter().position(|(name, ..)| *name == text);
        found.map(Self).ok_or_else(|| UnknownWeightType {
            found: text.to_owned(),
        })
    }
}

impl fmt::Display for WeightType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for WeightType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
