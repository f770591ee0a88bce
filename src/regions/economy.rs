//! Levels that are worth their bits: rate-distortion optimization of a map ([Sullivan and Wiegand 1998]).
//!
//! [Sullivan and Wiegand 1998]: https://doi.org/10.1109/79.733497

use super::MAX_LEVEL;
use super::coding::{Models, code_level, code_levels, expected};
use crate::codec::range_coder::Meter;

/// How often every cell is looked at; levels hardly move in a fourth pass.
const PASSES: usize = 3;

/// For each cell the level with the least sum of bits and `worth` times its squared distance from `wanted`, given those of its neighbours,
/// at the probabilities that stand at the end of the map.
pub(super) fn economical_levels(wanted: &[f32], worth: &[f32], columns: usize) -> Vec<u8> {
    let nearest = |wanted: &f32| wanted.round().clamp(1.0, f32::from(MAX_LEVEL)) as u8;
    let mut levels: Vec<u8> = wanted.iter().map(nearest).collect();
    for _ in 0..PASSES {
        let mut models = Models::new();
        code_levels(&mut Meter::default(), &mut models, columns, &mut levels);
        for at in 0..levels.len() {
            levels[at] = best_level(&models, &mut levels, columns, at, wanted[at], worth[at]);
        }
    }
    levels
}

/// Of the levels near to what is wanted, and what the neighbours let expect.
fn best_level(
    models: &Models,
    levels: &mut [u8],
    columns: usize,
    at: usize,
    wanted: f32,
    worth: f32,
) -> u8 {
    let low = wanted.floor().clamp(1.0, f32::from(MAX_LEVEL)) as u8;
    let near = [low.saturating_sub(1), low, low + 1, low + 2];
    let allowed = (near.into_iter().chain([expected(levels, columns, at).0]))
        .filter(|level| (1..=MAX_LEVEL).contains(level));
    let mut best = (f32::INFINITY, levels[at]);
    for level in allowed {
        levels[at] = level;
        let off = f32::from(level) - wanted;
        let cost = worth * off * off + bits_around(models, levels, columns, at);
        if cost < best.0 {
            best = (cost, level);
        }
    }
    best.1
}

/// Bits of a cell and of those that are compared with it.
fn bits_around(models: &Models, levels: &[u8], columns: usize, at: usize) -> f32 {
    let ends_row = (at + 1).is_multiple_of(columns);
    let right = (!ends_row).then_some(at + 1);
    let below = Some(at + columns);
    let cells = [Some(at), right, below].into_iter().flatten();
    let mut meter = Meter::default();
    for cell in cells.filter(|cell| *cell < levels.len()) {
        let (expected, context) = expected(levels, columns, cell);
        let mut models = models.clone();
        code_level(&mut meter, &mut models, levels[cell], expected, context);
    }
    meter.bits()
}
