//! A live stream that is recorded as it is read.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use num_complex::Complex32;

use super::error::SigmfError;
use super::writer::{RecordingSummary, SigmfWriter};
use crate::error::RadioError;
use crate::radio::{Lost, Reception, RxStream};

/// An [`RxStream`] that passes on what it reads, and records it.
///
/// A read whose samples cannot be written gives [`RadioError::Recording`], once; its samples are reported as lost with the
/// next read, and the stream goes on without a recording. What was written until then can be read.
///
/// ```
/// use std::time::Duration;
/// use heliograph_hardware::sigmf::{Datatype, Recorder, RecordingInfo, SigmfWriter};
/// use heliograph_hardware::{Direction, Loopback, Radio, RadioSettings, RxStream};
/// use num_complex::Complex32;
///
/// let folder = tempfile::tempdir()?;
/// let mut radio = Loopback::new(1 << 16);
/// radio.configure(Direction::Receive, &RadioSettings::new(433e6, 2e6))?;
/// let info = RecordingInfo::new(Datatype::Cf32Le, 2e6);
/// let writer = SigmfWriter::create(&folder.path().join("air"), info)?;
///
/// let (mut recorder, recording) = Recorder::new(radio.receive()?, writer);
/// recorder.read(&mut [Complex32::ZERO; 1000], Duration::from_secs(1))?;
/// assert_eq!(recording.finish()?.samples, 1000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Recorder {
    stream: Box<dyn RxStream>,
    recording: RecordingHandle,
    /// Of a read whose samples were not passed on.
    lost: Lost,
}

/// The recording behind a [`Recorder`], for whoever knows of bursts and when to stop.
#[derive(Clone)]
pub struct RecordingHandle {
    writer: Arc<Mutex<Option<SigmfWriter>>>,
    /// The last known state.
    summary: Arc<Mutex<RecordingSummary>>,
}

impl Recorder {
    /// Records `stream` into `writer`.
    pub fn new(stream: Box<dyn RxStream>, writer: SigmfWriter) -> (Self, RecordingHandle) {
        let recording = RecordingHandle {
            summary: Arc::new(Mutex::new(writer.summary())),
            writer: Arc::new(Mutex::new(Some(writer))),
        };
        let recorder = Self {
            stream,
            recording: recording.clone(),
            lost: Lost::Nothing,
        };
        (recorder, recording)
    }
}

impl RxStream for Recorder {
    fn read(
        &mut self,
        samples: &mut [Complex32],
        limit: Duration,
    ) -> Result<Reception, RadioError> {
        let mut reception = self.stream.read(samples, limit)?;
        reception.lost = self.lost.and(reception.lost);
        let written = self.recording.attempt(|writer| {
            let read = &samples[..reception.samples];
            writer.push(read, reception.lost, reception.time)
        });
        if let Err(error) = written {
            let unseen = Lost::Samples(reception.samples as u64);
            self.lost = reception.lost.and(unseen);
            return Err(error.into());
        }
        self.lost = Lost::Nothing;
        Ok(reception)
    }
}

impl RecordingHandle {
    /// Marks a burst; see [`SigmfWriter::annotate_burst`]. Nothing happens where the recording has ended.
    ///
    /// # Errors
    /// Those of [`SigmfWriter::annotate_burst`].
    pub fn annotate_burst(&self, start: u64, count: u64, comment: &str) -> Result<(), SigmfError> {
        self.attempt(|writer| writer.annotate_burst(start, count, comment))
    }

    /// What was recorded so far.
    pub fn summary(&self) -> RecordingSummary {
        let summary = self.summary.lock();
        summary.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the recording; the stream goes on without.
    ///
    /// # Errors
    /// [`SigmfError::Io`]; [`SigmfError::Broken`] if it had ended already.
    pub fn finish(&self) -> Result<RecordingSummary, SigmfError> {
        let writer = self.writer.lock();
        let writer = writer.unwrap_or_else(PoisonError::into_inner).take();
        match writer {
            Some(writer) => writer.finish(),
            None => Err(SigmfError::Broken {
                path: self.summary().path,
            }),
        }
    }

    /// Runs a step on the recording if there still is one; an error ends it.
    fn attempt(
        &self,
        step: impl FnOnce(&mut SigmfWriter) -> Result<(), SigmfError>,
    ) -> Result<(), SigmfError> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(writer) = slot.as_mut() else {
            return Ok(());
        };
        let done = step(writer);
        *self.summary.lock().unwrap_or_else(PoisonError::into_inner) = writer.summary();
        if writer.is_broken() {
            *slot = None;
        }
        done
    }
}
