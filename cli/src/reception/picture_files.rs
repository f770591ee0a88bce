//! One received picture to files: as it was painted, with its report, and its symbols where they are kept.

use std::io::Write;
use std::path::{Path, PathBuf};

use heliograph::bits::digital::Section;
use heliograph::codec::{CodecId, LatentsFile, LatentsFileError, LatentsOrigin};
use heliograph::link::ReceivedPicture;
use heliograph::link::message::MessageError;
use heliograph::photo::Photo;

use super::report::Reception;
use crate::output;
use crate::painters::Painted;
use crate::say::say;

/// Writes pictures to a folder.
pub struct PictureFiles {
    folder: PathBuf,
    symbols: KeepSymbols,
}

/// What became of a picture.
pub struct Taken {
    pub reception: Reception,
    /// `None` if it could not be painted.
    pub photo: Option<Photo>,
    /// Nobody had written a report of this name before.
    pub is_new: bool,
}

/// Whose symbols are written as `0001.safetensors`, to be painted later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepSymbols {
    /// Those of pictures that cannot be painted here.
    OfUnpainted,
    /// All.
    OfAll,
}

impl PictureFiles {
    /// Writes to `folder`, which is made.
    ///
    /// # Errors
    /// Names the folder.
    pub fn new(folder: &Path, symbols: KeepSymbols) -> anyhow::Result<Self> {
        output::make_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            symbols,
        })
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a picture of this name was taken before: its report is written last.
    pub fn has(&self, stem: &str) -> bool {
        self.folder.join(format!("{stem}.json")).is_file()
    }

    /// Writes a picture with its report. A picture that could not be painted has a report that says why, and its symbols in a
    /// file.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn write(
        &self,
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
        let (reception, is_new) = self.report(stem, reception, picture)?;
        Ok(Taken {
            reception,
            photo,
            is_new,
        })
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
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn publish(
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
        let (reception, is_new) = self.report(stem, reception, picture)?;
        Ok(Taken {
            reception,
            photo: None,
            is_new,
        })
    }

    /// The report comes last; of several programs that write one of this name the first does.
    fn report(
        &self,
        stem: &str,
        mut reception: Reception,
        picture: &ReceivedPicture,
    ) -> anyhow::Result<(Reception, bool)> {
        if self.symbols == KeepSymbols::OfAll || reception.not_painted.is_some() {
            self.keep_symbols(stem, picture, &mut reception)?;
        }
        let path = self.path(stem, &mut reception, "json");
        let is_new = output::write_new_text(&path, &reception.text()?)?;
        Ok((reception, is_new))
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
        let file = match symbols(picture) {
            None => return Ok(()),
            Some(Ok(file)) => file,
            Some(Err(error)) => {
                say!("{stem}: symbols not kept: {error}");
                return Ok(());
            }
        };
        let path = self.path(stem, reception, "safetensors");
        output::write_whole(&path, |writer| file.write(writer))
    }
}

/// The symbols as received, with their variances; `None` for a codec without a name, or without its side information.
fn symbols(picture: &ReceivedPicture) -> Option<Result<LatentsFile, LatentsFileError>> {
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
    Some(LatentsFile::received(
        origin,
        picture.symbols.clone(),
        picture.variances.clone(),
        side_information.clone(),
    ))
}
