//! Where detail matters: a coarse grid of levels over the picture.
//!
//! ```
//! use heliograph::regions::RateMap;
//!
//! let map = RateMap::new(3, 2, vec![0, 0, 0, 15, 15, 3])?;
//! let bytes = map.to_bytes();
//! assert_eq!(RateMap::from_bytes(&bytes)?, map);
//! # Ok::<(), heliograph::regions::RateMapError>(())
//! ```

use thiserror::Error;

/// Longest side of a map, in cells (one cell a 16x16 block of the largest picture).
pub const MAX_MAP_SIDE: u16 = 1024;

/// Most bytes a map may take on the air; the whole digital stream has 65,535.
pub const MAX_MAP_BYTES: usize = 32_768;

/// Highest level.
pub const MAX_LEVEL: u8 = 15;

/// Longest run that one byte holds.
const MAX_RUN: usize = 16;

/// Levels of importance, row by row from the top; 0 spends nothing on a cell, 15 the most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateMap {
    columns: u16,
    rows: u16,
    levels: Vec<u8>,
}

/// What can be wrong with a map.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RateMapError {
    /// A side is zero or too long.
    #[error("rate map of {columns}x{rows} cells; each side may be 1 to {MAX_MAP_SIDE}")]
    Size { columns: u16, rows: u16 },
    /// Levels and size do not agree.
    #[error("{found} levels in a rate map of {expected} cells")]
    Count { found: usize, expected: usize },
    /// A level too high.
    #[error("level {found} in cell {cell} of the rate map; allowed are 0 to {MAX_LEVEL}")]
    Level { cell: usize, found: u8 },
    /// Too detailed to send.
    #[error("rate map takes {found} bytes; at most {MAX_MAP_BYTES} are allowed")]
    TooLong { found: usize },
    /// Bytes end before the map does.
    #[error("rate map bytes end at cell {found} of {expected}")]
    Truncated { found: usize, expected: usize },
    /// Bytes go on after the map.
    #[error("rate map bytes hold more than its {expected} cells")]
    Overlong { expected: usize },
}

impl RateMap {
    /// Checks a map: `levels.len() == columns * rows`, each level at most 15.
    ///
    /// # Errors
    /// [`RateMapError`] saying what was found and what is allowed.
    pub fn new(columns: u16, rows: u16, levels: Vec<u8>) -> Result<Self, RateMapError> {
        let expected = cells(columns, rows)?;
        if levels.len() != expected {
            let found = levels.len();
            return Err(RateMapError::Count { found, expected });
        }
        if let Some(cell) = levels.iter().position(|&level| level > MAX_LEVEL) {
            let found = levels[cell];
            return Err(RateMapError::Level { cell, found });
        }
        let map = Self {
            columns,
            rows,
            levels,
        };
        match map.to_bytes().len() {
            found if found > MAX_MAP_BYTES => Err(RateMapError::TooLong { found }),
            _ => Ok(map),
        }
    }

    /// Cells in a row.
    pub fn columns(&self) -> u16 {
        self.columns
    }

    /// Rows of cells.
    pub fn rows(&self) -> u16 {
        self.rows
    }

    /// All levels, row by row.
    pub fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// Level at a cell; `None` outside.
    pub fn level(&self, column: u16, row: u16) -> Option<u8> {
        let inside = column < self.columns && row < self.rows;
        let at = usize::from(row) * usize::from(self.columns) + usize::from(column);
        inside.then(|| self.levels[at])
    }

    /// Compact bytes: both sides less one (10 bits each, in three bytes), then a byte a run of
    /// equal levels (level in the upper half, length less one in the lower).
    pub fn to_bytes(&self) -> Vec<u8> {
        let sides = (u32::from(self.columns) - 1) << 10 | (u32::from(self.rows) - 1);
        let mut bytes = sides.to_be_bytes()[1..].to_vec();
        for equal in self.levels.chunk_by(|a, b| a == b) {
            bytes.extend(
                equal
                    .chunks(MAX_RUN)
                    .map(|run| run[0] << 4 | (run.len() as u8 - 1)),
            );
        }
        bytes
    }

    /// Reads what [`RateMap::to_bytes`] wrote; anything else is an error.
    ///
    /// # Errors
    /// [`RateMapError`]; memory stays below 2^20 cells whatever the bytes hold.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RateMapError> {
        if bytes.len() > MAX_MAP_BYTES {
            return Err(RateMapError::TooLong { found: bytes.len() });
        }
        let Some((&[a, b, c], runs)) = bytes.split_first_chunk() else {
            return Err(RateMapError::Truncated {
                found: 0,
                expected: 1,
            });
        };
        let sides = u32::from_be_bytes([0, a, b, c]);
        let (columns, rows) = ((sides >> 10) as u16 + 1, (sides & 0x3ff) as u16 + 1);
        let expected = cells(columns, rows)?;
        let mut levels = Vec::with_capacity(expected.min(MAX_RUN * runs.len()));
        for run in runs {
            let length = usize::from(run & 15) + 1;
            if levels.len() + length > expected {
                return Err(RateMapError::Overlong { expected });
            }
            levels.resize(levels.len() + length, run >> 4);
        }
        let found = levels.len();
        if found < expected {
            return Err(RateMapError::Truncated { found, expected });
        }
        Self::new(columns, rows, levels)
    }
}

fn cells(columns: u16, rows: u16) -> Result<usize, RateMapError> {
    let allowed = 1..=MAX_MAP_SIDE;
    if allowed.contains(&columns) && allowed.contains(&rows) {
        Ok(usize::from(columns) * usize::from(rows))
    } else {
        Err(RateMapError::Size { columns, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_map_survives_its_bytes(
            columns in 1u16..40,
            rows in 1u16..40,
            seed in prop::collection::vec((0u8..16, 1usize..60), 1..50),
        ) {
            let count = usize::from(columns) * usize::from(rows);
            let levels: Vec<u8> = seed
                .iter()
                .cycle()
                .flat_map(|&(level, run)| std::iter::repeat_n(level, run))
                .take(count)
                .collect();
            let map = RateMap::new(columns, rows, levels).unwrap();
            prop_assert_eq!(RateMap::from_bytes(&map.to_bytes()).unwrap(), map);
        }

        #[test]
        fn hostile_bytes_give_a_map_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(map) = RateMap::from_bytes(&bytes) {
                prop_assert!(map.levels().len() <= 1 << 20);
            }
        }
    }

    #[test]
    fn a_uniform_map_of_the_largest_size_would_be_too_long_only_beyond_its_limit() {
        let side = 512;
        let uniform = RateMap::new(side, side, vec![3; 512 * 512]).unwrap();
        assert!(uniform.to_bytes().len() <= MAX_MAP_BYTES);
        let busy = (0..512 * 512).map(|i| (i % 16) as u8).collect();
        assert!(matches!(
            RateMap::new(side, side, busy),
            Err(RateMapError::TooLong { .. })
        ));
    }

    #[test]
    fn levels_above_fifteen_and_wrong_counts_name_what_was_found() {
        let message = RateMap::new(2, 1, vec![0, 16]).unwrap_err().to_string();
        assert!(message.contains("level 16 in cell 1"), "{message}");
        let message = RateMap::new(2, 2, vec![0; 3]).unwrap_err().to_string();
        assert!(
            message.contains("3 levels") && message.contains('4'),
            "{message}"
        );
    }
}
