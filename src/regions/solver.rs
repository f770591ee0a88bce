//! Importance to a rate map: errors in blocks that matter count more.

use super::{Importance, MAX_LEVEL, RateMap, RateMapError};

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

/// The default gain.
pub const DEFAULT_GAIN: f32 = 4.0;

impl Default for Priorities {
    fn default() -> Self {
        Self {
            gain: DEFAULT_GAIN,
            background: Background::Low,
        }
    }
}

/// Squared error over symbols falls with this power: 1.83 dB for twice as many, codec `deepjscc` at 7 dB from CBR 1/96 to 1/48
/// (`weights/deepjscc.md`).
pub(crate) const DISTORTION_EXPONENT: f32 = 0.61;

/// The map that spends a budget with the least expected distortion, errors weighted by importance; `None` where nothing
/// stands out, or everything does.
///
/// # Errors
/// [`RateMapError::TooLong`]: what stands out is too scattered for a map that can be sent (beyond 10,000 x 10,000 pixels or so).
///
/// With a distortion of `c n^-b` for `n` symbols, a block whose error counts `w` times gets in proportion to
/// `(w c)^(1 / (1 + b))`: there a further symbol gains as much everywhere (Lagrange). Codecs know `c`, what a block holds;
/// the levels here are what `w` changes.
pub fn rate_map(
    importance: &Importance,
    priorities: Priorities,
) -> Result<Option<RateMap>, RateMapError> {
    if priorities.background == Background::Same || !importance.has_key() {
        return Ok(None);
    }
    let octaves = |value: &f32| {
        let weight = 1.0 + (priorities.gain - 1.0) * value;
        weight.log2() / (1.0 + DISTORTION_EXPONENT)
    };
    let octaves: Vec<f32> = importance.values().iter().map(octaves).collect();
    let highest = octaves.iter().copied().fold(0.0, f32::max);
    let level = |(block, octaves): (usize, &f32)| {
        if priorities.background == Background::None && !importance.is_key(block) {
            return 0;
        }
        // Levels are half octaves.
        let level = f32::from(MAX_LEVEL) + 2.0 * (octaves - highest);
        level.round().max(1.0) as u8
    };
    let levels: Vec<u8> = octaves.iter().enumerate().map(level).collect();
    if levels.iter().all(|level| *level == levels[0]) {
        return Ok(None);
    }
    let [columns, rows] = [importance.columns(), importance.rows()].map(|side| side as u16);
    RateMap::new(columns, rows, levels).map(Some)
}
