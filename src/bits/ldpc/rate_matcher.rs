//! Rate matching and dematching of one code block (TS 38.212 section 5.4.2.1).
//!
//! Full circular buffer (no limited-buffer rule), redundancy version 0: E coded bits are the first E of the
//! buffer, or the whole buffer and then repetitions. The order on the air is that of [`Spread`], in the place of
//! the bit interleaver of section 5.4.2.2.
//!
//! ```
//! use heliograph::bits::{ldpc::{LdpcCode, rate_matcher::RateMatcher}, llr::Llr};
//! let code = LdpcCode::new(40)?;
//! let matcher = RateMatcher::new(&code, 120);
//! let buffer = code.encode(&[1; 40])?;
//! let sent: Vec<u8> = matcher.select(&buffer, 0).take(120).collect();
//! let mut received = vec![Llr::ERASED; matcher.used_bits()];
//! matcher.combine(&mut received, 0, sent.iter().map(|&bit| Llr(1.0 - 2.0 * f32::from(bit))));
//! assert!(received.iter().zip(&buffer).all(|(llr, &bit)| llr.hard_decision() == bit));
//! # Ok::<(), heliograph::bits::ldpc::LdpcError>(())
//! ```

use super::LdpcCode;
use crate::bits::llr::Llr;
use crate::bits::spread::Spread;

/// Which bit of the circular buffer each coded bit is.
#[derive(Clone, Copy, Debug)]
pub struct RateMatcher {
    used_bits: usize,
    spread: Spread,
}

impl RateMatcher {
    /// For `coded_bits` = E in all, which may exceed the buffer.
    pub fn new(code: &LdpcCode, coded_bits: u64) -> Self {
        let used_bits = coded_bits.min(code.buffer_bits() as u64) as usize;
        RateMatcher {
            used_bits,
            spread: Spread::new(used_bits),
        }
    }

    /// Leading bits of the circular buffer that are ever sent.
    pub fn used_bits(&self) -> usize {
        self.used_bits
    }

    /// Places in the circular buffer of the coded bits from number `first` on, without end.
    pub fn positions(&self, first: u64) -> impl Iterator<Item = usize> + use<> {
        self.spread.positions(first)
    }

    /// The coded bits from number `first` on, out of the circular buffer, without end.
    pub fn select<'a>(&self, buffer: &'a [u8], first: u64) -> impl Iterator<Item = u8> + use<'a> {
        self.positions(first).map(|position| buffer[position])
    }

    /// Adds the soft bits of the coded bits from number `first` on to the first `used_bits` of the buffer.
    pub fn combine(&self, buffer: &mut [Llr], first: u64, llrs: impl Iterator<Item = Llr>) {
        for (position, llr) in self.positions(first).zip(llrs) {
            buffer[position] += llr;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_sent_are_the_first_of_the_buffer_as_in_the_standard() {
        let code = LdpcCode::new(191).unwrap();
        let matcher = RateMatcher::new(&code, 1152);
        let mut places: Vec<usize> = matcher.positions(0).take(1152).collect();
        places.sort_unstable();
        assert!(places.into_iter().eq(0..1152));
    }

    #[test]
    fn repetition_goes_round_the_whole_buffer_evenly() {
        let code = LdpcCode::new(30).unwrap();
        let coded_bits = 5 * code.buffer_bits() as u64 + 17;
        let matcher = RateMatcher::new(&code, coded_bits);
        let mut counts = vec![Llr::ERASED; matcher.used_bits()];
        matcher.combine(&mut counts, 0, (0..coded_bits).map(|_| Llr(1.0)));
        assert_eq!(counts.len(), code.buffer_bits());
        assert!(counts.iter().all(|count| count.0 == 5.0 || count.0 == 6.0));
        assert_eq!(counts.iter().filter(|count| count.0 == 6.0).count(), 17);
    }
}
