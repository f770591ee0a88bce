//! A recording to samples.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use num_complex::Complex32;
use sha2::{Digest, Sha512};

use super::data_file::to_hex;
use super::error::SigmfError;
use super::formats::Datatype;
use super::metadata::{Metadata, RecordingState};
use super::paths::Paths;
use super::segments::Layout;
use crate::radio::{Lost, Reception};

/// Samples that are read from the file in one go.
const PIECE_SAMPLES: usize = 16_384;

/// Reads a recording from its first sample to its last.
#[derive(Debug)]
pub struct SigmfReader {
    /// Of the metadata, or of the data where there are none.
    path: PathBuf,
    data_path: PathBuf,
    data: File,
    layout: Layout,
    metadata: Option<Metadata>,
    /// Segment of the next sample.
    segment: usize,
    /// Next sample.
    position: u64,
    bytes: Vec<u8>,
}

impl SigmfReader {
    /// Opens `NAME`, `NAME.sigmf-meta` or `NAME.sigmf-data` and checks all but the samples themselves.
    ///
    /// # Errors
    /// [`SigmfError::Io`], [`SigmfError::Field`], [`SigmfError::Data`].
    pub fn open(path: &Path) -> Result<Self, SigmfError> {
        let paths = Paths::of(path);
        let metadata = Metadata::from_file(&paths.meta)?;
        let (data, bytes) = open_data(&paths.data)?;
        let layout = Layout::new(&paths, &metadata, bytes)?;
        Ok(Self::new(
            paths.meta,
            paths.data,
            data,
            layout,
            Some(metadata),
        ))
    }

    /// Opens a file of samples without metadata (`.cf32`, `.ci8`, `.cs8`); `sample_rate_hz` is 1 to 1e9 samples per
    /// second.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_raw(
        path: &Path,
        datatype: Datatype,
        sample_rate_hz: f64,
    ) -> Result<Self, SigmfError> {
        let (data, bytes) = open_data(path)?;
        let layout = Layout::raw(path, bytes, datatype, sample_rate_hz)?;
        Ok(Self::new(
            path.to_owned(),
            path.to_owned(),
            data,
            layout,
            None,
        ))
    }

    fn new(
        path: PathBuf,
        data_path: PathBuf,
        data: File,
        layout: Layout,
        metadata: Option<Metadata>,
    ) -> Self {
        Self {
            path,
            data_path,
            data,
            layout,
            metadata,
            segment: 0,
            position: 0,
            bytes: Vec::new(),
        }
    }

    /// The metadata as they are in the file, if there are any.
    pub fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    /// The file that was opened, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How samples lie in the file.
    pub fn datatype(&self) -> Datatype {
        self.layout.datatype
    }

    /// Samples per second.
    pub fn sample_rate_hz(&self) -> f64 {
        self.layout.sample_rate_hz
    }

    /// Centre frequency of the first capture, Hz, where it is known.
    pub fn frequency_hz(&self) -> Option<f64> {
        let captures = &self.metadata.as_ref()?.captures;
        captures.first()?.frequency_hz
    }

    /// Samples in the file.
    pub fn samples(&self) -> u64 {
        self.layout.samples
    }

    /// [`RecordingState::Recording`] if the program that recorded was killed, or records still.
    pub fn state(&self) -> RecordingState {
        let state = self.metadata.as_ref().and_then(|m| m.global.state);
        state.unwrap_or(RecordingState::Complete)
    }

    /// Reads into `samples`, never beyond a capture; `None` after the last sample.
    ///
    /// # Errors
    /// [`SigmfError::Io`], [`SigmfError::Data`] for a sample that is not finite or a file that became shorter.
    pub fn read(&mut self, samples: &mut [Complex32]) -> Result<Option<Reception>, SigmfError> {
        let Some(segment) = self.layout.segments.get(self.segment).copied() else {
            return Ok(None);
        };
        if self.position >= segment.end {
            // Segments have samples, but for the only one of an empty file.
            return Ok(None);
        }
        let left = segment.end - self.position;
        let count = samples
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        for piece in samples[..count].chunks_mut(PIECE_SAMPLES) {
            self.read_piece(piece)?;
        }
        let offset = self.position - segment.start;
        let lost = match (offset, count) {
            (0, 1..) => segment.lost,
            _ => Lost::Nothing,
        };
        self.position += count as u64;
        self.segment += usize::from(self.position == segment.end);
        Ok(Some(Reception {
            samples: count,
            time: segment.clock.time(offset, self.layout.sample_rate_hz),
            lost,
        }))
    }

    fn read_piece(&mut self, piece: &mut [Complex32]) -> Result<(), SigmfError> {
        let datatype = self.layout.datatype;
        self.bytes.resize(piece.len() * datatype.sample_bytes(), 0);
        let read = self.data.read_exact(&mut self.bytes);
        read.map_err(SigmfError::io(&self.data_path, "read"))?;
        datatype.decode(&self.bytes, piece);
        let finite = |sample: &&Complex32| !(sample.re.is_finite() && sample.im.is_finite());
        match piece.iter().find(finite) {
            None => Ok(()),
            Some(sample) => Err(SigmfError::data(
                &self.data_path,
                format!("the sample {sample} after sample {}", self.position),
                "finite numbers",
            )),
        }
    }

    /// Compares the data with their hash, reading them all; the next [`read`](Self::read) begins at the first sample.
    ///
    /// # Errors
    /// [`SigmfError::Field`] if they differ or there is no hash (a raw file, a recording that was cut off).
    pub fn verify(&mut self) -> Result<(), SigmfError> {
        let field = "global.core:sha512";
        let metadata = self.metadata.as_ref();
        let Some(expected) = metadata.and_then(|m| m.global.sha512.clone()) else {
            let allowed = "the hash of the data";
            return Err(SigmfError::field(&self.path, field, "nothing", allowed));
        };
        let found = self.hash()?;
        self.rewind()?;
        match found.eq_ignore_ascii_case(&expected) {
            true => Ok(()),
            false => Err(SigmfError::field(
                &self.path,
                field,
                format!("{:.16}...", expected),
                format!("{found:.16}..., the hash of the data"),
            )),
        }
    }

    fn hash(&mut self) -> Result<String, SigmfError> {
        self.rewind()?;
        let mut hash = Sha512::new();
        let mut bytes = vec![0; PIECE_SAMPLES * 8];
        loop {
            let read = self.data.read(&mut bytes);
            match read.map_err(SigmfError::io(&self.data_path, "read"))? {
                0 => return Ok(to_hex(&hash.finalize())),
                n => hash.update(&bytes[..n]),
            }
        }
    }

    /// Goes back to the first sample.
    ///
    /// # Errors
    /// [`SigmfError::Io`].
    pub fn rewind(&mut self) -> Result<(), SigmfError> {
        let rewound = self.data.rewind();
        rewound.map_err(SigmfError::io(&self.data_path, "read"))?;
        (self.segment, self.position) = (0, 0);
        Ok(())
    }
}

/// The file and its length in bytes.
fn open_data(path: &Path) -> Result<(File, u64), SigmfError> {
    // A pipe would wait for its writer when it is opened.
    let there = path.metadata().map_err(SigmfError::io(path, "open"))?;
    if !there.is_file() {
        return Err(SigmfError::data(path, "a folder or device", "a file"));
    }
    let file = File::open(path).map_err(SigmfError::io(path, "open"))?;
    let metadata = file.metadata().map_err(SigmfError::io(path, "open"))?;
    Ok((file, metadata.len()))
}
