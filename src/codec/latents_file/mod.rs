//! Symbols in a file, for a channel of one's own between encoder and decoder.
//!
//! A [safetensors](https://huggingface.co/docs/safetensors) file, version 1 of this format:
//!
//! | tensor | type and shape | holds |
//! |---|---|---|
//! | `symbols` | f32 \[N, 2\] | real and imaginary parts, unit mean power; N is what the ratio gives for the size |
//! | `variances` | f32 \[N\], optional | noise variance of each complex symbol; absent: 0, no noise; infinite: lost |
//! | `side_information` | u8 \[bytes\] | what the decoder must know beside the symbols |
//!
//! A variance of 0 is taken as about -90 dB of noise, beyond the precision of the symbols; codec `deepjscc` takes no symbol for less noisy than -20 dB.
//!
//! The metadata, all strings, say `format` (`heliograph-latents`), `format_version`, `codec`, `weights_hash` (eight
//! hexadecimal digits), `width`, `height`, `cbr` and `program`. `cli/LATENTS.md` explains them to users.
//!
//! Files come from anywhere: the header is believed only when everything in it fits together, and nothing is allocated
//! for a file that is not as long as its header says.
//!
//! ```
//! use heliograph::codec::{LatentsFile, SoftCast};
//! use heliograph::photo::{Photo, PhotoSize};
//!
//! let codec = SoftCast::default();
//! let photo = Photo::filled(PhotoSize::new(64, 48)?, [200, 120, 40]);
//! let mut bytes = Vec::new();
//! LatentsFile::encode(&codec, &photo, "1/12".parse()?)?.write(&mut bytes)?;
//!
//! let file = LatentsFile::from_bytes(&bytes)?;
//! let symbols = file.symbols().iter().map(|symbol| symbol + 0.1).collect();
//! let variances = vec![0.01; file.symbols().len()];
//! let received = file.with_received(symbols, Some(variances))?;
//! assert_eq!(received.decode(&codec)?.size(), photo.size());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod layout;
mod reading;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::Path;

use num_complex::Complex32;

pub use error::LatentsFileError;

use super::{Cbr, Codec, CodecId, Latents, ReceivedLatents};
use crate::photo::{Photo, PhotoSize};
use crate::propagation::{Awgn, Impairment};
use layout::{SYMBOLS, VARIANCES};
use reading::{check_symbols, check_variances};

/// Real and imaginary parts beyond this are no symbols of unit power any more.
pub const MAX_PART: f32 = 1e6;

/// Largest header that is read, in bytes.
pub const MAX_HEADER_BYTES: u64 = 1 << 20;

/// Which picture and codec the symbols belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatentsOrigin {
    /// The codec that made them.
    pub codec: CodecId,
    /// Hash of its weights; 0 when there are none.
    pub weights_hash: u32,
    /// Size of the picture.
    pub size: PhotoSize,
    /// Symbols per colour value.
    pub cbr: Cbr,
    /// The program that wrote the file, as it says.
    pub program: Option<String>,
}

/// A checked file: its symbols are as many as its ratio gives for its picture, and all are finite.
#[derive(Debug, Clone, PartialEq)]
pub struct LatentsFile {
    origin: LatentsOrigin,
    symbols: Vec<Complex32>,
    variances: Option<Vec<f32>>,
    side_information: Vec<u8>,
}

impl LatentsFile {
    /// Encodes a photo.
    ///
    /// # Errors
    /// [`LatentsFileError::Codec`] with what the codec says.
    pub fn encode(codec: &dyn Codec, photo: &Photo, cbr: Cbr) -> Result<Self, LatentsFileError> {
        let size = photo.size();
        let Latents {
            symbols,
            side_information,
        } = codec.encode(photo, None, cbr.symbols(size))?;
        Ok(Self {
            origin: LatentsOrigin {
                codec: codec.id(),
                weights_hash: codec.weights_hash(),
                size,
                cbr,
                program: Some(concat!("heliograph ", env!("CARGO_PKG_VERSION")).to_owned()),
            },
            symbols,
            variances: None,
            side_information,
        })
    }

    /// A picture as a receiver has it: symbols (0 where lost) and the noise variance of each.
    ///
    /// # Errors
    /// As [`with_received`](Self::with_received), against the number of symbols that `origin` announces.
    pub fn received(
        origin: LatentsOrigin,
        symbols: Vec<Complex32>,
        variances: Vec<f32>,
        side_information: Vec<u8>,
    ) -> Result<Self, LatentsFileError> {
        let count = origin.cbr.symbols(origin.size);
        if symbols.len() != count {
            return Err(error::shape(SYMBOLS, &[symbols.len(), 2], &[count, 2]));
        }
        let announced = Self {
            origin,
            symbols: Vec::new(),
            variances: None,
            side_information,
        };
        announced.with_symbols(symbols, Some(variances))
    }

