//! How many values each block sends, and which channel use carries which of them.

use super::grid::{COMPONENTS, Grid};
use crate::regions::RateMap;

/// Values of each block; they add up to what there is to spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::codec) struct Rates(Vec<usize>);

impl Rates {
    /// Shares `total` values among the blocks: evenly, or in proportion to the levels of a map.
    ///
    /// A map of zeros says nothing about where to spend, and is taken as none.
    pub(in crate::codec) fn new(grid: Grid, map: Option<&RateMap>, total: usize) -> Self {
        let weight = |block: usize| map.map_or(1, |map| level(grid, map, block));
        let mut weights: Vec<u64> = (0..grid.blocks()).map(weight).collect();
        if weights.iter().all(|&w| w == 0) {
            weights.fill(1);
        }
        let sum: u64 = weights.iter().sum();
        // Differences of rounded running sums spread what does not divide evenly.
        let upto = |running: u64| (u128::from(running) * total as u128 / u128::from(sum)) as usize;
        let mut running = 0;
        let rates = weights.iter().map(|weight| {
            let before = upto(running);
            running += weight;
            upto(running) - before
        });
        Self(rates.collect())
    }

    /// Visits (block, component) of every value in the order they are sent: the components that matter
    /// most first; a block that has more values than components sends them again from the first.
    pub(in crate::codec) fn slots(&self, mut visit: impl FnMut(usize, usize)) {
        // A map may give one block of a huge picture everything: blocks that are through are not asked again.
        let mut active: Vec<usize> = (0..self.0.len()).filter(|&b| self.0[b] > 0).collect();
        let mut value = 0;
        while !active.is_empty() {
            active.iter().for_each(|&b| visit(b, value % COMPONENTS));
            value += 1;
            active.retain(|&b| self.0[b] > value);
        }
    }

    /// How often each component is sent in all blocks together.
    pub(in crate::codec) fn counts(&self) -> Vec<f64> {
        let mut counts = vec![0.0; COMPONENTS];
        for &rate in &self.0 {
            for (component, count) in counts.iter_mut().enumerate() {
                *count += (rate + COMPONENTS - 1 - component).div_euclid(COMPONENTS) as f64;
            }
        }
        counts
    }

    /// Values of each block, row by row.
    pub(in crate::codec) fn of_blocks(&self) -> &[usize] {
        &self.0
    }

    #[cfg(test)]
    pub(in crate::codec) fn from_blocks(rates: Vec<usize>) -> Self {
        Self(rates)
    }
}

/// Divisible by most numbers of cells, so that means of levels stay whole numbers.
const PER_LEVEL: u64 = 720_720;

/// Mean level of the cells that a block touches, in units of `PER_LEVEL`.
fn level(grid: Grid, map: &RateMap, block: usize) -> u64 {
    let touched = |at: usize, blocks: usize, cells: u16| {
        let cells = usize::from(cells);
        at * cells / blocks..((at + 1) * cells).div_ceil(blocks)
    };
    let columns = touched(block % grid.columns, grid.columns, map.columns());
    let rows = touched(block / grid.columns, grid.rows, map.rows());
    let count = (columns.len() * rows.len()) as u64;
    let levels = rows.flat_map(|row| columns.clone().map(move |column| (column, row)));
    let sum: u64 = levels
        .filter_map(|(column, row)| map.level(column as u16, row as u16))
        .map(u64::from)
        .sum();
    sum * PER_LEVEL / count
}
