//! A file of weights, checked: safetensors of f16, f32 or i8 (with a scale a row), or GGUF of any of its types; read as f32.

use std::collections::HashMap;
use std::fmt;

use candle_core::{DType, Device, Tensor};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::gguf::{self, GgufError, GgufFile};
use crate::shortened;

/// What can be wrong with a file of weights.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// Not a safetensors file, or a truncated one.
    #[error("weights of {bytes} bytes are no safetensors file: {source}")]
    Format {
        bytes: usize,
        source: safetensors::SafeTensorError,
    },
    /// A GGUF file that is damaged, or of what is not read.
    #[error("weights of {bytes} bytes are no GGUF file that is read: {source}")]
    Gguf { bytes: usize, source: GgufError },
    /// A tensor is stored as something else than f16, f32 or i8.
    #[error("tensor {name} is stored as {found:?}; F16, F32 and I8 are read")]
    Type { name: String, found: Dtype },
    /// A value is infinite or not a number.
    #[error("tensor {name} holds {found} at place {place}; every value must be finite")]
    NotFinite {
        name: String,
        place: usize,
        found: f32,
    },
    /// A value with which nothing could be computed.
    #[error("tensor {name} makes {found} at place {place}; it must be finite and above 0")]
    NotPositive {
        name: String,
        place: usize,
        found: f32,
    },
    /// A tensor that the network needs is not there.
    #[error("tensor {name} is missing; it must be of shape {expected:?}")]
    Missing { name: String, expected: Vec<usize> },
    /// A tensor has another shape than the network's.
    #[error("tensor {name} is of shape {found:?}; the network's is {expected:?}")]
    Shape {
        name: String,
        found: Vec<usize>,
        expected: Vec<usize>,
    },
    /// The device refused a tensor.
    #[error("weights on the device: {0}")]
    Device(#[from] candle_core::Error),
}

/// Scales and variances that are divided by.
///
/// # Errors
/// [`WeightsError::NotPositive`] for the first that is not finite and above 0.
pub(crate) fn check_positive(name: &str, values: &[f32]) -> Result<(), WeightsError> {
    let usable = |value: &f32| value.is_finite() && *value > 0.0;
    match values.iter().position(|value| !usable(value)) {
        None => Ok(()),
        Some(place) => Err(WeightsError::NotPositive {
            name: name.to_owned(),
            place,
            found: values[place],
        }),
    }
}

fn check_finite(name: &str, values: &[f32]) -> Result<(), WeightsError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(place) => Err(WeightsError::NotFinite {
            name: shortened(name),
            place,
            found: values[place],
        }),
    }
}

struct Values {
    shape: Vec<usize>,
    data: Vec<f32>,
}

/// Named tensors, all finite, and the hash of the bytes they came from.
pub struct Weights {
    tensors: HashMap<String, Values>,
    metadata: HashMap<String, String>,
    sha256: [u8; 32],
    /// What they were before they were adapted, if they were.
    unadapted: Option<u32>,
}

