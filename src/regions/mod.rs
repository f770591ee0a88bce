//! Where detail matters: importance of blocks (what stands out, a mask, rectangles), and a coarse grid of levels that says
//! how the symbols are shared.
//!
//! Levels are half octaves: a cell one level above another gets 1.41 times as much, two levels above twice as much.
//! Level 0 gets nothing.
//!
//! ```
//! use heliograph::regions::RateMap;
//!
//! let map = RateMap::new(3, 2, vec![0, 0, 0, 15, 15, 3])?;
//! let bytes = map.to_bytes();
//! assert_eq!(RateMap::from_bytes(&bytes)?, map);
//! # Ok::<(), heliograph::regions::RateMapError>(())
//! ```

mod coding;
mod economy;
mod finder;
mod importance;
mod interest;
mod rate_map;
mod saliency;
mod solver;
#[cfg(test)]
mod tests;

pub use finder::{RegionFinder, SharedFinder};
pub use importance::{BLOCK_PIXELS, Importance, Region, RegionError};
pub use interest::Interest;
pub(crate) use rate_map::weight;
pub use rate_map::{MAX_LEVEL, MAX_MAP_BYTES, MAX_MAP_SIDE, RateMap, RateMapError};
pub use saliency::Saliency;
pub(crate) use solver::DISTORTION_EXPONENT;
pub use solver::{Background, DEFAULT_GAIN, Priorities, rate_map};
