//! Picture formats: a photo to a file in memory at a step of quality, and back.
//!
//! JPEG (crates `jpeg-encoder` and `image`), lossy WebP (libwebp, `image`) and AV1 still pictures (`rav1e`, `rav1d`) as bare
//! open bitstream units: what an AVIF file holds without its container, whose 300 bytes tell nothing that this link does not
//! know. A decoder is told the size and refuses any other before it allocates.

mod avif;
mod jpeg;
mod webp;
mod ycbcr;

use std::fmt;
use std::io::Cursor;
use std::str::FromStr;

use heliograph::photo::{Photo, PhotoSize};
use image::{DynamicImage, ImageDecoder, ImageError};
use thiserror::Error;

/// A way to write a photo in few bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum PictureFormat {
    /// ITU-T T.81, progressive, 4:2:0.
    Jpeg = 0,
    /// RFC 9649 with a lossy (VP8) bitstream.
    WebP = 1,
    /// AV1 intra frame, full range BT.601.
    Avif = 2,
}

/// How long an encoder may search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// AV1 transforms by rule: 1.4 s for a Kodak picture on one core.
    #[default]
    Quick,
    /// AV1 transforms by trial: 4.5 s, and 0.1 to 0.3 dB more at equal bytes.
    Thorough,
}

/// Why bytes are no picture.
#[derive(Debug, Error)]
pub enum FormatError {
    /// Another size than was announced.
    #[error("{format} picture of {width}x{height} pixels; allowed is {allowed} exactly")]
    Size {
        format: PictureFormat,
        width: u32,
        height: u32,
        allowed: PhotoSize,
    },
    /// The decoder gave up.
    #[error("damaged {format} picture: {reason}")]
    Damaged {
        format: PictureFormat,
        reason: String,
    },
    /// Name of no format.
    #[error("picture format {found:?}; allowed are avif, jpeg and webp")]
    Name { found: String },
}

impl PictureFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::WebP, Self::Avif];

    /// Name in labels and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::WebP => "webp",
            Self::Avif => "avif",
        }
    }

    /// Steps of quality, from 0 (worst) to one less.
    pub(crate) const fn steps(self) -> u8 {
        match self {
            Self::Jpeg => 100,
            Self::WebP => 201,
            Self::Avif => 255,
        }
    }

    /// The file at a step of quality; `None` where the format cannot hold such a size.
    pub(crate) fn encode(self, photo: &Photo, step: u8, effort: Effort) -> Option<Vec<u8>> {
        match self {
            Self::Jpeg => jpeg::encode(photo, step + 1),
            Self::WebP => webp::encode(photo, f32::from(step) / 2.0),
            Self::Avif => avif::encode(photo, usize::from(255 - step), effort),
        }
    }

    /// The picture of a file, which must have `size`.
    ///
    /// # Errors
    /// [`FormatError`] for another size and for bytes that are no such file.
    pub fn decode(self, bytes: &[u8], size: PhotoSize) -> Result<Photo, FormatError> {
        match self {
            Self::Jpeg => read(
                self,
                image::codecs::jpeg::JpegDecoder::new(Cursor::new(bytes)),
                size,
            ),
            Self::WebP => read(
                self,
                image::codecs::webp::WebPDecoder::new(Cursor::new(bytes)),
                size,
            ),
            Self::Avif => avif::decode(bytes, size),
        }
    }

    fn check_size(self, width: u32, height: u32, allowed: PhotoSize) -> Result<(), FormatError> {
        if (width, height) == (allowed.width(), allowed.height()) {
            return Ok(());
        }
        Err(FormatError::Size {
            format: self,
            width,
            height,
            allowed,
        })
    }

    fn damaged(self, reason: impl fmt::Display) -> FormatError {
        FormatError::Damaged {
            format: self,
            reason: reason.to_string(),
        }
    }
}

fn read(
    format: PictureFormat,
    decoder: Result<impl ImageDecoder, ImageError>,
    size: PhotoSize,
) -> Result<Photo, FormatError> {
    let damaged = |error: ImageError| format.damaged(error);
    let decoder = decoder.map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    format.check_size(width, height, size)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    Photo::new(size, picture.into_rgb8().into_raw()).map_err(|error| format.damaged(error))
}

impl fmt::Display for PictureFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for PictureFormat {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let known = Self::ALL.into_iter().find(|format| format.name() == text);
        known.ok_or_else(|| FormatError::Name {
            found: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
