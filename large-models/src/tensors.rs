//! The tensors of a file of weights, read one at a time when a network asks for them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use candle_core::quantized::QTensor;
use candle_core::{DType, Device, Error, Result, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use heliograph::nn;
use safetensors::Dtype;
use safetensors::tensor::Metadata;

use crate::ModelError;
use crate::folder::{ModelFolder, read};

/// Largest file of quantized weights, which is read whole, in bytes.
const MAX_GGUF_BYTES: u64 = 8 << 30;
/// Largest header of a safetensors file, in bytes: the format's own limit.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// Another name that a tensor may have in the file.
pub(crate) type OtherName = fn(&str) -> Option<String>;

/// The weights of a folder for a network; everything becomes f32.
///
/// # Errors
/// [`ModelError::File`] for a damaged file.
pub(crate) fn builder(
    folder: &ModelFolder,
    device: &Device,
    other_name: OtherName,
) -> std::result::Result<VarBuilder<'static>, ModelError> {
    let path = folder.weights();
    let backend: Box<dyn SimpleBackend> = if folder.is_quantized() {
        Box::new(Renamed(Quantized(quantized(path)?), other_name))
    } else {
        Box::new(Renamed(SafeTensorsFile::open(path)?, other_name))
    };
    Ok(VarBuilder::from_backend(
        backend,
        DType::F32,
        device.clone(),
    ))
}

/// All tensors of a GGUF file.
pub(crate) fn quantized(path: &Path) -> std::result::Result<HashMap<String, QTensor>, ModelError> {
    nn::gguf_tensors(&read(path, MAX_GGUF_BYTES)?).map_err(|error| ModelError::file(path, error))
}

/// What has tensors by name.
trait Store: Send + Sync {
    fn has(&self, name: &str) -> bool;
    /// In f32.
    fn tensor(&self, name: &str, device: &Device) -> Result<Tensor>;
}

/// A store whose tensors may have other names.
struct Renamed<S>(S, OtherName);

impl<S: Store> Renamed<S> {
    fn name(&self, asked: &str) -> Option<String> {
        if self.0.has(asked) {
            return Some(asked.to_owned());
        }
        (self.1)(asked).filter(|name| self.0.has(name))
    }
}

impl<S: Store> SimpleBackend for Renamed<S> {
    fn get(&self, shape: Shape, name: &str, _: Init, _: DType, device: &Device) -> Result<Tensor> {
        let tensor = self.get_unchecked(name, DType::F32, device)?;
        if tensor.shape() != &shape {
            let (found, allowed) = (tensor.dims(), shape.dims());
            candle_core::bail!("tensor {name}: found shape {found:?}, allowed {allowed:?}");
        }
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, _: DType, device: &Device) -> Result<Tensor> {
        match self.name(name) {
            Some(found) => self.0.tensor(&found, device),
            None => candle_core::bail!("tensor {name} is missing"),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.name(name).is_some()
    }
}

/// Tensors of a GGUF file.
struct Quantized(HashMap<String, QTensor>);

impl Store for Quantized {
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn tensor(&self, name: &str, device: &Device) -> Result<Tensor> {
        self.0[name].dequantize(&Device::Cpu)?.to_device(device)
    }
}

/// A type of values that is read, as candle names it.
fn known(stored: Dtype) -> Option<DType> {
    match stored {
        Dtype::F32 => Some(DType::F32),
        Dtype::F16 => Some(DType::F16),
        Dtype::BF16 => Some(DType::BF16),
        _ => None,
    }
}

/// Where a tensor lies in a safetensors file.
struct Place {
    stored: Dtype,
    shape: Vec<usize>,
    /// From the beginning of the file.
    start: u64,
    bytes: usize,
}

/// A safetensors file whose header has been read.
struct SafeTensorsFile {
    file: Mutex<File>,
    places: HashMap<String, Place>,
}

impl SafeTensorsFile {
    fn open(path: &Path) -> std::result::Result<Self, ModelError> {
        let wrong = |error: &dyn ToString| ModelError::file(path, error.to_string());
        let mut file = File::open(path).map_err(|error| wrong(&error))?;
        let header = header(&mut file).map_err(|error| wrong(&error))?;
        let length = file.metadata().map_err(|error| wrong(&error))?.len();
        let from = 8 + header.bytes;
        let end = from + header.metadata.data_len() as u64;
        if end != length {
            return Err(wrong(&format!(
                "found {length} bytes where its header says {end}"
            )));
        }
        let place = |(name, info): (String, &safetensors::tensor::TensorInfo)| {
            let (start, stop) = info.data_offsets;
            let place = Place {
                stored: info.dtype,
                shape: info.shape.clone(),
                start: from + start as u64,
                bytes: stop - start,
            };
            (name, place)
        };
        let places = header.metadata.tensors().into_iter().map(place);
        Ok(Self {
            places: places.collect(),
            file: Mutex::new(file),
        })
    }
}

impl Store for SafeTensorsFile {
    fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    fn tensor(&self, name: &str, device: &Device) -> Result<Tensor> {
        let place = &self.places[name];
        let stored = place.stored;
        let Some(dtype) = known(stored) else {
            candle_core::bail!("tensor {name}: found {stored}, allowed F32, F16, BF16");
        };
        let mut bytes = vec![0; place.bytes];
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(place.start))
                .and_then(|_| file.read_exact(&mut bytes))
                .map_err(Error::from)?;
        }
        Tensor::from_raw_buffer(&bytes, dtype, &place.shape, device)?.to_dtype(DType::F32)
    }
}

struct Header {
    bytes: u64,
    metadata: Metadata,
}

/// What a file says of its tensors.
fn header(file: &mut File) -> std::io::Result<Header> {
    let mut length = [0; 8];
    file.read_exact(&mut length)?;
    let bytes = u64::from_le_bytes(length);
    if bytes > MAX_HEADER_BYTES.min(file.metadata()?.len()) {
        let words = format!("found a header of {bytes} bytes, which is no safetensors file");
        return Err(std::io::Error::other(words));
    }
    let mut text = vec![0; bytes as usize];
    file.read_exact(&mut text)?;
    let metadata = serde_json::from_slice(&text)?;
    Ok(Header { bytes, metadata })
}

/// Values of the tensors of these names, and the bytes they take in the file; those of a safetensors file are not read.
pub(crate) fn count(
    folder: &ModelFolder,
    is_counted: impl Fn(&str) -> bool,
) -> std::result::Result<(u64, u64), ModelError> {
    let path = folder.weights();
    let sum = |parts: &mut dyn Iterator<Item = (u64, u64)>| {
        parts.fold((0, 0), |(values, bytes), part| {
            (values + part.0, bytes + part.1)
        })
    };
    if folder.is_quantized() {
        let tensors = quantized(path)?;
        let part = |(name, tensor): (&String, &QTensor)| {
            let bytes = tensor.storage_size_in_bytes() as u64;
            is_counted(name).then(|| (tensor.shape().elem_count() as u64, bytes))
        };
        return Ok(sum(&mut tensors.iter().filter_map(part)));
    }
    let file = SafeTensorsFile::open(path)?;
    let part = |(name, place): (&String, &Place)| {
        let dtype = known(place.stored).filter(|_| is_counted(name))?;
        let values = place.bytes / dtype.size_in_bytes();
        Some((values as u64, place.bytes as u64))
    };
    Ok(sum(&mut file.places.iter().filter_map(part)))
}
