//! Received pictures to files, numbered as they come: `0001.png` and `0001.json`.

use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use anyhow::Context;
use heliograph::bits::digital::Section;
use heliograph::codec::{CodecId, LatentsFile, LatentsOrigin};
use heliograph::link::ReceivedPicture;
use heliograph::link::message::MessageError;
use heliograph::photo::Photo;

use super::report::Reception;
use crate::codec_args::PainterArgs;
use crate::output;
use crate::painters::{Painted, Painters};
use crate::queue::Spool;

/// Takes received pictures, numbered as they come.
pub struct Pictures {
    files: PictureFiles,
    /// Where there is one, pictures go into a queue instead.
    spool: Option<Spool>,
    sample_rate_hz: f64,
    next: u32,
}

/// Paints pictures and writes them to a folder.
pub struct PictureFiles {
    folder: PathBuf,
    painters: Painters,
    symbols: KeepSymbols,
}

/// What became of a picture.
pub struct Taken {
    pub reception: Reception,
    /// `None` if it could not be painted.
    pub photo: Option<Photo>,
}

/// Whose symbols are written as `0001.safetensors`, to be painted later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepSymbols {
    /// Those of pictures that cannot be painted here.
    OfUnpainted,
    /// All.
    OfAll,
}

impl Pictures {
    /// Numbers go on behind those that are in the folder.
    ///
    /// # Errors
    /// Names the folder.
    pub fn new(
        files: PictureFiles,
        spool: Option<Spool>,
        sample_rate_hz: f64,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            next: next_number(&files.folder)?,
            files,
            spool,
            sample_rate_hz,
        })
    }

    /// Paints a picture, or puts it into the queue, and writes its report.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn take(&mut self, picture: &ReceivedPicture) -> anyhow::Result<Taken> {
        let number = self.next;
        self.next += 1;
        let reception = Reception::new(number, picture, self.sample_rate_hz);
        let stem = format!("{number:04}");
        match &self.spool {
            None => {
                let painted = self.files.paint(picture);
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
        self.files.painters.set(painter);
    }

    /// Where a file of the folder is.
    pub fn file(&self, name: &str) -> PathBuf {
        self.files.folder.join(name)
    }
}

impl PictureFiles {
    /// Writes to `folder`, which is made.
    ///
    /// # Errors
    /// Names the folder.
    pub fn new(folder: &Path, painters: Painters, symbols: KeepSymbols) -> anyhow::Result<Self> {
        output::make_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            painters,
            symbols,
        })
    }

    /// Whether a picture of this name was taken before: its report is written last.
    pub fn has(&self, stem: &str) -> bool {
        self.folder.join(format!("{stem}.json")).is_file()
    }

    /// Paints a picture.
    ///
    /// # Errors
    /// A codec or weights that this program has not; networks that fail, whatever the reason.
    pub fn paint(&mut self, picture: &ReceivedPicture) -> anyhow::Result<Painted> {
        let painted = catch_unwind(AssertUnwindSafe(|| self.painters.paint(picture)));
        painted.unwrap_or_else(|_| Err(anyhow::anyhow!("the painter panicked")))
    }

    /// Writes a picture with its report. A picture that could not be painted has a report that says why, and its symbols in a
    /// file.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn write(
        &mut self,
        stem: &str,
        mut reception: Reception,
        picture: &ReceivedPicture,
        painted: anyhow::Result<Painted>,
    ) -> anyhow::Result<Taken> {
        let mut photo = None;
        match painted {
            Ok(painted) => {
                let size = picture.size();
                let path = self.path(stem, &mut reception, "png");
                output::write_png(&path, painted.photo.rgb(), size.width(), size.height())?;
                reception.model = painted.model;
                photo = Some(painted.photo);
            }
            Err(error) => reception.not_painted = Some(format!("{error:#}")),
        }
        self.report(stem, reception, picture)
            .map(|reception| Taken { reception, photo })
    }

    /// Keeps what came from a queue as it came.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn keep_message(&self, stem: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.folder.join(format!("{stem}.heliopic"));
        output::write_whole(&path, |writer| writer.write_all(bytes))
    }

    /// Writes the report of a picture that is in line, or whose symbols are kept as it cannot be.
    fn publish(
        &self,
        stem: &str,
        mut reception: Reception,
        picture: &ReceivedPicture,
        id: anyhow::Result<String>,
    ) -> anyhow::Result<Taken> {
        match id {
            Ok(id) => reception.id = Some(id),
            Err(error) if error.is::<MessageError>() => {
                reception.not_painted = Some(format!("not in the queue: {error}"));
            }
            Err(error) => return Err(error),
        }
        let reception = self.report(stem, reception, picture)?;
        Ok(Taken {
            reception,
            photo: None,
        })
    }

    fn report(
        &self,
        stem: &str,
        mut reception: Reception,
        picture: &ReceivedPicture,
    ) -> anyhow::Result<Reception> {
        if self.symbols == KeepSymbols::OfAll || reception.not_painted.is_some() {
            self.keep_symbols(stem, picture, &mut reception)?;
        }
        let path = self.path(stem, &mut reception, "json");
        output::write_text(&path, &reception.text()?)?;
        Ok(reception)
    }

    /// Where a file of this picture goes; it is listed in the report.
    fn path(&self, stem: &str, reception: &mut Reception, extension: &str) -> PathBuf {
        let name = format!("{stem}.{extension}");
        reception.files.push(name.clone());
        self.folder.join(name)
    }

    /// Writes the symbols, where this program knows the codec's name.
    fn keep_symbols(
        &self,
        stem: &str,
        picture: &ReceivedPicture,
        reception: &mut Reception,
    ) -> anyhow::Result<()> {
        let Some(file) = symbols(picture) else {
            return Ok(());
        };
        let path = self.path(stem, reception, "safetensors");
        output::write_whole(&path, |writer| file.write(writer))
    }
}

/// The symbols as received, with their variances; `None` for a codec without a name, or without its side information.
fn symbols(picture: &ReceivedPicture) -> Option<LatentsFile> {
    let fields = picture.header.fields();
    let Section::Received(side_information) = &picture.side_information else {
        return None;
    };
    let origin = LatentsOrigin {
        codec: CodecId::try_from(fields.codec).ok()?,
        weights_hash: fields.weights_hash,
        size: picture.size(),
        cbr: heliograph::codec::Cbr::from_code(fields.cbr_code).ok()?,
        program: None,
    };
    LatentsFile::received(
        origin,
        picture.symbols.clone(),
        picture.variances.clone(),
        side_information.clone(),
    )
    .ok()
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
}
