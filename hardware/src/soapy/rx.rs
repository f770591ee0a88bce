//! The receiver: samples with the exact number of those that are missing.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use num_complex::Complex32;
use soapysdr_sys::{
    SOAPY_SDR_CORRUPTION, SOAPY_SDR_OVERFLOW, SOAPY_SDR_STREAM_ERROR, SOAPY_SDR_TIMEOUT,
};

use super::duplex::{Claim, Hearing};
use super::settings::Tuning;
use super::stream::{NAP, Outcome, Stream};
use crate::error::RadioError;
use crate::radio::{Lost, Reception, RxStream};
use crate::settings::Timestamps;
use crate::streaming::deadline::Deadline;
use crate::streaming::timeline::Timeline;

pub(super) struct Receiver {
    stream: Arc<Stream>,
    claim: Claim,
    timestamps: Timestamps,
    timeline: Timeline,
    /// Samples from before the radio was elsewhere, which the driver may still hold.
    stale: usize,
}

impl Receiver {
    /// Starts to receive.
    pub fn start(
        stream: Stream,
        claim: Claim,
        tuning: Tuning,
        timestamps: Timestamps,
    ) -> Result<Self, RadioError> {
        let stream = Arc::new(stream);
        let rate_hz = tuning.settings.sample_rate_hz;
        claim.enter(stream.clone(), tuning)?;
        // A half-duplex radio that nobody uses listens from now on.
        claim.listen(Deadline::after(Duration::ZERO))?;
        Ok(Self {
            stream,
            claim,
            timestamps,
            timeline: Timeline::new(rate_hz),
            stale: 0,
        })
    }

    /// One call of the driver; `None` if it brought nothing.
    fn read_once(
        &mut self,
        samples: &mut [Complex32],
        deadline: Deadline,
    ) -> Result<Option<Reception>, RadioError> {
        let turn = match self.claim.listen(deadline)? {
            Hearing::TimedOut => return Ok(None),
            Hearing::On(turn) => turn,
            Hearing::Again(turn) => {
                self.timeline.interrupted();
                self.stale = self.stream.mtu_samples();
                turn
            }
        };
        let (begun, limit) = (Instant::now(), self.claim.slice(deadline));
        let outcome = self.stream.read(samples, limit);
        drop(turn);
        if matches!(outcome.result, 0 | SOAPY_SDR_TIMEOUT) && begun.elapsed() < limit {
            thread::sleep(deadline.left_or(NAP));
        }
        self.digest(outcome)
    }

    fn digest(&mut self, outcome: Outcome) -> Result<Option<Reception>, RadioError> {
        let time = match self.timestamps {
            Timestamps::Supported => outcome.time,
            Timestamps::Unsupported => None,
        };
        match outcome.result {
            0 | SOAPY_SDR_TIMEOUT => Ok(None),
            SOAPY_SDR_OVERFLOW | SOAPY_SDR_CORRUPTION => {
                self.timeline.overflowed(time);
                Ok(None)
            }
            SOAPY_SDR_STREAM_ERROR => Err(self.stream.device().gone(outcome.result)),
            code if code < 0 => Err(self.stream.device().refused_with("readStream", code)),
            count if self.stale > 0 => {
                self.stale = self.stale.saturating_sub(count as usize);
                Ok(None)
            }
            count => Ok(Some(Reception {
                samples: count as usize,
                time,
                lost: self.timeline.received(count as u64, time),
            })),
        }
    }
}

impl RxStream for Receiver {
    fn read(
        &mut self,
        samples: &mut [Complex32],
        limit: Duration,
    ) -> Result<Reception, RadioError> {
        if samples.is_empty() {
            return Ok(Reception {
                samples: 0,
                time: None,
                lost: Lost::Nothing,
            });
        }
        let deadline = Deadline::after(limit);
        loop {
            if let Some(reception) = self.read_once(samples, deadline)? {
                return Ok(reception);
            }
            if deadline.has_passed() {
                return Err(RadioError::Timeout {
                    limit,
                    done: 0,
                    wanted: samples.len(),
                });
            }
        }
    }
}
