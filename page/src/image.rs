//! Pictures on their way to viewers: bounded in size, encoded only when someone looks.

use std::io;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

/// Larger pictures are shown smaller; their files have all pixels.
pub const MAX_PIXELS: u64 = 4 << 20;
/// Width of a small picture.
const THUMBNAIL_WIDTH: u32 = 240;

/// 8-bit RGB, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Image {
    /// From `3 * width * height` bytes; `None` for another number of them, or for no pixels. More than four million pixels are
    /// made smaller by a whole factor.
    pub fn new(width: u32, height: u32, rgb: &[u8]) -> Option<Self> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 || rgb.len() as u64 != 3 * pixels {
            return None;
        }
        let factor = (1u32..).find(|f| pixels / u64::from(*f).pow(2) <= MAX_PIXELS)?;
        Some(shrunk(width, height, rgb, factor))
    }

    /// A small copy.
    pub fn thumbnail(&self) -> Self {
        let factor = self.width.max(self.height).div_ceil(THUMBNAIL_WIDTH).max(1);
        shrunk(self.width, self.height, &self.rgb, factor)
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        self.rgb.len()
    }

    /// As a PNG.
    ///
    /// # Errors
    /// None that a picture of a valid size could cause.
    pub fn png(&self) -> io::Result<Vec<u8>> {
        let mut png = Vec::new();
        let encoder =
            PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive);
        let (width, height) = (self.width, self.height);
        encoder
            .write_image(&self.rgb, width, height, ExtendedColorType::Rgb8)
            .map_err(|error| io::Error::other(error.to_string()))?;
        Ok(png)
    }
}

/// Means over squares of `factor` pixels; those that are cut at the edge count with what there is of them.
fn shrunk(width: u32, height: u32, rgb: &[u8], factor: u32) -> Image {
    if factor == 1 {
        let rgb = rgb.to_vec();
        return Image { width, height, rgb };
    }
    let (w, h, f) = (width as usize, height as usize, factor as usize);
    let (small_w, small_h) = (w.div_ceil(f), h.div_ceil(f));
    let mut small = Vec::with_capacity(3 * small_w * small_h);
    for top in (0..h).step_by(f) {
        for left in (0..w).step_by(f) {
            let (bottom, right) = ((top + f).min(h), (left + f).min(w));
            let count = ((bottom - top) * (right - left)) as u32;
            for c in 0..3 {
                let of_row = |y| (left..right).map(move |x| u32::from(rgb[3 * (y * w + x) + c]));
                let sum: u32 = (top..bottom).flat_map(of_row).sum();
                small.push(((sum + count / 2) / count) as u8);
            }
        }
    }
    Image {
        width: small_w as u32,
        height: small_h as u32,
        rgb: small,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_too_large_is_made_smaller_and_one_of_another_length_refused() {
        let rgb = vec![77; 3 * 4000 * 3000];
        let image = Image::new(4000, 3000, &rgb).unwrap();
        assert_eq!((image.width, image.height), (2000, 1500));
        assert!(image.rgb.iter().all(|v| *v == 77));
        assert_eq!(Image::new(2, 2, &[0; 11]), None);
        assert_eq!(Image::new(0, 2, &[]), None);
    }

    #[test]
    fn a_thumbnail_is_a_mean() {
        let mut rgb = vec![0; 3 * 480 * 2];
        rgb.iter_mut().step_by(2).for_each(|v| *v = 100);
        let small = Image::new(480, 2, &rgb).unwrap().thumbnail();
        assert_eq!((small.width, small.height), (240, 1));
        assert!(small.rgb.iter().all(|v| *v == 50));
        assert_eq!(&small.png().unwrap()[1..4], b"PNG");
    }
}
