//! The best picture file that fits into so many bytes.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use heliograph::metrics::psnr_db;
use heliograph::photo::{Photo, PhotoSize};
use image::RgbImage;
use image::imageops::{FilterType, resize};

use crate::{Effort, PictureFormat};

/// Bytes of files that are remembered, at most.
const MAX_REMEMBERED_BYTES: usize = 256 << 20;

/// How far the sides of a picture are reduced before it becomes a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Scale {
    /// Every pixel.
    Full = 0,
    /// Half the sides.
    Half = 1,
    /// A quarter of the sides.
    Quarter = 2,
}

impl Scale {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Full, Self::Half, Self::Quarter];

    /// Size of the reduced picture, sides rounded up.
    pub fn reduced(self, size: PhotoSize) -> PhotoSize {
        let side = |side: u32| side.div_ceil(1 << self as u8);
        PhotoSize::new(side(size.width()), side(size.height())).unwrap_or(size)
    }

    fn reduce(self, photo: &Photo) -> Photo {
        resized(photo, self.reduced(photo.size()), FilterType::Lanczos3)
    }

    /// The picture at its size again.
    pub(crate) fn restore(self, photo: Photo, size: PhotoSize) -> Photo {
        resized(&photo, size, FilterType::CatmullRom)
    }
}

fn resized(photo: &Photo, size: PhotoSize, filter: FilterType) -> Photo {
    let (from, rgb) = (photo.size(), photo.rgb().to_vec());
    if from == size {
        return photo.clone();
    }
    RgbImage::from_raw(from.width(), from.height(), rgb)
        .map(|picture| resize(&picture, size.width(), size.height(), filter).into_raw())
        .and_then(|rgb| Photo::new(size, rgb).ok())
        .unwrap_or_else(|| Photo::filled(size, [128; 3]))
}

/// A photo as a file, with what the receiver will see of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureFile {
    /// How it is written.
    pub format: PictureFormat,
    /// How far it is reduced.
    pub scale: Scale,
    /// The file.
    pub bytes: Arc<[u8]>,
    /// PSNR of its picture at the size of the photo, dB; infinite when equal.
    pub psnr_db: f64,
}

/// Finds files that fit, and remembers what it wrote: the same photo goes out at many rates.
#[derive(Debug, Default)]
pub struct Fitter {
    effort: Effort,
    written: Mutex<HashMap<Key, Arc<Written>>>,
    ceilings_db: Mutex<HashMap<(u64, Scale), f64>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    photo: u64,
    format: PictureFormat,
    scale: Scale,
    step: u8,
}

#[derive(Debug)]
struct Written {
    /// `None` where the format cannot.
    bytes: Option<Arc<[u8]>>,
    psnr_db: OnceLock<f64>,
}

impl Fitter {
    /// One whose encoders search so long.
    pub fn new(effort: Effort) -> Self {
        Self {
            effort,
            ..Self::default()
        }
    }

    /// The file of best PSNR of any of the formats in at most so many bytes; `None` when there is none so small.
    pub fn best(
        &self,
        photo: &Photo,
        formats: &[PictureFormat],
        most_bytes: usize,
    ) -> Option<PictureFile> {
        let files = formats
            .iter()
            .filter_map(|format| self.fit(photo, *format, most_bytes));
        better(files)
    }

    /// The file of one format: the best quality that fits, at full or half resolution, at a quarter where the whole does not
    /// fit, whichever has the better PSNR.
    pub fn fit(
        &self,
        photo: &Photo,
        format: PictureFormat,
        most_bytes: usize,
    ) -> Option<PictureFile> {
        let at = |scale| self.fit_scale(photo, format, scale, most_bytes);
        let full = at(Scale::Full);
        let whole_db = full.as_ref().map_or(f64::NEG_INFINITY, |file| file.psnr_db);
        let half = (self.ceiling_db(photo, Scale::Half) > whole_db).then(|| at(Scale::Half));
        let half = half.flatten();
        let quarter = if full.is_none() {
            at(Scale::Quarter)
        } else {
            None
        };
        better([full, half, quarter].into_iter().flatten())
    }

