//! `NAME.sigmf-data` as it is written: buffered, hashed, counted.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use num_complex::Complex32;
use sha2::{Digest, Sha512};

use super::error::SigmfError;
use super::formats::{Datatype, Misfits};
use super::writer::Existing;

/// Bytes that are handed to the system in one go.
const BUFFER_BYTES: usize = 256 << 10;
/// Samples that are turned into bytes in one go.
const PIECE_SAMPLES: usize = 8192;

/// The file of samples. Dropped, it forgets what was not flushed.
pub(super) struct DataFile {
    path: PathBuf,
    file: File,
    hash: Sha512,
    datatype: Datatype,
    buffer: Vec<u8>,
    pub samples: u64,
    pub misfits: Misfits,
}

impl DataFile {
    pub fn create(path: &Path, datatype: Datatype, existing: Existing) -> Result<Self, SigmfError> {
        let mut options = OpenOptions::new();
        options.write(true);
        match existing {
            Existing::Refuse => options.create_new(true),
            Existing::Replace => options.create(true).truncate(true),
        };
        let file = options.open(path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => SigmfError::Exists {
                path: path.to_owned(),
            },
            _ => SigmfError::io(path, "create")(source),
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
            hash: Sha512::new(),
            datatype,
            buffer: Vec::new(),
            samples: 0,
            misfits: Misfits::default(),
        })
    }

    pub fn write(&mut self, samples: &[Complex32]) -> Result<(), SigmfError> {
        for piece in samples.chunks(PIECE_SAMPLES) {
            let misfits = self.datatype.encode(piece, &mut self.buffer);
            self.samples += piece.len() as u64;
            self.misfits.saturated += misfits.saturated;
            self.misfits.not_finite += misfits.not_finite;
            if self.buffer.len() >= BUFFER_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Hands everything to the system.
    pub fn flush(&mut self) -> Result<(), SigmfError> {
        let written = self.file.write_all(&self.buffer);
        written.map_err(SigmfError::io(&self.path, "write"))?;
        self.hash.update(&self.buffer);
        self.buffer.clear();
        Ok(())
    }

    /// Waits until everything is on the disk; gives the hash in hex.
    pub fn finish(&mut self) -> Result<String, SigmfError> {
        self.flush()?;
        let synced = self.file.sync_all();
        synced.map_err(SigmfError::io(&self.path, "write"))?;
        Ok(to_hex(&self.hash.clone().finalize()))
    }

    /// After an error: cuts off what is no whole sample and `reserve_bytes` more, so that metadata find room on a full
    /// disk.
    pub fn cut(&mut self, reserve_bytes: u64) -> io::Result<()> {
        self.buffer.clear();
        let sample_bytes = self.datatype.sample_bytes() as u64;
        let kept = self.file.metadata()?.len().saturating_sub(reserve_bytes) / sample_bytes;
        self.file.set_len(kept * sample_bytes)?;
        self.samples = kept;
        Ok(())
    }
}

/// Bytes in hex.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
