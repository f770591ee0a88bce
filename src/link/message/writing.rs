//! From a picture to bytes.

use sha2::{Digest, Sha256};

use super::fields::Fields;
use super::reading::{check_symbols, length};
use super::{
    MAGIC, MAX_MESSAGE_BYTES, MAX_METADATA_BYTES, MESSAGE_VERSION, MessageError, PictureMessage,
};

pub(super) fn bytes(message: &PictureMessage) -> Result<Vec<u8>, MessageError> {
    let picture = &message.picture;
    let fields = Fields::of(message)?;
    fields.check()?;
    check_symbols(&picture.symbols, &picture.variances)?;
    let metadata = serde_json::to_vec(&fields).map_err(MessageError::metadata)?;
    if metadata.len() > MAX_METADATA_BYTES {
        let found = metadata.len();
        return Err(MessageError::MetadataLength { found });
    }
    let sections = fields.rate_map.bytes() + fields.side_information.bytes();
    let length = length(metadata.len(), picture.symbols.len(), sections);
    if length > MAX_MESSAGE_BYTES {
        return Err(MessageError::TooLarge { found: length });
    }
    let mut bytes = Vec::with_capacity(length);
    bytes.extend(MAGIC);
    bytes.extend(MESSAGE_VERSION.to_le_bytes());
    bytes.extend((metadata.len() as u32).to_le_bytes());
    bytes.extend(metadata);
    let parts = picture
        .symbols
        .iter()
        .flat_map(|symbol| [symbol.re, symbol.im]);
    let values = parts.chain(picture.variances.iter().copied());
    values.for_each(|value| bytes.extend(value.to_le_bytes()));
    for section in [&picture.rate_map, &picture.side_information] {
        bytes.extend(section.received().into_iter().flatten());
    }
    let hash = Sha256::digest(&bytes);
    bytes.extend(hash);
    Ok(bytes)
}
