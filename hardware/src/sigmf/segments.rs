//! Metadata and the size of the data become segments that can be read: everything is checked here.

use std::path::Path;

use super::error::SigmfError;
use super::formats::Datatype;
use super::metadata::{Annotation, Capture, Global, LostMark, Metadata, RecordingState};
use super::paths::Paths;
use crate::radio::Lost;
use crate::settings::Range;
use crate::time::RadioTime;

/// Sample rates that make sense, samples per second.
pub(super) const SAMPLE_RATE_HZ: Range = Range { min: 1.0, max: 1e9 };
const FREQUENCY_HZ: Range = Range {
    min: -1e12,
    max: 1e12,
};
/// Most samples that went by: what a double counts exactly.
const MAX_INDEX: u64 = 1 << 53;

/// A capture segment that is known to lie within the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Segment {
    pub start: u64,
    /// After its last sample.
    pub end: u64,
    /// What is missing before it.
    pub lost: Lost,
    pub clock: Clock,
}

/// Times within a segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Clock {
    /// The radio had none.
    None,
    /// The first sample has this index since the clock's zero.
    Index(u64),
    /// The first sample has this time, which is not that of any sample since zero.
    Time(RadioTime),
}

impl Clock {
    /// The clock that showed `time` at a segment's first sample, to be continued to the very nanosecond.
    fn at(time: RadioTime, sample_rate_hz: f64) -> Self {
        let index = time.to_sample(sample_rate_hz);
        match RadioTime::of_sample(index, sample_rate_hz) == time {
            true => Self::Index(index),
            false => Self::Time(time),
        }
    }

    /// The time `offset` samples into the segment.
    pub fn time(self, offset: u64, sample_rate_hz: f64) -> Option<RadioTime> {
        match self {
            Self::None => None,
            Self::Index(first) => Some(RadioTime::of_sample(
                first.saturating_add(offset),
                sample_rate_hz,
            )),
            Self::Time(first) => {
                let nanoseconds = RadioTime::of_sample(offset, sample_rate_hz).nanoseconds;
                Some(RadioTime {
                    nanoseconds: first.nanoseconds.saturating_add(nanoseconds),
                })
            }
        }
    }
}

/// A recording that was checked.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub datatype: Datatype,
    pub sample_rate_hz: f64,
    pub samples: u64,
    pub segments: Vec<Segment>,
}

impl Layout {
    /// A file without metadata.
    pub fn raw(
        path: &Path,
        bytes: u64,
        datatype: Datatype,
        sample_rate_hz: f64,
    ) -> Result<Self, SigmfError> {
        if !SAMPLE_RATE_HZ.contains(sample_rate_hz) {
            let allowed = SAMPLE_RATE_HZ.to_string();
            return Err(SigmfError::field(
                path,
                "sample_rate_hz",
                sample_rate_hz,
                allowed,
            ));
        }
        let samples = whole_samples(path, bytes, datatype)?;
        let whole = Segment {
            start: 0,
            end: samples,
            lost: Lost::Nothing,
            clock: Clock::Index(0),
        };
        Ok(Self {
            datatype,
            sample_rate_hz,
            samples,
            segments: vec![whole],
        })
    }

    /// Checks metadata against the `bytes` of the data file.
    pub fn new(paths: &Paths, metadata: &Metadata, bytes: u64) -> Result<Self, SigmfError> {
        let (meta, global) = (&paths.meta, &metadata.global);
        check_supported(meta, global)?;
        let datatype: Datatype = global.datatype.parse().map_err(|allowed: String| {
            SigmfError::field(meta, "global.core:datatype", &global.datatype, allowed)
        })?;
        let sample_rate_hz = check_rate(meta, global)?;
        let samples = match global.state {
            Some(RecordingState::Recording) => bytes / datatype.sample_bytes() as u64,
            _ => whole_samples(&paths.data, bytes, datatype)?,
        };
        let mut layout = Self {
            datatype,
            sample_rate_hz,
            samples,
            segments: Vec::new(),
        };
        layout.add_captures(meta, metadata)?;
        check_annotations(meta, metadata, samples)?;
        Ok(layout)
    }

    fn add_captures(&mut self, meta: &Path, metadata: &Metadata) -> Result<(), SigmfError> {
        let whole = [Capture::default()];
        let captures = match metadata.captures.as_slice() {
            [] => &whole[..],
            captures => captures,
        };
        // Index of the stream after the last segment.
        let mut next_index = None;
        for (i, capture) in captures.iter().enumerate() {
            check_capture(meta, i, capture)?;
            let beyond = capture.sample_start >= self.samples && i > 0;
            if beyond && metadata.global.state == Some(RecordingState::Recording) {
                break;
            }
            let end = captures
                .get(i + 1)
                .map_or(self.samples, |next| next.sample_start);
            let end = end.min(self.samples);
            self.check_order(meta, i, capture, beyond)?;
            let index = capture.global_index.unwrap_or(capture.sample_start);
            let expected = next_index.unwrap_or(match metadata.global.state {
                // Foreign recordings may begin anywhere in their stream.
                None => index,
                Some(_) => 0,
            });
            let Some(missing) = index.checked_sub(expected) else {
                let allowed = format!("at least {expected}: the capture before reaches so far");
                let field = format!("captures[{i}].core:global_index");
                return Err(SigmfError::field(meta, field, index, allowed));
            };
            self.segments.push(Segment {
                start: capture.sample_start,
                end,
                lost: loss(capture, missing),
                clock: self.clock(capture, index, metadata.global.state),
            });
            next_index = Some(index + end.saturating_sub(capture.sample_start));
        }
        Ok(())
    }

