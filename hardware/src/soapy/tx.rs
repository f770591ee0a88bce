//! The transmitter: bursts in parts, and what became of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use num_complex::Complex32;
use soapysdr_sys::SoapySDRDevice_getHardwareTime;

use super::duplex::{Claim, Speaking};
use super::reporter::Reporter;
use super::settings::Tuning;
use super::stream::{Ending, Stream};
use super::writer::{Completion, Part, Writer};
use crate::error::RadioError;
use crate::profile::DeviceTraits;
use crate::radio::{BurstEnd, TxReport, TxStart, TxStream};
use crate::settings::Timestamps;
use crate::streaming::deadline::Deadline;
use crate::time::RadioTime;

/// The farthest future in which a burst counts as on the air.
const MAX_LEAD: Duration = Duration::from_secs(60);

pub(super) struct Transmitter {
    stage: Stage,
    timestamps: Timestamps,
    writer: Writer,
    reporter: Reporter,
    stream: Arc<Stream>,
    claim: Claim,
}

/// Where the transmitter is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Between,
    Within,
    /// All samples of the burst are with the driver, its end is not.
    Ending,
}

/// How far a call has come.
enum Progress {
    Done,
    /// Time is up after so many samples.
    TimedOut(usize),
}

impl Transmitter {
    /// Gets ready to transmit; `driver` is the one that was asked for.
    pub fn start(
        stream: Stream,
        claim: Claim,
        tuning: Tuning,
        traits: DeviceTraits,
        driver: &str,
    ) -> Result<Self, RadioError> {
        let stream = Arc::new(stream);
        let rate_hz = tuning.settings.sample_rate_hz;
        claim.enter(stream.clone(), tuning)?;
        Ok(Self {
            stage: Stage::Between,
            timestamps: traits.timestamps,
            writer: Writer::new(stream.clone(), traits.transfers),
            reporter: Reporter::new(stream.clone(), rate_hz, traits, driver),
            stream,
            claim,
        })
    }

    /// Time of a burst, where the radio can keep it.
    fn time_of(&self, start: TxStart) -> Result<Option<RadioTime>, RadioError> {
        match (start, self.timestamps) {
            (TxStart::Now, _) => Ok(None),
            (TxStart::At(time), Timestamps::Supported) => Ok(Some(time)),
            (TxStart::At(_), Timestamps::Unsupported) => Err(RadioError::Unsupported {
                radio: self.stream.device().name().to_owned(),
                what: "send at a given time: it has no clock",
            }),
        }
    }

    fn hand_over(
        &mut self,
        samples: &[Complex32],
        start: TxStart,
        end: BurstEnd,
        deadline: Deadline,
    ) -> Result<Progress, RadioError> {
        if self.stage == Stage::Ending
            && let Progress::TimedOut(_) = self.finish(deadline)?
        {
            return Ok(Progress::TimedOut(0));
        }
        if self.stage == Stage::Between && samples.is_empty() {
            return Ok(Progress::Done);
        }
        let time = match self.stage {
            Stage::Within => None,
            Stage::Between | Stage::Ending => self.time_of(start)?,
        };
        if self.claim.speak(deadline)? == Speaking::TimedOut {
            return Ok(Progress::TimedOut(0));
        }
        if self.stage == Stage::Between {
            self.begin(start);
        }
        self.put(samples, time, end, deadline)
    }

    fn begin(&mut self, start: TxStart) {
        let lead = match start {
            TxStart::Now => Duration::ZERO,
            TxStart::At(time) => time - self.hardware_time(),
        };
        if self.reporter.bursts.settled() {
            self.reporter.hear_old_news();
        }
        let now = Instant::now();
        self.reporter.bursts.begin(start, now, lead.min(MAX_LEAD));
        self.stage = Stage::Within;
    }

    fn hardware_time(&self) -> RadioTime {
        let device = self.stream.device().handle();
        RadioTime {
            nanoseconds: unsafe { SoapySDRDevice_getHardwareTime(device, c"".as_ptr()) },
        }
    }

    fn put(
        &mut self,
        samples: &[Complex32],
        time: Option<RadioTime>,
        end: BurstEnd,
        deadline: Deadline,
    ) -> Result<Progress, RadioError> {
        let ending = match end {
            BurstEnd::Here => self.writer.ending_after(samples.len()),
            BurstEnd::Later => Ending::Nothing,
        };
        let part = Part {
            samples,
            time,
            ending,
        };
        let done = self.writer.put(part, deadline, &mut self.reporter)?;
        if done < samples.len() {
            return Ok(Progress::TimedOut(done));
        }
        match (end, ending) {
            (BurstEnd::Later, _) => Ok(Progress::Done),
            (BurstEnd::Here, Ending::Burst) => {
                self.ended();
                Ok(Progress::Done)
            }
            (BurstEnd::Here, Ending::Nothing) => {
                self.stage = Stage::Ending;
                self.finish(deadline).map(|finished| match finished {
                    Progress::TimedOut(_) => Progress::TimedOut(done),
                    Progress::Done => Progress::Done,
                })
            }
        }
    }

    fn finish(&mut self, deadline: Deadline) -> Result<Progress, RadioError> {
        match self.writer.finish(deadline, &mut self.reporter)? {
            Completion::TimedOut => Ok(Progress::TimedOut(0)),
            Completion::Done => {
                self.ended();
                Ok(Progress::Done)
            }
        }
    }

    fn ended(&mut self) {
        self.reporter.bursts.end();
        self.stage = Stage::Between;
        self.claim.spoken(self.reporter.bursts.silent_at());
    }
}

impl TxStream for Transmitter {
    /// A [`RadioError::Timeout`] with all samples done is one of the silence that completes the burst: an empty part with
    /// [`BurstEnd::Here`] goes on with it, and so does the next burst.
    fn send(
        &mut self,
        samples: &[Complex32],
        start: TxStart,
        end: BurstEnd,
        limit: Duration,
    ) -> Result<(), RadioError> {
        match self.hand_over(samples, start, end, Deadline::after(limit)) {
            Ok(Progress::Done) => Ok(()),
            Ok(Progress::TimedOut(done)) => Err(RadioError::Timeout {
                limit,
                done,
                wanted: samples.len(),
            }),
            Err(error) => {
                if matches!(error, RadioError::Gone { .. } | RadioError::Driver { .. }) {
                    // Nothing is on the air: the receiver shall find that out too.
                    self.claim.spoken(None);
                }
                Err(error)
            }
        }
    }

    fn report(&mut self, limit: Duration) -> Result<Option<TxReport>, RadioError> {
        self.reporter.report(Deadline::after(limit))
    }
}

impl Drop for Transmitter {
    /// Bursts that have ended go out whole; one that has not is cut off.
    fn drop(&mut self) {
        self.reporter.linger();
    }
}
