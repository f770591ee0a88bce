//! The coefficients of a [`Field`](super::Field) as range-coded bits: whether each is zero in a context of its frequency and
//! its neighbours, then its size and sign. Starting probabilities are those of 87 photos that were trained on, at 1/48.

use super::{FINENESSES, LARGEST};
use crate::codec::range_coder::{BinaryCoder, Bit, Decoder, Encoder};

/// Sizes from here on are plain bits.
const ESCAPE: u32 = 24;
const ESCAPED_BITS: u32 = 10;

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

/// By fineness.
#[rustfmt::skip]
const STARTS: [Starts; FINENESSES as usize] = [
    Starts {
        zero: [[300, 500, 500], [783, 643, 537], [937, 781, 619], [981, 866, 667], [985, 951, 600], [985, 900, 500]],
        ends: [[281, 421], [651, 739], [886, 892], [939, 933], [980, 500], [750, 500]],
    },
    Starts {
        zero: [[217, 500, 500], [663, 646, 438], [894, 683, 545], [955, 826, 640], [985, 910, 745], [985, 816, 600]],
        ends: [[213, 315], [561, 600], [810, 824], [907, 912], [973, 857], [952, 500]],
    },
    Starts {
        zero: [[144, 500, 500], [576, 502, 345], [831, 636, 444], [912, 741, 582], [966, 851, 735], [985, 933, 667]],
        ends: [[199, 222], [461, 484], [692, 723], [851, 848], [961, 909], [972, 750]],
    },
    Starts {
        zero: [[99, 500, 500], [489, 366, 285], [749, 590, 361], [847, 681, 510], [924, 783, 632], [971, 836, 759]],
        ends: [[151, 164], [369, 376], [572, 622], [763, 770], [911, 908], [959, 941]],
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
