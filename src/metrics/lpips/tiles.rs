//! Spans of a side that are evaluated apart and still count what the whole would.
//!
//! The smallest maps of a network are 16 times smaller than the picture, so spans begin at multiples of 16 pixels. A span
//! reads more than it counts: what zeros at a cut would touch is computed again by the neighbour.

use std::ops::Range;

use crate::photo::Photo;

/// Maps that are compared.
pub const LAYERS: usize = 5;

/// Pixels of one position of the smallest maps.
const BLOCK: usize = 16;

/// How a network's maps lie on a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Positions of each map to a block.
    pub positions: [usize; LAYERS],
    /// Blocks that a cut spoils behind it.
    pub spoiled_before: usize,
    /// Blocks that a cut spoils ahead of it.
    pub spoiled_after: usize,
}

/// A span of rows or of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Pixels that are read.
    pub read: Range<usize>,
    /// First block that counts.
    first: usize,
    /// Block after the last that counts.
    end: usize,
    positions: [usize; LAYERS],
}

impl Span {
    /// Positions that count of what was computed of a map, which is `computed` positions long.
    pub fn counted(&self, layer: usize, computed: usize) -> Range<usize> {
        let skipped = self.read.start / BLOCK;
        // The last blocks of a picture have fewer positions than others.
        let position = |block: usize| computed.min((block - skipped) * self.positions[layer]);
        position(self.first)..position(self.end)
    }
}

impl Tiling {
    /// Spans of about equal length that together count a side of `length` pixels, each at most `side`.
    pub fn spans(self, length: usize, side: usize) -> Vec<Span> {
        let blocks = length.div_ceil(BLOCK);
        let count = blocks.div_ceil(side / BLOCK);
        let cut = |i: usize| i * blocks / count;
        let span = |i: usize| {
            let (first, end) = (cut(i), cut(i + 1));
            let from = first.saturating_sub(self.spoiled_before);
            Span {
                read: from * BLOCK..length.min((end + self.spoiled_after) * BLOCK),
                first,
                end,
                positions: self.positions,
            }
        };
        (0..count).map(span).collect()
    }
}

/// The bytes of a tile.
pub fn cut(photo: &Photo, rows: &Span, columns: &Span) -> Vec<u8> {
    let stride = 3 * photo.size().width() as usize;
    let (from, to) = (3 * columns.read.start, 3 * columns.read.end);
    let lines = rows
        .read
        .clone()
        .flat_map(|y| &photo.rgb()[y * stride..][from..to]);
    lines.copied().collect()
}
