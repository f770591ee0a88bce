//! Big pictures in tiles of at most 2048 pixels a side, evenly cut, so that memory stays bounded.

use std::ops::Range;
use std::thread;

use super::colour::{self, PLANES};
use super::dct::Dct2d;
use super::spectrum::{Axes, NodeSpacing};
use crate::nn::Planes;
use crate::photo::{Photo, PhotoSize};

/// Longest side of a tile in pixels.
pub(super) const MAX_TILE_SIDE: usize = 2048;

/// A rectangle of the picture that is transformed as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tile {
    columns: Range<usize>,
    rows: Range<usize>,
}

impl Tile {
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn height(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn pixels(&self) -> usize {
        self.width() * self.height()
    }

    /// First coefficient of an orthonormal DCT of a plane whose mean is 1.
    pub(super) fn mean_scale(&self) -> f32 {
        (self.pixels() as f32).sqrt()
    }

    /// Where the nodes of the variance model lie.
    pub(super) fn axes(&self, spacing: NodeSpacing) -> Axes {
        Axes::new(self.width(), self.height(), spacing)
    }
}

/// The tiles of a picture, row by row; at most 64.
pub(super) fn tiles(size: PhotoSize) -> Vec<Tile> {
    let columns = even_cuts(size.width() as usize);
    even_cuts(size.height() as usize)
        .into_iter()
        .flat_map(|rows| {
            let tile = move |columns| Tile {
                columns,
                rows: rows.clone(),
            };
            columns.clone().into_iter().map(tile)
        })
        .collect()
}

fn even_cuts(length: usize) -> Vec<Range<usize>> {
    let parts = length.div_ceil(MAX_TILE_SIDE);
    let cut = |part| part * length / parts;
    (0..parts).map(|part| cut(part)..cut(part + 1)).collect()
}

/// DCT coefficients of the three planes of a tile.
pub(super) fn analyze(photo: &Photo, tile: &Tile) -> [Vec<f32>; PLANES] {
    let dct = Dct2d::new(tile.width(), tile.height());
    let mut planes = planes_of(photo, tile);
    on_threads(planes.each_mut(), |plane| dct.analyze(plane))
}

/// Pixels of a tile's planes from its coefficients.
pub(super) fn synthesize(tile: &Tile, mut coefficients: [Vec<f32>; PLANES]) -> [Vec<f32>; PLANES] {
    let dct = Dct2d::new(tile.width(), tile.height());
    on_threads(coefficients.each_mut(), |plane| dct.synthesize(plane))
}

/// Writes a tile of the picture (`rgb`, `width` pixels wide) from its planes.
pub(super) fn paint(rgb: &mut [u8], width: usize, tile: &Tile, planes: &[Vec<f32>; PLANES]) {
    for (line, y) in tile.rows.clone().enumerate() {
        let span = 3 * (y * width + tile.columns.start)..3 * (y * width + tile.columns.end);
        for (x, pixel) in rgb[span].chunks_exact_mut(3).enumerate() {
            let at = line * tile.width() + x;
            let colour = colour::synthesize(planes.each_ref().map(|plane| plane[at]));
            pixel.copy_from_slice(&colour);
        }
    }
}

/// Writes a tile's planes to where they lie in those of the picture.
pub(super) fn place(picture: &mut Planes, tile: &Tile, planes: &[Vec<f32>; PLANES]) {
    let [_, height, width] = picture.shape();
    for (channel, plane) in planes.iter().enumerate() {
        for (line, y) in plane.chunks_exact(tile.width()).zip(tile.rows.clone()) {
            let row = &mut picture.data_mut()[(channel * height + y) * width..][..width];
            row[tile.columns.clone()].copy_from_slice(line);
        }
    }
}

/// The photo of three colour planes in steps of 8 bits.
pub(in crate::codec) fn photo_of(planes: &Planes, size: PhotoSize) -> Photo {
    let mut rgb = Vec::with_capacity(3 * size.pixels());
    for y in 0..size.height() as usize {
        let rows = [0, 1, 2].map(|channel| planes.row(channel, y));
        for x in 0..size.width() as usize {
            rgb.extend(colour::synthesize(rows.map(|row| row[x])));
        }
    }
    Photo::new(size, rgb).expect("three bytes a pixel")
}

fn planes_of(photo: &Photo, tile: &Tile) -> [Vec<f32>; PLANES] {
    let mut planes: [Vec<f32>; PLANES] =
        std::array::from_fn(|_| Vec::with_capacity(tile.width() * tile.height()));
    let width = photo.size().width() as usize;
    for y in tile.rows.clone() {
        let span = 3 * (y * width + tile.columns.start)..3 * (y * width + tile.columns.end);
        for pixel in photo.rgb()[span].chunks_exact(3) {
            let values = colour::analyze([pixel[0], pixel[1], pixel[2]]);
            for (plane, value) in planes.iter_mut().zip(values) {
                plane.push(value);
            }
        }
    }
    planes
}

/// One thread a plane; the result does not depend on their order.
fn on_threads<T: Send, R: Send>(inputs: [T; PLANES], work: impl Fn(T) -> R + Sync) -> [R; PLANES] {
    thread::scope(|scope| {
        let work = &work;
        inputs
            .map(|input| scope.spawn(move || work(input)))
            .map(|handle| {
                handle
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_every_pixel_once_and_are_even() {
        for (width, height) in [(1, 1), (2048, 2049), (16_384, 5), (5000, 4100)] {
            let size = PhotoSize::new(width, height).unwrap();
            let tiles = tiles(size);
            let area: usize = tiles.iter().map(|t| t.width() * t.height()).sum();
            assert_eq!(area, size.pixels());
            let widths = || tiles.iter().map(Tile::width);
            assert!(widths().max().unwrap() <= MAX_TILE_SIDE);
            assert!(widths().max().unwrap() - widths().min().unwrap() <= 1);
            assert!(tiles.len() <= 64);
        }
    }
}
