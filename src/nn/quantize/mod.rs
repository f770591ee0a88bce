//! A safetensors file of weights becomes a GGUF file of fewer bits, tensor by tensor: memory for the largest is enough.
//!
//! Kernels and matrices are stored in the type that is asked for; where its blocks do not divide them, in q8_0, and where that
//! does not either, in f16. Vectors (biases, scales of norms) stay as they are: they are few, and everything hangs on them.
//! Bytes with a scale a row (see [`Weights`](super::Weights)) become numbers first, their scales no tensor of their own.

mod error;
mod measure;
mod source;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use safetensors::Dtype;
use serde::Serialize;

pub use self::error::QuantizeError;
pub use self::measure::RelativeError;
use self::measure::{Counting, Errors, Pooled};
use self::source::{Source, SourceTensor};
use super::gguf::{GgufHeader, WeightType, padding};

/// What becomes of which tensor.
#[derive(Clone, Debug)]
pub struct Quantization {
    /// Of kernels and matrices.
    pub stored_as: WeightType,
    /// Of kernels and matrices whose names begin like this; the first that fits decides.
    pub exceptions: Vec<(String, WeightType)>,
    /// What the file says of itself, beside and before what the original says.
    pub metadata: BTreeMap<String, String>,
}

impl Quantization {
    /// All of one type.
    pub fn new(stored_as: WeightType) -> Self {
        Self {
            stored_as,
            exceptions: Vec::new(),
            metadata: BTreeMap::new(),
        }
    }

    /// An exception for nothing is a mistake that would be paid for in quality.
    fn check(&self, tensors: &[SourceTensor]) -> Result<(), QuantizeError> {
        let fits = |name: &str| tensors.iter().any(|tensor| tensor.name.starts_with(name));
        match self.exceptions.iter().find(|(name, _)| !fits(name)) {
            None => Ok(()),
            Some((name, _)) => Err(QuantizeError::Exception { name: name.clone() }),
        }
    }

    fn type_of(&self, tensor: &SourceTensor) -> WeightType {
        if tensor.shape.len() < 2 {
            return match (tensor.dtype, self.stored_as) {
                (Dtype::F16, stored_as) if stored_as != WeightType::F32 => WeightType::F16,
                _ => WeightType::F32,
            };
        }
        let mut exceptions = self.exceptions.iter();
        let exception = exceptions.find(|(name, _)| tensor.name.starts_with(name));
        let wanted = exception.map_or(self.stored_as, |(_, stored_as)| *stored_as);
        let divides = |stored_as: &WeightType| stored_as.bytes(tensor.values()).is_some();
        let mut types = [wanted, WeightType::Q8_0].into_iter();
        types.find(divides).unwrap_or(WeightType::F16)
    }
}

/// One tensor, before and after.
#[derive(Clone, Debug, Serialize)]
pub struct QuantizedTensor {
    pub name: String,
    /// The last dimension fastest.
    pub shape: Vec<usize>,
    /// Name of its type in the safetensors file.
    pub from: String,
    /// Name of its type now.
    pub to: &'static str,
    /// With the scales of its rows, if it has them.
    pub bytes_before: u64,
    pub bytes_after: u64,
    #[serde(flatten)]
    pub error: RelativeError,
}

/// What came of a file.
#[derive(Clone, Debug, Serialize)]
pub struct Quantized {
    pub tensors: Vec<QuantizedTensor>,
    /// Names of tensors of whole numbers, which the new file does not have.
    pub left_out: Vec<String>,
    /// Of the whole files.
    pub bytes_before: u64,
    pub bytes_after: u64,
    /// Over all values, each in the unit of its own tensor.
    #[serde(flatten)]
    pub error: RelativeError,
    /// SHA-256 of the new file; its first eight digits are the hash that stands in a header on the air.
    pub sha256: String,
}

/// Reads the safetensors file `input` and writes a GGUF file; `on_tensor` hears how many of how many tensors are done.
///
/// # Errors
/// [`QuantizeError`] with the tensor, what was found and what is allowed; bytes from anywhere are safe.
pub fn quantize(
    input: &Path,
    how: &Quantization,
    out: impl Write,
    on_tensor: &mut dyn FnMut(usize, usize),
) -> Result<Quantized, QuantizeError> {
    let mut source = Source::open(input)?;
    let tensors = source.tensors()?;
    how.check(&tensors)?;
    let mut out = Counting::new(out);
    out.write(&header(&source, &tensors, how).bytes())?;
    let (mut all, mut done) = (Pooled::default(), Vec::new());
    for tensor in &tensors {
        let quantized = one(&mut source, tensor, how, &mut out)?;
        all.add(tensor.values(), quantized.error);
        done.push(quantized);
        on_tensor(done.len(), tensors.len());
    }
    let (bytes_after, sha256) = out.finish()?;
    Ok(Quantized {
        tensors: done,
        left_out: source.left_out(),
        bytes_before: source.bytes(),
        bytes_after,
        error: all.relative(),
        sha256,
    })
}

fn header(source: &Source, tensors: &[SourceTensor], how: &Quantization) -> GgufHeader {
    let mut metadata = source.metadata();
    metadata.extend(how.metadata.clone());
    let mut header = GgufHeader::new(metadata);
    for tensor in tensors {
        let stored_as = how.type_of(tensor);
        header.announce(&tensor.name, &tensor.shape, stored_as);
    }
    header
}

fn one<W: Write>(
    source: &mut Source,
    tensor: &SourceTensor,
    how: &Quantization,
    out: &mut Counting<W>,
) -> Result<QuantizedTensor, QuantizeError> {
    let values = source.read(tensor)?;
    let stored_as = how.type_of(tensor);
    let bytes = stored_as.quantize(&values)?;
    let errors = Errors::of(&values, &stored_as.dequantize(&bytes)?).map_err(|place| {
        QuantizeError::TooLarge {
            name: tensor.name.clone(),
            place,
            found: values[place],
            stored_as,
        }
    })?;
    out.write(&bytes)?;
    out.write(&vec![0; padding(bytes.len() as u64)])?;
    Ok(QuantizedTensor {
        name: tensor.name.clone(),
        shape: tensor.shape.clone(),
        from: format!("{:?}", tensor.dtype).to_lowercase(),
        to: stored_as.name(),
        bytes_before: tensor.bytes(),
        bytes_after: bytes.len() as u64,
        error: errors.relative(),
    })
}
