//! What a driver says about a transmission, as reports on bursts.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use soapysdr_sys::{
    SOAPY_SDR_CORRUPTION, SOAPY_SDR_NOT_SUPPORTED, SOAPY_SDR_STREAM_ERROR, SOAPY_SDR_TIME_ERROR,
    SOAPY_SDR_TIMEOUT, SOAPY_SDR_UNDERFLOW,
};

use super::stream::{Ending, NAP, Outcome, Stream};
use crate::error::RadioError;
use crate::profile::{DeviceTraits, Transfers};
use crate::radio::TxReport;
use crate::streaming::bursts::{Bursts, Confirmation, Event};
use crate::streaming::deadline::Deadline;

/// Transfers between a driver and the antenna: libhackrf has four on their way.
const TRANSFERS_IN_FLIGHT: u32 = 4;
/// Drivers that never say that a burst is out, though they have reports. Those without any say so.
const SILENT_DRIVERS: [&str; 2] = ["hackrf", "lime"];
/// Longest single call, and longest wait for bursts on the air when the stream is dropped.
const LINGER: Duration = Duration::from_secs(5);
/// Old news that is read before a burst begins, at most.
const MAX_OLD_NEWS: usize = 16;

/// Follows the bursts of a stream.
pub(super) struct Reporter {
    stream: Arc<Stream>,
    pub bursts: Bursts,
    in_flight: Duration,
    /// Reports that came along with something else.
    reports: VecDeque<TxReport>,
}

impl Reporter {
    /// `driver` is the one that was asked for.
    pub fn new(stream: Arc<Stream>, rate_hz: f64, traits: DeviceTraits, driver: &str) -> Self {
        let transfer = Duration::from_secs_f64(stream.mtu_samples() as f64 / rate_hz);
        let in_flight = transfer * TRANSFERS_IN_FLIGHT;
        let silent = traits.transfers == Transfers::WholeMtus || SILENT_DRIVERS.contains(&driver);
        let confirmation = match silent {
            true => Confirmation::Clock { in_flight },
            false => Confirmation::Radio,
        };
        Self {
            stream,
            bursts: Bursts::new(rate_hz, confirmation),
            in_flight,
            reports: VecDeque::new(),
        }
    }

    /// Reads what the driver has said until now: what a radio without bursts says while it has nothing to send (that it
    /// has nothing to send) is not about the burst to come.
    pub fn hear_old_news(&mut self) {
        for _ in 0..MAX_OLD_NEWS {
            let outcome = self.stream.status(Duration::ZERO);
            if outcome.result == SOAPY_SDR_TIMEOUT {
                return;
            }
            let report = self.hear(outcome);
            self.reports.extend(report);
        }
    }

    /// Some drivers report on writes.
    pub fn hear_failed_write(&mut self, code: i32) -> Result<(), RadioError> {
        let event = match code {
            SOAPY_SDR_UNDERFLOW => Event::Underflow(None),
            SOAPY_SDR_TIME_ERROR => Event::Late(None),
            SOAPY_SDR_STREAM_ERROR => return Err(self.stream.device().gone(code)),
            _ => return Err(self.stream.device().refused_with("writeStream", code)),
        };
        let report = self.bursts.hear(event);
        self.reports.extend(report);
        Ok(())
    }

    fn hear(&mut self, outcome: Outcome) -> Option<TxReport> {
        let time = outcome.time;
        let event = match outcome.result {
            SOAPY_SDR_UNDERFLOW | SOAPY_SDR_CORRUPTION => Event::Underflow(time),
            SOAPY_SDR_TIME_ERROR => Event::Late(time),
            0 if outcome.ending == Ending::Burst => Event::End(time),
            SOAPY_SDR_NOT_SUPPORTED => {
                self.bursts.believe_the_clock(self.in_flight);
                return None;
            }
            _ => return None,
        };
        self.bursts.hear(event)
    }

    /// A report that needs no waiting.
    fn next(&mut self) -> Option<TxReport> {
        let report = self.reports.pop_front();
        report.or_else(|| self.bursts.overdue(Instant::now()))
    }

    /// The next report, if there is one before the deadline.
    pub fn report(&mut self, deadline: Deadline) -> Result<Option<TxReport>, RadioError> {
        loop {
            if let Some(report) = self.next() {
                return Ok(Some(report));
            }
            let begun = Instant::now();
            let overdue = self.bursts.next_overdue();
            let wait = overdue.map_or(LINGER, |at| at.saturating_duration_since(begun));
            let wait = deadline.left_or(wait.min(LINGER));
            let outcome = self.stream.status(wait);
            if outcome.result == SOAPY_SDR_STREAM_ERROR {
                return Err(self.stream.device().gone(outcome.result));
            }
            if let Some(report) = self.hear(outcome) {
                return Ok(Some(report));
            }
            if deadline.has_passed() {
                return Ok(self.next());
            }
            if begun.elapsed() < wait {
                // This driver does not wait.
                thread::sleep(deadline.left_or(NAP));
            }
        }
    }

    /// Waits for the bursts that are on the air, but no longer than they can be.
    pub fn linger(&mut self) {
        let Some(silent_at) = self.bursts.silent_at() else {
            return;
        };
        let left = silent_at.saturating_duration_since(Instant::now());
        let deadline = Deadline::after(left.min(LINGER));
        while !self.bursts.settled() && !deadline.has_passed() {
            if self.report(deadline).is_err() {
                return;
            }
        }
    }
}
