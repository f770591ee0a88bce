//! Systematic encoder for base graph 2 (TS 38.212 section 5.3.2), in linear time.
//!
//! The four core parity columns are solved first: the sum of the core rows leaves one of them alone,
//! the double diagonal gives the other three; each later row then names its own parity bits.

use super::base_graph::{
    COLUMNS, CORE_ROWS, Edge, INFORMATION_COLUMNS, LiftingSize, PUNCTURED_COLUMNS, ROWS, row_edges,
};
use super::{LdpcCode, LdpcError};

/// The core row whose shift on the first parity column survives in the sum of the core rows.
const UNPAIRED_ROW: usize = 2;

impl LdpcCode {
    /// The circular buffer ([`LdpcCode::buffer_bits`] bits) of exactly `information_bits()` bits.
    ///
    /// # Errors
    /// [`LdpcError::InputLength`] for another number of bits.
    pub fn encode(&self, information: &[u8]) -> Result<Vec<u8>, LdpcError> {
        let word = self.encode_word(information)?;
        let z_c = self.lifting_size.z_c();
        let sent_information =
            (PUNCTURED_COLUMNS * z_c).min(self.information_bits)..self.information_bits;
        let mut buffer = word[sent_information].to_vec();
        buffer.extend_from_slice(&word[INFORMATION_COLUMNS * z_c..]);
        Ok(buffer)
    }

    /// The whole code word of 52 Z_c bits: punctured bits and filler bits (0) are there.
    ///
    /// # Errors
    /// [`LdpcError::InputLength`] for another number of bits than `information_bits()`.
    pub fn encode_word(&self, information: &[u8]) -> Result<Vec<u8>, LdpcError> {
        if information.len() != self.information_bits {
            return Err(LdpcError::InputLength {
                found: information.len(),
                allowed: self.information_bits,
            });
        }
        let mut word = vec![0; COLUMNS * self.lifting_size.z_c()];
        for (bit, &source) in word.iter_mut().zip(information) {
            *bit = source & 1;
        }
        self.solve_core(&mut word);
        for row in CORE_ROWS..ROWS {
            let parity = self.row_sum(&word, row, INFORMATION_COLUMNS + CORE_ROWS);
            self.column_mut(&mut word, INFORMATION_COLUMNS + row)
                .copy_from_slice(&parity);
        }
        Ok(word)
    }

    fn solve_core(&self, word: &mut [u8]) {
        let z_c = self.lifting_size.z_c();
        let sums: [Vec<u8>; CORE_ROWS] =
            std::array::from_fn(|row| self.row_sum(word, row, INFORMATION_COLUMNS));
        let shift = first_parity_shift(UNPAIRED_ROW, self.lifting_size);
        for i in 0..z_c {
            word[INFORMATION_COLUMNS * z_c + (i + shift) % z_c] =
                sums.iter().fold(0, |sum, row| sum ^ row[i]);
        }
        // Rows 0, 1 and 3 give columns 11, 12 and 13 in turn; row 2 then holds by construction.
        for (row, column) in [(0, 11), (1, 12), (3, 13)] {
            let parity = self.row_sum(word, row, column);
            self.column_mut(word, column).copy_from_slice(&parity);
        }
    }

    /// Sum of a row's edges left of column `end`, one bit a check.
    fn row_sum(&self, word: &[u8], row: usize, end: usize) -> Vec<u8> {
        let z_c = self.lifting_size.z_c();
        let mut sum = vec![0; z_c];
        for edge in row_edges(row).iter().filter(|edge| edge.column() < end) {
            let column = &word[edge.column() * z_c..][..z_c];
            let (wrapped, straight) = column.split_at(edge.shift(self.lifting_size));
            for (sum, bit) in sum.iter_mut().zip(straight.iter().chain(wrapped)) {
                *sum ^= bit;
            }
        }
        sum
    }

    fn column_mut<'a>(&self, word: &'a mut [u8], column: usize) -> &'a mut [u8] {
        let z_c = self.lifting_size.z_c();
        &mut word[column * z_c..][..z_c]
    }
}

fn first_parity_shift(row: usize, lifting_size: LiftingSize) -> usize {
    row_edges(row)
        .iter()
        .find(|edge| edge.column() == INFORMATION_COLUMNS)
        .map_or(0, |edge: &Edge| edge.shift(lifting_size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::ldpc::base_graph::edges;
    use crate::bits::prbs::GoldSequence;
    use ldpc_toolbox::codes::nr5g::{BaseGraph, LiftingSize as ReferenceSize};
    use ldpc_toolbox::{encoder::Encoder, gf2::GF2};
    use rustfft::num_traits::{One, Zero};

    fn full_code(lifting_size: LiftingSize) -> LdpcCode {
        LdpcCode {
            information_bits: INFORMATION_COLUMNS * lifting_size.z_c(),
            lifting_size,
        }
    }

    fn random_bits(seed: u32, length: usize) -> Vec<u8> {
        GoldSequence::new(seed).take(length).collect()
    }

    #[test]
    fn every_lifting_size_gives_words_that_meet_all_checks() {
        for lifting_size in LiftingSize::all() {
            let (code, z_c) = (full_code(lifting_size), lifting_size.z_c());
            let information = random_bits(z_c as u32, 10 * z_c);
            let word = code.encode_word(&information).unwrap();
            let mut syndrome = vec![0; ROWS * z_c];
            for edge in edges() {
                for i in 0..z_c {
                    let column_bit = (i + edge.shift(lifting_size)) % z_c;
                    syndrome[edge.row() * z_c + i] ^= word[edge.column() * z_c + column_bit];
                }
            }
            assert_eq!(word[..10 * z_c], information);
            assert!(syndrome.iter().all(|&check| check == 0), "Z_c {z_c}");
        }
    }

    #[test]
    fn words_equal_those_of_ldpc_toolbox() {
        for (z_c, reference) in [
            (2, ReferenceSize::Z2),
            (7, ReferenceSize::Z7),
            (12, ReferenceSize::Z12),
        ] {
            let information = random_bits(99, 10 * z_c);
            let ours = full_code(LiftingSize::new(z_c).unwrap())
                .encode_word(&information)
                .unwrap();
            let bit_of = |&bit: &u8| if bit == 1 { GF2::one() } else { GF2::zero() };
            let encoder = Encoder::from_h(&BaseGraph::BG2.h(reference)).unwrap();
            // One variable for message and word: their array type cannot be named from here.
            let mut theirs = information.iter().map(bit_of).collect();
            theirs = encoder.encode(&theirs);
            let theirs: Vec<u8> = theirs.iter().map(|bit| u8::from(bit.is_one())).collect();
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn another_length_than_the_code_takes_is_refused() {
        let error = LdpcCode::new(100).unwrap().encode(&[0; 99]).unwrap_err();
        assert_eq!(
            error,
            LdpcError::InputLength {
                found: 99,
                allowed: 100
            }
        );
    }
}
