//! Importance to a rate map: blocks that matter are worth more of the distortion.

use super::{Importance, MAX_LEVEL, RateMap};
use crate::codec::Grid;
use crate::nn::{Planes, bits_of_blocks};
use crate::photo::Photo;

/// What blocks that do not matter get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Background {
    /// Nothing: they are painted from what is around them.
    None,
    /// What is left when the others have theirs.
    #[default]
    Low,
    /// As much as the others: importance is not looked at.
    Same,
}

/// How a budget is shared between what matters and the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Priorities {
    /// How many times as much an error counts where importance is 1, from 1.
    pub gain: f32,
    pub background: Background,
}

/// The default gain: 12 dB.
pub const DEFAULT_GAIN: f32 = 16.0;

impl Default for Priorities {
    fn default() -> Self {
        Self {
            gain: DEFAULT_GAIN,
            background: Background::Low,
        }
    }
}

/// Power of its bits that a block's share follows, as in codec `deepjscc`.
const EXPONENT: f32 = 0.7;

/// The map that spends a budget with the least expected distortion, errors weighted by importance; `None` where nothing
/// stands out, or everything does.
///
/// Reverse water-filling with weights (Cover and Thomas, "Elements of Information Theory", section 10.3): a coefficient of
/// a block that is worth `w` gets its bits at the distortion `D / w`. Codecs share by the bits of `w = 1` already; the
/// levels here are what the weights change of it.
pub fn rate_map(photo: &Photo, importance: &Importance, priorities: Priorities) -> Option<RateMap> {
    if priorities.background == Background::Same || !importance.has_key() {
        return None;
    }
    let grid = Grid::of(photo.size());
    let planes = grid.planes(photo);
    let worth = |value: &f32| 1.0 + (priorities.gain - 1.0) * value;
    let worth: Vec<f32> = importance.values().iter().map(worth).collect();
    let plain = bits(&planes, &vec![1.0; worth.len()]);
    let ratios = bits(&planes, &worth).into_iter().zip(plain);
    let ratios: Vec<f32> = ratios.map(|(a, b)| (a / b).powf(EXPONENT)).collect();
    let highest = ratios.iter().copied().fold(1.0, f32::max);
    let level = |(block, ratio): (usize, &f32)| {
        if priorities.background == Background::None && !importance.is_key(block) {
            return 0;
        }
        let below = 2.0 * (ratio / highest).log2();
        (f32::from(MAX_LEVEL) + below).round().max(1.0) as u8
    };
    let levels: Vec<u8> = ratios.iter().enumerate().map(level).collect();
    if levels.iter().all(|level| *level == levels[0]) {
        return None;
    }
    let [columns, rows] = [importance.columns(), importance.rows()].map(|side| side as u16);
    RateMap::new(columns, rows, levels).ok()
}

fn bits(planes: &Planes, worth: &[f32]) -> Vec<f32> {
    bits_of_blocks(planes, super::importance::BLOCK_PIXELS, worth)
}
