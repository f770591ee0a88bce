//! The photos an adapter is for: those it is trained on, and those it is measured on.

use std::path::{Path, PathBuf};

use heliograph::photo::{Photo, PhotoError, PhotoSize};
use rand::{Rng, RngExt};

use crate::AdaptationError;

/// Fewest photos that make an adapter.
pub const LEAST_PHOTOS: usize = 4;
/// Every so many photos one is held out.
const HELD_OUT_EVERY: usize = 8;
/// Most that are held out.
const MOST_HELD_OUT: usize = 12;
/// Sides of crops are multiples of this: blocks of the codec are whole.
const BLOCK: u32 = 32;
/// Shortest side of a photo that is used.
const LEAST_SIDE: u32 = 64;
/// Longest side of a crop in training, in pixels.
const CROP: u32 = 256;
/// Longest side that is kept of a photo, around its middle, in pixels: 3 MB.
const KEPT: u32 = 1024;
/// The same of a photo that is held out.
const MEASURED: u32 = 384;

/// Photos in memory.
pub struct Photos {
    trained_on: Vec<Photo>,
    held_out: Vec<Photo>,
    /// Files that are no photos, or too small, with what is wrong.
    pub skipped: Vec<(PathBuf, String)>,
}

impl Photos {
    /// Reads files; of their order every eighth is held out, the first among them.
    ///
    /// # Errors
    /// [`AdaptationError::Photos`] for fewer than [`LEAST_PHOTOS`] that can be used.
    pub fn open(files: &[PathBuf]) -> Result<Self, AdaptationError> {
        let (mut usable, mut skipped) = (Vec::new(), Vec::new());
        for file in files {
            match kept(file) {
                Ok(Some(photo)) => usable.push(photo),
                Ok(None) => skipped.push((
                    file.clone(),
                    format!("a side is shorter than {LEAST_SIDE} pixels"),
                )),
                Err(error) => skipped.push((file.clone(), error.to_string())),
            }
        }
        Self::of(usable, skipped)
    }

    #[cfg(test)]
    pub(crate) fn of_test(photos: Vec<Photo>) -> Self {
        Self::of(photos, Vec::new()).expect("enough photos")
    }

    fn of(usable: Vec<Photo>, skipped: Vec<(PathBuf, String)>) -> Result<Self, AdaptationError> {
        if usable.len() < LEAST_PHOTOS {
            return Err(AdaptationError::Photos {
                found: usable.len(),
                least: LEAST_PHOTOS,
                side: LEAST_SIDE,
            });
        }
        let is_held_out =
            |i: usize| i.is_multiple_of(HELD_OUT_EVERY) && i / HELD_OUT_EVERY < MOST_HELD_OUT;
        let (mut trained_on, mut held_out) = (Vec::new(), Vec::new());
        for (i, photo) in usable.into_iter().enumerate() {
            match is_held_out(i) {
                true => held_out.push(middle(&photo, MEASURED)),
                false => trained_on.push(photo),
            }
        }
        Ok(Self {
            trained_on,
            held_out,
            skipped,
        })
    }

    /// Those that training never sees.
    pub fn held_out(&self) -> &[Photo] {
        &self.held_out
    }

    /// How many training sees.
    pub fn trained_on(&self) -> usize {
        self.trained_on.len()
    }

    /// A crop of one of the others, mirrored half of the time.
    pub(crate) fn draw(&self, rng: &mut impl Rng) -> Photo {
        let photo = &self.trained_on[rng.random_range(0..self.trained_on.len())];
        let size = photo.size();
        let [width, height] =
            [size.width(), size.height()].map(|side| side.min(CROP) / BLOCK * BLOCK);
        let x = rng.random_range(0..=size.width() - width);
        let y = rng.random_range(0..=size.height() - height);
        let crop = crop(photo, (x, y), (width, height));
        match rng.random() {
            true => mirrored(&crop),
            false => crop,
        }
    }
}

/// The middle of a photo, in whole blocks; `None` for a small one.
fn kept(file: &Path) -> Result<Option<Photo>, PhotoError> {
    let photo = Photo::open(file)?;
    let size = photo.size();
    if size.width().min(size.height()) < LEAST_SIDE {
        return Ok(None);
    }
    Ok(Some(middle(&photo, KEPT)))
}

/// At most `most` pixels of a side around the middle, in whole blocks.
fn middle(photo: &Photo, most: u32) -> Photo {
    let size = photo.size();
    let [width, height] = [size.width(), size.height()].map(|side| side.min(most) / BLOCK * BLOCK);
    let corner = ((size.width() - width) / 2, (size.height() - height) / 2);
    crop(photo, corner, (width, height))
}

fn crop(photo: &Photo, (x, y): (u32, u32), (width, height): (u32, u32)) -> Photo {
    let stride = 3 * photo.size().width() as usize;
    let row = |y: u32| {
        let row = &photo.rgb()[y as usize * stride..][..stride];
        &row[3 * x as usize..][..3 * width as usize]
    };
    let rgb = (y..y + height).flat_map(row).copied().collect();
    let size = PhotoSize::new(width, height).expect("sides of whole blocks");
    Photo::new(size, rgb).expect("three bytes a pixel")
}

fn mirrored(photo: &Photo) -> Photo {
    let rows = photo.rgb().chunks_exact(3 * photo.size().width() as usize);
    let rgb = rows.flat_map(|row| row.chunks_exact(3).rev().flatten());
    Photo::new(photo.size(), rgb.copied().collect()).expect("three bytes a pixel")
}
