//! How large a photo is shown: small ones enlarged by whole factors, large ones reduced, both within bounds.

use image::imageops::{self, FilterType};
use image::{ImageBuffer, Rgb, RgbImage};

/// A photo that is only looked at.
pub type View<'a> = ImageBuffer<Rgb<u8>, &'a [u8]>;

/// Pictures with a longest side below this are enlarged, pixels.
const ENLARGE_BELOW: u32 = 160;
/// Longest side that an enlarged picture may reach, pixels.
const ENLARGE_TO: u32 = 320;
/// Neither side of a shown picture is less, pixels: a line of one pixel would not be seen.
const MIN_SIDE: u32 = 16;

/// Size at which a photo is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub width: u32,
    pub height: u32,
    /// In words, if it is not 1:1.
    pub remark: Option<Remark>,
}

/// How the shown picture differs from the photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Each pixel is a square of so many.
    Enlarged(u32),
    /// Shown at so many percent.
    Reduced(u32),
    /// So long and thin that the thin side was widened.
    NotToScale,
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Enlarged(factor) => write!(f, "enlarged {factor}:1"),
            Self::Reduced(0) => write!(f, "shown below 1 %"),
            Self::Reduced(percent) => write!(f, "shown at {percent} %"),
            Self::NotToScale => write!(f, "not to scale"),
        }
    }
}

/// Size of a photo of `width` x `height` within a box, pixels.
pub fn fit(width: u32, height: u32, max_width: u32, max_height: u32) -> Shown {
    let longest = width.max(height);
    let room = (max_width / width)
        .min(max_height / height)
        .min(ENLARGE_TO / longest);
    if longest < ENLARGE_BELOW && room > 1 {
        return thickened(width * room, height * room, Some(Remark::Enlarged(room)));
    }
    let ratio = f64::min(
        f64::from(max_width) / f64::from(width),
        f64::from(max_height) / f64::from(height),
    );
    if ratio >= 1.0 {
        return thickened(width, height, None);
    }
    let side = |n: u32, most: u32| ((f64::from(n) * ratio).round() as u32).clamp(1, most);
    let percent = (100.0 * ratio).round() as u32;
    thickened(
        side(width, max_width),
        side(height, max_height),
        Some(Remark::Reduced(percent)),
    )
}

fn thickened(width: u32, height: u32, remark: Option<Remark>) -> Shown {
    let thin = width.min(height) < MIN_SIDE;
    Shown {
        width: width.max(MIN_SIDE),
        height: height.max(MIN_SIDE),
        remark: if thin {
            Some(Remark::NotToScale)
        } else {
            remark
        },
    }
}

/// The photo at that size: pixels as squares when enlarged, averaged when reduced.
pub fn resample(photo: &View<'_>, shown: Shown) -> RgbImage {
    let (width, height) = photo.dimensions();
    if (width, height) == (shown.width, shown.height) {
        return RgbImage::from_fn(width, height, |x, y| *photo.get_pixel(x, y));
    }
    if shown.width >= width && shown.height >= height {
        return imageops::resize(photo, shown.width, shown.height, FilterType::Nearest);
    }
    // Averaging areas first keeps memory and time small where the filter would hold the photo in floats.
    let (near_w, near_h) = (near(width, shown.width), near(height, shown.height));
    if (near_w, near_h) == (width, height) {
        return imageops::resize(photo, shown.width, shown.height, FilterType::CatmullRom);
    }
    let smaller = imageops::thumbnail(photo, near_w, near_h);
    imageops::resize(&smaller, shown.width, shown.height, FilterType::CatmullRom)
}

/// At most four times the shown length.
fn near(length: u32, shown: u32) -> u32 {
    length.min(shown.saturating_mul(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_shown_within_its_box_and_never_thinner_than_a_line() {
        for (width, height) in [
            (1, 1),
            (3, 5000),
            (16_384, 1),
            (16_384, 16_384),
            (768, 512),
            (8, 8),
            (159, 2),
        ] {
            for (max_width, max_height) in [(1024, 1024), (640, 400), (1600, 700)] {
                let shown = fit(width, height, max_width, max_height);
                assert!(
                    (MIN_SIDE..=max_width).contains(&shown.width),
                    "{width}x{height} {shown:?}"
                );
                assert!(
                    (MIN_SIDE..=max_height).contains(&shown.height),
                    "{width}x{height} {shown:?}"
                );
            }
        }
    }

    #[test]
    fn an_ordinary_photo_is_shown_as_it_is() {
        let shown = fit(768, 512, 1024, 1024);
        assert_eq!((shown.width, shown.height, shown.remark), (768, 512, None));
    }

    #[test]
    fn a_tiny_photo_is_enlarged_by_a_whole_factor() {
        let shown = fit(8, 5, 1024, 1024);
        assert_eq!((shown.width, shown.height), (320, 200));
        assert_eq!(shown.remark.unwrap().to_string(), "enlarged 40:1");
    }

    #[test]
    fn a_thread_of_a_photo_is_said_not_to_be_to_scale() {
        let shown = fit(3, 5000, 1024, 1024);
        assert_eq!((shown.width, shown.height), (MIN_SIDE, 1024));
        assert_eq!(shown.remark, Some(Remark::NotToScale));
    }

    #[test]
    fn resampling_gives_the_size_asked_for() {
        for (width, height) in [(1, 1), (3, 5000), (5000, 3), (40, 30), (900, 700)] {
            let photo = RgbImage::from_pixel(width, height, image::Rgb([200, 90, 10]));
            let shown = fit(width, height, 300, 200);
            let view = View::from_raw(width, height, photo.as_raw().as_slice()).unwrap();
            let small = resample(&view, shown);
            assert_eq!(small.dimensions(), (shown.width, shown.height));
            assert_eq!(
                small.get_pixel(shown.width / 2, shown.height / 2).0,
                [200, 90, 10]
            );
        }
    }
}
