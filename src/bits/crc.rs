//! Cyclic redundancy checks of TS 38.212 section 5.1, on bits, first bit first, registers starting at zero.
//!
//! ```
//! use heliograph::bits::crc::CRC16;
//! let mut bits = vec![1, 0, 1, 1];
//! CRC16.attach(&mut bits);
//! assert_eq!(CRC16.check(&bits), Some(&[1, 0, 1, 1][..]));
//! bits[2] ^= 1;
//! assert_eq!(CRC16.check(&bits), None);
//! ```

/// A cyclic generator polynomial: its low coefficients and its degree in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc {
    polynomial: u32,
    degree: usize,
}

/// g_CRC16(D) of TS 38.212: D^16 + D^12 + D^5 + 1.
pub const CRC16: Crc = Crc {
    polynomial: 0x1021,
    degree: 16,
};

/// g_CRC24A(D) of TS 38.212, over a whole transport block.
pub const CRC24A: Crc = Crc {
    polynomial: 0x86_4CFB,
    degree: 24,
};

/// g_CRC24B(D) of TS 38.212, over one code block of several.
pub const CRC24B: Crc = Crc {
    polynomial: 0x80_0063,
    degree: 24,
};

impl Crc {
    /// Number of parity bits.
    pub const fn degree(&self) -> usize {
        self.degree
    }

    /// The remainder of `bits` as a number whose highest bit is the first parity bit.
    pub fn remainder(&self, bits: &[u8]) -> u32 {
        let mask = (1u32 << self.degree) - 1;
        bits.iter().fold(0, |register, &bit| {
            let feedback = (register >> (self.degree - 1)) ^ u32::from(bit & 1);
            ((register << 1) & mask) ^ if feedback == 1 { self.polynomial } else { 0 }
        })
    }

    /// Appends the parity bits.
    pub fn attach(&self, bits: &mut Vec<u8>) {
        let remainder = self.remainder(bits);
        bits.extend(
            (0..self.degree)
                .rev()
                .map(|shift| (remainder >> shift & 1) as u8),
        );
    }

    /// The bits without their parity when it holds; `None` when it does not or there are too few bits.
    pub fn check<'a>(&self, bits: &'a [u8]) -> Option<&'a [u8]> {
        let payload = bits.len().checked_sub(self.degree)?;
        (self.remainder(bits) == 0).then(|| &bits[..payload])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits_of(text: &[u8]) -> Vec<u8> {
        text.iter()
            .flat_map(|byte| (0..8).rev().map(move |shift| byte >> shift & 1))
            .collect()
    }

    #[test]
    fn the_check_values_of_the_crc_catalogue_come_out() {
        // Greg Cook's catalogue: CRC-16/XMODEM, CRC-24/LTE-A, CRC-24/LTE-B over "123456789".
        let bits = bits_of(b"123456789");
        assert_eq!(CRC16.remainder(&bits), 0x31C3);
        assert_eq!(CRC24A.remainder(&bits), 0xCDE703);
        assert_eq!(CRC24B.remainder(&bits), 0x23EF52);
    }

    #[test]
    fn every_single_bit_error_is_found() {
        for crc in [CRC16, CRC24A, CRC24B] {
            let mut bits = bits_of(b"heliograph");
            crc.attach(&mut bits);
            assert!(crc.check(&bits).is_some());
            for index in 0..bits.len() {
                bits[index] ^= 1;
                assert_eq!(crc.check(&bits), None);
                bits[index] ^= 1;
            }
        }
    }

    #[test]
    fn fewer_bits_than_parity_do_not_pass() {
        assert_eq!(CRC24A.check(&[0; 23]), None);
        assert_eq!(CRC24A.check(&[0; 24]), Some(&[][..]));
    }
}
