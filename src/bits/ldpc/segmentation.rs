//! Code block segmentation for base graph 2 (TS 38.212 sections 5.1 and 5.2.2) and its inverse.
//!
//! A transport block gets CRC-24A; where it is longer than 3840 bits then, it is cut into equal code blocks
//! with CRC-24B each. A transport block that does not divide evenly is padded with zeros first.
//!
//! ```
//! use heliograph::bits::ldpc::segmentation::Segmentation;
//! let segmentation = Segmentation::new(5000)?;
//! let blocks = segmentation.split(&vec![1; 5000]);
//! assert_eq!(blocks.len(), 2);
//! let payloads: Vec<_> = blocks.iter().map(|block| segmentation.check_block(block)).collect();
//! assert_eq!(segmentation.join(&payloads).unwrap(), vec![1; 5000]);
//! # Ok::<(), heliograph::bits::ldpc::LdpcError>(())
//! ```

use super::{LdpcCode, LdpcError, MAX_INFORMATION_BITS};
use crate::bits::crc::{CRC24A, CRC24B};

/// How a transport block of a given length is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segmentation {
    transport_bits: usize,
    blocks: usize,
    code: LdpcCode,
}

impl Segmentation {
    /// For a transport block of `transport_bits`, without its CRC.
    ///
    /// # Errors
    /// That of [`LdpcCode::new`], which blocks cut this short do not meet.
    pub fn new(transport_bits: usize) -> Result<Self, LdpcError> {
        let checked_bits = transport_bits.saturating_add(CRC24A.degree());
        let blocks = match checked_bits {
            ..=MAX_INFORMATION_BITS => 1,
            _ => checked_bits.div_ceil(MAX_INFORMATION_BITS - CRC24B.degree()),
        };
        let block_crc = if blocks == 1 { 0 } else { CRC24B.degree() };
        let code = LdpcCode::new(checked_bits.div_ceil(blocks) + block_crc)?;
        Ok(Segmentation {
            transport_bits,
            blocks,
            code,
        })
    }

    /// Number of code blocks C.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// The code of every block.
    pub fn code(&self) -> &LdpcCode {
        &self.code
    }

    /// Bits of a block that carry the transport block (its CRC-24A and padding among them).
    pub fn payload_bits(&self) -> usize {
        self.code.information_bits() - if self.blocks == 1 { 0 } else { CRC24B.degree() }
    }

    /// The code blocks of `transport` (shorter input is zero-padded, longer input cut), CRCs attached.
    pub fn split(&self, transport: &[u8]) -> Vec<Vec<u8>> {
        let mut bits = transport.to_vec();
        bits.resize(self.transport_bits, 0);
        CRC24A.attach(&mut bits);
        bits.resize(self.blocks * self.payload_bits(), 0);
        bits.chunks(self.payload_bits())
            .map(|payload| self.protect(payload))
            .collect()
    }

    /// The payload of a decoded block when its CRC holds.
    pub fn check_block(&self, information: &[u8]) -> Option<Vec<u8>> {
        if information.len() != self.code.information_bits() {
            return None;
        }
        if self.blocks == 1 {
            return CRC24A.check(information).map(|_| information.to_vec());
        }
        CRC24B.check(information).map(<[u8]>::to_vec)
    }

    /// The transport block when every payload is there and CRC-24A holds over all of them.
    pub fn join(&self, payloads: &[Option<Vec<u8>>]) -> Option<Vec<u8>> {
        let payloads: Option<Vec<&Vec<u8>>> = payloads.iter().map(Option::as_ref).collect();
        let mut bits: Vec<u8> = payloads?.into_iter().flatten().copied().collect();
        bits.truncate(self.transport_bits + CRC24A.degree());
        CRC24A.check(&bits).map(<[u8]>::to_vec)
    }

    fn protect(&self, payload: &[u8]) -> Vec<u8> {
        let mut block = payload.to_vec();
        if self.blocks > 1 {
            CRC24B.attach(&mut block);
        }
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_blocks_follows_the_standard() {
        for (transport_bits, blocks) in [(8, 1), (3816, 1), (3817, 2), (7608, 2), (7609, 3)] {
            assert_eq!(Segmentation::new(transport_bits).unwrap().blocks(), blocks);
        }
    }

    #[test]
    fn all_lengths_come_back_and_a_broken_block_is_found() {
        for transport_bits in [1, 100, 3816, 3817, 5001, 20_003] {
            let transport: Vec<u8> = (0..transport_bits).map(|i| (i * i % 7 % 2) as u8).collect();
            let segmentation = Segmentation::new(transport_bits).unwrap();
            let mut blocks = segmentation.split(&transport);
            let payloads: Vec<_> = blocks
                .iter()
                .map(|block| segmentation.check_block(block))
                .collect();
            assert_eq!(segmentation.join(&payloads), Some(transport));
            blocks[0][0] ^= 1;
            assert_eq!(segmentation.check_block(&blocks[0]), None);
        }
    }

    #[test]
    fn blocks_that_pass_alone_but_not_together_are_refused() {
        let segmentation = Segmentation::new(5000).unwrap();
        let ones = segmentation.split(&[1; 5000]);
        let zeros = segmentation.split(&[0; 5000]);
        let mixed = [
            segmentation.check_block(&ones[0]),
            segmentation.check_block(&zeros[1]),
        ];
        assert!(mixed.iter().all(Option::is_some));
        assert_eq!(segmentation.join(&mixed), None);
    }
}
