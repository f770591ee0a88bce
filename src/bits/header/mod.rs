//! The burst header: what a receiver must know of a burst, in 175 bits and a CRC-16.
//!
//! A header from the air is a `Header<Unchecked>`: its CRC and its version are right, nothing else is believed.
//! [`Header::check`] turns it into a `Header<Checked>` against the limits of the receiver. Encoding takes only
//! checked headers. On the air: LDPC base graph 2 (K' = 191, Z_c = 32), rate-matched to the QPSK symbols there are.
//!
//! Measured header loss in AWGN with ideal LLRs (docs/results/ldpc.json, 95 % intervals there):
//!
//! | coded bits | -5 dB | -4.5 dB | -4 dB | -3.5 dB | -3 dB |
//! |---|---|---|---|---|---|
//! | 1152 (3 symbols of 192 carriers) | | | 1.8e-2 | 1.2e-3 | 7e-5 |
//! | 1344 | 5.0e-2 | 4.8e-3 | 3e-4 | 3e-5 | |
//! | 1536 (4 symbols) | 2.3e-3 | 7e-5 | < 1.3e-4 | | |
//!
//! ```
//! use heliograph::bits::{header::{Header, HeaderCodec, HeaderFields, HeaderLimits}, llr::Llr};
//! let sent = Header::new(HeaderFields {
//!     numerology: 0, picture_id: 7, burst_index: 2, burst_count: 40, repeat_index: 0, repeat_count: 1,
//!     codec: 1, weights_hash: 0xDEAD_BEEF, width: 768, height: 512, cbr_code: 288, interleaver_seed: 5,
//!     digital_symbols: 4, analog_symbols: 64, stream_length_bytes: 300,
//! })?;
//! let mut codec = HeaderCodec::new(1152)?;
//! let llrs: Vec<Llr> = codec.encode(&sent).iter().map(|&bit| Llr(2.0 - 4.0 * f32::from(bit))).collect();
//! let received = codec.decode(&llrs)?.check(&HeaderLimits::default())?;
//! assert_eq!(received, sent);
//! # Ok::<(), heliograph::bits::header::HeaderError>(())
//! ```

mod codec;

mod packing;

pub use codec::{HeaderCodec, MIN_CODED_BITS, decode_header, encode_header};
pub use packing::{HEADER_BITS, VERSION};

use std::marker::PhantomData;
use std::ops::RangeInclusive;

/// State of a header whose CRC holds and of which nothing else is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unchecked;

/// State of a header whose fields are in range and agree with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked;

/// The fields of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderFields {
    /// Numerology code, 0..=2.
    pub numerology: u8,
    /// Number of the picture, chosen by the transmitter.
    pub picture_id: u16,
    /// Place of this burst in the picture, below `burst_count`.
    pub burst_index: u16,
    /// Bursts of the picture, 1..=65536; repeats not counted.
    pub burst_count: u32,
    /// Which of the repeats this is, below `repeat_count`.
    pub repeat_index: u8,
    /// Times that each burst is sent, 1..=8.
    pub repeat_count: u8,
    /// Codec number, 0..=15; a number nobody knows is for the link to report.
    pub codec: u8,
    /// Hash of the codec's weights.
    pub weights_hash: u32,
    /// Picture width in pixels, 1..=16384.
    pub width: u32,
    /// Picture height in pixels, 1..=16384.
    pub height: u32,
    /// Channel bandwidth ratio as its code, 12..=4095: CBR = 12 / code.
    pub cbr_code: u16,
    /// Seed of the interleaver, 0..=63.
    pub interleaver_seed: u8,
    /// OFDM symbols of the digital part, 0..=63.
    pub digital_symbols: u8,
    /// OFDM symbols of the analog part, 1..=64.
    pub analog_symbols: u8,
    /// Bytes of the picture's whole digital stream.
    pub stream_length_bytes: u16,
}

/// What a receiver is willing to receive, beyond the ranges of the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLimits {
    /// Numerology codes it can demodulate.
    pub numerologies: RangeInclusive<u8>,
    /// Most bursts a picture.
    pub max_burst_count: u32,
    /// Most pixels a picture.
    pub max_pixels: u64,
    /// Bits that one OFDM symbol of the digital part carries.
    pub digital_bits_per_symbol: u32,
}

impl Default for HeaderLimits {
    /// All that the fields can say, at 192 QPSK carriers a symbol.
    fn default() -> Self {
        HeaderLimits {
            numerologies: 0..=2,
            max_burst_count: 65_536,
            max_pixels: 1 << 28,
            digital_bits_per_symbol: 384,
        }
    }
}

