//! From bytes of anywhere to a picture.

use num_complex::Complex32;
use sha2::{Digest, Sha256};

use super::fields::Fields;
use super::{
    HASH_BYTES, MAGIC, MAX_MESSAGE_BYTES, MAX_METADATA_BYTES, MESSAGE_VERSION, MessageError,
    PictureMessage,
};
use crate::codec::Cbr;
use crate::link::ReceivedPicture;
use crate::photo::PhotoSize;

/// Magic, version and length.
const HEAD: usize = 16;
/// A symbol and its variance.
const BYTES_A_SYMBOL: usize = 12;
/// Symbols have unit mean power; this is beyond any receiver's.
const MAX_PART: f32 = 1e6;

pub(super) fn message(bytes: &[u8]) -> Result<PictureMessage, MessageError> {
    let found = bytes.len();
    if found > MAX_MESSAGE_BYTES {
        return Err(MessageError::TooLarge { found });
    }
    let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() else {
        return Err(MessageError::Format);
    };
    if head[..8] != *MAGIC {
        return Err(MessageError::Format);
    }
    let number =
        |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    if number(8) != MESSAGE_VERSION {
        return Err(MessageError::Version { found: number(8) });
    }
    let metadata = number(12) as usize;
    if metadata > MAX_METADATA_BYTES {
        return Err(MessageError::MetadataLength { found: metadata });
    }
    let cut = || MessageError::Length {
        found,
        allowed: HEAD + metadata + HASH_BYTES,
    };
    let (metadata, rest) = rest.split_at_checked(metadata).ok_or_else(cut)?;
    let fields: Fields = serde_json::from_slice(metadata).map_err(MessageError::metadata)?;
    fields.check()?;
    picture(bytes, metadata.len(), fields, rest)
}

/// Bytes of a whole message.
pub(super) fn length(metadata: usize, symbols: usize, sections: usize) -> usize {
    HEAD + metadata + symbols * BYTES_A_SYMBOL + sections + HASH_BYTES
}

fn picture(
    bytes: &[u8],
    metadata: usize,
    fields: Fields,
    rest: &[u8],
) -> Result<PictureMessage, MessageError> {
    let rate_map = fields.rate_map.bytes();
    let header = fields.header.check()?;
    let size = PhotoSize::new(header.fields().width, header.fields().height)?;
    let count = Cbr::from_code(header.fields().cbr_code)?.symbols(size);
    let sections = rate_map + fields.side_information.bytes();
    let allowed = length(metadata, count, sections);
    if bytes.len() != allowed {
        let found = bytes.len();
        return Err(MessageError::Length { found, allowed });
    }
    let (signed, hash) = bytes.split_at(bytes.len() - HASH_BYTES);
    if Sha256::digest(signed)[..] != *hash {
        return Err(MessageError::Hash);
    }
    let (symbols, rest) = rest.split_at(8 * count);
    let (variances, sections) = rest.split_at(4 * count);
    let symbols: Vec<Complex32> = symbols
        .chunks_exact(8)
        .map(|pair| Complex32::new(f32_of(&pair[..4]), f32_of(&pair[4..])))
        .collect();
    let variances: Vec<f32> = variances.chunks_exact(4).map(f32_of).collect();
    check_symbols(&symbols, &variances)?;
    let section = |from: usize, bytes: usize| sections[from..from + bytes].to_vec();
    Ok(PictureMessage {
        receiver: fields.receiver,
        id: fields.id,
        number: fields.number,
        sample_rate_hz: fields.sample_rate_hz,
        picture: ReceivedPicture {
            header,
            size,
            start_sample: fields.start_sample,
            completion: fields.completion.completion(),
            symbols,
            variances,
            caption: fields.caption.map(|caption| caption),
            rate_map: fields.rate_map.map(|bytes| section(0, bytes)),
            side_information: fields
                .side_information
                .map(|bytes| section(rate_map, bytes)),
            bursts_expected: fields.bursts_expected as usize,
            bursts_received: fields.bursts_received as usize,
            bursts_missing: fields.bursts_missing as usize,
            link: fields.link.report(),
            ledger: fields.ledger,
        },
    })
}

pub(super) fn check_symbols(symbols: &[Complex32], variances: &[f32]) -> Result<(), MessageError> {
    let usable = |symbol: &Complex32| symbol.re.abs() <= MAX_PART && symbol.im.abs() <= MAX_PART;
    if let Some(at) = symbols.iter().position(|symbol| !usable(symbol)) {
        let found = format!("{} at {at}", symbols[at]);
        return Err(MessageError::field(
            "symbols",
            found,
            "parts of -1e6 to 1e6",
        ));
    }
    let usable = |variance: &f32| *variance >= 0.0;
    if let Some(at) = variances.iter().position(|variance| !usable(variance)) {
        let found = format!("{} at {at}", variances[at]);
        return Err(MessageError::field("variances", found, "0 and more"));
    }
    Ok(())
}

fn f32_of(bytes: &[u8]) -> f32 {
    f32::from_le_bytes(bytes.try_into().expect("four bytes"))
}
