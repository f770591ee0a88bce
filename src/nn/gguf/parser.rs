//! The format's numbers and texts, none of them believed to be there.

use super::{GgufError, value};
use crate::shortened;

/// Bytes that are read from the front.
pub(super) struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The byte that is read next.
    pub(super) fn at(&self) -> u64 {
        self.at as u64
    }

    fn left(&self) -> u64 {
        (self.bytes.len() - self.at) as u64
    }

    /// # Errors
    /// [`GgufError::Short`].
    pub(super) fn take(&mut self, what: &'static str, needed: u64) -> Result<&'a [u8], GgufError> {
        if needed > self.left() {
            return Err(GgufError::Short {
                what,
                at: self.at(),
                needed,
                bytes: self.bytes.len() as u64,
            });
        }
        let start = self.at;
        self.at += needed as usize;
        Ok(&self.bytes[start..self.at])
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], GgufError> {
        let bytes = self.take(what, N as u64)?;
        Ok(bytes.try_into().expect("as many as were asked for"))
    }

    pub(super) fn magic(&mut self) -> Result<[u8; 4], GgufError> {
        self.array("the magic")
    }

    pub(super) fn u32(&mut self, what: &'static str) -> Result<u32, GgufError> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, what: &'static str) -> Result<u64, GgufError> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// # Errors
    /// [`GgufError::Short`], and [`GgufError::Text`] for what is no UTF-8.
    pub(super) fn text(&mut self, what: &'static str) -> Result<&'a str, GgufError> {
        let length = self.u64(what)?;
        let at = self.at();
        let bytes = self.take(what, length)?;
        std::str::from_utf8(bytes).map_err(|_| GgufError::Text { what, at })
    }

    /// A number of entries, each of at least `least` bytes.
    ///
    /// # Errors
    /// [`GgufError::Count`] for more than the rest of the file could hold.
    pub(super) fn count(&mut self, what: &'static str, least: u64) -> Result<u64, GgufError> {
        let found = self.u64(what)?;
        let room = self.left() / least;
        if found > room {
            let bytes = self.bytes.len() as u64;
            return Err(GgufError::Count {
                what,
                found,
                bytes,
                room,
            });
        }
        Ok(found)
    }

    /// Passes over a value of the metadata that nobody asks for.
    ///
    /// # Errors
    /// [`GgufError::Kind`] for kinds the format does not have, and for arrays of arrays.
    pub(super) fn skip(&mut self, key: &str, kind: u32) -> Result<(), GgufError> {
        const WHAT: &str = "a value of the metadata";
        match kind {
            value::STRING => {
                let length = self.u64(WHAT)?;
                self.take(WHAT, length)?;
            }
            value::ARRAY => {
                let kind = self.u32(WHAT)?;
                let count = self.count("values of an array", value::bytes(kind).unwrap_or(8))?;
                if let Some(bytes) = value::bytes(kind) {
                    self.take(WHAT, count * bytes)?;
                } else if kind == value::STRING {
                    (0..count).try_for_each(|_| self.skip(key, kind))?;
                } else {
                    return Err(unknown(key, kind));
                }
            }
            _ => {
                let bytes = value::bytes(kind).ok_or_else(|| unknown(key, kind))?;
                self.take(WHAT, bytes)?;
            }
        }
        Ok(())
    }
}

fn unknown(key: &str, found: u32) -> GgufError {
    GgufError::Kind {
        key: shortened(key),
        found,
        allowed: "0 to 12, and arrays of all but arrays",
    }
}
