//! The photos an adapter is for: those it is trained on, and those it is measured on.

use std::path::{Path, PathBuf};

use heliograph::photo::{Photo, PhotoError, PhotoSize};
use rand::{Rng, RngExt};

use crate::AdaptationError;

/// Fewest photos that make an adapter.
pub const LEAST_PHOTOS: usize = 4;
/// Of so many photos one is held out.
const HELD_OUT_OF: usize = 8;
/// Most that are held out.
const MOST_HELD_OUT: usize = 12;
/// Sides of crops are multiples of this: blocks of the codec are whole.
pub(crate) const BLOCK: u32 = 32;
/// Shortest side of a photo that is used.
const LEAST_SIDE: u32 = 64;
/// Longest side of a crop in training, in pixels.
const CROP: u32 = 256;
/// Longest side that is kept of a photo, around its middle, in pixels: 3 MB.
const KEPT: u32 = 1024;
/// The same of a photo that is held out.
const MEASURED: u32 = 384;

/// Sides of a thumbnail.
const THUMBNAIL: usize = 8;
/// Photos that are compared pixel by pixel, as thumbnails of similar photos may be nearly the same.
const CANDIDATES: usize = 4;

/// Photos in memory.
pub struct Photos {
    trained_on: Vec<Photo>,
    held_out: Vec<Photo>,
    /// All of them, to be found again.
    known: Vec<KnownPhoto>,
    /// Files that are no photos, or too small, with what is wrong.
    pub skipped: Vec<(PathBuf, String)>,
}

impl Photos {
    /// Reads files. One in eight is held out, by what it shows: more photos, other names and copies of photos hardly change which.
    ///
    /// # Errors
    /// [`AdaptationError::Photos`] for fewer than [`LEAST_PHOTOS`] that can be used; [`AdaptationError::Alike`].
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
        let known = |photo: Photo| {
            let known = KnownPhoto::new(Path::new("test.png"), &photo);
            (photo, known)
        };
        let photos = photos.into_iter().map(known).collect();
        Self::of(photos, Vec::new()).expect("enough photos")
    }

    fn of(
        usable: Vec<(Photo, KnownPhoto)>,
        skipped: Vec<(PathBuf, String)>,
    ) -> Result<Self, AdaptationError> {
        if usable.len() < LEAST_PHOTOS {
            return Err(AdaptationError::Photos {
                found: usable.len(),
                least: LEAST_PHOTOS,
                side: LEAST_SIDE,
            });
        }
        let last = last_held_out(&usable);
        let (mut trained_on, mut held_out, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for (photo, mut of) in usable {
            of.is_held_out = of.hash <= last;
            match of.is_held_out {
                true => held_out.push(middle(&photo, MEASURED)),
                false => trained_on.push(photo),
            }
            known.push(of);
        }
        if trained_on.is_empty() {
            let found = held_out.len();
            return Err(AdaptationError::Alike { found });
        }
        Ok(Self {
            trained_on,
            held_out,
            known,
            skipped,
        })
    }

    /// Those that training never sees.
    pub fn held_out(&self) -> &[Photo] {
        &self.held_out
    }

    /// All of them.
    pub(crate) fn known(&self) -> &[KnownPhoto] {
        &self.known
    }

    /// How many training sees.
    pub fn trained_on(&self) -> usize {
        self.trained_on.len()
    }

    /// A crop of one of the others, mirrored half of the time.
    pub(crate) fn draw(&self, rng: &mut impl Rng) -> Photo {
        let photo = &self.trained_on[rng.random_range(0..self.trained_on.len())];
        let size = photo.size();
        let (width, height) = crop_sides(size);
        let x = rng.random_range(0..=size.width() - width);
        let y = rng.random_range(0..=size.height() - height);
        let crop = crop(photo, (x, y), (width, height));
        match rng.random() {
            true => mirrored(&crop),
            false => crop,
        }
    }
}