    /// Which picture and codec the symbols belong to.
    pub fn origin(&self) -> &LatentsOrigin {
        &self.origin
    }

    /// The symbols.
    pub fn symbols(&self) -> &[Complex32] {
        &self.symbols
    }

    /// Noise variance of each symbol; `None` when there is no noise.
    pub fn variances(&self) -> Option<&[f32]> {
        self.variances.as_deref()
    }

    /// What the decoder must know beside the symbols.
    pub fn side_information(&self) -> &[u8] {
        &self.side_information
    }

    /// The same picture with what arrived of its symbols.
    ///
    /// # Errors
    /// [`LatentsFileError::Shape`] for another number of symbols or variances, [`LatentsFileError::Value`] for parts
    /// that are not finite or beyond [`MAX_PART`], and for variances that are negative or no number.
    pub fn with_received(
        self,
        symbols: Vec<Complex32>,
        variances: Option<Vec<f32>>,
    ) -> Result<Self, LatentsFileError> {
        let count = self.symbols.len();
        if symbols.len() != count {
            return Err(error::shape(SYMBOLS, &[symbols.len(), 2], &[count, 2]));
        }
        self.with_symbols(symbols, variances)
    }

    fn with_symbols(
        self,
        symbols: Vec<Complex32>,
        variances: Option<Vec<f32>>,
    ) -> Result<Self, LatentsFileError> {
        let count = symbols.len();
        if let Some(found) = variances.as_ref().map(Vec::len).filter(|n| *n != count) {
            return Err(error::shape(VARIANCES, &[found], &[count]));
        }
        check_symbols(&symbols)?;
        check_variances(variances.as_deref().unwrap_or_default())?;
        Ok(Self {
            symbols,
            variances,
            ..self
        })
    }

    /// Adds white noise of `snr_db` against symbols of unit power, on top of what noise there is.
    ///
    /// # Errors
    /// [`LatentsFileError::Value`] for noise so strong that its symbols are beyond [`MAX_PART`].
    pub fn with_white_noise(mut self, snr_db: f64, seed: u64) -> Result<Self, LatentsFileError> {
        let mut symbols = std::mem::take(&mut self.symbols);
        let count = symbols.len();
        Awgn::new(snr_db, seed).process(&mut symbols);
        let added = 10f64.powf(-snr_db / 10.0) as f32;
        let mut variances = self.variances.take().unwrap_or_else(|| vec![0.0; count]);
        variances.iter_mut().for_each(|variance| *variance += added);
        check_symbols(&symbols)?;
        Ok(Self {
            symbols,
            variances: Some(variances),
            ..self
        })
    }

    /// The picture that is most likely behind the symbols.
    ///
    /// # Errors
    /// [`LatentsFileError::OtherCodec`] and [`LatentsFileError::OtherWeights`] when `codec` is not the one that made
    /// them; [`LatentsFileError::Codec`] when the side information makes no sense to it.
    pub fn decode(&self, codec: &dyn Codec) -> Result<Photo, LatentsFileError> {
        self.origin.check(codec)?;
        let clean;
        let variances = match &self.variances {
            Some(variances) => variances,
            None => {
                clean = vec![0.0; self.symbols.len()];
                &clean
            }
        };
        let received = ReceivedLatents {
            symbols: &self.symbols,
            variances,
        };
        Ok(codec.decode(received, &self.side_information, self.origin.size)?)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`LatentsFileError::At`] names the file, and within it what was found and what is allowed.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LatentsFileError> {
        let path = path.as_ref();
        reading::open(path).map_err(|source| LatentsFileError::At {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`LatentsFileError`] with what was found and what is allowed; bytes from anywhere are safe.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LatentsFileError> {
        reading::read(bytes, bytes.len() as u64)
    }

    /// Writes the bytes of a file: the same ones for the same symbols.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, mut out: impl Write) -> io::Result<()> {
        let header = layout::header(self)?;
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&header)?;
        for symbol in &self.symbols {
            out.write_all(&symbol.re.to_le_bytes())?;
            out.write_all(&symbol.im.to_le_bytes())?;
        }
        for variance in self.variances.iter().flatten() {
            out.write_all(&variance.to_le_bytes())?;
        }
        out.write_all(&self.side_information)
    }
}

impl LatentsOrigin {
    /// Is `codec` the one that made the symbols?
    ///
    /// # Errors
    /// [`LatentsFileError::OtherCodec`] and [`LatentsFileError::OtherWeights`].
    pub fn check(&self, codec: &dyn Codec) -> Result<(), LatentsFileError> {
        if self.codec != codec.id() {
            return Err(LatentsFileError::OtherCodec {
                found: self.codec,
                allowed: codec.id(),
            });
        }
        if self.weights_hash != codec.weights_hash() {
            return Err(LatentsFileError::OtherWeights {
                found: self.weights_hash,
                allowed: codec.weights_hash(),
            });
        }
        Ok(())
    }
}
