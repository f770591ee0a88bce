//! The coefficients of a [`Field`](super::Field) as range-coded bits: whether each is zero in a context of its frequency and
//! its neighbours, then its size and sign. Starting probabilities are those of 84 photos that were trained on.

use super::LARGEST;
use crate::codec::range_coder::{BinaryCoder, Bit, Decoder, Encoder};

/// Sizes from here on are plain bits.
const ESCAPE: u32 = 24;
const ESCAPED_BITS: u32 = 10;

/// Classes of frequencies: the mean; the next two diagonals; two more; the rest.
const CLASSES: usize = 4;

struct Models {
    /// By class, and neighbours of lower frequency that sum to 0, 1, 2 or more.
    zero: [[Bit; 3]; CLASSES],
    /// No larger than 1, no larger than what it is already; by class.
    ends: [[Bit; 2]; CLASSES],
}

impl Models {
    fn new() -> Self {
        let bit = |per_mille: u32| Bit::new((per_mille * 65_536 / 1000) as u16, 12);
        let zero = [
            [239, 239, 239],
            [661, 572, 436],
            [889, 664, 543],
            [969, 830, 653],
        ];
        let ends = [[345, 412], [737, 739], [950, 913], [950, 913]];
        Self {
            zero: zero.map(|class| class.map(bit)),
            ends: ends.map(|class| class.map(bit)),
        }
    }

    /// Either end's part: the coefficients that are coded, or those that were decoded into them.
    fn code(&mut self, coder: &mut impl BinaryCoder, steps: &mut [i32], across: usize) {
        for at in 0..steps.len() {
            let (u, v) = (at / across, at % across);
            let above = if u > 0 { steps[at - across] } else { 0 };
            let left = if v > 0 { steps[at - 1] } else { 0 };
            let around = (above.unsigned_abs() + left.unsigned_abs()).min(2);
            let class = match u + v {
                0 => 0,
                1..=2 => 1,
                3..=4 => 2,
                _ => 3,
            };
            steps[at] = self.code_one(coder, steps[at], class, around as usize);
        }
    }

    fn code_one(
        &mut self,
        coder: &mut impl BinaryCoder,
        value: i32,
        class: usize,
        around: usize,
    ) -> i32 {
        let wanted = value.unsigned_abs();
        if coder.bit(&mut self.zero[class][around], u8::from(wanted > 0)) == 0 {
            return 0;
        }
        let mut size = 1;
        while size < ESCAPE {
            let model = &mut self.ends[class][usize::from(size > 1)];
            if coder.bit(model, u8::from(wanted > size)) == 0 {
                break;
            }
            size += 1;
        }
        if size == ESCAPE {
            size += coder.plain(wanted.saturating_sub(ESCAPE), ESCAPED_BITS);
        }
        let size = size.min(LARGEST as u32) as i32;
        match coder.plain(u32::from(value < 0), 1) {
            0 => size,
            _ => -size,
        }
    }
}

/// Of each component its coefficients, row by row of `across`.
pub(super) fn to_bytes(steps: &[Vec<i32>], across: usize) -> Vec<u8> {
    let (mut models, mut encoder) = (Models::new(), Encoder::new());
    for steps in steps {
        models.code(&mut encoder, &mut steps.clone(), across);
    }
    encoder.finish()
}

/// The inverse of [`to_bytes`]; other bytes give other coefficients.
pub(super) fn from_bytes(
    bytes: &[u8],
    components: usize,
    down: usize,
    across: usize,
) -> Vec<Vec<i32>> {
    let (mut models, mut decoder) = (Models::new(), Decoder::new(bytes));
    let mut component = || {
        let mut steps = vec![0; down * across];
        models.code(&mut decoder, &mut steps, across);
        steps
    };
    (0..components).map(|_| component()).collect()
}