/// The highest hash of a photo that is held out.
fn last_held_out(photos: &[(Photo, KnownPhoto)]) -> u64 {
    let mut hashes: Vec<u64> = photos.iter().map(|(_, known)| known.hash).collect();
    hashes.sort_unstable();
    let count = hashes.len().div_ceil(HELD_OUT_OF).min(MOST_HELD_OUT);
    hashes[count - 1]
}

/// A photo in a file.
pub(crate) struct KnownPhoto {
    pub path: PathBuf,
    pub size: PhotoSize,
    /// FNV-1a of its pixels.
    hash: u64,
    /// Mean colours of parts of it.
    thumbnail: Vec<f32>,
    pub is_held_out: bool,
}

impl KnownPhoto {
    fn new(path: &Path, photo: &Photo) -> Self {
        Self {
            path: path.to_owned(),
            size: photo.size(),
            hash: hash(photo.rgb()),
            thumbnail: thumbnail(photo),
            is_held_out: false,
        }
    }

    /// Some of the same size with the most similar colours, the most similar first.
    pub(crate) fn most_like<'a>(known: &'a [Self], found: &Photo) -> Vec<&'a Self> {
        let of_found = thumbnail(found);
        let distance = |known: &&Self| -> f32 {
            let pairs = known.thumbnail.iter().zip(&of_found);
            pairs.map(|(a, b)| (a - b).powi(2)).sum()
        };
        let of_size = known.iter().filter(|known| known.size == found.size());
        let mut of_size: Vec<&Self> = of_size.collect();
        of_size.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        of_size.truncate(CANDIDATES);
        of_size
    }
}

fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Mean colours of 8x8 parts, which see no noise.
fn thumbnail(photo: &Photo) -> Vec<f32> {
    let [width, height] = [photo.size().width(), photo.size().height()].map(|side| side as usize);
    let part = |at: usize, side: usize| at * side / THUMBNAIL..(at + 1) * side / THUMBNAIL;
    let mean = |row: usize, column: usize, colour: usize| {
        let (rows, columns) = (part(row, height), part(column, width));
        let count = rows.len() * columns.len();
        let values = rows.flat_map(|y| {
            let row = &photo.rgb()[3 * y * width..][..3 * width];
            row[3 * columns.start..3 * columns.end]
                .iter()
                .skip(colour)
                .step_by(3)
        });
        values.map(|value| f32::from(*value)).sum::<f32>() / count as f32
    };
    let places =
        (0..THUMBNAIL * THUMBNAIL * 3).map(|i| (i / 3 / THUMBNAIL, i / 3 % THUMBNAIL, i % 3));
    places
        .map(|(row, column, colour)| mean(row, column, colour))
        .collect()
}

/// The middle of a photo, in whole blocks; `None` for a small one.
fn kept(file: &Path) -> Result<Option<(Photo, KnownPhoto)>, PhotoError> {
    let photo = Photo::open(file)?;
    let size = photo.size();
    if size.width().min(size.height()) < LEAST_SIDE {
        return Ok(None);
    }
    Ok(Some((middle(&photo, KEPT), KnownPhoto::new(file, &photo))))
}

/// At most `most` pixels of a side around the middle, in whole blocks.
fn middle(photo: &Photo, most: u32) -> Photo {
    let size = photo.size();
    let [width, height] = [size.width(), size.height()].map(|side| side.min(most) / BLOCK * BLOCK);
    let corner = ((size.width() - width) / 2, (size.height() - height) / 2);
    crop(photo, corner, (width, height))
}

/// Of a crop in training.
pub(crate) fn crop_sides(size: PhotoSize) -> (u32, u32) {
    let side = |side: u32| side.min(CROP) / BLOCK * BLOCK;
    (side(size.width()), side(size.height()))
}

pub(crate) fn crop(photo: &Photo, (x, y): (u32, u32), (width, height): (u32, u32)) -> Photo {
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
