//! Where a photo's symbols go: to the blocks that hold much, times what a rate map asks for.

use super::COMPONENTS;
use crate::codec::block_latents::{Grid, Rates};
use crate::nn::{Planes, bits_of_blocks};
use crate::regions::RateMap;

/// Power of a block's bits that its share follows. Found by measurement: 0.3, 0.5, 0.7 and 1.0 were tried.
const EXPONENT: f32 = 0.7;

/// A map may cost one bit for so many symbols.
const SYMBOLS_A_BIT: usize = 24;

/// The map for `budget` symbols: `asked` as it is where every block is sent whole anyway, where no map pays, or where
/// cells of several blocks would mix what is to get nothing with the rest.
pub(super) fn rate_map(
    photo: &Planes,
    grid: Grid,
    asked: Option<&RateMap>,
    budget: usize,
) -> Option<RateMap> {
    if grid.blocks() == 1 || 2 * budget >= grid.blocks() * COMPONENTS {
        return asked.cloned();
    }
    let importance = Rates::weights(grid, asked);
    let has_zeros = importance.contains(&0);
    let asked_bytes = asked.filter(|_| has_zeros).map(|map| map.to_bytes().len());
    let most_bytes = (budget / SYMBOLS_A_BIT / 8).max(asked_bytes.unwrap_or(0));
    let bits = bits_of_blocks(photo, Grid::PIXELS).into_iter();
    let share = bits
        .zip(importance)
        .map(|(bits, weight)| bits.powf(EXPONENT) * weight as f32);
    let [columns, rows] = [grid.columns, grid.rows].map(|side| side as u16);
    let near = RateMap::near((columns, rows), share.collect(), most_bytes);
    let fits = |map: &RateMap| !has_zeros || (map.columns(), map.rows()) == (columns, rows);
    near.filter(fits).or_else(|| asked.cloned())
}
