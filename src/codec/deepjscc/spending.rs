//! Where a photo's symbols go: to the blocks that hold much, times what a rate map asks for.

use super::{Allocation, COMPONENTS};
use crate::codec::block_latents::{Grid, Rates, SYMBOLS_A_BYTE};
use crate::nn::Planes;
use crate::regions::{DISTORTION_EXPONENT, RateMap};

/// Without regions a map may cost one bit for so many symbols.
const SYMBOLS_A_BIT: usize = 24;

/// How many times [`bits_of_a_level`] an error counts, by measurement (docs/decisions/0009).
const CARE: f32 = 2.0;

/// Of that, where bytes are short.
const LESS_CARE: [f32; 4] = [1.0, 0.5, 0.25, 0.125];

/// Smallest map that is tried where regions are asked, in bytes; the largest takes half of what there is.
const FIRST_BYTES: usize = 6;

/// The map for `budget` symbols: `asked` as it is where every block is due the same or is sent whole anyway, or where no map pays.
pub(super) fn rate_map(
    allocation: Allocation,
    photo: &Planes,
    grid: Grid,
    asked: Option<&RateMap>,
    budget: usize,
) -> Option<RateMap> {
    if grid.blocks() == 1 || 2 * budget >= grid.blocks() * COMPONENTS {
        return asked.cloned();
    }
    match (allocation.due(photo), asked) {
        (None, asked) => asked.cloned(),
        (Some(due), None) => without_regions(allocation, grid, due, budget),
        (Some(due), Some(asked)) => Some(of_least_error(grid, &due, asked, budget)),
    }
}

/// Of what is due alone; where only squared error counts, as exactly as that is worth its bits.
fn without_regions(
    allocation: Allocation,
    grid: Grid,
    due: Vec<f32>,
    budget: usize,
) -> Option<RateMap> {
    let most_bytes = budget / SYMBOLS_A_BIT / 8;
    let bits = CARE * bits_of_a_level(budget as f32 / grid.blocks() as f32);
    let economical = |care: f32| RateMap::economical(sides(grid), &due, care * bits, most_bytes);
    let found = (allocation == Allocation::Distortion)
        .then(|| LESS_CARE.into_iter().find_map(economical))
        .flatten();
    found.or_else(|| near(grid, due, most_bytes))
}

/// Bits that an error of a level is worth in a block of so many symbols, of which a bit costs some too.
///
/// Where all blocks' errors `c n^-b` fall alike for a further symbol, a share that is wrong by a factor of `e^x` costs as much as
/// `n x^2 (1 + b) / 2` symbols do (second order).
fn bits_of_a_level(symbols: f32) -> f32 {
    let x = std::f32::consts::LN_2 / 2.0;
    symbols * x * x * (1.0 + DISTORTION_EXPONENT) / 2.0 * 8.0 / SYMBOLS_A_BYTE as f32
}

fn near(grid: Grid, shares: Vec<f32>, most_bytes: usize) -> Option<RateMap> {
    RateMap::near(sides(grid), shares, most_bytes)
}

fn sides(grid: Grid) -> (u16, u16) {
    (grid.columns as u16, grid.rows as u16)
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
