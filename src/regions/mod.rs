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

use crate::codec::range_coder::{BinaryCoder, Bit, Decoder, Encoder};

/// Longest side of a map, in cells (one cell a 16x16 block of the largest picture).
pub const MAX_MAP_SIDE: u16 = 1024;

/// Most bytes a map may take on the air; the whole digital stream has 65,535.
pub const MAX_MAP_BYTES: usize = 32_768;

/// Highest level.
pub const MAX_LEVEL: u8 = 15;

/// Closes the bytes of a map.
const END_MARK: u32 = 0b1010;

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
    /// Bytes that are no map: cut off, continued or altered.
    #[error("{found} bytes are no rate map (cut off or altered)")]
    Damaged { found: usize },
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

    /// Compact bytes: both sides less one (12 bits each), then the levels range-coded, each as
    /// "like the left one", "like the one above" or four bits, and an end mark.
    pub fn to_bytes(&self) -> Vec<u8> {
        let sides = (u32::from(self.columns) - 1) << 12 | (u32::from(self.rows) - 1);
        let mut bytes = sides.to_be_bytes()[1..].to_vec();
        let mut encoder = Encoder::new();
        code_levels(
            &mut encoder,
            usize::from(self.columns),
            &mut self.levels.clone(),
        );
        encoder.plain(END_MARK, 4);
        bytes.extend(encoder.finish());
        bytes
    }

    /// Reads what [`RateMap::to_bytes`] wrote; anything else is an error.
    ///
    /// # Errors
    /// [`RateMapError`]; memory stays below 2^20 cells whatever the bytes hold.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RateMapError> {
        let found = bytes.len();
        if found > MAX_MAP_BYTES {
            return Err(RateMapError::TooLong { found });
        }
        let Some((&[a, b, c], payload)) = bytes.split_first_chunk() else {
            return Err(RateMapError::Damaged { found });
        };
        let sides = u32::from_be_bytes([0, a, b, c]);
        let (columns, rows) = ((sides >> 12) as u16 + 1, (sides & 0xfff) as u16 + 1);
        let mut levels = vec![0; cells(columns, rows)?];
        let mut decoder = Decoder::new(payload);
        code_levels(&mut decoder, usize::from(columns), &mut levels);
        if decoder.plain(0, 4) != END_MARK || decoder.unread_bytes() > 0 {
            return Err(RateMapError::Damaged { found });
        }
        Ok(Self {
            columns,
            rows,
            levels,
        })
    }
}

/// The format of the levels, for both ends.
fn code_levels(coder: &mut impl BinaryCoder, columns: usize, levels: &mut [u8]) {
    // Whether the left neighbour's level is kept, by whether the one above agrees with it.
    let mut keeps_left = [Bit::new(1 << 15, 0); 2];
    let mut takes_above = Bit::new(1 << 15, 0);
    for at in 0..levels.len() {
        let level = levels[at];
        let above = if at >= columns {
            levels[at - columns]
        } else {
            0
        };
        let left = if at % columns > 0 {
            levels[at - 1]
        } else {
            above
        };
        let agree = usize::from(left == above);
        levels[at] = if coder.bit(&mut keeps_left[agree], u8::from(level != left)) == 0 {
            left
        } else if left != above && coder.bit(&mut takes_above, u8::from(level != above)) == 0 {
            above
        } else {
            coder.plain(level.into(), 4) as u8
        };
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
    fn the_largest_uniform_map_is_short_and_the_busiest_too_long() {
        let (side, count) = (MAX_MAP_SIDE, 1 << 20);
        let uniform = RateMap::new(side, side, vec![3; count]).unwrap();
        assert!(
            uniform.to_bytes().len() < 4096,
            "{}",
            uniform.to_bytes().len()
        );
        let busy = (0..count as u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 28) as u8)
            .collect();
        assert!(matches!(
            RateMap::new(side, side, busy),
            Err(RateMapError::TooLong { .. })
        ));
    }

    #[test]
    fn cut_off_bytes_are_refused() {
        let levels = (0..400u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 28) as u8)
            .collect();
        let bytes = RateMap::new(20, 20, levels).unwrap().to_bytes();
        let message = RateMap::from_bytes(&bytes[..2]).unwrap_err().to_string();
        assert!(message.contains("2 bytes are no rate map"), "{message}");
        assert!(RateMap::from_bytes(&bytes[..bytes.len() - 3]).is_err());
        assert!(RateMap::from_bytes(&[bytes, vec![1; 9]].concat()).is_err());
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
