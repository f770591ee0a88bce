//! The header: metadata and the places of the tensors, written and believed.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::ops::Range;
use std::str::FromStr;

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::Serialize;

use super::error::{shape, shape_in_words};
use super::{LatentsFile, LatentsFileError, LatentsOrigin};
use crate::bits::digital::MAX_STREAM_BYTES;
use crate::codec::{Cbr, CodecId};
use crate::photo::{MAX_SIDE, PhotoSize};
use crate::shortened;

const FORMAT: &str = "heliograph-latents";
const FORMAT_VERSION: &str = "1";

pub(super) const SYMBOLS: &str = "symbols";
pub(super) const VARIANCES: &str = "variances";
pub(super) const SIDE_INFORMATION: &str = "side_information";

/// Where everything lies behind the header.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) origin: LatentsOrigin,
    pub(super) symbols: Range<usize>,
    pub(super) variances: Option<Range<usize>>,
    pub(super) side_information: Range<usize>,
    /// Bytes behind the header.
    pub(super) bytes: usize,
}

/// A header in the order it is written.
#[derive(Serialize)]
struct Header {
    #[serde(rename = "__metadata__")]
    metadata: BTreeMap<&'static str, String>,
    symbols: TensorInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    variances: Option<TensorInfo>,
    side_information: TensorInfo,
}

/// The bytes of a header, padded to a multiple of 8.
pub(super) fn header(file: &LatentsFile) -> io::Result<Vec<u8>> {
    let count = file.symbols.len();
    let mut end = 0;
    let mut info = |dtype, bytes: usize, shape| {
        let start = end;
        end += bytes;
        TensorInfo {
            dtype,
            shape,
            data_offsets: (start, end),
        }
    };
    let header = Header {
        metadata: metadata(&file.origin),
        symbols: info(Dtype::F32, 8 * count, vec![count, 2]),
        variances: file
            .variances
            .as_ref()
            .map(|_| info(Dtype::F32, 4 * count, vec![count])),
        side_information: {
            let bytes = file.side_information.len();
            info(Dtype::U8, bytes, vec![bytes])
        },
    };
    let mut bytes = serde_json::to_vec(&header)?;
    bytes.resize(bytes.len().next_multiple_of(8), b' ');
    Ok(bytes)
}

fn metadata(origin: &LatentsOrigin) -> BTreeMap<&'static str, String> {
    let mut metadata = BTreeMap::from([
        ("format", FORMAT.to_owned()),
        ("format_version", FORMAT_VERSION.to_owned()),
        ("codec", origin.codec.to_string()),
        ("weights_hash", format!("{:08x}", origin.weights_hash)),
        ("width", origin.size.width().to_string()),
        ("height", origin.size.height().to_string()),
        ("cbr", origin.cbr.to_string()),
    ]);
    metadata.extend(origin.program.clone().map(|program| ("program", program)));
    metadata
}

impl Layout {
    /// # Errors
    /// Whatever does not fit together.
    pub(super) fn from_header(header: &[u8]) -> Result<Self, LatentsFileError> {
        // Tensors lie one behind the other from 0 and are as long as their shapes: safetensors has checked that.
        let tensors: Metadata =
            serde_json::from_slice(header).map_err(|error| LatentsFileError::Format {
                reason: shortened(&error.to_string()),
            })?;
        let none = HashMap::new();
        let origin = Fields(tensors.metadata().as_ref().unwrap_or(&none)).origin()?;
        let known = [SYMBOLS, VARIANCES, SIDE_INFORMATION];
        let names = tensors.offset_keys();
        if let Some(found) = names.iter().find(|name| !known.contains(&name.as_str())) {
            let found = shortened(found);
            return Err(LatentsFileError::TensorUnknown { found });
        }
        let count = origin.cbr.symbols(origin.size);
        let exactly = |name, allowed: &[usize]| place(&tensors, name, Dtype::F32, allowed);
        Ok(Self {
            symbols: exactly(SYMBOLS, &[count, 2])?
                .ok_or(LatentsFileError::TensorMissing { name: SYMBOLS })?,
            variances: exactly(VARIANCES, &[count])?,
            side_information: side_information(&tensors)?,
            bytes: tensors.data_len(),
            origin,
        })
    }
}

/// The place of a tensor, if it is there.
fn place(
    tensors: &Metadata,
    name: &'static str,
    dtype: Dtype,
    allowed: &[usize],
) -> Result<Option<Range<usize>>, LatentsFileError> {
    let Some(info) = tensors.info(name) else {
        return Ok(None);
    };
    check_type(info, name, dtype)?;
    if info.shape != allowed {
        return Err(shape(name, &info.shape, allowed));
    }
    let (start, end) = info.data_offsets;
    Ok(Some(start..end))
}

fn side_information(tensors: &Metadata) -> Result<Range<usize>, LatentsFileError> {
    let name = SIDE_INFORMATION;
    let info = tensors
        .info(name)
        .ok_or(LatentsFileError::TensorMissing { name })?;
    check_type(info, name, Dtype::U8)?;
    match info.shape[..] {
        [bytes] if bytes <= MAX_STREAM_BYTES => {
            let (start, end) = info.data_offsets;
            Ok(start..end)
        }
        _ => Err(LatentsFileError::Shape {
            name,
            found: shape_in_words(&info.shape),
            allowed: format!("[0] to [{MAX_STREAM_BYTES}]"),
        }),
    }
}

fn check_type(
    info: &TensorInfo,
    name: &'static str,
    allowed: Dtype,
) -> Result<(), LatentsFileError> {
    let found = info.dtype;
    if found == allowed {
        return Ok(());
    }
    Err(LatentsFileError::Type {
        name,
        found,
        allowed,
    })
}

/// The metadata, as found.
struct Fields<'a>(&'a HashMap<String, String>);

impl Fields<'_> {
    fn origin(&self) -> Result<LatentsOrigin, LatentsFileError> {
        self.only("format", FORMAT)?;
        self.only("format_version", FORMAT_VERSION)?;
        Ok(LatentsOrigin {
            codec: self.parsed("codec", CodecId::NAMES, |text| CodecId::from_str(text).ok())?,
            weights_hash: self.parsed("weights_hash", "eight hexadecimal digits", hash)?,
            size: self.size()?,
            cbr: self.parsed("cbr", "a fraction like 1/24, from 12/4095 to 1", |text| {
                Cbr::from_str(text).ok()
            })?,
            program: self.0.get("program").cloned(),
        })
    }

    fn size(&self) -> Result<PhotoSize, LatentsFileError> {
        const { assert!(MAX_SIDE == 16_384) };
        let side = |field| {
            self.parsed(field, "1 to 16384", |text| {
                let side = text.parse().ok()?;
                (1..=MAX_SIDE).contains(&side).then_some(side)
            })
        };
        let (width, height) = (side("width")?, side("height")?);
        Ok(PhotoSize::new(width, height).expect("both sides are checked"))
    }

    fn only(&self, field: &'static str, allowed: &'static str) -> Result<(), LatentsFileError> {
        self.parsed(field, allowed, |found| (found == allowed).then_some(()))
    }

    fn parsed<T>(
        &self,
        field: &'static str,
        allowed: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, LatentsFileError> {
        let found = self.0.get(field);
        let found = found.ok_or(LatentsFileError::FieldMissing { field, allowed })?;
        parse(found).ok_or_else(|| LatentsFileError::Field {
            field,
            found: shortened(found),
            allowed,
        })
    }
}

fn hash(text: &str) -> Option<u32> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| u32::from_str_radix(text, 16).expect("eight hexadecimal digits"))
}
