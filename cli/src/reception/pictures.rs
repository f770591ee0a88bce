//! Received pictures, numbered as they come: to files `0001.png` and `0001.json`, or into a queue.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use heliograph::link::ReceivedPicture;

use super::picture_files::{PictureFiles, Taken};
use super::report::Reception;
use crate::codec_args::PainterArgs;
use crate::output::Claim;
use crate::painters::Painters;
use crate::queue::Spool;

/// Takes received pictures, numbered as they come.
pub struct Pictures {
    files: PictureFiles,
    painters: Painters,
    /// Where there is one, pictures go into a queue instead.
    spool: Option<Spool>,
    sample_rate_hz: f64,
    next: u32,
}

impl Pictures {
    /// Numbers go on behind those that are in the folder; another program may take some of them meanwhile.
    ///
    /// # Errors
    /// Names the folder.
    pub fn new(
        files: PictureFiles,
        painters: Painters,
        spool: Option<Spool>,
        sample_rate_hz: f64,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            next: next_number(files.folder())?,
            files,
            painters,
            spool,
            sample_rate_hz,
        })
    }

    /// Paints a picture, or puts it into the queue, and writes its report.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn take(&mut self, picture: &ReceivedPicture) -> anyhow::Result<Taken> {
        // Held until the picture's files are there.
        let (number, _claim) = claimed(self.files.folder(), &mut self.next)?;
        let reception = Reception::new(number, picture, self.sample_rate_hz);
        let stem = format!("{number:04}");
        match &self.spool {
            None => {
                let painted = self.painters.paint(picture);
                self.files.write(&stem, reception, picture, painted)
            }
            Some(spool) => {
                let id = spool.put(number, picture, self.sample_rate_hz);
                self.files.publish(&stem, reception, picture, id)
            }
        }
    }

    /// Publishes what still waits, if it is published at all; whether nothing is left.
    pub fn finish(self) -> bool {
        self.spool.is_none_or(Spool::finish)
    }

    /// Other flags for the pictures to come.
    pub fn set_painter(&mut self, painter: PainterArgs) {
        self.painters.set(painter);
    }

    /// Where a file of the folder is.
    pub fn file(&self, name: &str) -> PathBuf {
        self.files.folder().join(name)
    }
}

/// A number from `next` on that nobody uses, nor is about to.
fn claimed(folder: &Path, next: &mut u32) -> anyhow::Result<(u32, Claim)> {
    loop {
        let number = *next;
        *next = number.checked_add(1).with_context(|| {
            format!("{}: {number} is the last number there is", folder.display())
        })?;
        let claim = Claim::take(folder.join(format!(".{number:04}.claim")))?;
        if let (Some(claim), false) = (claim, is_used(folder, number)) {
            return Ok((number, claim));
        }
    }
}

/// Whether there are files of this number.
fn is_used(folder: &Path, number: u32) -> bool {
    let of = |extension| folder.join(format!("{number:04}.{extension}"));
    ["json", "png", "safetensors"]
        .iter()
        .any(|extension| of(extension).exists())
}

/// The number behind the highest one of the folder's files.
fn next_number(folder: &Path) -> anyhow::Result<u32> {
    let named = || format!("{}: folder cannot be read", folder.display());
    let mut highest = 0u32;
    for entry in fs::read_dir(folder).with_context(named)? {
        let name = entry.with_context(named)?.file_name();
        let number = name
            .to_str()
            .and_then(|n| n.split('.').next()?.parse().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_behind_those_that_are_there() {
        let name = format!("heliograph-pictures-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(next_number(&folder).unwrap(), 1);
        for name in ["0007.png", "0003.json", "notes.txt", "x0009.png"] {
            fs::write(folder.join(name), "").unwrap();
        }
        assert_eq!(next_number(&folder).unwrap(), 8);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn two_receivers_in_a_folder_take_different_numbers() {
        let name = format!("heliograph-claims-{}", std::process::id());
        let folder = &std::env::temp_dir().join(name);
        fs::create_dir_all(folder).unwrap();
        let (mut own, mut others) = (1, 1);
        let (first, claim) = claimed(folder, &mut own).unwrap();
        let (second, _painting) = claimed(folder, &mut others).unwrap();
        assert_eq!((first, second), (1, 2));
        fs::write(folder.join("0001.png"), "").unwrap();
        drop(claim);
        // What is there is seen after its claim is gone, and what is claimed before it is there.
        let (third, _claim) = claimed(folder, &mut 1).unwrap();
        assert_eq!(third, 3);
        let last = claimed(folder, &mut { u32::MAX }).map(|_| ()).unwrap_err();
        assert!(last.to_string().contains("4294967295 is the last number"));
        fs::remove_dir_all(folder).unwrap();
    }
}
