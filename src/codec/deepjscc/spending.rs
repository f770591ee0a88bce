//! Where a photo's symbols go: to the blocks that hold much, times what a rate map asks for.

use super::COMPONENTS;
use crate::codec::block_latents::{Grid, Rates};
use crate::nn::{Planes, bits_of_blocks};
use crate::regions::{DISTORTION_EXPONENT, RateMap};

/// Power of a block's bits that its share follows. Found by measurement: 0.3, 0.5, 0.7 and 1.0 were tried.
const EXPONENT: f32 = 0.7;

/// Without regions a map may cost one bit for so many symbols.
const SYMBOLS_A_BIT: usize = 24;

/// What a byte of side information costs in channel uses, its LDPC code and header counted (docs/decisions/0001).
const SYMBOLS_A_BYTE: usize = 20;

/// Smallest map that is tried where regions are asked, in bytes; the largest takes half of what there is.
const FIRST_BYTES: usize = 6;

/// The map for `budget` symbols: `asked` as it is where every block is sent whole anyway, or where no map pays.
pub(super) fn rate_map(
    photo: &Planes,
    grid: Grid,
    asked: Option<&RateMap>,
    budget: usize,
) -> Option<RateMap> {
    if grid.blocks() == 1 || 2 * budget >= grid.blocks() * COMPONENTS {
        return asked.cloned();
    }
    let bits = bits_of_blocks(photo, Grid::PIXELS);
    let held: Vec<f32> = bits.iter().map(|bits| bits.powf(EXPONENT)).collect();
    match asked {
        None => near(grid, held, budget / SYMBOLS_A_BIT / 8),
        Some(asked) => Some(of_least_error(grid, &held, asked, budget)),
    }
}

fn near(grid: Grid, shares: Vec<f32>, most_bytes: usize) -> Option<RateMap> {
    let sides = [grid.columns, grid.rows].map(|side| side as u16);
    RateMap::near(sides.into(), shares, most_bytes)
}

/// Of maps that follow both what is asked and what the blocks hold, or the former alone, more or less exactly: the one with
/// the least expected error, errors weighted as asked and its own bytes taken from the budget.
fn of_least_error(grid: Grid, held: &[f32], asked: &RateMap, budget: usize) -> RateMap {
    let weights = Rates::weights(grid, Some(asked));
    let weights: Vec<f32> = weights.iter().map(|&weight| weight as f32).collect();
    let due: Vec<f32> = held.iter().zip(&weights).map(|(a, b)| a * b).collect();
    // A map as exact as can be takes less than a byte a block.
    let most = (budget / SYMBOLS_A_BYTE / 2).min(grid.blocks() + FIRST_BYTES);
    let sizes = std::iter::successors(Some(FIRST_BYTES), |size| Some(size * 5 / 4));
    let tried = sizes
        .take_while(|&size| size <= most)
        .flat_map(|size| [&due, &weights].map(|shares| near(grid, shares.clone(), size)))
        .flatten()
        .filter(|map| keeps_zeros(grid, &weights, map));
    let judged = tried.chain([asked.clone()]).map(|map| {
        let error = expected_error(grid, &due, &map, budget);
        (error, map)
    });
    let best = judged.min_by(|(a, _), (b, _)| a.total_cmp(b));
    best.map_or_else(|| asked.clone(), |(_, map)| map)
}

/// Whether a map gives nothing to just the blocks that are to get nothing.
fn keeps_zeros(grid: Grid, weights: &[f32], map: &RateMap) -> bool {
    let given = Rates::weights(grid, Some(map));
    given
        .iter()
        .zip(weights)
        .all(|(given, asked)| (*given == 0) == (*asked == 0.0))
}

/// Sum over the blocks of `c n^-b` for `n` values, with the `c` for which shares of `due` are best.
fn expected_error(grid: Grid, due: &[f32], map: &RateMap, budget: usize) -> f64 {
    let cost = map.to_bytes().len() * SYMBOLS_A_BYTE;
    let rates = Rates::new(grid, Some(map), 2 * budget.saturating_sub(cost), COMPONENTS);
    let of_block = |(due, values): (&f32, &usize)| {
        let values = (*values as f32).clamp(0.5, COMPONENTS as f32);
        f64::from(due.powf(1.0 + DISTORTION_EXPONENT) * values.powf(-DISTORTION_EXPONENT))
    };
    due.iter().zip(rates.of_blocks()).map(of_block).sum()
}
