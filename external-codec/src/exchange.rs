//! The files that pass between this program and the other, in a folder of their own.

use std::fs;
use std::path::{Path, PathBuf};

use heliograph::photo::{Photo, PhotoSize};
use num_complex::Complex32;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors, serialize};
use tempfile::TempDir;

use crate::{ExternalError, live};

/// Most side information that is read, in bytes; a header can announce as much with a caption beside it.
const MAX_SIDE_BYTES: usize = 1 << 15;
/// Room for the header of a file.
const MAX_HEADER_BYTES: usize = 1 << 16;
/// Real and imaginary parts beyond this are not scaled any more.
const MAX_PART: f32 = 1e6;

const PHOTO: &str = "photo.png";
const RECEIVED: &str = "received.safetensors";
const ENCODED: &str = "encoded.safetensors";
const PAINTED: &str = "painted.png";

/// What a program made of a photo.
pub struct Encoded {
    pub symbols: Vec<Complex32>,
    pub side_information: Vec<u8>,
}

/// A folder that goes when this is dropped.
pub struct Exchange {
    folder: TempDir,
    /// Requests so far: each has names of its own, so that no program writes into the files of another.
    requests: u64,
}

impl Drop for Exchange {
    fn drop(&mut self) {
        live::left(self.folder.path());
    }
}

impl Exchange {
    pub fn new() -> Result<Self, ExternalError> {
        let folder = TempDir::with_prefix("heliograph-codec-");
        let folder = folder.map_err(ExternalError::io("a folder"))?;
        live::used(folder.path());
        let requests = 0;
        Ok(Self { folder, requests })
    }

    /// Begins a request: the files of the last one go.
    pub fn begin(&mut self) {
        for name in [PHOTO, ENCODED, RECEIVED, PAINTED] {
            let _ = fs::remove_file(self.path(name));
        }
        self.requests += 1;
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{}-{name}", self.requests))
    }

    /// Where it shall write symbols.
    pub fn encoded(&self) -> PathBuf {
        self.path(ENCODED)
    }

    /// Where it shall write a picture.
    pub fn painted(&self) -> PathBuf {
        self.path(PAINTED)
    }

    /// Writes a photo for it.
    pub fn write_photo(&self, photo: &Photo) -> Result<PathBuf, ExternalError> {
        let path = self.path(PHOTO);
        match photo.save_png(&path) {
            Ok(()) => Ok(path),
            Err(error) => Err(of(PHOTO, error)),
        }
    }

    /// Writes what was received for it.
    pub fn write_received(
        &self,
        symbols: &[Complex32],
        variances: &[f32],
        side_information: &[u8],
    ) -> Result<PathBuf, ExternalError> {
        let parts = symbols.iter().flat_map(|symbol| [symbol.re, symbol.im]);
        let parts: Vec<u8> = parts.flat_map(f32::to_le_bytes).collect();
        let noise: Vec<u8> = variances.iter().flat_map(|v| v.to_le_bytes()).collect();
        let view = |dtype, shape: &[usize], bytes| TensorView::new(dtype, shape.to_vec(), bytes);
        let tensors = || {
            Ok([
                ("symbols", view(Dtype::F32, &[symbols.len(), 2], &parts)?),
                ("variances", view(Dtype::F32, &[variances.len()], &noise)?),
                (
                    "side_information",
                    view(Dtype::U8, &[side_information.len()], side_information)?,
                ),
            ])
        };
        let path = self.path(RECEIVED);
        let file = tensors().and_then(|tensors| serialize(tensors, None));
        let file = file.map_err(|error| of(RECEIVED, error))?;
        fs::write(&path, file).map_err(ExternalError::io(RECEIVED))?;
        Ok(path)
    }

    /// The symbols that it wrote, at most `budget`.
    pub fn read_encoded(&self, budget: usize) -> Result<Encoded, ExternalError> {
        // Twice what fits: a tensor of another type is to be named, not its length.
        let largest = 16 * budget + MAX_SIDE_BYTES + MAX_HEADER_BYTES;
        let bytes = read(&self.path(ENCODED), ENCODED, largest as u64)?;
        let file = SafeTensors::deserialize(&bytes).map_err(|error| of(ENCODED, error))?;
        Ok(Encoded {
            symbols: symbols(&file, budget)?,
            side_information: side_information(&file)?,
        })
    }

    /// The picture that it wrote.
    pub fn read_painted(&self, size: PhotoSize) -> Result<Photo, ExternalError> {
        let largest = 8 * size.pixels() as u64 + (1 << 20);
        let bytes = read(&self.path(PAINTED), PAINTED, largest)?;
        let photo = Photo::from_bytes(&bytes, PAINTED).map_err(|error| of(PAINTED, error))?;
        if photo.size() != size {
            let reason = format!("found {}, allowed {size}", photo.size());
            return Err(of(PAINTED, reason));
        }
        Ok(photo)
    }
}

fn symbols(file: &SafeTensors<'_>, budget: usize) -> Result<Vec<Complex32>, ExternalError> {
    let wrong = |reason: String| of(ENCODED, format!("tensor symbols: {reason}"));
    let tensor = file.tensor("symbols").map_err(|e| wrong(e.to_string()))?;
    let (dtype, shape) = (tensor.dtype(), tensor.shape());
    let fits = matches!(shape, &[count, 2] if (1..=budget).contains(&count));
    if dtype != Dtype::F32 || !fits {
        return Err(wrong(format!(
            "found {dtype:?} {shape:?}, allowed F32 [N, 2] with N of 1 to {budget}"
        )));
    }
    let (parts, _) = tensor.data().as_chunks::<4>();
    let parts: Vec<f32> = parts.iter().map(|part| f32::from_le_bytes(*part)).collect();
    let usable = |part: &f32| part.abs() <= MAX_PART;
    if let Some(at) = parts.iter().position(|part| !usable(part)) {
        let (found, row) = (parts[at], at / 2);
        return Err(wrong(format!(
            "found {found} in row {row}, allowed is up to ±{MAX_PART}"
        )));
    }
    let (pairs, _) = parts.as_chunks::<2>();
    Ok(pairs
        .iter()
        .map(|&[re, im]| Complex32::new(re, im))
        .collect())
}

fn side_information(file: &SafeTensors<'_>) -> Result<Vec<u8>, ExternalError> {
    // It may have none.
    let Ok(tensor) = file.tensor("side_information") else {
        return Ok(Vec::new());
    };
    let (dtype, shape) = (tensor.dtype(), tensor.shape());
    if dtype != Dtype::U8 || shape.len() != 1 || shape[0] > MAX_SIDE_BYTES {
        let reason = format!(
            "tensor side_information: found {dtype:?} {shape:?}, allowed U8 [bytes], at most {MAX_SIDE_BYTES}"
        );
        return Err(of(ENCODED, reason));
    }
    Ok(tensor.data().to_vec())
}

fn of(file: &'static str, reason: impl ToString) -> ExternalError {
    let reason = reason.to_string();
    ExternalError::File { file, reason }
}

/// The bytes of a file that is there, and not larger than it may be.
fn read(path: &Path, file: &'static str, largest: u64) -> Result<Vec<u8>, ExternalError> {
    let known = fs::metadata(path).map_err(|_| of(file, "the program did not write it"))?;
    if !known.is_file() || known.len() > largest {
        let found = known.len();
        return Err(of(
            file,
            format!("found {found} bytes, allowed a file of at most {largest}"),
        ));
    }
    fs::read(path).map_err(ExternalError::io(file))
}
