//! The photos of a folder: which are sent, and which are skipped and why.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use heliograph::metrics::LPIPS_MIN_SIDE;
use heliograph::photo::Photo;
use heliograph_baselines::analog_cbr;
use heliograph_evidence::unique_name;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::air::CAPTION;
use super::grid::TypedCbr;
use crate::say::say;
use crate::{output, photo_files};

/// A photo that is sent.
#[derive(Clone, Debug)]
pub struct Picture {
    /// File name without extension: its name in the rows.
    pub name: String,
    pub path: PathBuf,
    /// File name, size and hash, in words.
    pub identity: String,
}

/// A photo that is not.
#[derive(Clone, Debug)]
pub struct Skipped {
    pub file: String,
    pub reason: String,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Photos {
    pub pictures: Vec<Picture>,
    pub skipped: Vec<Skipped>,
}

impl Photos {
    /// Reads every photo of the folder once.
    ///
    /// # Errors
    /// A folder that cannot be read or holds no usable photo; two files of one name.
    pub fn find(folder: &Path, cbrs: &[TypedCbr]) -> anyhow::Result<Self> {
        let paths = photo_files::in_folder(folder)?;
        distinct_names(&paths)?;
        let smallest = cbrs.iter().min_by(|a, b| a.value.total_cmp(&b.value));
        let smallest = smallest.context("--cbr: found none, allowed at least one")?;
        let looked_at: Vec<_> = paths.par_iter().map(|path| look(path, smallest)).collect();
        let mut photos = Self::default();
        for (path, found) in paths.iter().zip(looked_at) {
            match found {
                Ok(picture) => photos.pictures.push(picture),
                Err(reason) => photos.skipped.push(Skipped {
                    file: file_name(path),
                    reason,
                }),
            }
        }
        if photos.pictures.is_empty() {
            photos.say_skipped();
            let (folder, found) = (folder.display(), paths.len());
            anyhow::bail!(
                "{folder}: found {found} photos of which none can be sent, allowed at least one"
            );
        }
        Ok(photos)
    }

    /// Names every skipped photo on standard error.
    pub fn say_skipped(&self) {
        for Skipped { file, reason } in &self.skipped {
            say!("heliograph: {file}: skipped: {reason}");
        }
    }

    /// Writes `skipped.csv`.
    ///
    /// # Errors
    /// Names the file.
    pub fn write_skipped(&self, path: &Path) -> anyhow::Result<()> {
        let mut text = "picture,reason\n".to_owned();
        for Skipped { file, reason } in &self.skipped {
            text += &format!("{},{}\n", quoted(file), quoted(reason));
        }
        output::write_text(path, &text)
    }
}

/// As RFC 4180 has fields.
fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('"', "\"\"").replace(['\n', '\r'], " ")
    )
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Names must differ also as folders of kept pictures, on file systems that fold case too.
fn distinct_names(paths: &[PathBuf]) -> anyhow::Result<()> {
    let mut taken: HashMap<String, &PathBuf> = HashMap::new();
    for path in paths {
        let name = unique_name(&stem(path)).to_lowercase();
        if let Some(other) = taken.insert(name, path) {
            let (one, two) = (other.display(), file_name(path));
            anyhow::bail!(
                "{one}: found a second photo of that name, {two}, allowed one (extension and case aside)"
            );
        }
    }
    Ok(())
}

/// The photo, or why it is skipped.
fn look(path: &Path, smallest: &TypedCbr) -> Result<Picture, String> {
    let name = stem(path);
    if name.contains([',', '"', '\n', '\r']) {
        return Err("found a comma or quote or line end in its name, allowed none".to_owned());
    }
    // The file is named beside the reason anyway.
    let folder = format!("{}: ", path.display());
    let in_words = |error: String| error.replace(&folder, "");
    let photo = Photo::open(path).map_err(|e| in_words(e.to_string()))?;
    let size = photo.size();
    if size.width().min(size.height()) < LPIPS_MIN_SIDE {
        return Err(format!(
            "found {size} pixels, allowed sides from {LPIPS_MIN_SIDE}"
        ));
    }
    let fits = analog_cbr(&photo, Some(CAPTION), smallest.value);
    if fits.map_err(|e| e.to_string())?.is_none() {
        let ratio = &smallest.text;
        return Err(format!(
            "found {size} pixels, too few: {ratio} of their colour values is less than a header takes"
        ));
    }
    let bytes = fs::read(path).map_err(|e| e.to_string())?;
    let hash: String = Sha256::digest(&bytes)
        .iter()
        .take(16)
        .map(|b| format!("{b:02x}"))
        .collect();
    Ok(Picture {
        identity: format!("{}: {} bytes, SHA-256 {hash}", file_name(path), bytes.len()),
        path: path.to_owned(),
        name,
    })
}
