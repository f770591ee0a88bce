//! Spans of a side that are evaluated apart and still count what the whole would.
//!
//! The network's maps are 4, 8, 16, 16 and 16 times smaller than the picture, so spans begin at multiples of 16 pixels. A
//! span reads more than it counts: what zeros at a cut would touch is computed again by the neighbour.

use std::ops::Range;

use super::network::LAYERS;

/// Pixels of one position of the smallest maps.
const BLOCK: usize = 16;

/// Positions of each map to a block.
const POSITIONS: [usize; LAYERS] = [4, 2, 1, 1, 1];

/// Blocks that a cut spoils behind it: two positions of the 5x5 convolution's input, then one for each of three 3x3.
const SPOILED_BEFORE: usize = 5;

/// Blocks that a cut spoils ahead of it: one more, as windows reach forward from where they begin.
const SPOILED_AFTER: usize = 6;

/// A span of rows or of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Pixels that are read.
    pub read: Range<usize>,
    /// First block that counts.
    first: usize,
    /// Block after the last that counts.
    end: usize,
}

impl Span {
    /// Positions that count of what was computed of a map, which is `computed` positions long.
    pub fn counted(&self, layer: usize, computed: usize) -> Range<usize> {
        let skipped = self.read.start / BLOCK;
        // The last blocks of a picture have fewer positions than others.
        let position = |block: usize| computed.min((block - skipped) * POSITIONS[layer]);
        position(self.first)..position(self.end)
    }
}

/// Spans of about equal length that together count a side of `length` pixels, each at most `side`.
pub fn spans(length: usize, side: usize) -> Vec<Span> {
    let blocks = length.div_ceil(BLOCK);
    let count = blocks.div_ceil(side / BLOCK);
    let cut = |i: usize| i * blocks / count;
    (0..count)
        .map(|i| {
            let (first, end) = (cut(i), cut(i + 1));
            let from = first.saturating_sub(SPOILED_BEFORE);
            Span {
                read: from * BLOCK..length.min((end + SPOILED_AFTER) * BLOCK),
                first,
                end,
            }
        })
        .collect()
}
