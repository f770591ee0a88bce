//! Pictures that are kept for the picture grid.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use heliograph::photo::Photo;
use heliograph_evidence::{safe_name, unique_name};

use super::row::Key;
use crate::output;

/// The folder of a picture.
fn folder(out: &Path, picture: &str) -> PathBuf {
    out.join("pictures").join(unique_name(picture))
}

/// Where the photo that was sent goes.
pub fn sent(out: &Path, picture: &str) -> PathBuf {
    folder(out, picture).join("sent.png")
}

/// Where the received one goes.
pub fn received(out: &Path, key: &Key) -> PathBuf {
    let labels = [&key.channel, &key.cbr, &key.codec, &key.snr_db];
    let name = labels.map(|label| safe_name(label)).join("_");
    folder(out, &key.picture).join(format!("{name}.png"))
}

/// Copies what an earlier run kept of a row, unless it is here or was not kept there.
///
/// # Errors
/// Names the file that cannot be written.
pub fn take(from: &Path, out: &Path, key: &Key) -> anyhow::Result<()> {
    let pairs = [
        (sent(from, &key.picture), sent(out, &key.picture)),
        (received(from, key), received(out, key)),
    ];
    for (theirs, ours) in pairs {
        if theirs.is_file() && !ours.is_file() {
            if let Some(folder) = ours.parent() {
                output::make_folder(folder)?;
            }
            let bytes = fs::read(&theirs).with_context(|| theirs.display().to_string())?;
            output::write_whole(&ours, |writer| writer.write_all(&bytes))?;
        }
    }
    Ok(())
}

/// Writes one.
///
/// # Errors
/// Names the file.
pub fn write(path: &Path, photo: &Photo) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        output::make_folder(folder)?;
    }
    output::write_png(
        path,
        photo.rgb(),
        photo.size().width(),
        photo.size().height(),
    )
}
