//! A received picture as bytes: what a radio host hands to a host that paints.
//!
//! ```text
//! "heliopic"   8 bytes
//! version      u32, little-endian as all numbers: 1
//! length       u32, bytes of the metadata, at most 65,536
//! metadata     JSON
//! symbols      pairs of f32, in the codec's order
//! variances    f32, one a symbol, infinite where it is lost
//! sections     rate map and side information, bytes by the metadata
//! SHA-256      of all before it
//! ```
//! Messages come through other hands: nothing is believed before it was checked, and nothing larger than
//! [`MAX_MESSAGE_BYTES`] is read.

mod error;
mod fields;
mod reading;
#[cfg(test)]
mod tests;
mod writing;

pub use error::MessageError;

use super::ReceivedPicture;

/// Largest message: a picture of 4096x4096 at CBR 1/3.
pub const MAX_MESSAGE_BYTES: usize = 256 << 20;

/// Version of the format.
pub const MESSAGE_VERSION: u32 = 1;

/// Longest name of a receiver, and of a picture behind it.
const MAX_NAME: usize = 48;

const MAGIC: &[u8; 8] = b"heliopic";
const MAX_METADATA_BYTES: usize = 1 << 16;
const HASH_BYTES: usize = 32;

/// A picture with where it comes from.
#[derive(Clone, Debug)]
pub struct PictureMessage {
    /// Who received it: letters, digits, `-` and `_`, 1 to 48.
    pub receiver: String,
    /// What tells it from all other pictures, in the same letters, the receiver's name first; names the files that are made of it.
    pub id: String,
    /// Its number at the receiver.
    pub number: u32,
    /// Samples per second of the receiver.
    pub sample_rate_hz: f64,
    pub picture: ReceivedPicture,
}

impl PictureMessage {
    /// The bytes.
    ///
    /// # Errors
    /// [`MessageError::TooLarge`]; a field that a reader would refuse.
    pub fn to_bytes(&self) -> Result<Vec<u8>, MessageError> {
        writing::bytes(self)
    }

    /// Reads bytes of anywhere.
    ///
    /// # Errors
    /// [`MessageError`] naming the field, what was found and what is allowed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        reading::message(bytes)
    }

    /// Whether `name` may name a receiver or a picture: it may stand in a file's name and in a subject.
    pub fn is_name(name: &str) -> bool {
        let letter = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
        (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(letter)
    }
}
