//! The picture in blocks: 32x32 pixels, which are 4x4 latents of every channel.

use std::ops::Range;

use crate::nn::{Planes, SCALE};
use crate::photo::{Photo, PhotoSize};

/// Latents of a block's side.
const SIDE: usize = 4;

const PIXELS: usize = Grid::PIXELS;

/// How many blocks cover a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::codec) struct Grid {
    pub(in crate::codec) columns: usize,
    pub(in crate::codec) rows: usize,
}

impl Grid {
    /// Pixels of a block's side.
    pub(in crate::codec) const PIXELS: usize = SIDE * SCALE;

    /// Latents of a block in one channel.
    pub(in crate::codec) const LATENTS: usize = SIDE * SIDE;

    /// Values of a block of so many channels.
    pub(in crate::codec) const fn components(channels: usize) -> usize {
        channels * SIDE * SIDE
    }

    pub(in crate::codec) fn of(size: PhotoSize) -> Self {
        Self {
            columns: (size.width() as usize).div_ceil(PIXELS),
            rows: (size.height() as usize).div_ceil(PIXELS),
        }
    }

    pub(in crate::codec) fn blocks(self) -> usize {
        self.columns * self.rows
    }

    /// Rows and columns of the latents.
    fn latents(self) -> (usize, usize) {
        (self.rows * SIDE, self.columns * SIDE)
    }

    /// The latents of a block in every channel: their rows, each with its columns.
    pub(in crate::codec) fn rows_of(
        self,
        block: usize,
    ) -> impl Iterator<Item = (usize, Range<usize>)> {
        let (row, column) = (block / self.columns, block % self.columns);
        (0..SIDE).map(move |dy| (row * SIDE + dy, column * SIDE..(column + 1) * SIDE))
    }

    /// A block and the up to eight around it.
    pub(in crate::codec) fn around(self, block: usize) -> impl Iterator<Item = usize> {
        let (row, column) = (block / self.columns, block % self.columns);
        let rows = row.saturating_sub(1)..(row + 2).min(self.rows);
        let columns = column.saturating_sub(1)..(column + 2).min(self.columns);
        rows.flat_map(move |row| {
            columns
                .clone()
                .map(move |column| row * self.columns + column)
        })
    }

    /// The photo in 0..1, its last row and column repeated up to whole blocks.
    pub(in crate::codec) fn planes(self, photo: &Photo) -> Planes {
        let (width, height) = (
            photo.size().width() as usize,
            photo.size().height() as usize,
        );
        let mut planes = Planes::zeros(3, self.rows * PIXELS, self.columns * PIXELS);
        let plane = planes.height() * planes.width();
        let padded = planes.width();
        let data = planes.data_mut();
        for y in 0..self.rows * PIXELS {
            let row = &photo.rgb()[3 * width * y.min(height - 1)..][..3 * width];
            for x in 0..padded {
                let pixel = &row[3 * x.min(width - 1)..][..3];
                for (channel, value) in pixel.iter().enumerate() {
                    data[channel * plane + y * padded + x] = f32::from(*value) / 255.0;
                }
            }
        }
        planes
    }

    /// The photo of `size` in planes of 0..1; what lies outside is clamped or cut off.
    pub(in crate::codec) fn photo(self, planes: &Planes, size: PhotoSize) -> Photo {
        let mut rgb = Vec::with_capacity(3 * size.pixels());
        for y in 0..size.height() as usize {
            let rows = [0, 1, 2].map(|channel| planes.row(channel, y));
            for x in 0..size.width() as usize {
                rgb.extend(rows.map(|row| (row[x].clamp(0.0, 1.0) * 255.0).round() as u8));
            }
        }
        Photo::new(size, rgb).expect("three bytes a pixel")
    }

    /// Latents to blocks of [`Grid::components`] values each, channel by channel.
    pub(in crate::codec) fn split(self, latents: &Planes) -> Vec<f32> {
        let [channels, ..] = latents.shape();
        let mut blocks = vec![0.0; self.blocks() * Self::components(channels)];
        self.pairs(channels, |in_blocks, channel, y, x| {
            let row = &latents.row(channel, y)[x..][..SIDE];
            blocks[in_blocks..][..SIDE].copy_from_slice(row);
        });
        blocks
    }

    /// Blocks to latents: the inverse of [`Grid::split`].
    pub(in crate::codec) fn join(self, blocks: &[f32]) -> Planes {
        let (height, width) = self.latents();
        let channels = blocks.len() / (height * width);
        let mut latents = Planes::zeros(channels, height, width);
        let data = latents.data_mut();
        self.pairs(channels, |in_blocks, channel, y, x| {
            let row = &mut data[(channel * height + y) * width + x..][..SIDE];
            row.copy_from_slice(&blocks[in_blocks..][..SIDE]);
        });
        latents
    }

    /// Visits runs of four values: place among the blocks, channel, row and column among the latents.
    fn pairs(self, channels: usize, mut visit: impl FnMut(usize, usize, usize, usize)) {
        for block in 0..self.blocks() {
            let (row, column) = (block / self.columns, block % self.columns);
            for channel in 0..channels {
                for dy in 0..SIDE {
                    let at = block * Self::components(channels) + (channel * SIDE + dy) * SIDE;
                    visit(at, channel, row * SIDE + dy, column * SIDE);
                }
            }
        }
    }
}
