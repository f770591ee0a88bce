//! The one picture type: 8-bit RGB of a checked size, read from and written to files.
//!
//! Whatever the file holds (8 or 16 bits, grey, palette, alpha, CMYK, an animation, a rotated
//! phone photo) becomes upright RGB on white. Sizes are checked before anything is allocated.
//!
//! ```
//! use heliograph::photo::{Photo, PhotoSize};
//!
//! let size = PhotoSize::new(2, 1)?;
//! let photo = Photo::new(size, vec![255, 0, 0, 0, 0, 255])?;
//! assert_eq!(photo.pixel(1, 0), [0, 0, 255]);
//! # Ok::<(), heliograph::photo::PhotoError>(())
//! ```

mod open;
mod save;

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

pub use open::FORMATS;

/// Longest side of a picture, in pixels.
pub const MAX_SIDE: u32 = 16_384;

/// Largest picture file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 4 << 30;

/// What can be wrong with a picture or its file.
#[derive(Debug, Error)]
pub enum PhotoError {
    /// A side is zero or too long.
    #[error("picture is {width}x{height} pixels; each side may be 1 to {MAX_SIDE}")]
    Size { width: u32, height: u32 },
    /// The pixel buffer does not fit the size.
    #[error("{found} bytes of RGB for a picture of {size}, which takes {expected}")]
    BufferLength {
        size: PhotoSize,
        found: usize,
        expected: usize,
    },
    /// Reading or writing failed.
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    /// A folder, a device, a pipe.
    #[error("{}: not a file (found {found}); a picture file is needed", path.display())]
    NotAFile { path: PathBuf, found: &'static str },
    /// Nothing in the file.
    #[error("{}: the file is empty (0 bytes)", path.display())]
    Empty { path: PathBuf },
    /// More bytes than are read.
    #[error("{}: {found} bytes; a picture file may have at most {MAX_FILE_BYTES}", path.display())]
    FileTooLarge { path: PathBuf, found: u64 },
    /// The first bytes are of no known format.
    #[error("{}: not a picture that can be read ({})", path.display(), FORMATS)]
    NotAPicture { path: PathBuf },
    /// The file's picture has a side of zero or too long.
    #[error("{}: the picture is {width}x{height} pixels; each side may be 1 to {MAX_SIDE}", path.display())]
    FileSize {
        path: PathBuf,
        width: u32,
        height: u32,
    },
    /// Decoding would take more memory than is granted.
    #[error("{}: decoding takes {found} bytes; at most {allowed} are granted", path.display())]
    Memory {
        path: PathBuf,
        found: u64,
        allowed: u64,
    },
    /// The file ends before the picture does.
    #[error("{}: the picture is cut off after {found} bytes (no end marker)", path.display())]
    Truncated { path: PathBuf, found: usize },
    /// The decoder gave up.
    #[error("{}: damaged or unsupported picture: {reason}", path.display())]
    Decode { path: PathBuf, reason: String },
}

/// Width and height in pixels, each 1 to [`MAX_SIDE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PhotoSize {
    width: u32,
    height: u32,
}

impl PhotoSize {
    /// Checks both sides, in pixels.
    ///
    /// # Errors
    /// [`PhotoError::Size`] when a side is 0 or above [`MAX_SIDE`].
    pub fn new(width: u32, height: u32) -> Result<Self, PhotoError> {
        let allowed = 1..=MAX_SIDE;
        if allowed.contains(&width) && allowed.contains(&height) {
            Ok(Self { width, height })
        } else {
            Err(PhotoError::Size { width, height })
        }
    }

    /// Columns, in pixels.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Rows, in pixels.
    pub fn height(self) -> u32 {
        self.height
    }

    /// Number of pixels, at most 2^28.
    pub fn pixels(self) -> usize {
        self.width as usize * self.height as usize
    }
}

impl fmt::Display for PhotoSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// An upright 8-bit RGB picture; rows from the top, three bytes a pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    size: PhotoSize,
    rgb: Vec<u8>,
}

impl Photo {
    /// Takes `3 * width * height` bytes of RGB.
    ///
    /// # Errors
    /// [`PhotoError::BufferLength`] when the buffer does not fit the size.
    pub fn new(size: PhotoSize, rgb: Vec<u8>) -> Result<Self, PhotoError> {
        let expected = 3 * size.pixels();
        if rgb.len() != expected {
            return Err(PhotoError::BufferLength {
                size,
                found: rgb.len(),
                expected,
            });
        }
        Ok(Self { size, rgb })
    }

    /// One colour everywhere.
    pub fn filled(size: PhotoSize, colour: [u8; 3]) -> Self {
        let rgb = colour.repeat(size.pixels());
        Self { size, rgb }
    }

    /// Width and height.
    pub fn size(&self) -> PhotoSize {
        self.size
    }

    /// The bytes: `3 * width * height`, red first.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The bytes, given away.
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }

    /// The colour at column `x`, row `y`.
    ///
    /// # Panics
    /// When the position lies outside the picture.
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        assert!(x < self.size.width && y < self.size.height);
        let at = 3 * (y as usize * self.size.width as usize + x as usize);
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }
}

impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Photo({})", self.size)
    }
}

#[cfg(test)]
mod tests;
