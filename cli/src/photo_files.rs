//! The photos of a folder, by their names.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// File names that end so hold photos; what else lies in a folder is not looked at.
const EXTENSIONS: [&str; 14] = [
    "png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "pnm", "ppm", "pgm", "pbm", "pam",
    "jfif",
];

/// Files of a folder that hold photos, sorted.
///
/// # Errors
/// A folder that cannot be read.
pub fn in_folder(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let named = || format!("{}: folder of photos cannot be read", folder.display());
    let is_photo = |path: &PathBuf| {
        let extension = path.extension().and_then(OsStr::to_str);
        extension.is_some_and(|e| EXTENSIONS.contains(&e.to_ascii_lowercase().as_str()))
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(named)? {
        paths.push(entry.with_context(named)?.path());
    }
    paths.retain(is_photo);
    paths.sort();
    Ok(paths)
}
