//! Samples to the driver, as many as it takes.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use num_complex::Complex32;
use soapysdr_sys::SOAPY_SDR_TIMEOUT;

use super::reporter::Reporter;
use super::stream::{Ending, NAP, Stream};
use crate::error::RadioError;
use crate::profile::Transfers;
use crate::streaming::deadline::Deadline;
use crate::streaming::transfers::Padding;
use crate::time::RadioTime;

/// Longest single call.
const LONG: Duration = Duration::from_secs(3600);

/// The way of samples into a stream.
pub(super) struct Writer {
    stream: Arc<Stream>,
    padding: Padding,
    mtu_samples: usize,
    /// A piece of a part within full scale.
    clipped: Vec<Complex32>,
}

/// A part of a burst as it goes to the driver.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub samples: &'a [Complex32],
    /// Time of the first sample, where a burst begins.
    pub time: Option<RadioTime>,
    /// Does the burst end with the last sample?
    pub ending: Ending,
}

/// Is the end of a burst with the driver?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Completion {
    Done,
    TimedOut,
}

impl Writer {
    pub fn new(stream: Arc<Stream>, transfers: Transfers) -> Self {
        let mtu_samples = stream.mtu_samples();
        Self {
            stream,
            padding: Padding::new(transfers, mtu_samples),
            mtu_samples,
            clipped: Vec::new(),
        }
    }

    /// What the last of so many samples says that end a burst: the end counts with a whole transfer only.
    pub fn ending_after(&self, samples: usize) -> Ending {
        match samples > 0 && self.padding.missing_after(samples) == 0 {
            true => Ending::Burst,
            false => Ending::Nothing,
        }
    }

    /// Writes as many samples as the radio takes until the deadline; gives their number.
    pub fn put(
        &mut self,
        part: Part<'_>,
        deadline: Deadline,
        reporter: &mut Reporter,
    ) -> Result<usize, RadioError> {
        let length = part.samples.len();
        let mut done = 0;
        while done < length {
            let end = length.min(done + self.mtu_samples);
            let piece = Part {
                samples: &part.samples[done..end],
                time: part.time.filter(|_| done == 0),
                ending: match end == length {
                    true => part.ending,
                    false => Ending::Nothing,
                },
            };
            let taken = self.put_piece(piece, deadline, reporter)?;
            if taken == 0 && deadline.has_passed() {
                break;
            }
            done += taken;
        }
        Ok(done)
    }

    /// One call of the driver; gives the number of samples taken.
    fn put_piece(
        &mut self,
        piece: Part<'_>,
        deadline: Deadline,
        reporter: &mut Reporter,
    ) -> Result<usize, RadioError> {
        self.clipped.clear();
        self.clipped.extend(piece.samples.iter().copied().map(clip));
        let (begun, limit) = (Instant::now(), deadline.left_or(LONG));
        let written = self
            .stream
            .write(&self.clipped, piece.time, piece.ending, limit);
        match written {
            0 | SOAPY_SDR_TIMEOUT => {
                if begun.elapsed() < limit {
                    thread::sleep(deadline.left_or(NAP));
                }
                Ok(0)
            }
            code if code < 0 => reporter.hear_failed_write(code).map(|()| 0),
            count => {
                self.padding.took(count as usize);
                reporter.bursts.took(count as usize, Instant::now());
                Ok(count as usize)
            }
        }
    }

    /// Brings the end of a burst to the driver, with silence up to whole transfers.
    pub fn finish(
        &mut self,
        deadline: Deadline,
        reporter: &mut Reporter,
    ) -> Result<Completion, RadioError> {
        let missing = self.padding.missing();
        if missing == 0 {
            return self.end_without_samples(deadline, reporter);
        }
        let silence = Part {
            samples: &vec![Complex32::ZERO; missing],
            time: None,
            ending: Ending::Burst,
        };
        let done = self.put(silence, deadline, reporter)?;
        Ok(match done == missing {
            true => Completion::Done,
            false => Completion::TimedOut,
        })
    }

    fn end_without_samples(
        &mut self,
        deadline: Deadline,
        reporter: &mut Reporter,
    ) -> Result<Completion, RadioError> {
        let limit = deadline.left_or(LONG);
        match self.stream.write(&[], None, Ending::Burst, limit) {
            SOAPY_SDR_TIMEOUT => Ok(Completion::TimedOut),
            code if code < 0 => reporter.hear_failed_write(code).map(|()| Completion::Done),
            _ => Ok(Completion::Done),
        }
    }
}

/// Within full scale: drivers let larger numbers wrap around (SoapyHackRF). What is no number becomes 0.
fn clip(sample: Complex32) -> Complex32 {
    let limit = |x: f32| if x.is_nan() { 0.0 } else { x.clamp(-1.0, 1.0) };
    Complex32::new(limit(sample.re), limit(sample.im))
}
