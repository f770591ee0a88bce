//! The header of a file from anywhere: every count, shape and place is checked before memory is taken for it.

use std::collections::{HashMap, HashSet};

use super::parser::Parser;
use super::{
    ALIGNMENT, ALIGNMENT_KEY, GgufError, MAGIC, MAX_DIMENSIONS, MAX_STORED_DIMENSIONS,
    METADATA_KEY, SHAPE_KEY, WeightType, value,
};
use crate::shortened;

/// A tensor, and the bytes of its whole blocks.
#[derive(Debug)]
pub(crate) struct StoredTensor<'a> {
    pub(crate) name: &'a str,
    pub(crate) stored_as: WeightType,
    /// The true shape, the last dimension fastest.
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: &'a [u8],
}

/// A checked file.
#[derive(Debug)]
pub(crate) struct GgufFile<'a> {
    /// What the safetensors file said of itself.
    pub(crate) metadata: HashMap<String, String>,
    pub(crate) tensors: Vec<StoredTensor<'a>>,
}

/// What the metadata says that is of use.
struct Metadata<'a> {
    words: HashMap<String, String>,
    shapes: HashMap<&'a str, Vec<u64>>,
    alignment: u64,
}

/// A tensor as the header tells it.
struct Told<'a> {
    name: &'a str,
    stored_shape: Vec<u64>,
    code: u32,
    offset: u64,
}

impl<'a> GgufFile<'a> {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`GgufError`] with what was found and what is allowed; bytes from anywhere are safe.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, GgufError> {
        let mut parser = Parser::new(bytes);
        let found = parser.magic()?;
        if found != MAGIC {
            return Err(GgufError::Magic { found });
        }
        let version = parser.u32("the version")?;
        if !(2..=3).contains(&version) {
            return Err(GgufError::Version { found: version });
        }
        // A name's length, number of dimensions, type and place; a key's length, kind and a byte.
        let tensors = parser.count("tensors", 8 + 4 + 4 + 8)?;
        let entries = parser.count("entries of the metadata", 8 + 4 + 1)?;
        let metadata = Metadata::parse(&mut parser, entries)?;
        let told: Vec<Told> = (0..tensors)
            .map(|_| Told::parse(&mut parser))
            .collect::<Result<_, _>>()?;
        let start = parser.at().next_multiple_of(metadata.alignment);
        let data = bytes.get(start as usize..).unwrap_or_default();
        let tensors = placed(&told, &metadata, data)?;
        Ok(Self {
            metadata: metadata.words,
            tensors,
        })
    }
}

impl<'a> Metadata<'a> {
    fn parse(parser: &mut Parser<'a>, entries: u64) -> Result<Self, GgufError> {
        let mut metadata = Self {
            words: HashMap::new(),
            shapes: HashMap::new(),
            alignment: ALIGNMENT,
        };
        for _ in 0..entries {
            let key = parser.text("a key of the metadata")?;
            let kind = parser.u32("a kind of metadata")?;
            metadata.entry(parser, key, kind)?;
        }
        Ok(metadata)
    }

    fn entry(&mut self, parser: &mut Parser<'a>, key: &'a str, kind: u32) -> Result<(), GgufError> {
        if let Some(name) = key
            .strip_prefix(METADATA_KEY)
            .filter(|_| kind == value::STRING)
        {
            let word = parser.text("a value of the metadata")?;
            self.words.insert(name.to_owned(), word.to_owned());
        } else if let Some(name) = key.strip_prefix(SHAPE_KEY) {
            self.shapes.insert(name, true_shape(parser, key, kind)?);
        } else if key == ALIGNMENT_KEY && kind == value::U32 {
            let found = parser.u32("the alignment")?;
            if !found.is_power_of_two() || found > 1 << 16 {
                return Err(GgufError::Alignment { found });
            }
            self.alignment = found.into();
        } else {
            parser.skip(key, kind)?;
        }
        Ok(())
    }
}

