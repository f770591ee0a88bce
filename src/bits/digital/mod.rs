//! The digital stream of a picture: caption, rate map and codec side information, through noise and lost bursts.
//!
//! [`DigitalStream`] is the content and its bytes; [`DigitalCode`] cuts the bytes into LDPC code blocks
//! (TS 38.212 section 5.2.2) and gives every burst its share of the coded bits; [`DigitalEncoder`] and
//! [`DigitalDecoder`] are the two ends. Repeated bursts combine by adding LLRs; a lost burst thins every block evenly.
//!
//! ```
//! use heliograph::bits::{digital::{DigitalCode, DigitalDecoder, DigitalStream, Section}, llr::Llr};
//! let stream = DigitalStream { caption: Some("a heliograph".into()), ..Default::default() };
//! let bytes = stream.to_bytes()?;
//! let bits_per_burst = DigitalCode::minimum_bits_per_burst(bytes.len(), 4, 1.0 / 5.0)?;
//! let code = DigitalCode::new(bytes.len(), 4, bits_per_burst)?;
//! let encoder = code.encode(&bytes)?;
//! let mut decoder = DigitalDecoder::new(code);
//! for burst in [0, 1, 3] { // burst 2 is lost
//!     let llrs: Vec<Llr> = encoder.burst_bits(burst).iter().map(|&b| Llr(2.0 - 4.0 * f32::from(b))).collect();
//!     decoder.accept(burst, &llrs)?;
//! }
//! let received = DigitalStream::from_outcome(&decoder.decode());
//! assert_eq!(received.caption, Section::Received("a heliograph".into()));
//! # Ok::<(), heliograph::bits::digital::DigitalError>(())
//! ```

mod code;

mod decoder;

mod stream;

pub use code::{DigitalCode, DigitalEncoder, MAX_BURST_COUNT};
pub use decoder::{DigitalDecoder, DigitalOutcome};
pub use stream::{DigitalStream, MAX_CAPTION_BYTES, MAX_STREAM_BYTES, ReceivedStream, Section};

/// What cannot be sent, or does not fit what was announced.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DigitalError {
    /// A number out of range.
    #[error("{field}: found {found}, allowed {minimum} to {maximum}")]
    Range {
        /// What the number is.
        field: &'static str,
        /// Its value.
        found: u64,
        /// Smallest allowed.
        minimum: u64,
        /// Largest allowed.
        maximum: u64,
    },
    /// A code rate that is none.
    #[error("code rate: found {found}, allowed 0.001 to 1")]
    Rate {
        /// The rate asked for.
        found: f64,
    },
    /// Bytes that are not a digital stream.
    #[error("digital stream, {field}: found {found}, allowed {allowed}")]
    Malformed {
        /// Part of the stream.
        field: &'static str,
        /// What is there.
        found: String,
        /// What may be there.
        allowed: &'static str,
    },
}

fn in_range(
    field: &'static str,
    found: u64,
    minimum: u64,
    maximum: u64,
) -> Result<(), DigitalError> {
    if (minimum..=maximum).contains(&found) {
        return Ok(());
    }
    Err(DigitalError::Range {
        field,
        found,
        minimum,
        maximum,
    })
}

#[cfg(test)]
mod tests;
