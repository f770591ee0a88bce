//! Content of the digital stream and its bytes.
//!
//! Layout: one byte of flags (bit 0 caption, bit 1 rate map, bit 2 side information, bit 3 the caption is compressed; the
//! others 0), then the length of every present section but the last (LEB128), then the sections in that order; the last
//! one takes the rest.

use std::ops::Range;

use super::{DigitalError, DigitalOutcome, in_range};
use crate::captions::{compressed, decompressed};

/// Longest stream: what the header's length field can say.
pub const MAX_STREAM_BYTES: usize = 65_535;

/// Longest caption in bytes of UTF-8.
pub const MAX_CAPTION_BYTES: usize = 1024;

const SECTIONS: usize = 3;

const CAPTION: u8 = 1;
const COMPRESSED: u8 = 1 << SECTIONS;

/// What goes beside the analog symbols of a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DigitalStream {
    /// Words about the photo, at most [`MAX_CAPTION_BYTES`] of UTF-8.
    pub caption: Option<String>,
    /// A rate map in its own byte form.
    pub rate_map: Option<Vec<u8>>,
    /// What the codec needs to decode; empty when it needs nothing.
    pub side_information: Vec<u8>,
}

/// One section as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Section<T> {
    /// It is there, whole and well-formed.
    Received(T),
    /// It was not received, or what was received cannot be it.
    Lost,
    /// The transmitter sent none.
    Absent,
}

/// The sections of a stream as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedStream {
    /// Words about the photo.
    pub caption: Section<String>,
    /// A rate map in its own byte form.
    pub rate_map: Section<Vec<u8>>,
    /// What the codec needs to decode.
    pub side_information: Section<Vec<u8>>,
}

impl<T> Section<T> {
    /// The content, if it is there.
    pub fn received(&self) -> Option<&T> {
        match self {
            Section::Received(content) => Some(content),
            Section::Lost | Section::Absent => None,
        }
    }

    fn and_then<U>(self, convert: impl FnOnce(T) -> Option<U>) -> Section<U> {
        match self {
            Section::Received(content) => convert(content).map_or(Section::Lost, Section::Received),
            Section::Lost => Section::Lost,
            Section::Absent => Section::Absent,
        }
    }
}

impl DigitalStream {
    /// The bytes of the stream, 1 to [`MAX_STREAM_BYTES`]; the caption is compressed where that makes it shorter.
    ///
    /// # Errors
    /// [`DigitalError::Range`] for a caption or a stream that is too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DigitalError> {
        match self.caption.as_deref().and_then(compressed) {
            Some(caption) => self.with_caption(COMPRESSED, Some(&caption)),
            None => self.to_plain_bytes(),
        }
    }

    /// [`DigitalStream::to_bytes`] with the caption as it is: its length in bytes alone says that of the stream.
    ///
    /// # Errors
    /// Those of [`DigitalStream::to_bytes`].
    pub fn to_plain_bytes(&self) -> Result<Vec<u8>, DigitalError> {
        self.with_caption(0, self.caption.as_deref().map(str::as_bytes))
    }

    fn with_caption(&self, form: u8, caption: Option<&[u8]>) -> Result<Vec<u8>, DigitalError> {
        let caption_bytes = self.caption.as_ref().map_or(0, String::len) as u64;
        in_range("caption bytes", caption_bytes, 0, MAX_CAPTION_BYTES as u64)?;
        let side_information =
            (!self.side_information.is_empty()).then_some(self.side_information.as_slice());
        let mut bytes = join_sections([caption, self.rate_map.as_deref(), side_information]);
        bytes[0] |= form;
        in_range(
            "digital stream bytes",
            bytes.len() as u64,
            1,
            MAX_STREAM_BYTES as u64,
        )?;
        Ok(bytes)
    }

    /// The inverse of [`DigitalStream::to_bytes`] for a stream received whole.
    ///
    /// # Errors
    /// [`DigitalError::Malformed`] for bytes that no transmitter sends, [`DigitalError::Range`] for a caption that is too long.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DigitalError> {
        let [caption, rate_map, side_information] =
            section_ranges(bytes)?.map(|range| range.map(|range| bytes[range].to_vec()));
        Ok(DigitalStream {
            caption: caption
                .map(|caption| caption_text(bytes[0], caption))
                .transpose()?,
            rate_map,
            side_information: side_information.unwrap_or_default(),
        })
    }

    /// What can be had of a stream received in part: a section is there only when all its bytes are.
    pub fn from_outcome(outcome: &DigitalOutcome) -> ReceivedStream {
        let [caption, rate_map, side_information] = received_sections(outcome);
        ReceivedStream {
            caption: caption.and_then(|caption| caption_text(outcome.bytes[0], caption).ok()),
            rate_map,
            side_information,
        }
    }
}

