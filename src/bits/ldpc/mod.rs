//! The LDPC code of 5G NR on base graph 2: encoder, rate matching, segmentation and decoder of one code block.
//!
//! Source: 3GPP TS 38.212 sections 5.2.2, 5.3.2 and 5.4.2.
//!
//! ```
//! use heliograph::bits::{ldpc::{CheckRule, LdpcCode, LdpcDecoder}, llr::Llr};
//! let code = LdpcCode::new(40)?;
//! let information: Vec<u8> = (0..40).map(|i| (i % 3 == 0) as u8).collect();
//! let buffer = code.encode(&information)?;
//! let mut llrs: Vec<Llr> = buffer.iter().map(|&bit| Llr(4.0 - 8.0 * f32::from(bit))).collect();
//! llrs[3] = Llr(-llrs[3].0); // one bit arrives wrong
//! let decoded = LdpcDecoder::new(code, buffer.len(), CheckRule::default()).decode(&llrs, 20);
//! assert!(decoded.converged);
//! assert_eq!(decoded.information, information);
//! # Ok::<(), heliograph::bits::ldpc::LdpcError>(())
//! ```

pub mod base_graph;

mod tables;

mod encoder;

pub mod rate_matcher;

pub mod segmentation;

mod check_rule;

mod layers;

mod decoder;

pub use check_rule::CheckRule;
pub use decoder::{Decoded, LdpcDecoder};

use base_graph::{COLUMNS, INFORMATION_COLUMNS, LiftingSize, PUNCTURED_COLUMNS};

/// Most information bits in one code block (K_cb for base graph 2).
pub const MAX_INFORMATION_BITS: usize = 3840;

/// What cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LdpcError {
    /// A code block of no or too many bits.
    #[error("information bits of a code block: found {found}, allowed 1 to {MAX_INFORMATION_BITS}")]
    BlockSize {
        /// Bits asked for.
        found: usize,
    },
    /// Input of another length than the code takes.
    #[error("information bits given to the encoder: found {found}, allowed exactly {allowed}")]
    InputLength {
        /// Bits given.
        found: usize,
        /// Bits the code takes.
        allowed: usize,
    },
}

/// One code block's code: K' information bits at the lifting size the standard picks for them.
///
/// The circular buffer holds the code word without the 2 Z_c punctured bits and without filler bits:
/// first the sent information bits, then the parity bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LdpcCode {
    information_bits: usize,
    lifting_size: LiftingSize,
}

impl LdpcCode {
    /// The code of a block of K' = `information_bits` (1..=3840), CRC included (TS 38.212 section 5.2.2).
    ///
    /// # Errors
    /// [`LdpcError::BlockSize`] for no bits, or more.
    pub fn new(information_bits: usize) -> Result<Self, LdpcError> {
        let error = LdpcError::BlockSize {
            found: information_bits,
        };
        if !(1..=MAX_INFORMATION_BITS).contains(&information_bits) {
            return Err(error);
        }
        let columns = used_information_columns(information_bits);
        let lifting_size =
            LiftingSize::at_least(information_bits.div_ceil(columns)).ok_or(error)?;
        Ok(LdpcCode {
            information_bits,
            lifting_size,
        })
    }

    /// K': information bits a block, CRC included.
    pub fn information_bits(&self) -> usize {
        self.information_bits
    }

    /// The lifting size Z_c.
    pub fn lifting_size(&self) -> LiftingSize {
        self.lifting_size
    }

    /// Bits of the circular buffer: as many different coded bits as there are.
    pub fn buffer_bits(&self) -> usize {
        self.sent_information_bits() + (COLUMNS - INFORMATION_COLUMNS) * self.lifting_size.z_c()
    }

    /// Information bits in the circular buffer; the others are punctured.
    fn sent_information_bits(&self) -> usize {
        self.information_bits
            .saturating_sub(PUNCTURED_COLUMNS * self.lifting_size.z_c())
    }

    /// Place in the whole code word (52 Z_c bits) of a bit of the circular buffer.
    fn word_index(&self, buffer_index: usize) -> usize {
        let z_c = self.lifting_size.z_c();
        match buffer_index.checked_sub(self.sent_information_bits()) {
            None => PUNCTURED_COLUMNS * z_c + buffer_index,
            Some(parity_index) => INFORMATION_COLUMNS * z_c + parity_index,
        }
    }
}

/// K_b of section 5.2.2: information columns that the lifting size is chosen for.
fn used_information_columns(information_bits: usize) -> usize {
    match information_bits {
        641.. => 10,
        561.. => 9,
        193.. => 8,
        _ => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_block_has_the_lifting_size_of_the_standard() {
        let code = LdpcCode::new(191).unwrap();
        assert_eq!(code.lifting_size().z_c(), 32);
        assert_eq!(code.buffer_bits(), 191 - 64 + 42 * 32);
    }

    #[test]
    fn block_sizes_out_of_range_are_named() {
        for found in [0, 3841] {
            assert_eq!(LdpcCode::new(found), Err(LdpcError::BlockSize { found }));
        }
        assert_eq!(LdpcCode::new(3840).unwrap().lifting_size().z_c(), 384);
    }

    #[test]
    fn every_block_size_fits_its_columns() {
        for bits in 1..=MAX_INFORMATION_BITS {
            let code = LdpcCode::new(bits).unwrap();
            assert!(bits <= used_information_columns(bits) * code.lifting_size().z_c());
            assert!(code.word_index(code.buffer_bits() - 1) < COLUMNS * code.lifting_size().z_c());
        }
    }
}
