//! Samples to a recording.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use num_complex::Complex32;

use super::data_file::DataFile;
use super::error::SigmfError;
use super::formats::Datatype;
use super::meta_file::MetaFile;
use super::metadata::{Annotation, Capture, LostMark};
use super::paths::Paths;
use super::segments::SAMPLE_RATE_HZ;
use crate::datetime::to_rfc3339;
use crate::radio::Lost;
use crate::time::RadioTime;

/// Label of annotations of bursts.
const BURST_LABEL: &str = "burst";
/// Bytes given back to a full disk on top of the metadata.
const RESERVE_BYTES: u64 = 64 << 10;

/// What may happen to a recording of the same name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// It stays, the new one is refused.
    #[default]
    Refuse,
    /// It is replaced.
    Replace,
}

/// What a recording says about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingInfo {
    pub datatype: Datatype,
    /// Samples per second, 1 to 1e9.
    pub sample_rate_hz: f64,
    /// Centre frequency, Hz.
    pub frequency_hz: Option<f64>,
    /// The radio: `core:hw`.
    pub hardware: Option<String>,
    /// For people: `core:description`.
    pub description: Option<String>,
    /// Wall clock at the first sample; `None` makes recordings that repeat to the byte.
    pub started: Option<SystemTime>,
    pub existing: Existing,
}

impl RecordingInfo {
    /// A recording that starts now; all else is unknown.
    pub fn new(datatype: Datatype, sample_rate_hz: f64) -> Self {
        Self {
            datatype,
            sample_rate_hz,
            frequency_hz: None,
            hardware: None,
            description: None,
            started: Some(SystemTime::now()),
            existing: Existing::default(),
        }
    }
}

/// What a recording holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingSummary {
    /// The metadata file.
    pub path: PathBuf,
    /// Samples written.
    pub samples: u64,
    /// Samples known to be lost between them.
    pub samples_lost: u64,
    /// Gaps of unknown length.
    pub gaps_unknown: u64,
    /// Samples beyond full scale, written as the largest number (`ci8` only).
    pub samples_saturated: u64,
    /// NaN and infinite samples, written as 0.
    pub samples_not_finite: u64,
    /// Bursts annotated.
    pub bursts: u64,
    /// Bursts without an annotation: there was no room for more.
    pub bursts_unmarked: u64,
}

/// Writes a recording as its samples come.
///
/// The metadata are valid from the beginning and renewed after gaps and bursts, about once a second at most, so that the
/// recording of a program that was killed opens. A writer dropped without [`finish`](Self::finish) leaves it like that.
pub struct SigmfWriter {
    data: DataFile,
    meta: MetaFile,
    info: RecordingInfo,
    /// Gap before the next sample.
    gap: Gap,
    /// Index in the stream of the next sample, lost ones counted.
    index: u64,
    summary: RecordingSummary,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// An error ended it.
    Broken,
    Finished,
}

#[derive(Clone, Copy, Default)]
struct Gap {
    samples: u64,
    unknown: u64,
}

impl SigmfWriter {
    /// Creates `NAME.sigmf-data` and a first `NAME.sigmf-meta`; `path` is `NAME` or one of these.
    ///
    /// # Errors
    /// [`SigmfError::Exists`], [`SigmfError::Io`], [`SigmfError::Field`] for a sample rate that is none.
    pub fn create(path: &Path, info: RecordingInfo) -> Result<Self, SigmfError> {
        let paths = Paths::of(path);
        if !SAMPLE_RATE_HZ.contains(info.sample_rate_hz) {
            let (found, allowed) = (info.sample_rate_hz, SAMPLE_RATE_HZ.to_string());
            return Err(SigmfError::field(
                &paths.meta,
                "core:sample_rate",
                found,
                allowed,
            ));
        }
        if info.existing == Existing::Refuse && paths.meta.exists() {
            return Err(SigmfError::Exists { path: paths.meta });
        }
        let data = DataFile::create(&paths.data, info.datatype, info.existing)?;
        let summary = RecordingSummary {
            path: paths.meta.clone(),
            samples: 0,
            samples_lost: 0,
            gaps_unknown: 0,
            samples_saturated: 0,
            samples_not_finite: 0,
            bursts: 0,
            bursts_unmarked: 0,
        };
        Ok(Self {
            data,
            meta: MetaFile::create(paths, &info)?,
            info,
            gap: Gap::default(),
            index: 0,
            summary,
            state: State::Open,
        })
    }

    /// Appends samples that follow each other, what was lost before the first of them, and the radio's time of it.
    ///
    /// # Errors
    /// [`SigmfError::Io`] where the disk is full, [`SigmfError::Full`] after too many gaps. What was written before can
    /// be read; everything later is [`SigmfError::Broken`].
    pub fn push(
        &mut self,
        samples: &[Complex32],
        lost: Lost,
        time: Option<RadioTime>,
    ) -> Result<(), SigmfError> {
        self.attempt(|writer| {
            writer.add_gap(lost);
            if samples.is_empty() {
                return Ok(());
            }
            writer.begin_capture(time)?;
            writer.data.write(samples)?;
            writer.index += samples.len() as u64;
            writer.meta.refresh(&mut writer.data)
        })
    }