impl Weights {
    /// Reads the bytes of a file, safetensors or GGUF by how they begin.
    ///
    /// # Errors
    /// Those of [`from_safetensors`](Self::from_safetensors) and [`from_gguf`](Self::from_gguf).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        if bytes.starts_with(&gguf::MAGIC) {
            return Self::from_gguf(bytes);
        }
        Self::from_safetensors(bytes)
    }

    /// Reads the bytes of a GGUF file.
    ///
    /// # Errors
    /// [`WeightsError::Gguf`] and [`WeightsError::NotFinite`]; bytes from anywhere are safe.
    pub fn from_gguf(bytes: &[u8]) -> Result<Self, WeightsError> {
        let file = GgufFile::parse(bytes).map_err(|source| WeightsError::Gguf {
            bytes: bytes.len(),
            source,
        })?;
        let mut tensors = HashMap::new();
        for tensor in file.tensors {
            let (name, shape) = (tensor.name, tensor.shape);
            let data = tensor.stored_as.dequantize(tensor.bytes)?;
            check_finite(name, &data)?;
            tensors.insert(name.to_owned(), Values { shape, data });
        }
        Ok(Self {
            tensors,
            metadata: file.metadata,
            sha256: Sha256::digest(bytes).into(),
            unadapted: None,
        })
    }

    /// Reads the bytes of a safetensors file.
    ///
    /// # Errors
    /// [`WeightsError::Format`], [`WeightsError::Type`] and [`WeightsError::NotFinite`]; bytes from anywhere are safe.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, WeightsError> {
        let file = SafeTensors::deserialize(bytes).map_err(|source| WeightsError::Format {
            bytes: bytes.len(),
            source,
        })?;
        let mut tensors = HashMap::new();
        for (name, view) in file.iter() {
            let shape = view.shape().to_vec();
            let data = match view.dtype() {
                Dtype::F16 => read_f32(view.data(), DType::F16)?,
                Dtype::F32 => read_f32(view.data(), DType::F32)?,
                Dtype::I8 => scaled_rows(&file, name, &view)?,
                found => {
                    let name = name.to_owned();
                    return Err(WeightsError::Type { name, found });
                }
            };
            check_finite(name, &data)?;
            tensors.insert(name.to_owned(), Values { shape, data });
        }
        let (_, header) =
            SafeTensors::read_metadata(bytes).map_err(|source| WeightsError::Format {
                bytes: bytes.len(),
                source,
            })?;
        Ok(Self {
            tensors,
            metadata: header.metadata().clone().unwrap_or_default(),
            sha256: Sha256::digest(bytes).into(),
            unadapted: None,
        })
    }

    /// A word the file says about itself.
    pub fn metadata(&self, name: &str) -> Option<&str> {
        self.metadata.get(name).map(String::as_str)
    }

    /// SHA-256 of the bytes.
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// The first 32 bits of the SHA-256, big-endian: which weights these are, for a header.
    pub fn hash32(&self) -> u32 {
        let [a, b, c, d, ..] = self.sha256;
        u32::from_be_bytes([a, b, c, d])
    }

    /// The same of what they were before an [`Adapter`](super::Adapter) changed them.
    pub fn unadapted_hash32(&self) -> u32 {
        self.unadapted.unwrap_or_else(|| self.hash32())
    }

    /// Names of all tensors, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.tensors.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// The shape of a tensor, if it is there.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|values| values.shape.as_slice())
    }

    /// The values of a tensor that is there.
    pub(super) fn values_mut(&mut self, name: &str) -> &mut [f32] {
        self.tensors
            .get_mut(name)
            .map_or(&mut [], |values| &mut values.data)
    }

    /// What these weights are from now on.
    pub(super) fn set_adapted(&mut self, sha256: [u8; 32]) {
        self.unadapted = Some(self.unadapted_hash32());
        self.sha256 = sha256;
    }

    /// The values of one tensor, the last dimension fastest.
    ///
    /// # Errors
    /// [`WeightsError::Missing`] and [`WeightsError::Shape`].
    pub fn values(&self, name: &str, shape: &[usize]) -> Result<&[f32], WeightsError> {
        let Some(found) = self.tensors.get(name) else {
            return Err(WeightsError::Missing {
                name: name.to_owned(),
                expected: shape.to_vec(),
            });
        };
        if found.shape != shape {
            return Err(WeightsError::Shape {
                name: name.to_owned(),
                found: found.shape.clone(),
                expected: shape.to_vec(),
            });
        }
        Ok(&found.data)
    }

    /// One tensor on a device, in f32.
    ///
    /// # Errors
    /// [`WeightsError::Missing`], [`WeightsError::Shape`] and [`WeightsError::Device`].
    pub fn tensor(
        &self,
        name: &str,
        shape: &[usize],
        device: &Device,
    ) -> Result<Tensor, WeightsError> {
        Ok(Tensor::from_slice(
            self.values(name, shape)?,
            shape,
            device,
        )?)
    }
}

impl fmt::Debug for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Weights({} tensors, {:08x})",
            self.tensors.len(),
            self.hash32()
        )
    }
}

/// Bytes times the scale of their row (first dimension), a tensor of f32 named after theirs.
fn scaled_rows(
    file: &SafeTensors<'_>,
    name: &str,
    view: &TensorView<'_>,
) -> Result<Vec<f32>, WeightsError> {
    let scale_name = scale_name(name);
    let rows = view.shape().first().copied().unwrap_or(1);
    let Ok(scales) = file.tensor(&scale_name) else {
        return Err(WeightsError::Missing {
            name: scale_name,
            expected: vec![rows],
        });
    };
    if scales.shape() != [rows] {
        return Err(WeightsError::Shape {
            name: scale_name,
            found: scales.shape().to_vec(),
            expected: vec![rows],
        });
    }
    if scales.dtype() != Dtype::F32 {
        return Err(WeightsError::Type {
            name: scale_name,
            found: scales.dtype(),
        });
    }
    let scales = read_f32(scales.data(), DType::F32)?;
    Ok(scaled(view.data(), &scales))
}

/// Name of the scales of a tensor's rows.
pub(super) fn scale_name(name: &str) -> String {
    format!("{name}.scale")
}

/// Bytes times the scale of their row, all rows of the same length.
pub(super) fn scaled(bytes: &[u8], scales: &[f32]) -> Vec<f32> {
    let per_row = (bytes.len() / scales.len().max(1)).max(1);
    let rows = bytes.chunks(per_row).zip(scales);
    let values = rows.flat_map(|(row, scale)| {
        row.iter()
            .map(move |byte| f32::from(byte.cast_signed()) * scale)
    });
    values.collect()
}

pub(super) fn read_f32(bytes: &[u8], dtype: DType) -> Result<Vec<f32>, candle_core::Error> {
    let len = bytes.len() / dtype.size_in_bytes();
    if len == 0 {
        return Ok(Vec::new());
    }
    let stored = Tensor::from_raw_buffer(bytes, dtype, &[len], &Device::Cpu)?;
    stored.to_dtype(DType::F32)?.to_vec1()
}

#[cfg(test)]
mod tests;
