//! Tiles that overlap, and how they fade into each other: group norms see a tile whole, so neighbours differ a little.

use std::ops::Range;

use heliograph::nn::{Planes, SCALE};

/// Latents of a side of a tile: 512 pixels.
pub(super) const TILE: usize = 64;
/// Latents that neighbours share.
pub(super) const OVERLAP: usize = 16;

/// A part of the latents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    pub rows: Range<usize>,
    pub columns: Range<usize>,
}

/// Tiles that cover `height` x `width` latents.
pub(super) fn tiles(height: usize, width: usize) -> Vec<Tile> {
    let (down, across) = (spans(height), spans(width));
    let row = |rows: &Range<usize>| {
        let tile = |columns: &Range<usize>| Tile {
            rows: rows.clone(),
            columns: columns.clone(),
        };
        across.iter().map(tile).collect::<Vec<_>>()
    };
    down.iter().flat_map(row).collect()
}

/// Spans of at most [`TILE`] that share at least [`OVERLAP`], evenly placed.
fn spans(length: usize) -> Vec<Range<usize>> {
    if length <= TILE {
        return std::iter::once(0..length).collect();
    }
    let last = (length - TILE).div_ceil(TILE - OVERLAP);
    let start = |i: usize| i * (length - TILE) / last;
    (0..=last).map(|i| start(i)..start(i) + TILE).collect()
}

impl Tile {
    /// Its latents.
    pub(super) fn cut(&self, latents: &Planes) -> Vec<f32> {
        let rows = (0..latents.channels()).flat_map(|c| self.rows.clone().map(move |y| (c, y)));
        let parts = rows.flat_map(|(c, y)| &latents.row(c, y)[self.columns.clone()]);
        parts.copied().collect()
    }
}

/// The weighted mean of tiles.
pub(super) struct Blend {
    height: usize,
    width: usize,
    sums: Vec<f32>,
    weights: Vec<f32>,
}

impl Blend {
    /// For a photo of `height` x `width` pixels.
    pub(super) fn new(height: usize, width: usize) -> Self {
        Self {
            height,
            width,
            sums: vec![0.0; 3 * height * width],
            weights: vec![0.0; height * width],
        }
    }

    /// Adds the pixels of a tile, `3 x rows x columns`.
    pub(super) fn add(&mut self, tile: &Tile, pixels: &[f32]) {
        let pixel_range = |range: &Range<usize>| SCALE * range.start..SCALE * range.end;
        let (rows, columns) = (pixel_range(&tile.rows), pixel_range(&tile.columns));
        let plane = rows.len() * columns.len();
        for (i, y) in rows.clone().enumerate() {
            let down = weight(i, rows.len());
            for (j, x) in columns.clone().enumerate() {
                let weight = down * weight(j, columns.len());
                self.weights[y * self.width + x] += weight;
                for c in 0..3 {
                    let pixel = pixels[c * plane + i * columns.len() + j];
                    self.sums[(c * self.height + y) * self.width + x] += weight * pixel;
                }
            }
        }
    }

    /// The photo.
    pub(super) fn finish(mut self) -> Planes {
        for plane in self.sums.chunks_exact_mut(self.weights.len()) {
            plane
                .iter_mut()
                .zip(&self.weights)
                .for_each(|(sum, weight)| *sum /= weight);
        }
        Planes::new(3, self.height, self.width, self.sums).expect("three values a pixel")
    }
}

/// Rises from the border of a tile over the pixels that neighbours share.
fn weight(at: usize, length: usize) -> f32 {
    let from_border = at.min(length - 1 - at) + 1;
    (from_border as f32 / (SCALE * OVERLAP) as f32).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_every_latent_and_share_enough() {
        for length in 1..400 {
            let spans = spans(length);
            assert_eq!((spans[0].start, spans[spans.len() - 1].end), (0, length));
            for pair in spans.windows(2) {
                assert!(pair[0].end >= pair[1].start + OVERLAP, "{length}: {pair:?}");
                assert!(pair[0].len() <= TILE && pair[0].start < pair[1].start);
            }
        }
    }

    #[test]
    fn equal_tiles_blend_into_what_they_show() {
        let (height, width) = (3, 150);
        let mut blend = Blend::new(SCALE * height, SCALE * width);
        for tile in tiles(height, width) {
            let pixels = 3 * SCALE * SCALE * tile.rows.len() * tile.columns.len();
            blend.add(&tile, &vec![0.25; pixels]);
        }
        let photo = blend.finish();
        assert!(photo.data().iter().all(|value| (value - 0.25).abs() < 1e-6));
    }
}
