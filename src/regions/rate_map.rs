//! The map itself: levels, what they weigh, its bytes.

use thiserror::Error;

use super::coding::{Models, cheap_levels, code_levels};
use super::economy::economical_levels;
use crate::codec::range_coder::{BinaryCoder, Decoder, Encoder};

/// Longest side of a map, in cells (one cell a 16x16 block of the largest picture).
pub const MAX_MAP_SIDE: u16 = 1024;

/// Most bytes a map may take on the air; the whole digital stream has 65,535.
pub const MAX_MAP_BYTES: usize = 32_768;

/// Highest level.
pub const MAX_LEVEL: u8 = 15;

/// Closes the bytes of a map.
const END_MARK: u32 = 0b1010;

/// How far a level may be from what is wanted, where bytes are short.
const TOLERANCES: [f32; 4] = [0.5, 0.75, 1.0, 1.5];

/// Weight of the highest level.
const FULL_WEIGHT: u64 = 1 << 20;

/// Weight of a level: half octaves below [`FULL_WEIGHT`], 0 for level 0.
pub(crate) const fn weight(level: u8) -> u64 {
    const OVER_ROOT_2: u64 = 741_455;
    let below = MAX_LEVEL - level;
    match (level, below % 2) {
        (0, _) => 0,
        (_, 0) => FULL_WEIGHT >> (below / 2),
        _ => OVER_ROOT_2 >> (below / 2),
    }
}

/// Levels of importance, row by row from the top; 0 spends nothing on a cell, 15 the most, half octaves between.
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
        let map = Self::unchecked(columns, rows, levels);
        match map.to_bytes().len() {
            found if found > MAX_MAP_BYTES => Err(RateMapError::TooLong { found }),
            _ => Ok(map),
        }
    }

    /// A map of valid sides and levels that may be too detailed to send.
    fn unchecked(columns: u16, rows: u16, levels: Vec<u8>) -> Self {
        Self {
            columns,
            rows,
            levels,
        }
    }

    /// Levels near to `shares`, row by row, the largest at the highest level, in at most `most_bytes`: less exactly
    /// where that is needed, then with cells of twice the side, and so on. `None` when even one cell would take more.
    pub(crate) fn near(
        (mut columns, mut rows): (u16, u16),
        mut shares: Vec<f32>,
        most_bytes: usize,
    ) -> Option<Self> {
        loop {
            let wanted = wanted_levels(&shares);
            for tolerance in TOLERANCES {
                let levels = cheap_levels(&wanted, columns.into(), tolerance);
                let map = Self::unchecked(columns, rows, levels);
                if map.to_bytes().len() <= most_bytes.min(MAX_MAP_BYTES) {
                    return Some(map);
                }
            }
            if shares.len() == 1 {
                return None;
            }
            (columns, rows, shares) = halved(columns, rows, &shares);
        }
    }

    /// Levels near to `shares`, which are above 0 as the levels are then, as exactly as that is worth its bits: an error of one level in a cell of the mean share is
    /// worth `bits`, in others in proportion to their share. `None` where that takes more than `most_bytes`.
    pub(crate) fn economical(
        (columns, rows): (u16, u16),
        shares: &[f32],
        bits: f32,
        most_bytes: usize,
    ) -> Option<Self> {
        debug_assert!(shares.iter().all(|share| *share > 0.0));
        let mean = shares.iter().sum::<f32>() / shares.len() as f32;
        let worth: Vec<f32> = shares.iter().map(|share| bits * share / mean).collect();
        let levels = economical_levels(&wanted_levels(shares), &worth, columns.into());
        let map = Self::unchecked(columns, rows, levels);
        (map.to_bytes().len() <= most_bytes.min(MAX_MAP_BYTES)).then_some(map)
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

    /// Compact bytes: both sides less one (12 bits each), then the levels range-coded, each as its difference from the
    /// mean of those to the left and above, and an end mark.
    pub fn to_bytes(&self) -> Vec<u8> {
        let sides = (u32::from(self.columns) - 1) << 12 | (u32::from(self.rows) - 1);
        let mut bytes = sides.to_be_bytes()[1..].to_vec();
        let mut encoder = Encoder::new();
        code_levels(
            &mut encoder,
            &mut Models::new(),
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
        code_levels(
            &mut decoder,
            &mut Models::new(),
            usize::from(columns),
            &mut levels,
        );
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

/// Levels of shares in half octaves, not rounded, of 1 and more; 0 for what gets nothing.
fn wanted_levels(shares: &[f32]) -> Vec<f32> {
    let largest = shares.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let level = |share: &f32| match *share {
        share if share > 0.0 => (f32::from(MAX_LEVEL) + 2.0 * (share / largest).log2()).max(1.0),
        _ => 0.0,
    };
    shares.iter().map(level).collect()
}

/// Means of two by two cells.
fn halved(columns: u16, rows: u16, shares: &[f32]) -> (u16, u16, Vec<f32>) {
    let [width, height] = [columns, rows].map(usize::from);
    let mean = |row: usize, column: usize| {
        let rows = row..(row + 2).min(height);
        let places = rows.flat_map(|y| (column..(column + 2).min(width)).map(move |x| (y, x)));
        let (sum, count) = places.fold((0.0, 0.0), |(sum, count), (y, x)| {
            (sum + shares[y * width + x], count + 1.0)
        });
        sum / count
    };
    let means = (0..height)
        .step_by(2)
        .flat_map(|row| (0..width).step_by(2).map(move |column| (row, column)))
        .map(|(row, column)| mean(row, column))
        .collect();
    (columns.div_ceil(2), rows.div_ceil(2), means)
}

fn cells(columns: u16, rows: u16) -> Result<usize, RateMapError> {
    let allowed = 1..=MAX_MAP_SIDE;
    if allowed.contains(&columns) && allowed.contains(&rows) {
        Ok(usize::from(columns) * usize::from(rows))
    } else {
        Err(RateMapError::Size { columns, rows })
    }
}