/// Why there is no header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Another number of soft bits than the codec was made for, or too few for any header.
    #[error("coded bits of a header: found {found}, allowed {allowed}")]
    CodedBits {
        /// Bits given.
        found: usize,
        /// What the codec takes, in words.
        allowed: String,
    },
    /// The LDPC decoder found no code word.
    #[error("header not decodable: no code word after {iterations} iterations")]
    NotDecoded {
        /// Iterations done.
        iterations: usize,
    },
    /// A code word, but not one that a transmitter made.
    #[error("header CRC-16 does not hold")]
    Crc,
    /// A header of another version of the format.
    #[error("header version: found {found:#04x}, allowed {VERSION:#04x}")]
    Version {
        /// Version byte found.
        found: u8,
    },
    /// A field out of range.
    #[error("header field {field}: found {found}, allowed {} to {}", allowed.start(), allowed.end())]
    Field {
        /// Name of the field.
        field: &'static str,
        /// Its value.
        found: u64,
        /// Values allowed, given the other fields and the limits.
        allowed: RangeInclusive<u64>,
    },
}

/// A burst header; `State` says what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<State = Checked> {
    fields: HeaderFields,
    state: PhantomData<State>,
}

impl<State> Header<State> {
    /// All fields.
    pub fn fields(&self) -> &HeaderFields {
        &self.fields
    }

    /// Number of the picture.
    pub fn picture_id(&self) -> u16 {
        self.fields.picture_id
    }

    /// Place of this burst in the picture.
    pub fn burst_index(&self) -> u16 {
        self.fields.burst_index
    }

    /// Bursts of the picture.
    pub fn burst_count(&self) -> u32 {
        self.fields.burst_count
    }

    fn with_fields(fields: HeaderFields) -> Self {
        Header {
            fields,
            state: PhantomData,
        }
    }
}

impl Header<Checked> {
    /// A header to send: every field in the range that its documentation states.
    ///
    /// # Errors
    /// [`HeaderError::Field`] names the first that is not.
    pub fn new(fields: HeaderFields) -> Result<Self, HeaderError> {
        check_ranges(&fields)?;
        Ok(Header::with_fields(fields))
    }
}

impl Header<Unchecked> {
    /// Fields that came from anywhere.
    pub(crate) fn unchecked(fields: HeaderFields) -> Self {
        Header::with_fields(fields)
    }

    /// Believes the header when all fields are in range, agree with each other and stay within `limits`.
    ///
    /// # Errors
    /// [`HeaderError::Field`] names the first field that is not, and what would be.
    pub fn check(self, limits: &HeaderLimits) -> Result<Header<Checked>, HeaderError> {
        check_ranges(&self.fields)?;
        check_limits(&self.fields, limits)?;
        Ok(Header::with_fields(self.fields))
    }
}

fn check_ranges(fields: &HeaderFields) -> Result<(), HeaderError> {
    let burst_count = u64::from(fields.burst_count);
    let repeat_count = u64::from(fields.repeat_count);
    in_range("numerology", fields.numerology, 0..=2)?;
    in_range("burst_count", fields.burst_count, 1..=65_536)?;
    in_range("burst_index", fields.burst_index, 0..=burst_count - 1)?;
    in_range("repeat_count", fields.repeat_count, 1..=8)?;
    in_range("repeat_index", fields.repeat_index, 0..=repeat_count - 1)?;
    in_range("codec", fields.codec, 0..=15)?;
    in_range("width", fields.width, 1..=16_384)?;
    in_range("height", fields.height, 1..=16_384)?;
    in_range("cbr_code", fields.cbr_code, 12..=4095)?;
    in_range("interleaver_seed", fields.interleaver_seed, 0..=63)?;
    in_range("digital_symbols", fields.digital_symbols, 0..=63)?;
    in_range("analog_symbols", fields.analog_symbols, 1..=64)
}

fn check_limits(fields: &HeaderFields, limits: &HeaderLimits) -> Result<(), HeaderError> {
    let (first, last) = (*limits.numerologies.start(), *limits.numerologies.end());
    in_range(
        "numerology",
        fields.numerology,
        u64::from(first)..=u64::from(last),
    )?;
    in_range(
        "burst_count",
        fields.burst_count,
        1..=u64::from(limits.max_burst_count),
    )?;
    in_range("width", fields.width, 1..=limits.max_pixels)?;
    let max_height = limits.max_pixels / u64::from(fields.width);
    in_range("height", fields.height, 1..=max_height)?;
    in_range(
        "stream_length_bytes",
        fields.stream_length_bytes,
        0..=digital_capacity_bytes(fields, limits),
    )
}

/// Bytes that the digital parts of all bursts could carry uncoded: no stream is longer.
fn digital_capacity_bytes(fields: &HeaderFields, limits: &HeaderLimits) -> u64 {
    u64::from(fields.burst_count)
        * u64::from(fields.digital_symbols)
        * u64::from(limits.digital_bits_per_symbol)
        / 8
}

fn in_range(
    field: &'static str,
    found: impl Into<u64>,
    allowed: RangeInclusive<u64>,
) -> Result<(), HeaderError> {
    let found = found.into();
    if allowed.contains(&found) {
        return Ok(());
    }
    Err(HeaderError::Field {
        field,
        found,
        allowed,
    })
}

#[cfg(test)]
mod tests;
