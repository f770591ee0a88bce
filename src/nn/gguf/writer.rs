//! The header of a file, from which tensors follow in its order.

use std::collections::BTreeMap;

use super::{ALIGNMENT, MAGIC, MAX_STORED_DIMENSIONS, METADATA_KEY, SHAPE_KEY, WeightType, value};

/// A tensor that will follow.
struct Announced {
    name: String,
    shape: Vec<u64>,
    stored_as: WeightType,
    bytes: u64,
}

/// What stands before the tensors.
#[derive(Default)]
pub(crate) struct GgufHeader {
    metadata: BTreeMap<String, String>,
    tensors: Vec<Announced>,
}

impl GgufHeader {
    /// With words the file says of itself.
    pub(crate) fn new(metadata: BTreeMap<String, String>) -> Self {
        Self {
            metadata,
            tensors: Vec::new(),
        }
    }

    /// Announces the next tensor, whose values fill whole blocks.
    pub(crate) fn announce(&mut self, name: &str, shape: &[usize], stored_as: WeightType) {
        let shape: Vec<u64> = shape.iter().map(|side| *side as u64).collect();
        let bytes = stored_as.bytes(shape.iter().product());
        self.tensors.push(Announced {
            name: name.to_owned(),
            shape,
            stored_as,
            bytes: bytes.expect("whole blocks"),
        });
    }

    /// The bytes of the header, up to where the first tensor begins; each tensor is then followed by its [`padding`].
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(3u32.to_le_bytes());
        let flat = self.tensors.iter().filter(|tensor| tensor.is_flat());
        let entries = 2 + self.metadata.len() + flat.clone().count();
        count(&mut out, self.tensors.len());
        count(&mut out, entries);
        word(&mut out, "general.architecture", "heliograph");
        text(&mut out, "general.quantization_version");
        out.extend(value::U32.to_le_bytes());
        out.extend(2u32.to_le_bytes());
        for (name, said) in &self.metadata {
            word(&mut out, &format!("{METADATA_KEY}{name}"), said);
        }
        for tensor in flat {
            true_shape(&mut out, tensor);
        }
        let mut offset = 0;
        for tensor in &self.tensors {
            tensor.write(&mut out, offset);
            offset += tensor.bytes + padding(tensor.bytes) as u64;
        }
        let end = out.len() + padding(out.len() as u64);
        out.resize(end, 0);
        out
    }
}

impl Announced {
    /// Is its own shape none that the format can store?
    fn is_flat(&self) -> bool {
        let block = self.stored_as.block_len() as u64;
        let rows = self.shape.last().is_some_and(|n| n.is_multiple_of(block));
        !rows || self.shape.len() > MAX_STORED_DIMENSIONS
    }

    fn write(&self, out: &mut Vec<u8>, offset: u64) {
        text(out, &self.name);
        let flat = [self.shape.iter().product()];
        let stored = if self.is_flat() {
            &flat[..]
        } else {
            &self.shape
        };
        out.extend((stored.len() as u32).to_le_bytes());
        for side in stored.iter().rev() {
            out.extend(side.to_le_bytes());
        }
        out.extend(self.stored_as.code().to_le_bytes());
        out.extend(offset.to_le_bytes());
    }
}

/// Zeros behind so many bytes.
pub(crate) fn padding(bytes: u64) -> usize {
    (bytes.next_multiple_of(ALIGNMENT) - bytes) as usize
}

fn count(out: &mut Vec<u8>, count: usize) {
    out.extend((count as u64).to_le_bytes());
}

fn text(out: &mut Vec<u8>, text: &str) {
    count(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn word(out: &mut Vec<u8>, key: &str, said: &str) {
    text(out, key);
    out.extend(value::STRING.to_le_bytes());
    text(out, said);
}

fn true_shape(out: &mut Vec<u8>, tensor: &Announced) {
    text(out, &format!("{SHAPE_KEY}{}", tensor.name));
    out.extend(value::ARRAY.to_le_bytes());
    out.extend(value::U64.to_le_bytes());
    count(out, tensor.shape.len());
    for side in &tensor.shape {
        out.extend(side.to_le_bytes());
    }
}
