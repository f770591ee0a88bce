//! Pictures that are kept for the picture grid.

use std::path::{Path, PathBuf};

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
