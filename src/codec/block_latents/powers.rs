//! How loud each block is sent.

use super::grid::Grid;
use super::rates::Rates;
use crate::regions::RateMap;

/// Power of a block's values over its weight in the rate map. Found by measurement: 0, 0.5 and 1 were tried.
const EXPONENT: f32 = 0.5;

/// What a block's power follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::codec) enum Loudness {
    /// All blocks alike.
    Even,
    /// Louder where the map sends more: a share of symbols alone leaves most of the power to the few strong values that
    /// blocks of low rate send.
    ByRate,
}

/// Factors of the amplitudes of all values of a block.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::codec) struct Powers(Vec<f32>);

impl Powers {
    pub(in crate::codec) fn new(grid: Grid, map: Option<&RateMap>, loudness: Loudness) -> Self {
        if loudness == Loudness::Even {
            return Self(vec![1.0; grid.blocks()]);
        }
        let weights = Rates::weights(grid, map);
        let most = weights.iter().copied().max().unwrap_or(1) as f32;
        let factor = |weight: &u64| match weight {
            0 => 1.0,
            weight => (*weight as f32 / most).powf(EXPONENT / 2.0),
        };
        Self(weights.iter().map(factor).collect())
    }

    /// Of a block.
    pub(in crate::codec) fn factor(&self, block: usize) -> f32 {
        self.0[block]
    }
}
