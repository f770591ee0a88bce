//! Odd pictures: every kind of file gives upright RGB or an error that names it.

use std::io::Cursor;
use std::path::PathBuf;

use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageFormat};
use proptest::prelude::*;

use super::*;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/photos")
        .join(name)
}

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("heliograph-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn files(&self) -> usize {
        std::fs::read_dir(&self.0).unwrap().count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn gradient() -> image::RgbImage {
    image::RgbImage::from_fn(20, 9, |x, y| image::Rgb([12 * x as u8, 25 * y as u8, 77]))
}

fn assert_near(found: [u8; 3], expected: [u8; 3], tolerance: u8) {
    let near = found
        .iter()
        .zip(expected)
        .all(|(a, b)| a.abs_diff(b) <= tolerance);
    assert!(near, "found {found:?}, expected {expected:?}");
}

#[test]
fn lossless_formats_keep_every_byte() {
    use ImageFormat::{Bmp, Png, Pnm, Tiff, WebP};
    for format in [Png, WebP, Bmp, Tiff, Pnm] {
        let photo = Photo::from_bytes(&encoded(gradient(), format), "memory").unwrap();
        assert_eq!(photo.rgb(), gradient().as_raw(), "{format:?}");
    }
}

#[test]
fn jpeg_keeps_a_gradient_within_a_few_steps() {
    let photo = Photo::from_bytes(&encoded(gradient(), ImageFormat::Jpeg), "memory").unwrap();
    assert_eq!((photo.size().width(), photo.size().height()), (20, 9));
    assert_near(photo.pixel(10, 4), [120, 100, 77], 20);
}

#[test]
fn sixteen_bits_are_rounded_to_eight() {
    let picture = image::ImageBuffer::from_pixel(2, 2, image::Rgb([65_535u16, 257 * 100 + 128, 0]));
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let photo = Photo::from_bytes(&encoded(picture.clone(), format), "memory").unwrap();
        assert_near(photo.pixel(1, 1), [255, 100, 0], 1);
    }
    let grey = image::ImageBuffer::from_pixel(3, 1, image::Luma([257u16 * 60]));
    let photo = Photo::from_bytes(&encoded(grey, ImageFormat::Png), "memory").unwrap();
    assert_eq!(photo.pixel(2, 0), [60; 3]);
}

#[test]
fn alpha_of_eight_and_sixteen_bits_is_laid_on_white() {
    let half = image::RgbaImage::from_pixel(2, 2, image::Rgba([200, 0, 100, 128]));
    let photo = Photo::from_bytes(&encoded(half, ImageFormat::Png), "memory").unwrap();
    assert_eq!(photo.pixel(0, 1), [227, 127, 177]);
    let clear = image::ImageBuffer::from_pixel(1, 1, image::Rgba([9u16, 9, 9, 0]));
    let photo = Photo::from_bytes(&encoded(clear, ImageFormat::Png), "memory").unwrap();
    assert_eq!(photo.pixel(0, 0), [255; 3]);
    let grey = image::ImageBuffer::from_pixel(1, 1, image::LumaA([51u8, 255]));
    let photo = Photo::from_bytes(&encoded(grey, ImageFormat::Png), "memory").unwrap();
    assert_eq!(photo.pixel(0, 0), [51; 3]);
}

