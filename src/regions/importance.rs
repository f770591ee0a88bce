//! How much each block of a photo matters, 0 to 1.

use thiserror::Error;

use super::Saliency;
use crate::photo::{Photo, PhotoSize};

/// Pixels of a side of a block.
pub const BLOCK_PIXELS: usize = 32;

/// What the network finds below this is background.
const LEAST: f32 = 0.1;

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// First column and row.
    pub x: u32,
    pub y: u32,
    /// Columns and rows, at least 1.
    pub width: u32,
    pub height: u32,
}

/// Why nothing is known of what matters.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RegionError {
    /// A region that no photo of that size has.
    #[error(
        "region {},{},{},{} does not lie in a photo of {size}; x, y, width and height are in pixels, width and height at least 1",
        .region.x, .region.y, .region.width, .region.height
    )]
    Outside { region: Region, size: PhotoSize },
    /// A finder that failed.
    #[error("finding regions: {reason}")]
    Finder { reason: String },
}

/// One value for each block of [`BLOCK_PIXELS`] x [`BLOCK_PIXELS`] pixels, row by row from the top.
#[derive(Clone, Debug, PartialEq)]
pub struct Importance {
    columns: usize,
    rows: usize,
    values: Vec<f32>,
}

impl Importance {
    /// By what draws the eye, as a network finds it: 1 where something stands out, 0 on what is behind it.
    pub fn salient(photo: &Photo) -> Self {
        Self::saliency(&Saliency::of(photo), photo.size())
    }

    /// By saliency that was found before.
    pub fn saliency(found: &Saliency, size: PhotoSize) -> Self {
        let value = |at: usize| f64::from(found.values()[at]);
        let mut whole = Self::average(size, value, (Saliency::SIDE, Saliency::SIDE));
        let faint = whole.values.iter_mut().filter(|value| **value < LEAST);
        faint.for_each(|value| *value = 0.0);
        whole
    }

    /// By a mask of any size that is laid over the photo: white matters, black does not.
    pub fn mask(mask: &Photo, size: PhotoSize) -> Self {
        let value = |at: usize| {
            let pixel = &mask.rgb()[3 * at..][..3];
            f64::from(pixel.iter().map(|v| u32::from(*v)).sum::<u32>()) / 765.0
        };
        let sides = (mask.size().width() as usize, mask.size().height() as usize);
        Self::average(size, value, sides)
    }

    /// By rectangles: the share of each block that one of them covers.
    ///
    /// # Errors
    /// [`RegionError`] for one that is empty or reaches out of the photo.
    pub fn regions(regions: &[Region], size: PhotoSize) -> Result<Self, RegionError> {
        let mut whole = Self::zeros(size);
        for region in regions {
            let ends = |from: u32, length: u32, side: u32| {
                let to = from.checked_add(length)?;
                (length > 0 && to <= side).then_some((from as usize, to as usize))
            };
            let across = ends(region.x, region.width, size.width());
            let down = ends(region.y, region.height, size.height());
            let (Some(across), Some(down)) = (across, down) else {
                return Err(RegionError::Outside {
                    region: *region,
                    size,
                });
            };
            whole.cover(size, across, down);
        }
        Ok(whole)
    }

    /// Blocks in a row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Rows of blocks.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Is there a block that matters more than background?
    pub fn has_key(&self) -> bool {
        (0..self.values.len()).any(|block| self.is_key(block))
    }

    /// Does this block matter more than background?
    pub fn is_key(&self, block: usize) -> bool {
        self.values[block] > 0.0
    }

    fn zeros(size: PhotoSize) -> Self {
        let blocks = |side: u32| (side as usize).div_ceil(BLOCK_PIXELS);
        let (columns, rows) = (blocks(size.width()), blocks(size.height()));
        Self {
            columns,
            rows,
            values: vec![0.0; columns * rows],
        }
    }

    /// Means of a map that is stretched over the photo.
    fn average(
        size: PhotoSize,
        map: impl Fn(usize) -> f64,
        (width, height): (usize, usize),
    ) -> Self {
        let mut whole = Self::zeros(size);
        let columns = spans(whole.columns, size.width(), width);
        let rows = spans(whole.rows, size.height(), height);
        for (values, &(top, bottom)) in whole.values.chunks_exact_mut(columns.len()).zip(&rows) {
            for (value, &(left, right)) in values.iter_mut().zip(&columns) {
                let places = (top..bottom).flat_map(|y| y * width + left..y * width + right);
                let count = (bottom - top) * (right - left);
                *value = (places.map(&map).sum::<f64>() / count as f64).clamp(0.0, 1.0) as f32;
            }
        }
        whole
    }

    fn cover(&mut self, size: PhotoSize, across: (usize, usize), down: (usize, usize)) {
        for row in 0..self.rows {
            let share_down = overlap(row, size.height() as usize, down);
            for column in 0..self.columns {
                let share = share_down * overlap(column, size.width() as usize, across);
                let value = &mut self.values[row * self.columns + column];
                *value = value.max(share);
            }
        }
    }
}

/// The part of a map of `length` that lies over each block of a side of `pixels`; at least one value.
fn spans(blocks: usize, pixels: u32, length: usize) -> Vec<(usize, usize)> {
    let place = |at: usize| at.min(pixels as usize) * length / pixels as usize;
    let span = |block: usize| {
        let from = place(block * BLOCK_PIXELS).min(length - 1);
        (from, place((block + 1) * BLOCK_PIXELS).max(from + 1))
    };
    (0..blocks).map(span).collect()
}

/// Share of a block's pixels along one side that lie in a range.
fn overlap(block: usize, pixels: usize, (from, to): (usize, usize)) -> f32 {
    let (first, last) = (
        block * BLOCK_PIXELS,
        ((block + 1) * BLOCK_PIXELS).min(pixels),
    );
    let shared = to.min(last).saturating_sub(from.max(first));
    shared as f32 / (last - first) as f32
}
