//! Tensors as candle holds them, for networks that multiply by quantized matrices as they are.

use std::borrow::Cow;
use std::collections::HashMap;

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{Device, Error, Tensor};

use super::GgufFile;
use super::reader::StoredTensor;
use super::weight_type::BLOCK_ALIGNMENT;
use crate::nn::WeightsError;

/// All tensors of a GGUF file with their true shapes; what lies flat in the file becomes f32.
///
/// # Errors
/// [`WeightsError::Gguf`] and [`WeightsError::Device`]; bytes from anywhere are safe.
pub fn gguf_tensors(bytes: &[u8]) -> Result<HashMap<String, QTensor>, WeightsError> {
    let file = GgufFile::parse(bytes).map_err(|source| WeightsError::Gguf {
        bytes: bytes.len(),
        source,
    })?;
    let tensors = file.tensors.iter();
    let tensors = tensors.map(|tensor| Ok((tensor.name.to_owned(), held(tensor)?)));
    tensors.collect()
}

fn held(tensor: &StoredTensor) -> Result<QTensor, Error> {
    let StoredTensor {
        stored_as, shape, ..
    } = tensor;
    let block = stored_as.block_len();
    if shape.last().is_some_and(|side| side.is_multiple_of(block)) {
        // Blocks lie anywhere in a file, and candle wants them aligned.
        let mut room = vec![0; tensor.bytes.len() + BLOCK_ALIGNMENT];
        let start = room.as_ptr().align_offset(BLOCK_ALIGNMENT);
        let aligned = &mut room[start..start + tensor.bytes.len()];
        aligned.copy_from_slice(tensor.bytes);
        let data = Cow::Borrowed(&*aligned);
        let storage = QStorage::from_data(data, &Device::Cpu, stored_as.dtype())?;
        return QTensor::new(storage, shape.as_slice());
    }
    let values = stored_as.dequantize(tensor.bytes)?;
    let values = Tensor::from_vec(values, shape.as_slice(), &Device::Cpu)?;
    QTensor::quantize(&values, GgmlDType::F32)
}