    /// PSNR of the photo reduced and restored without any file, dB: no file at that scale does much better.
    fn ceiling_db(&self, photo: &Photo, scale: Scale) -> f64 {
        let key = (hash(photo), scale);
        let lock = || {
            self.ceilings_db
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = lock().get(&key) {
            return *known;
        }
        let restored = scale.restore(scale.reduce(photo), photo.size());
        let ceiling = psnr_db(photo, &restored).unwrap_or(f64::INFINITY);
        lock().insert(key, ceiling);
        ceiling
    }

    /// The largest step of quality that fits, by [`Bracket`].
    fn fit_scale(
        &self,
        photo: &Photo,
        format: PictureFormat,
        scale: Scale,
        most_bytes: usize,
    ) -> Option<PictureFile> {
        if scale != Scale::Full && scale.reduced(photo.size()) == photo.size() {
            return None;
        }
        let source = Source::new(photo, scale);
        let mut best = None;
        let mut bracket = Bracket::new(format.steps());
        while let Some(step) = bracket.next_step(most_bytes) {
            let written = self.write(&source, format, step);
            let bytes = written.bytes.clone()?;
            bracket.narrow(step, bytes.len(), most_bytes);
            if bytes.len() <= most_bytes {
                best = Some((written, bytes));
            }
        }
        let (written, bytes) = best?;
        let psnr_db = *written
            .psnr_db
            .get_or_init(|| source.psnr_db(format, &bytes));
        Some(PictureFile {
            format,
            scale,
            bytes,
            psnr_db,
        })
    }

    fn write(&self, source: &Source<'_>, format: PictureFormat, step: u8) -> Arc<Written> {
        let key = Key {
            photo: source.hash,
            format,
            scale: source.scale,
            step,
        };
        let lock = || self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            return known.clone();
        }
        let bytes = format
            .encode(source.reduced(), step, self.effort)
            .map(Arc::from);
        let written = Arc::new(Written {
            bytes,
            psnr_db: OnceLock::new(),
        });
        let mut all = lock();
        let length = |written: &Arc<Written>| written.bytes.as_ref().map_or(0, |bytes| bytes.len());
        if all.values().map(length).sum::<usize>() > MAX_REMEMBERED_BYTES {
            all.clear();
        }
        all.insert(key, written.clone());
        written
    }
}

/// Steps of quality between one that fits and one that does not; the same whatever was written before.
struct Bracket {
    /// Step and bytes of the best file that fits.
    fits: Option<(u8, usize)>,
    /// Step and bytes of the smallest file that does not.
    beyond: (u8, Option<usize>),
    tries: usize,
}

/// Tries by halves before those by interpolation: many sizes share them.
const HALVINGS: usize = 3;

impl Bracket {
    fn new(steps: u8) -> Self {
        Self {
            fits: None,
            beyond: (steps, None),
            tries: 0,
        }
    }

    /// The step to try next; `None` when nothing lies between.
    fn next_step(&self, most_bytes: usize) -> Option<u8> {
        let first = self.fits.map_or(0, |(step, _)| step + 1);
        let beyond = self.beyond.0;
        if first >= beyond {
            return None;
        }
        let halved = first.midpoint(beyond - 1);
        let (Some((low, small)), Some(large)) = (self.fits, self.beyond.1) else {
            return Some(halved);
        };
        // Every other try halves, in case the sizes are far from exponential in the step.
        if self.tries < HALVINGS || self.tries > 2 * HALVINGS && self.tries.is_multiple_of(2) {
            return Some(halved);
        }
        let log = |bytes: usize| (bytes.max(1) as f64).ln();
        let share = (log(most_bytes) - log(small)) / (log(large) - log(small)).max(1e-9);
        let step = f64::from(low) + share * f64::from(beyond - low);
        Some((step as u8).clamp(first, beyond - 1))
    }

    fn narrow(&mut self, step: u8, bytes: usize, most_bytes: usize) {
        self.tries += 1;
        if bytes <= most_bytes {
            self.fits = Some((step, bytes));
        } else {
            self.beyond = (step, Some(bytes));
        }
    }
}

/// A photo at a scale, reduced when it is first asked for.
struct Source<'a> {
    photo: &'a Photo,
    hash: u64,
    scale: Scale,
    reduced: OnceLock<Photo>,
}

impl<'a> Source<'a> {
    fn new(photo: &'a Photo, scale: Scale) -> Self {
        Self {
            photo,
            hash: hash(photo),
            scale,
            reduced: OnceLock::new(),
        }
    }

    fn reduced(&self) -> &Photo {
        self.reduced.get_or_init(|| self.scale.reduce(self.photo))
    }

    /// Worst of all where the decoder does not read what the encoder wrote.
    fn psnr_db(&self, format: PictureFormat, bytes: &[u8]) -> f64 {
        let size = self.photo.size();
        let decoded = format.decode(bytes, self.scale.reduced(size)).ok();
        let restored = decoded.map(|picture| self.scale.restore(picture, size));
        let psnr = restored.and_then(|picture| psnr_db(self.photo, &picture).ok());
        psnr.unwrap_or(f64::NEG_INFINITY)
    }
}

fn hash(photo: &Photo) -> u64 {
    let mut hasher = DefaultHasher::new();
    (photo.size(), photo.rgb()).hash(&mut hasher);
    hasher.finish()
}

fn better(files: impl Iterator<Item = PictureFile>) -> Option<PictureFile> {
    files
        .filter(|file| file.psnr_db > f64::NEG_INFINITY)
        .max_by(|a, b| a.psnr_db.total_cmp(&b.psnr_db))
}

#[cfg(test)]
mod tests;
