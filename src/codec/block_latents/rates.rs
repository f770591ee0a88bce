//! How many values each block sends, and which channel use carries which of them.

use super::grid::Grid;
use crate::regions::{self, RateMap};

/// Values of each block; they add up to what there is to spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::codec) struct Rates {
    of_blocks: Vec<usize>,
    /// Of a block.
    components: usize,
}

impl Rates {
    /// Shares `total` values among the blocks: evenly, or as the levels of a map weigh.
    ///
    /// No block sends its components once more as long as another that gets anything has not sent all of its own: what
    /// it would get beyond goes to the others.
    pub(in crate::codec) fn new(
        grid: Grid,
        map: Option<&RateMap>,
        total: usize,
        components: usize,
    ) -> Self {
        let weights = Self::weights(grid, map);
        let active = weights.iter().filter(|&&w| w > 0).count();
        // What every block sends of whole rounds; the rest of the last one goes by weight.
        let whole = components * (total / (active * components));
        let rest = total - active * whole;
        let full = full_blocks(&weights, rest, components);
        let whole_of = |weight: &u64| if *weight > 0 { whole } else { 0 };
        let mut rates: Vec<usize> = weights.iter().map(whole_of).collect();
        let mut sum: u64 = weights.iter().sum();
        for &block in &full {
            rates[block] += components;
            sum -= weights[block];
        }
        let left = rest - full.len() * components;
        // Differences of rounded running sums spread what does not divide evenly.
        let upto = |running: u64| (u128::from(running) * left as u128 / u128::from(sum)) as usize;
        let mut running = 0;
        let open = (0..rates.len()).filter(|block| full.binary_search(block).is_err());
        for block in open {
            let before = if sum == 0 { 0 } else { upto(running) };
            running += weights[block];
            rates[block] += if sum == 0 { 0 } else { upto(running) - before };
        }
        Self {
            of_blocks: rates,
            components,
        }
    }

    /// What each block counts for; a map of zeros says nothing about where to spend, and is taken as none.
    pub(in crate::codec) fn weights(grid: Grid, map: Option<&RateMap>) -> Vec<u64> {
        let weight = |block: usize| map.map_or(1, |map| mean_weight(grid, map, block));
        let weights: Vec<u64> = (0..grid.blocks()).map(weight).collect();
        if weights.iter().all(|&w| w == 0) {
            return vec![1; grid.blocks()];
        }
        weights
    }

    /// Visits (block, component) of every value in the order they are sent: the components that matter
    /// most first; a block that has more values than components sends them again from the first.
    pub(in crate::codec) fn slots(&self, mut visit: impl FnMut(usize, usize)) {
        // A map may give one block of a huge picture everything: blocks that are through are not asked again.
        let mut active: Vec<usize> = (0..self.of_blocks.len())
            .filter(|&b| self.of_blocks[b] > 0)
            .collect();
        let mut value = 0;
        while !active.is_empty() {
            active
                .iter()
                .for_each(|&b| visit(b, value % self.components));
            value += 1;
            active.retain(|&b| self.of_blocks[b] > value);
        }
    }

    /// How often each component is sent in all blocks together, each block counted `weight(block)` times.
    pub(in crate::codec) fn counts(&self, weight: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut counts = vec![0.0; self.components];
        for (block, &rate) in self.of_blocks.iter().enumerate() {
            let weight = weight(block);
            for (component, count) in counts.iter_mut().enumerate() {
                let times = (rate + self.components - 1 - component).div_euclid(self.components);
                *count += weight * times as f64;
            }
        }
        counts
    }

    /// Values of each block, row by row.
    pub(in crate::codec) fn of_blocks(&self) -> &[usize] {
        &self.of_blocks
    }

    #[cfg(test)]
    pub(in crate::codec) fn from_blocks(of_blocks: Vec<usize>, components: usize) -> Self {
        Self {
            of_blocks,
            components,
        }
    }
}

/// Blocks, in order, whose share of `total` would be `most` or more: each that is filled leaves more to the others.
fn full_blocks(weights: &[u64], total: usize, most: usize) -> Vec<usize> {
    let mut heaviest: Vec<usize> = (0..weights.len()).collect();
    heaviest.sort_by_key(|&block| std::cmp::Reverse(weights[block]));
    let mut left = total as u128;
    let mut sum: u128 = weights.iter().map(|&w| u128::from(w)).sum();
    let is_full = |&block: &usize| {
        let weight = u128::from(weights[block]);
        let full = weight > 0 && weight * left >= most as u128 * sum;
        if full {
            left -= most as u128;
            sum -= weight;
        }
        full
    };
    let mut full: Vec<usize> = heaviest.into_iter().take_while(is_full).collect();
    full.sort_unstable();
    full
}

/// Divisible by most numbers of cells, so that means of weights stay whole numbers.
const PER_WEIGHT: u64 = 720_720;

/// Mean weight of the cells that a block touches, in units of `PER_WEIGHT`.
fn mean_weight(grid: Grid, map: &RateMap, block: usize) -> u64 {
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
        .map(regions::weight)
        .sum();
    sum * PER_WEIGHT / count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::photo::PhotoSize;

    proptest! {
        #[test]
        fn all_is_spent_and_nothing_twice_before_all_was_sent_once(
            levels in prop::collection::vec(0u8..=15, 12),
            total in 0usize..6000,
            components in prop::sample::select(vec![8, 384]),
        ) {
            let grid = Grid::of(PhotoSize::new(4 * 32, 3 * 32).unwrap());
            let map = RateMap::new(4, 3, levels).unwrap();
            let weights = Rates::weights(grid, Some(&map));
            let rates = Rates::new(grid, Some(&map), total, components);
            prop_assert_eq!(rates.of_blocks().iter().sum::<usize>(), total);
            let active: Vec<usize> = (0..12).filter(|block| weights[*block] > 0).collect();
            let rounds = |block: &usize| rates.of_blocks()[*block].div_ceil(components);
            let most = active.iter().map(rounds).max().unwrap();
            for (weight, sent) in weights.iter().zip(rates.of_blocks()) {
                prop_assert!(*weight > 0 || *sent == 0);
                prop_assert!(*weight == 0 || sent + components >= (most.max(1) - 1) * components);
            }
            for (a, b) in active.iter().flat_map(|a| active.iter().map(move |b| (*a, *b))) {
                let [more, less] = [a, b].map(|block| rates.of_blocks()[block]);
                prop_assert!(weights[a] <= weights[b] || more + 1 >= less, "{:?}", rates);
            }
        }
    }
}