fn true_shape(parser: &mut Parser, key: &str, kind: u32) -> Result<Vec<u64>, GgufError> {
    let is = |found, allowed, words| match found == allowed {
        true => Ok(()),
        false => Err(GgufError::Kind {
            key: shortened(key),
            found,
            allowed: words,
        }),
    };
    is(kind, value::ARRAY, "9, an array")?;
    let of = parser.u32("the kind of a shape")?;
    is(of, value::U64, "10, numbers of 64 bits, in the array")?;
    let found = parser.count("dimensions", 8)?;
    if found > MAX_DIMENSIONS as u64 {
        let name = shortened(key.trim_start_matches(SHAPE_KEY));
        return Err(GgufError::Dimensions { name, found });
    }
    (0..found).map(|_| parser.u64("a dimension")).collect()
}

impl<'a> Told<'a> {
    fn parse(parser: &mut Parser<'a>) -> Result<Self, GgufError> {
        let name = parser.text("a tensor's name")?;
        let found = u64::from(parser.u32("a tensor's number of dimensions")?);
        if found > MAX_STORED_DIMENSIONS as u64 {
            let name = shortened(name);
            return Err(GgufError::Dimensions { name, found });
        }
        // The file has the fastest dimension first.
        let mut stored_shape = (0..found)
            .map(|_| parser.u64("a tensor's dimension"))
            .collect::<Result<Vec<_>, _>>()?;
        stored_shape.reverse();
        Ok(Self {
            name,
            stored_shape,
            code: parser.u32("a tensor's type")?,
            offset: parser.u64("a tensor's place")?,
        })
    }

    /// # Errors
    /// [`GgufError::Type`], [`GgufError::Shape`], [`GgufError::Blocks`] and [`GgufError::Place`].
    fn placed(&self, metadata: &Metadata, data: &'a [u8]) -> Result<StoredTensor<'a>, GgufError> {
        let name = || shortened(self.name);
        let (found, alignment) = (self.code, metadata.alignment);
        let stored_as = WeightType::from_code(found).ok_or_else(|| GgufError::Type {
            name: name(),
            found,
        })?;
        let shape = metadata.shapes.get(self.name).unwrap_or(&self.stored_shape);
        let misshapen = |values| GgufError::Shape {
            name: name(),
            shape: shape.clone(),
            values,
        };
        let values = product(&self.stored_shape).ok_or_else(|| misshapen(u64::MAX))?;
        if product(shape) != Some(values) {
            return Err(misshapen(values));
        }
        if !values.is_multiple_of(stored_as.block_len() as u64) {
            return Err(GgufError::Blocks {
                name: name(),
                values,
                type_: stored_as,
            });
        }
        let length = stored_as.bytes(values).ok_or_else(|| misshapen(values))?;
        let end = self.offset.checked_add(length);
        let room = data.len() as u64;
        let is_aligned = self.offset.is_multiple_of(alignment);
        let Some(end) = end.filter(|end| *end <= room && is_aligned) else {
            return Err(GgufError::Place {
                name: name(),
                offset: self.offset,
                length,
                room,
                alignment,
            });
        };
        Ok(StoredTensor {
            name: self.name,
            stored_as,
            // Within the file, so within memory.
            shape: shape.iter().map(|side| *side as usize).collect(),
            bytes: &data[self.offset as usize..end as usize],
        })
    }
}

/// # Errors
/// Those of [`Told::placed`], and tensors of one name or over one another.
fn placed<'a>(
    told: &[Told<'a>],
    metadata: &Metadata,
    data: &'a [u8],
) -> Result<Vec<StoredTensor<'a>>, GgufError> {
    let mut names = HashSet::new();
    let (mut tensors, mut found) = (Vec::new(), 0);
    for tensor in told {
        if !names.insert(tensor.name) {
            let name = shortened(tensor.name);
            return Err(GgufError::Twice { name });
        }
        let placed = tensor.placed(metadata, data)?;
        // Tensors over one another would grow in memory beyond what the file's length allows.
        found += placed.bytes.len() as u64;
        let room = data.len() as u64;
        if found > room {
            return Err(GgufError::Overlap { found, room });
        }
        tensors.push(placed);
    }
    Ok(tensors)
}

/// Values of a shape; 0 only for shapes that have a side of 0, whatever the others.
fn product(shape: &[u64]) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1u64, |n, side| n.checked_mul(*side))
}
