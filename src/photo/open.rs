//! Files to photos: format by content, size before memory, orientation, alpha on white.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Seek};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::{MAX_FILE_BYTES, MAX_SIDE, Photo, PhotoError, PhotoSize};

/// The formats that are read, in words.
pub const FORMATS: &str = "PNG, JPEG, WebP, GIF, BMP, TIFF and PNM are";

/// What a decoder may need before it tells the size of the picture.
const MAX_PROLOGUE_BYTES: u64 = 64 << 20;
/// Decoded pixels of the largest picture with four 16-bit channels, in bytes.
const MAX_DECODED_BYTES: u64 = 8 * (MAX_SIDE as u64) * (MAX_SIDE as u64);

impl Photo {
    /// Reads a picture file: any of [`FORMATS`], 8 or 16 bits, grey, palette, CMYK; alpha is laid
    /// on white, the EXIF orientation applied, of an animation the first frame taken.
    ///
    /// # Errors
    /// [`PhotoError`] naming the file and, where there is one, the limit.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PhotoError> {
        let path = path.as_ref();
        check_file(path)?;
        let file = File::open(path).map_err(|source| io_error(path, source))?;
        Self::read(BufReader::new(file), path)
    }

    /// Reads a picture from memory; `name` stands for the file in errors.
    ///
    /// # Errors
    /// As [`Photo::open`].
    pub fn from_bytes(bytes: &[u8], name: impl AsRef<Path>) -> Result<Self, PhotoError> {
        Self::read(std::io::Cursor::new(bytes), name.as_ref())
    }

    fn read(reader: impl BufRead + Seek, path: &Path) -> Result<Self, PhotoError> {
        let mut reader = ImageReader::new(reader)
            .with_guessed_format()
            .map_err(|source| io_error(path, source))?;
        let format = reader.format().ok_or_else(|| PhotoError::NotAPicture {
            path: path.to_owned(),
        })?;
        reader.limits(before_the_picture());
        if format == ImageFormat::Jpeg {
            let bytes = whole_jpeg(reader.into_inner(), path)?;
            let inner = std::io::Cursor::new(bytes);
            let mut reader = ImageReader::with_format(inner, format);
            reader.limits(before_the_picture());
            return decode(reader, path);
        }
        decode(reader, path)
    }
}

/// Until the size is known and checked: a colour profile of a PNG is packed, and may claim to unpack to anything.
pub(super) fn before_the_picture() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_PROLOGUE_BYTES);
    limits
}

fn check_file(path: &Path) -> Result<(), PhotoError> {
    let metadata = fs::metadata(path).map_err(|source| io_error(path, source))?;
    let path = || path.to_owned();
    if !metadata.is_file() {
        let found = if metadata.is_dir() {
            "a folder"
        } else {
            "a device or pipe"
        };
        return Err(PhotoError::NotAFile {
            path: path(),
            found,
        });
    }
    match metadata.len() {
        0 => Err(PhotoError::Empty { path: path() }),
        found if found > MAX_FILE_BYTES => Err(PhotoError::FileTooLarge {
            path: path(),
            found,
        }),
        _ => Ok(()),
    }
}

fn decode(reader: ImageReader<impl BufRead + Seek>, path: &Path) -> Result<Photo, PhotoError> {
    let mut decoder = reader
        .into_decoder()
        .map_err(|error| decode_error(path, error))?;
    let (width, height) = decoder.dimensions();
    let path_owned = || path.to_owned();
    PhotoSize::new(width, height).map_err(|_| PhotoError::FileSize {
        path: path_owned(),
        width,
        height,
    })?;
    let found = decoder.total_bytes();
    if found > MAX_DECODED_BYTES {
        let allowed = MAX_DECODED_BYTES;
        return Err(PhotoError::Memory {
            path: path_owned(),
            found,
            allowed,
        });
    }
    let mut limits = Limits::no_limits();
    // Decoders need room for their own tables beside the picture.
    limits.max_alloc = Some(2 * MAX_DECODED_BYTES);
    decoder
        .set_limits(limits)
        .map_err(|error| decode_error(path, error))?;
    // A damaged EXIF block costs the orientation, not the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture =
        DynamicImage::from_decoder(decoder).map_err(|error| decode_error(path, error))?;
    picture.apply_orientation(orientation);
    Ok(on_white(picture))
}

/// Upright RGB of what the decoder gave, transparent parts on white.
fn on_white(picture: DynamicImage) -> Photo {
    let size = PhotoSize {
        width: picture.width(),
        height: picture.height(),
    };
    let rgb = match picture {
        DynamicImage::ImageRgb8(picture) => picture.into_raw(),
        picture if !picture.color().has_alpha() => picture.into_rgb8().into_raw(),
        DynamicImage::ImageRgba8(picture) => composite_8(picture.as_raw()),
        DynamicImage::ImageLumaA8(picture) => picture
            .as_raw()
            .chunks_exact(2)
            .flat_map(|pixel| [blend_8(pixel[0], pixel[1]); 3])
            .collect(),
        picture => composite_16(&picture.into_rgba16()),
    };
    Photo { size, rgb }
}

fn composite_8(rgba: &[u8]) -> Vec<u8> {
    rgba.chunks_exact(4)
        .flat_map(|pixel| [0, 1, 2].map(|c| blend_8(pixel[c], pixel[3])))
        .collect()
}

fn composite_16(picture: &image::ImageBuffer<image::Rgba<u16>, Vec<u16>>) -> Vec<u8> {
    picture
        .as_raw()
        .chunks_exact(4)
        .flat_map(|pixel| [0, 1, 2].map(|c| blend_16(pixel[c], pixel[3])))
        .collect()
}

fn blend_8(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// Blends at 16 bits, rounds to 8 once at the end.
fn blend_16(value: u16, alpha: u16) -> u8 {
    let (value, alpha) = (u64::from(value), u64::from(alpha));
    let sum = value * alpha + 65_535 * (65_535 - alpha);
    ((sum + 65_535 * 257 / 2) / (65_535 * 257)) as u8
}

/// All bytes of a JPEG that has an end-of-image marker behind its first scan (the decoder fills
/// what is missing with grey and tells nobody).
fn whole_jpeg(mut reader: impl BufRead, path: &Path) -> Result<Vec<u8>, PhotoError> {
    let mut bytes = Vec::new();
    reader
        .read_to_end(&mut bytes)
        .map_err(|source| io_error(path, source))?;
    let scan = first_scan(&bytes).unwrap_or(bytes.len());
    let ends = bytes[scan..].windows(2).any(|pair| pair == [0xff, 0xd9]);
    if ends {
        return Ok(bytes);
    }
    Err(PhotoError::Truncated {
        path: path.to_owned(),
        found: bytes.len(),
    })
}

/// Where the first start-of-scan marker lies (ITU-T T.81, B.1.1): segments are skipped by their
/// lengths, so the end marker of an embedded thumbnail does not count.
fn first_scan(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1)?;
        match (bytes[at], marker) {
            (0xff, 0xda) => return Some(at),
            (0xff, 0xff) => at += 1,
            (0xff, _) => {
                let length = bytes.get(at + 2..at + 4)?;
                at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
            }
            _ => at += 1,
        }
    }
}

fn io_error(path: &Path, source: std::io::Error) -> PhotoError {
    PhotoError::Io {
        path: path.to_owned(),
        source,
    }
}

fn decode_error(path: &Path, error: ImageError) -> PhotoError {
    PhotoError::Decode {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