    /// Captures begin with the first sample, and each after the one before.
    fn check_order(
        &self,
        meta: &Path,
        i: usize,
        capture: &Capture,
        beyond: bool,
    ) -> Result<(), SigmfError> {
        let start = capture.sample_start;
        let allowed = match self.segments.last() {
            None if start == 0 => return Ok(()),
            None => "0: all samples belong to a capture".to_owned(),
            Some(_) if beyond => format!("less than the {} samples of the data", self.samples),
            Some(before) if start > before.start => return Ok(()),
            Some(before) => format!("more than {}, where the one before begins", before.start),
        };
        let field = format!("captures[{i}].core:sample_start");
        Err(SigmfError::field(meta, field, start, allowed))
    }

    fn clock(&self, capture: &Capture, index: u64, state: Option<RecordingState>) -> Clock {
        match (capture.time_ns, state) {
            (Some(nanoseconds), _) => Clock::at(RadioTime { nanoseconds }, self.sample_rate_hz),
            (None, None) => Clock::Index(index),
            (None, Some(_)) => Clock::None,
        }
    }
}

fn loss(capture: &Capture, missing: u64) -> Lost {
    match (capture.lost, missing) {
        (Some(LostMark::Unknown), _) => Lost::Unknown,
        (None, 0) => Lost::Nothing,
        (None, missing) => Lost::Samples(missing),
    }
}

fn whole_samples(path: &Path, bytes: u64, datatype: Datatype) -> Result<u64, SigmfError> {
    let sample_bytes = datatype.sample_bytes() as u64;
    match bytes % sample_bytes {
        0 => Ok(bytes / sample_bytes),
        _ => Err(SigmfError::data(
            path,
            format!("{bytes} bytes"),
            format!("a multiple of {sample_bytes}, the bytes of a {datatype} sample"),
        )),
    }
}

/// What SigMF has and this program has not.
fn check_supported(meta: &Path, global: &Global) -> Result<(), SigmfError> {
    let refuse = |field: &str, found: String, allowed: &str| {
        Err(SigmfError::field(
            meta,
            format!("global.core:{field}"),
            found,
            allowed,
        ))
    };
    if let Some(dataset) = &global.dataset {
        return refuse(
            "dataset",
            format!("{dataset:?}"),
            "none: the data are beside the metadata",
        );
    }
    if global.metadata_only == Some(true) {
        return refuse("metadata_only", "true".to_owned(), "false");
    }
    let numbers = [
        ("num_channels", global.num_channels, 1),
        ("offset", global.offset, 0),
        ("trailing_bytes", global.trailing_bytes, 0),
    ];
    for (field, found, allowed) in numbers {
        if let Some(found) = found.filter(|found| *found != allowed) {
            return refuse(field, found.to_string(), &allowed.to_string());
        }
    }
    Ok(())
}

fn check_rate(meta: &Path, global: &Global) -> Result<f64, SigmfError> {
    let found = global.sample_rate_hz;
    match found.filter(|rate_hz| SAMPLE_RATE_HZ.contains(*rate_hz)) {
        Some(rate_hz) => Ok(rate_hz),
        None => Err(SigmfError::field(
            meta,
            "global.core:sample_rate",
            found.map_or("nothing".to_owned(), |rate_hz| rate_hz.to_string()),
            SAMPLE_RATE_HZ.to_string(),
        )),
    }
}

fn check_capture(meta: &Path, i: usize, capture: &Capture) -> Result<(), SigmfError> {
    let refuse = |field: &str, found: String, allowed: String| {
        let field = format!("captures[{i}].core:{field}");
        Err(SigmfError::field(meta, field, found, allowed))
    };
    match capture {
        Capture {
            header_bytes: Some(found @ 1..),
            ..
        } => refuse("header_bytes", found.to_string(), "0".to_owned()),
        Capture {
            frequency_hz: Some(found),
            ..
        } if !FREQUENCY_HZ.contains(*found) => {
            refuse("frequency", found.to_string(), FREQUENCY_HZ.to_string())
        }
        Capture {
            global_index: Some(found),
            ..
        } if *found > MAX_INDEX => refuse(
            "global_index",
            found.to_string(),
            format!("at most {MAX_INDEX}"),
        ),
        _ => Ok(()),
    }
}

fn check_annotations(meta: &Path, metadata: &Metadata, samples: u64) -> Result<(), SigmfError> {
    if metadata.global.state == Some(RecordingState::Recording) {
        return Ok(());
    }
    let outside = |a: &Annotation| {
        let end = a.sample_start.checked_add(a.sample_count.unwrap_or(0));
        end.is_none_or(|end| end > samples)
    };
    match metadata.annotations.iter().position(outside) {
        None => Ok(()),
        Some(i) => {
            let Annotation {
                sample_start,
                sample_count,
                ..
            } = &metadata.annotations[i];
            let count = sample_count.unwrap_or(0);
            let found = format!("{count} samples from {sample_start} on");
            let allowed = format!(
                "the {samples} samples of the data: these were cut off, or are of another recording; without metadata, as \
                 .cf32 or .ci8, they can be replayed"
            );
            Err(SigmfError::field(
                meta,
                format!("annotations[{i}]"),
                found,
                allowed,
            ))
        }
    }
}