#[test]
fn of_an_animation_the_first_frame_is_taken() {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for colour in [[250, 10, 10, 255], [10, 10, 250, 255]] {
        let frame = image::RgbaImage::from_pixel(8, 6, image::Rgba(colour));
        encoder.encode_frame(image::Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let photo = Photo::from_bytes(&bytes, "memory").unwrap();
    assert_near(photo.pixel(7, 5), [250, 10, 10], 8);
}

#[test]
fn cmyk_and_ycck_patches_look_as_libjpeg_and_pillow_see_them() {
    // Printed by tests/data/photos/make.py.
    let cmyk = [
        [0, 255, 255],
        [255, 0, 255],
        [255, 255, 0],
        [0; 3],
        [255; 3],
        [164, 126, 187],
    ];
    let ycck = [
        [77, 255, 30],
        [0, 47, 227],
        [179, 0, 0],
        [0; 3],
        [0, 134, 0],
        [0, 104, 0],
    ];
    for (name, expected) in [("cmyk.jpg", cmyk), ("ycck.jpg", ycck)] {
        let photo = Photo::open(fixture(name)).unwrap();
        for (k, colour) in expected.into_iter().enumerate() {
            assert_near(photo.pixel(16 * k as u32 + 8, 8), colour, 2);
        }
    }
}

/// An EXIF segment with nothing but the orientation (TIFF 6.0, big endian).
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    exif.extend([0, orientation, 0, 0, 0, 0, 0, 0]);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

#[test]
fn the_exif_orientation_turns_the_picture_upright() {
    let mut picture = image::RgbImage::from_pixel(32, 16, image::Rgb([20; 3]));
    for (x, y) in (0..16).flat_map(|x| (0..16).map(move |y| (x, y))) {
        picture.put_pixel(x, y, image::Rgb([240; 3]));
    }
    let jpeg = encoded(picture, ImageFormat::Jpeg);
    let turned = |o| Photo::from_bytes(&with_orientation(&jpeg, o), "memory").unwrap();
    assert_near(turned(1).pixel(4, 8), [240; 3], 5);
    // 3: half a turn; 6: a quarter turn clockwise.
    assert_near(turned(3).pixel(28, 8), [240; 3], 5);
    let upright = turned(6);
    assert_eq!((upright.size().width(), upright.size().height()), (16, 32));
    assert_near(upright.pixel(8, 4), [240; 3], 5);
    assert_near(upright.pixel(8, 28), [20; 3], 5);
}

#[test]
fn a_picture_of_one_pixel_is_a_picture() {
    let one = image::RgbImage::from_pixel(1, 1, image::Rgb([1, 2, 3]));
    let photo = Photo::from_bytes(&encoded(one, ImageFormat::Png), "memory").unwrap();
    assert_eq!(photo.rgb(), [1, 2, 3]);
}

#[test]
fn oversize_pictures_are_refused_by_their_header_alone() {
    let mut bytes = encoded(image::GrayImage::new(1, 1), ImageFormat::Bmp);
    bytes[18..22].copy_from_slice(&20_000u32.to_le_bytes());
    let message = Photo::from_bytes(&bytes, "wide.bmp")
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("wide.bmp") && message.contains("20000x1"),
        "{message}"
    );
    assert!(message.contains("16384"), "{message}");
    let bytes = b"P6 99999 99999 255\n";
    let message = Photo::from_bytes(bytes, "huge.ppm")
        .unwrap_err()
        .to_string();
    assert!(message.contains("99999x99999"), "{message}");
}

#[test]
fn a_colour_profile_that_unpacks_to_more_than_memory_should_give_is_left_packed() {
    let zeros = vec![0; 80 << 20];
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(zeros).unwrap();
    encoder
        .write_image(&[9, 8, 7], 1, 1, image::ExtendedColorType::Rgb8)
        .unwrap();
    assert!(bytes.len() < 1 << 20);
    let mut reader =
        image::ImageReader::with_format(std::io::Cursor::new(&bytes), ImageFormat::Png);
    reader.limits(super::open::before_the_picture());
    let mut decoder = reader.into_decoder().unwrap();
    assert_eq!(decoder.icc_profile().unwrap(), None);
    let photo = Photo::from_bytes(&bytes, "packed.png").unwrap();
    assert_eq!(photo.rgb(), [9, 8, 7]);
}

#[test]
fn cut_off_files_of_every_format_are_refused_by_name() {
    use ImageFormat::{Bmp, Jpeg, Png, Pnm, Tiff, WebP};
    let picture = image::RgbImage::from_fn(64, 64, |x, y| {
        image::Rgb([(x * y) as u8, (x * 3 + y * 5) as u8, (x ^ y) as u8])
    });
    for format in [Png, Jpeg, WebP, Bmp, Tiff, Pnm] {
        let bytes = encoded(picture.clone(), format);
        let error = Photo::from_bytes(&bytes[..bytes.len() * 2 / 3], "cut.file").unwrap_err();
        assert!(
            error.to_string().contains("cut.file"),
            "{format:?}: {error}"
        );
    }
}

#[test]
fn what_is_no_picture_is_named_with_the_reason() {
    let folder = Folder::new("odd");
    let path = |name: &str| folder.0.join(name);
    std::fs::write(path("empty.png"), []).unwrap();
    std::fs::write(path("words.png"), "only words").unwrap();
    let message = |name: &str| Photo::open(path(name)).unwrap_err().to_string();
    assert!(message("empty.png").contains("empty.png: the file is empty"));
    assert!(message("words.png").contains("words.png: not a picture"));
    assert!(message("missing.png").contains("missing.png"));
    assert!(message("").contains("a folder"));
}

#[test]
fn a_saved_picture_comes_back_and_leaves_no_temporary_file() {
    let folder = Folder::new("save");
    let path = folder.0.join("picture.png");
    let photo = Photo::new(PhotoSize::new(20, 9).unwrap(), gradient().into_raw()).unwrap();
    photo.save_png(&path).unwrap();
    photo.save_png(&path).unwrap();
    assert_eq!(Photo::open(&path).unwrap(), photo);
    assert_eq!(folder.files(), 1);
}

#[test]
fn a_picture_that_cannot_be_saved_is_named_and_leaves_nothing() {
    let folder = Folder::new("unsaved");
    let photo = Photo::filled(PhotoSize::new(2, 2).unwrap(), [0; 3]);
    let taken = folder.0.join("taken.png");
    std::fs::create_dir(&taken).unwrap();
    let message = photo.save_png(&taken).unwrap_err().to_string();
    assert!(message.contains("taken.png"), "{message}");
    assert_eq!(folder.files(), 1);
    let message = photo
        .save_png(folder.0.join("none/x.png"))
        .unwrap_err()
        .to_string();
    assert!(message.contains("x.png"), "{message}");
}

#[test]
fn sides_of_zero_or_beyond_the_limit_are_refused() {
    assert!(PhotoSize::new(1, MAX_SIDE).is_ok());
    for (width, height) in [(0, 5), (5, 0), (MAX_SIDE + 1, 1), (1, u32::MAX)] {
        let message = PhotoSize::new(width, height).unwrap_err().to_string();
        assert!(message.contains(&format!("{width}x{height}")), "{message}");
        assert!(message.contains("16384"), "{message}");
    }
}

#[test]
fn a_buffer_of_the_wrong_length_is_refused_with_both_lengths() {
    let size = PhotoSize::new(4, 2).unwrap();
    let message = Photo::new(size, vec![0; 23]).unwrap_err().to_string();
    assert!(
        message.contains("23") && message.contains("24"),
        "{message}"
    );
}

proptest! {
    #[test]
    fn damaged_files_give_a_picture_or_an_error(
        format in prop::sample::select(vec![
            ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif,
            ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::Pnm,
        ]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = encoded(DynamicImage::from(gradient()).into_rgba8(), ImageFormat::Png);
        if format != ImageFormat::Png {
            bytes = encoded(gradient(), format);
        }
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(photo) = Photo::from_bytes(&bytes, "damaged") {
            prop_assert_eq!(photo.rgb().len(), 3 * photo.size().pixels());
        }
    }
}