    /// Marks `count` samples from `start` on (of those written) as a burst; without room for a mark it is counted only, since
    /// anybody on the air can send bursts.
    ///
    /// # Errors
    /// [`SigmfError::Io`] and [`SigmfError::Broken`] as in [`push`](Self::push); [`SigmfError::Field`] for samples that were
    /// not written, which breaks nothing.
    pub fn annotate_burst(
        &mut self,
        start: u64,
        count: u64,
        comment: &str,
    ) -> Result<(), SigmfError> {
        let written = self.data.samples;
        if start.checked_add(count).is_none_or(|end| end > written) {
            let found = format!("{count} samples from {start} on");
            let allowed = format!("the {written} samples written");
            return Err(SigmfError::field(
                &self.summary.path,
                "burst",
                found,
                allowed,
            ));
        }
        self.attempt(|writer| {
            let marked = writer.meta.add_annotation(Annotation {
                sample_start: start,
                sample_count: Some(count),
                label: Some(BURST_LABEL.to_owned()),
                comment: (!comment.is_empty()).then(|| comment.to_owned()),
            });
            match marked {
                Ok(()) => writer.summary.bursts += 1,
                Err(SigmfError::Full { .. }) => writer.summary.bursts_unmarked += 1,
                Err(error) => return Err(error),
            }
            writer.meta.refresh(&mut writer.data)
        })
    }

    /// What was written so far.
    pub fn summary(&self) -> RecordingSummary {
        RecordingSummary {
            samples: self.data.samples,
            samples_saturated: self.data.misfits.saturated,
            samples_not_finite: self.data.misfits.not_finite,
            ..self.summary.clone()
        }
    }

    /// Did an error end it?
    pub(super) fn is_broken(&self) -> bool {
        self.state == State::Broken
    }

    /// Hands what was pushed to the system.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub(super) fn flush(&mut self) -> Result<(), SigmfError> {
        self.attempt(|writer| writer.data.flush())
    }

    /// Writes what is left, and metadata with the hash of the data.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn finish(mut self) -> Result<RecordingSummary, SigmfError> {
        self.attempt(|writer| {
            let hash = writer.data.finish()?;
            writer.meta.finish(hash)
        })?;
        self.state = State::Finished;
        Ok(self.summary())
    }

    /// Ends a recording that holds nothing: no file is left of it.
    ///
    /// # Errors
    /// [`SigmfError::Io`] for a file that cannot be removed.
    pub(super) fn discard(mut self) -> Result<RecordingSummary, SigmfError> {
        self.state = State::Finished;
        let paths = Paths::of(&self.summary.path);
        for path in [&paths.data, &paths.meta] {
            fs::remove_file(path).map_err(SigmfError::io(path, "remove"))?;
        }
        Ok(self.summary())
    }

    /// Runs a step; after one that fails the recording is saved as it is and takes nothing more.
    fn attempt(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<(), SigmfError>,
    ) -> Result<(), SigmfError> {
        if self.state != State::Open {
            let path = self.summary.path.clone();
            return Err(SigmfError::Broken { path });
        }
        let done = step(self);
        if done.is_err() {
            self.state = State::Broken;
            self.salvage();
        }
        done
    }

    /// After an error: whole samples, and metadata with all gaps, if that is still possible.
    fn salvage(&mut self) {
        // Errors here come on top of the one that is reported.
        let _ = self.data.cut(0);
        if self.meta.write().is_err() {
            let _ = self.data.cut(self.meta.bytes() + RESERVE_BYTES);
            let _ = self.meta.write();
        }
    }

    fn add_gap(&mut self, lost: Lost) {
        match lost {
            Lost::Nothing => {}
            Lost::Samples(samples) => self.gap.samples = self.gap.samples.saturating_add(samples),
            Lost::Unknown => self.gap.unknown += 1,
        }
    }

    /// Begins a capture where there is a gap, and at the first sample.
    fn begin_capture(&mut self, time: Option<RadioTime>) -> Result<(), SigmfError> {
        let gap = std::mem::take(&mut self.gap);
        let first = self.data.samples == 0;
        if !first && gap.samples == 0 && gap.unknown == 0 {
            return Ok(());
        }
        self.index = self.index.saturating_add(gap.samples);
        self.summary.samples_lost += gap.samples;
        self.summary.gaps_unknown += gap.unknown;
        let started = self.info.started.filter(|_| first);
        self.meta.add_capture(Capture {
            sample_start: self.data.samples,
            global_index: Some(self.index),
            frequency_hz: self.info.frequency_hz,
            datetime: started.map(to_rfc3339),
            header_bytes: None,
            lost: (gap.unknown > 0).then_some(LostMark::Unknown),
            time_ns: time.map(|time| time.nanoseconds),
        })
    }
}

impl Drop for SigmfWriter {
    fn drop(&mut self) {
        if self.state == State::Open && self.data.flush().is_ok() {
            let _ = self.meta.write();
        }
    }
}
