//! Photos to files: PNG, whole or not at all.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageError};

use super::{Photo, PhotoError};

impl Photo {
    /// Writes a PNG. A temporary file in the same folder takes its name only when it is complete,
    /// so `path` holds the old picture or the new one, never a part.
    ///
    /// # Errors
    /// [`PhotoError::Io`] naming the file: no such folder, no permission, disk full.
    pub fn save_png(&self, path: impl AsRef<Path>) -> Result<(), PhotoError> {
        let path = path.as_ref();
        let temporary = temporary_beside(path);
        let result = self
            .write_png(&temporary)
            .and_then(|()| fs::rename(&temporary, path));
        result.map_err(|source| {
            // The first error is the one to report.
            let _ = fs::remove_file(&temporary);
            PhotoError::Io {
                path: path.to_owned(),
                source,
            }
        })
    }

    fn write_png(&self, path: &Path) -> std::io::Result<()> {
        let file = File::options().write(true).create_new(true).open(path)?;
        let mut writer = BufWriter::new(file);
        let encoder =
            PngEncoder::new_with_quality(&mut writer, CompressionType::Fast, FilterType::Adaptive);
        let (width, height) = (self.size.width(), self.size.height());
        encoder
            .write_image(&self.rgb, width, height, ExtendedColorType::Rgb8)
            .map_err(into_io)?;
        writer.flush()
    }
}

fn into_io(error: ImageError) -> std::io::Error {
    match error {
        ImageError::IoError(error) => error,
        other => std::io::Error::other(other.to_string()),
    }
}

/// A hidden name in the folder of `path` that no other writer of this or another process uses.
fn temporary_beside(path: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.{}.{number}.tmp", std::process::id()))
}
