//! Bursts into a recording: one after the other, silence before timed ones.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use num_complex::Complex32;

use super::error::SigmfError;
use super::writer::{RecordingInfo, RecordingSummary, SigmfWriter};
use crate::error::RadioError;
use crate::radio::{BurstEnd, Lost, TxReport, TxStart, TxStream};
use crate::time::RadioTime;

/// Longest silence before a timed burst, seconds: it takes room on the disk.
pub const MAX_SILENCE_S: f64 = 60.0;
/// Reports that wait to be asked for; the oldest go first.
const MAX_REPORTS: usize = 1024;
/// Silence that is written in one go.
static SILENCE: [Complex32; 8192] = [Complex32::ZERO; 8192];

/// What became of a file.
pub(super) type Outcome = Arc<Mutex<Option<Result<RecordingSummary, SigmfError>>>>;

/// A transmit stream.
pub(super) struct Transmission {
    writer: Option<SigmfWriter>,
    rate_hz: f64,
    /// Samples written: the clock.
    now: u64,
    burst: Burst,
    reports: VecDeque<TxReport>,
    outcome: Outcome,
    _busy: Arc<()>,
}

#[derive(Clone, Copy)]
enum Burst {
    Between,
    /// It began at sample `start`.
    Within {
        start: u64,
    },
    /// It came too late; its further parts are thrown away.
    Skipped,
}

impl Transmission {
    pub fn create(
        path: &Path,
        info: RecordingInfo,
        outcome: Outcome,
        busy: Arc<()>,
    ) -> Result<Self, SigmfError> {
        let rate_hz = info.sample_rate_hz;
        Ok(Self {
            writer: Some(SigmfWriter::create(path, info)?),
            rate_hz,
            now: 0,
            burst: Burst::Between,
            reports: VecDeque::new(),
            outcome,
            _busy: busy,
        })
    }

    fn time(&self, sample: u64) -> RadioTime {
        RadioTime::of_sample(sample, self.rate_hz)
    }

    fn report_later(&mut self, report: TxReport) {
        if self.reports.len() == MAX_REPORTS {
            self.reports.pop_front();
        }
        self.reports.push_back(report);
    }

    /// Where a burst begins, or that it is too late.
    fn begin(&mut self, start: TxStart) -> Result<Burst, RadioError> {
        let TxStart::At(wanted) = start else {
            return Ok(Burst::Within { start: self.now });
        };
        let start = wanted.to_sample(self.rate_hz);
        let Some(silence) = start.checked_sub(self.now) else {
            let found = Some(self.time(self.now));
            self.report_later(TxReport::Late { wanted, found });
            return Ok(Burst::Skipped);
        };
        let silence_s = silence as f64 / self.rate_hz;
        if silence_s > MAX_SILENCE_S {
            return Err(RadioError::Setting {
                field: "silence before a burst",
                found: format!("{silence_s} s"),
                allowed: format!("at most {MAX_SILENCE_S} s into a file"),
            });
        }
        let mut left = silence;
        while left > 0 {
            let piece = left.min(SILENCE.len() as u64);
            self.write(&SILENCE[..piece as usize])?;
            left -= piece;
        }
        Ok(Burst::Within { start })
    }

    fn write(&mut self, samples: &[Complex32]) -> Result<(), RadioError> {
        let time = self.time(self.now);
        if let Some(writer) = &mut self.writer {
            writer.push(samples, Lost::Nothing, Some(time))?;
        }
        self.now += samples.len() as u64;
        Ok(())
    }

    fn annotate(&mut self, start: u64, comment: &str) -> Result<(), SigmfError> {
        let count = self.now - start;
        match &mut self.writer {
            Some(writer) => writer.annotate_burst(start, count, comment),
            None => Ok(()),
        }
    }
}

impl TxStream for Transmission {
    fn send(
        &mut self,
        samples: &[Complex32],
        start: TxStart,
        end: BurstEnd,
        _limit: Duration,
    ) -> Result<(), RadioError> {
        if let Burst::Between = self.burst {
            self.burst = self.begin(start)?;
        }
        if let Burst::Within { start } = self.burst {
            self.write(samples)?;
            if end == BurstEnd::Here {
                self.annotate(start, "")?;
                // What is reported as sent is in the file.
                self.writer.as_mut().map_or(Ok(()), SigmfWriter::flush)?;
                let end = Some(self.time(self.now));
                self.report_later(TxReport::Sent { end });
            }
        }
        if end == BurstEnd::Here {
            self.burst = Burst::Between;
        }
        Ok(())
    }

    fn report(&mut self, _limit: Duration) -> Result<Option<TxReport>, RadioError> {
        Ok(self.reports.pop_front())
    }

    fn finish(&mut self) -> Result<(), RadioError> {
        self.conclude()
    }
}

impl Transmission {
    /// Ends the file, once.
    fn conclude(&mut self) -> Result<(), RadioError> {
        let cut_off = match self.burst {
            Burst::Within { start } => self.annotate(start, "cut off"),
            _ => Ok(()),
        };
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        let finished = match writer.summary().samples == 0 {
            true => writer.discard(),
            false => writer.finish(),
        };
        let outcome = cut_off.and(finished);
        let failure = outcome.as_ref().err().map(SigmfError::to_string);
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        failure.map_or(Ok(()), |reason| Err(RadioError::Recording { reason }))
    }
}

impl Drop for Transmission {
    fn drop(&mut self) {
        // `written` has the failure.
        let _ = self.conclude();
    }
}
