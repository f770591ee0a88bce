//! The pixels that matter, and figures over them alone.

use std::path::Path;

use heliograph::metrics;
use heliograph::photo::{Photo, PhotoSize};
use heliograph::regions::{BLOCK_PIXELS, Importance, Saliency};

use crate::Error;

/// One flag a pixel.
pub struct Key(Vec<bool>);

impl Key {
    /// The mask beside the photo, or what is salient in it; `None` when that is nothing or everything.
    pub fn of(path: &Path, photo: &Photo, saliency: &Saliency) -> Result<Option<Self>, Error> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let mask = path.with_file_name(format!("{name}_mask.png"));
        let flags: Vec<bool> = if mask.is_file() {
            let mask = Photo::open(&mask)?;
            if mask.size() != photo.size() {
                return Err(format!("{name}: photo and mask differ in size").into());
            }
            mask.rgb().chunks_exact(3).map(|p| p[0] > 127).collect()
        } else {
            let values = saliency.of_pixels(photo.size());
            values.into_iter().map(|value| value > 0.5).collect()
        };
        let key = Self(flags);
        Ok((0.001..0.999).contains(&key.share()).then_some(key))
    }

    /// The pixels of blocks that get nothing with `--background none`; `None` when these are none or all.
    pub fn empty_blocks(importance: &Importance, size: PhotoSize) -> Option<Self> {
        let (width, pixels) = (size.width() as usize, size.pixels());
        let block = |at: usize| {
            let (row, column) = (at / width / BLOCK_PIXELS, at % width / BLOCK_PIXELS);
            row * importance.columns() + column
        };
        let empty = Self(
            (0..pixels)
                .map(|at| !importance.is_key(block(at)))
                .collect(),
        );
        (0.001..0.999).contains(&empty.share()).then_some(empty)
    }

    /// As a mask: white matters.
    pub fn picture(&self, size: PhotoSize) -> Result<Photo, Error> {
        let grey = self
            .0
            .iter()
            .flat_map(|flag| [if *flag { 255 } else { 0 }; 3]);
        Ok(Photo::new(size, grey.collect())?)
    }

    /// Share of the picture.
    pub fn share(&self) -> f64 {
        self.0.iter().filter(|flag| **flag).count() as f64 / self.0.len() as f64
    }

    /// All other pixels.
    pub fn inverse(&self) -> Self {
        Self(self.0.iter().map(|flag| !flag).collect())
    }

    pub fn psnr_db(&self, sent: &Photo, received: &Photo) -> Result<f64, Error> {
        Ok(metrics::psnr_db_where(sent, received, |pixel| {
            self.0[pixel]
        })?)
    }

    /// LPIPS of the received key pixels with the original around them.
    pub fn lpips(&self, sent: &Photo, received: &Photo) -> Result<f64, Error> {
        let pixels = sent
            .rgb()
            .chunks_exact(3)
            .zip(received.rgb().chunks_exact(3));
        let mixed = pixels
            .zip(&self.0)
            .flat_map(|((a, b), flag)| if *flag { b } else { a });
        let mixed = Photo::new(sent.size(), mixed.copied().collect())?;
        Ok(metrics::lpips_alex(sent, &mixed)?)
    }
}
