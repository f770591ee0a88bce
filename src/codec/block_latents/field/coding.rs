//! The coefficients of a [`Field`](super::Field) as range-coded bits: how fine their steps are, then whether each is zero in a context of its frequency and
//! its neighbours, then its size and sign. Starting probabilities are those of 87 photos that were trained on, at 1/48.

use super::{FINENESSES, LARGEST};
use crate::codec::range_coder::{BinaryCoder, Bit, Decoder, Encoder};

/// Sizes from here on are plain bits.
const ESCAPE: u32 = 24;
const ESCAPED_BITS: u32 = 13;

/// Bits of the fineness.
const FINENESS_BITS: u32 = 2;
const _: () = assert!(FINENESSES == 1 << FINENESS_BITS);

/// Last diagonals of the classes of frequencies: the mean, and four more; the rest are the last class.
const LAST_DIAGONALS: [usize; 5] = [0, 2, 4, 8, 14];
const CLASSES: usize = LAST_DIAGONALS.len() + 1;

/// Probabilities of a 0, per mille.
struct Starts {
    zero: [[u32; 3]; CLASSES],
    ends: [[u32; 2]; CLASSES],
}

/// By fineness, as training/field_starts.py counts them; 500 where nothing was seen.
#[rustfmt::skip]
const STARTS: [Starts; FINENESSES as usize] = [
    Starts {
        zero: [[297, 500, 500], [784, 640, 540], [938, 781, 618], [981, 865, 671], [985, 951, 600], [985, 900, 500]],
        ends: [[285, 422], [649, 740], [886, 892], [939, 933], [980, 500], [750, 500]],
    },
    Starts {
        zero: [[213, 500, 500], [658, 647, 437], [895, 682, 547], [955, 826, 637], [985, 911, 740], [985, 816, 600]],
        ends: [[207, 317], [561, 595], [808, 818], [908, 912], [973, 857], [952, 500]],
    },
    Starts {
        zero: [[129, 500, 500], [570, 506, 344], [823, 638, 440], [912, 740, 580], [966, 851, 736], [985, 933, 667]],
        ends: [[213, 222], [457, 483], [696, 721], [852, 844], [962, 909], [972, 750]],
    },
    Starts {
        zero: [[95, 500, 500], [502, 345, 284], [749, 591, 362], [845, 677, 512], [923, 783, 632], [971, 834, 761]],
        ends: [[151, 163], [367, 377], [566, 623], [763, 770], [911, 909], [960, 941]],
    },
];

struct Models {
    /// By class, and neighbours of lower frequency that sum to 0, 1, 2 or more.
    zero: [[Bit; 3]; CLASSES],
    /// No larger than 1, no larger than what it is already; by class.
    ends: [[Bit; 2]; CLASSES],
}

impl Models {
    fn new(fineness: u8) -> Self {
        let bit = |per_mille: u32| Bit::new((per_mille * 65_536 / 1000) as u16, 12);
        let starts = &STARTS[usize::from(fineness)];
        Self {
            zero: starts.zero.map(|class| class.map(bit)),
            ends: starts.ends.map(|class| class.map(bit)),
        }
    }

    /// Either end's part: the coefficients that are coded, or those that were decoded into them.
    fn code(&mut self, coder: &mut impl BinaryCoder, steps: &mut [i32], across: usize) {
        for at in 0..steps.len() {
            let (u, v) = (at / across, at % across);
            let above = if u > 0 { steps[at - across] } else { 0 };
            let left = if v > 0 { steps[at - 1] } else { 0 };
            let around = (above.unsigned_abs() + left.unsigned_abs()).min(2);
            let class = LAST_DIAGONALS.iter().filter(|&&last| u + v > last).count();
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
pub(super) fn to_bytes(fineness: u8, steps: &[Vec<i32>], across: usize) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.plain(u32::from(fineness), FINENESS_BITS);
    let mut models = Models::new(fineness);
    for steps in steps {
        models.code(&mut encoder, &mut steps.clone(), across);
    }
    encoder.finish()
}

/// The inverse of [`to_bytes`]: fineness and coefficients. Other bytes give others.
pub(super) fn from_bytes(
    bytes: &[u8],
    components: usize,
    down: usize,
    across: usize,
) -> (u8, Vec<Vec<i32>>) {
    let mut decoder = Decoder::new(bytes);
    let fineness = decoder.plain(0, FINENESS_BITS) as u8;
    let mut models = Models::new(fineness);
    let mut component = || {
        let mut steps = vec![0; down * across];
        models.code(&mut decoder, &mut steps, across);
        steps
    };
    let steps = (0..components).map(|_| component()).collect();
    (fineness, steps)
}