fn received_sections(outcome: &DigitalOutcome) -> [Section<Vec<u8>>; SECTIONS] {
    // The table is at most 7 bytes long and so never leaves the first block.
    let table = outcome
        .received(0..1)
        .then(|| section_ranges(&outcome.bytes));
    let Some(Ok(ranges)) = table else {
        return std::array::from_fn(|_| Section::Lost);
    };
    ranges.map(|range| match range {
        None => Section::Absent,
        Some(range) if outcome.received(range.clone()) => {
            Section::Received(outcome.bytes[range].to_vec())
        }
        Some(_) => Section::Lost,
    })
}

fn join_sections(sections: [Option<&[u8]>; SECTIONS]) -> Vec<u8> {
    let flags = (0..SECTIONS).filter(|&index| sections[index].is_some());
    let mut bytes = vec![flags.fold(0, |byte, index| byte | 1 << index)];
    let present: Vec<&[u8]> = sections.into_iter().flatten().collect();
    for section in present.iter().rev().skip(1).rev() {
        write_length(&mut bytes, section.len());
    }
    bytes.extend(present.concat());
    bytes
}

/// Where each section lies; every range lies inside `bytes`.
fn section_ranges(bytes: &[u8]) -> Result<[Option<Range<usize>>; SECTIONS], DigitalError> {
    let (&flags, mut rest) = bytes
        .split_first()
        .ok_or_else(|| malformed("flags", "no byte", "one byte"))?;
    let without_caption = flags & (COMPRESSED | CAPTION) == COMPRESSED;
    if flags > COMPRESSED | (COMPRESSED - 1) || without_caption {
        let allowed = "bits 0 to 2, and bit 3 with bit 0";
        return Err(malformed("flags", format!("{flags:#010b}"), allowed));
    }
    let present: Vec<usize> = (0..SECTIONS)
        .filter(|index| flags >> index & 1 == 1)
        .collect();
    let mut lengths = Vec::with_capacity(SECTIONS);
    for _ in 1..present.len() {
        lengths.push(read_length(&mut rest)?);
    }
    let before_last: usize = lengths.iter().sum();
    if before_last > rest.len() || (present.is_empty() && !rest.is_empty()) {
        let found = format!("{before_last} of sections before {} left", rest.len());
        return Err(malformed(
            "section lengths",
            found,
            "sections that fill the stream",
        ));
    }
    lengths.push(rest.len() - before_last);
    let mut start = bytes.len() - rest.len();
    let mut ranges = [None, None, None];
    for (index, length) in present.into_iter().zip(lengths) {
        ranges[index] = Some(start..start + length);
        start += length;
    }
    Ok(ranges)
}

/// The text of a caption section in the form that the flags tell.
fn caption_text(flags: u8, bytes: Vec<u8>) -> Result<String, DigitalError> {
    let length = bytes.len() as u64;
    in_range("caption bytes", length, 0, MAX_CAPTION_BYTES as u64)?;
    if flags & COMPRESSED == 0 {
        return String::from_utf8(bytes)
            .map_err(|error| malformed("caption", error.to_string(), "UTF-8"));
    }
    decompressed(&bytes).ok_or_else(|| {
        let found = format!("{length} bytes that no text gives");
        malformed("caption", found, "a compressed text")
    })
}

fn write_length(bytes: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
}

/// Reads an LEB128 number of at most three bytes.
fn read_length(rest: &mut &[u8]) -> Result<usize, DigitalError> {
    let mut length = 0;
    for place in 0..3 {
        let Some((&byte, after)) = rest.split_first() else {
            break;
        };
        *rest = after;
        length |= usize::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(length);
        }
    }
    Err(malformed("section length", "no end", "one to three bytes"))
}

fn malformed(field: &'static str, found: impl Into<String>, allowed: &'static str) -> DigitalError {
    DigitalError::Malformed {
        field,
        found: found.into(),
        allowed,
    }
}
