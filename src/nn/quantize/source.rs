//! A safetensors file, of which only the header and one tensor are in memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use candle_core::DType;
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::QuantizeError;
use crate::nn::weights::{read_f32, scale_name};

/// Longest header that is read, in bytes: safetensors' own limit.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// A tensor of the file.
pub(super) struct SourceTensor {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) dtype: Dtype,
    place: (u64, u64),
    /// Place of the scales of its rows.
    scales: Option<(u64, u64)>,
}

impl SourceTensor {
    pub(super) fn values(&self) -> u64 {
        self.shape.iter().map(|side| *side as u64).product()
    }

    pub(super) fn bytes(&self) -> u64 {
        let length = |(start, end): (u64, u64)| end - start;
        length(self.place) + self.scales.map_or(0, length)
    }
}

/// The file.
pub(super) struct Source {
    file: File,
    bytes: u64,
    header: Metadata,
    /// Where the first tensor begins.
    start: u64,
}

impl Source {
    /// # Errors
    /// [`QuantizeError::Read`], [`QuantizeError::NotAFile`], [`QuantizeError::Format`] and [`QuantizeError::Length`].
    pub(super) fn open(path: &Path) -> Result<Self, QuantizeError> {
        // Asked before it is opened: a pipe would wait for a writer.
        let kind = std::fs::metadata(path).map_err(QuantizeError::Read)?;
        if !kind.is_file() {
            return Err(QuantizeError::NotAFile);
        }
        let mut file = File::open(path).map_err(QuantizeError::Read)?;
        let bytes = kind.len();
        let length = header_length(&mut file, bytes)?;
        let mut header = vec![0; length as usize];
        file.read_exact(&mut header).map_err(QuantizeError::Read)?;
        // Tensors lie one behind the other from 0 and are as long as their shapes: safetensors checks that.
        let header: Metadata =
            serde_json::from_slice(&header).map_err(|e| format_error(e.to_string()))?;
        let start = 8 + length;
        let expected = start + header.data_len() as u64;
        if expected != bytes {
            let found = bytes;
            return Err(QuantizeError::Length { found, expected });
        }
        Ok(Self {
            file,
            bytes,
            header,
            start,
        })
    }

    /// Of the file.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What the file says of itself.
    pub(super) fn metadata(&self) -> BTreeMap<String, String> {
        self.header
            .metadata()
            .clone()
            .into_iter()
            .flatten()
            .collect()
    }

    /// Tensors that hold no weights but whole numbers, such as counters and places, which checkpoints carry along.
    pub(super) fn left_out(&self) -> Vec<String> {
        let mut names = self.header.offset_keys();
        names.retain(|name| self.header.info(name).is_some_and(|i| is_whole(i.dtype)));
        names
    }

    /// All tensors of weights in the order of the file; scales belong to their tensors.
    ///
    /// # Errors
    /// [`QuantizeError::Type`] and [`QuantizeError::Scale`].
    pub(super) fn tensors(&self) -> Result<Vec<SourceTensor>, QuantizeError> {
        let names = self.header.offset_keys();
        let is_bytes = |name: &str| self.header.info(name).is_some_and(|i| i.dtype == Dtype::I8);
        let own = names.into_iter().filter(|name| {
            let of = name.strip_suffix(".scale");
            let is_weights = |info: &TensorInfo| !is_whole(info.dtype);
            !of.is_some_and(is_bytes) && self.header.info(name).is_some_and(is_weights)
        });
        own.map(|name| self.tensor(name)).collect()
    }

    fn tensor(&self, name: String) -> Result<SourceTensor, QuantizeError> {
        let info = self.header.info(&name).expect("a name of the header");
        let scales = match info.dtype {
            Dtype::I8 => Some(self.scales(&name, info)?),
            Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::BF16 => None,
            found => return Err(QuantizeError::Type { name, found }),
        };
        Ok(SourceTensor {
            name,
            shape: info.shape.clone(),
            dtype: info.dtype,
            place: self.place(info),
            scales,
        })
    }

    fn place(&self, info: &TensorInfo) -> (u64, u64) {
        let (start, end) = info.data_offsets;
        (self.start + start as u64, self.start + end as u64)
    }

    fn scales(&self, name: &str, of: &TensorInfo) -> Result<(u64, u64), QuantizeError> {
        let rows = of.shape.first().copied().unwrap_or(1);
        let refused = |found: String| QuantizeError::Scale {
            name: name.to_owned(),
            rows,
            found,
        };
        match self.header.info(&scale_name(name)) {
            None => Err(refused("none".to_owned())),
            Some(scales) if scales.dtype != Dtype::F32 || scales.shape != [rows] => {
                let (dtype, shape) = (scales.dtype, &scales.shape);
                Err(refused(format!("{dtype:?} of shape {shape:?}")))
            }
            Some(scales) => Ok(self.place(scales)),
        }
    }

    /// The values of a tensor, all finite.
    ///
    /// # Errors
    /// [`QuantizeError::Read`] and [`QuantizeError::NotFinite`].
    pub(super) fn read(&mut self, tensor: &SourceTensor) -> Result<Vec<f32>, QuantizeError> {
        let bytes = self.bytes_at(tensor.place)?;
        let values = match tensor.dtype {
            Dtype::F64 => read_f32(&bytes, DType::F64)?,
            Dtype::F16 => read_f32(&bytes, DType::F16)?,
            Dtype::BF16 => read_f32(&bytes, DType::BF16)?,
            Dtype::F32 => read_f32(&bytes, DType::F32)?,
            _ => {
                let scales = self.bytes_at(tensor.scales.unwrap_or_default())?;
                crate::nn::weights::scaled(&bytes, &read_f32(&scales, DType::F32)?)
            }
        };
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(place) => Err(QuantizeError::NotFinite {
                name: tensor.name.clone(),
                place,
                found: values[place],
            }),
        }
    }

    fn bytes_at(&mut self, (start, end): (u64, u64)) -> Result<Vec<u8>, QuantizeError> {
        let mut bytes = vec![0; (end - start) as usize];
        let file = &mut self.file;
        file.seek(SeekFrom::Start(start))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(QuantizeError::Read)?;
        Ok(bytes)
    }
}

/// I8 with scales are weights.
fn is_whole(dtype: Dtype) -> bool {
    use Dtype::{BOOL, I16, I32, I64, U8, U16, U32, U64};
    matches!(dtype, BOOL | I16 | I32 | I64 | U8 | U16 | U32 | U64)
}

fn header_length(file: &mut File, bytes: u64) -> Result<u64, QuantizeError> {
    let mut length = [0; 8];
    if bytes < 8 {
        return Err(format_error(format!("{bytes} bytes are too short for one")));
    }
    file.read_exact(&mut length).map_err(QuantizeError::Read)?;
    let found = u64::from_le_bytes(length);
    let allowed = (bytes - 8).min(MAX_HEADER_BYTES);
    if found > allowed {
        return Err(format_error(format!(
            "its header would be {found} bytes; allowed are at most {allowed}"
        )));
    }
    Ok(found)
}

fn format_error(reason: String) -> QuantizeError {
    // What a stranger wrote may be long and may talk to the terminal.
    let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let reason = reason.chars().take(96).map(printable).collect();
    QuantizeError::Format { reason }
}
