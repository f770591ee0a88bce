//! Levels as range-coded bits: each as its difference from the neighbours' mean, in a context that tells how much they
//! agree.

use crate::codec::range_coder::{BinaryCoder, Bit};

use super::MAX_LEVEL;

/// Contexts: neighbours differ by 0, 1, 2 or more; one neighbour; none.
const CONTEXTS: usize = 6;
const ONE_NEIGHBOUR: usize = 4;
const NO_NEIGHBOUR: usize = 5;

/// What the first cell is compared with.
const USUAL_LEVEL: u8 = 11;

/// Probabilities that adapt along the map.
#[derive(Clone)]
pub(super) struct Models {
    same: [Bit; CONTEXTS],
    above: [Bit; CONTEXTS],
    /// Whether a difference ends here, by its size so far.
    ends: [Bit; 3],
}

impl Models {
    pub(super) fn new() -> Self {
        let even = Bit::new(1 << 15, 0);
        Self {
            same: [even; CONTEXTS],
            above: [even; CONTEXTS],
            ends: [Bit::new(3 << 14, 0); 3],
        }
    }
}

/// The format of the levels, for both ends: what is coded, or 0 where it was decoded into.
pub(super) fn code_levels(
    coder: &mut impl BinaryCoder,
    models: &mut Models,
    columns: usize,
    levels: &mut [u8],
) {
    for at in 0..levels.len() {
        let (expected, context) = expected(levels, columns, at);
        levels[at] = code_level(coder, models, levels[at], expected, context);
    }
}

/// What the cells before it let expect of a cell, and the context.
pub(super) fn expected(levels: &[u8], columns: usize, at: usize) -> (u8, usize) {
    let left = (!at.is_multiple_of(columns)).then(|| levels[at - 1]);
    let above = at.checked_sub(columns).map(|above| levels[above]);
    match (left, above) {
        (Some(left), Some(above)) => (
            (left + above).div_ceil(2),
            usize::from(left.abs_diff(above).min(3)),
        ),
        (Some(one), None) | (None, Some(one)) => (one, ONE_NEIGHBOUR),
        (None, None) => (USUAL_LEVEL, NO_NEIGHBOUR),
    }
}

/// Levels that cost little: each as its neighbours let expect if that is within `tolerance` of what is wanted, else the
/// nearest. A wanted level of 0 or less is 0 and no other is.
pub(super) fn cheap_levels(wanted: &[f32], columns: usize, tolerance: f32) -> Vec<u8> {
    let mut levels = vec![0; wanted.len()];
    for (at, &wanted) in wanted.iter().enumerate() {
        if wanted <= 0.0 {
            continue;
        }
        let (expected, _) = expected(&levels, columns, at);
        let near = expected > 0 && (f32::from(expected) - wanted).abs() <= tolerance;
        let nearest = wanted.round().clamp(1.0, f32::from(MAX_LEVEL)) as u8;
        levels[at] = if near { expected } else { nearest };
    }
    levels
}

pub(super) fn code_level(
    coder: &mut impl BinaryCoder,
    models: &mut Models,
    level: u8,
    expected: u8,
    context: usize,
) -> u8 {
    if coder.bit(&mut models.same[context], u8::from(level != expected)) == 0 {
        return expected;
    }
    // At an end of the scale the direction is known.
    let above = match expected {
        0 => true,
        MAX_LEVEL => false,
        _ => coder.bit(&mut models.above[context], u8::from(level > expected)) == 1,
    };
    let room = if above {
        MAX_LEVEL - expected
    } else {
        expected
    };
    let wanted = level.abs_diff(expected);
    let mut size = 1;
    while size < room {
        let model = &mut models.ends[usize::from(size - 1).min(2)];
        if coder.bit(model, u8::from(wanted != size)) == 0 {
            break;
        }
        size += 1;
    }
    if above {
        expected + size
    } else {
        expected - size
    }
}
