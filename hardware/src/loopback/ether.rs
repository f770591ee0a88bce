//! What lies between the two streams of a loopback.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use num_complex::Complex32;

use crate::error::RadioError;
use crate::radio::{BurstEnd, Lost, Reception, TxReport, TxStart};
use crate::settings::Direction;
use crate::time::RadioTime;

/// Reports that wait to be asked for; the oldest go first.
const MAX_REPORTS: usize = 1024;
/// Samples that are lost in one go.
const LOSS_PIECE: usize = 4096;

/// The bounded queue from transmitter to receiver, and its clock.
pub(super) struct Ether {
    capacity: usize,
    state: Mutex<State>,
    /// There is room, or a report.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    streaming: [bool; 2],
    /// Sample periods since the beginning.
    now: u64,
    /// Parts on their way, in the order of time.
    queue: VecDeque<Queued>,
    burst: Burst,
    /// Samples lost since the last read.
    lost: u64,
    reports: VecDeque<TxReport>,
}

/// A part of a burst as it is sent.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub samples: &'a [Complex32],
    pub start: TxStart,
    pub end: BurstEnd,
    pub rate_hz: f64,
}

struct Queued {
    /// Time of the first sample that was not heard yet.
    start: u64,
    samples: VecDeque<Complex32>,
    end: BurstEnd,
    rate_hz: f64,
}

/// Where the transmitter is.
#[derive(Clone, Copy, Default)]
enum Burst {
    #[default]
    Between,
    /// The next part goes to sample `next`.
    Within { next: u64, rate_hz: f64 },
    /// The next part came too late for its place; it goes on the air as it comes.
    Starved,
    /// The burst was too late; its further parts are thrown away.
    Skipped,
}

impl Ether {
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    pub fn check_idle(&self, direction: Direction) -> Result<(), RadioError> {
        self.state().check_idle(direction)
    }

    pub fn claim(&self, direction: Direction) -> Result<(), RadioError> {
        let mut state = self.state();
        state.check_idle(direction)?;
        state.streaming[direction as usize] = true;
        Ok(())
    }

    pub fn release(&self, direction: Direction) {
        let mut state = self.state();
        state.streaming[direction as usize] = false;
        if direction == Direction::Transmit {
            state.burst = Burst::Between;
        }
    }

    /// Lets the time of `out` pass.
    pub fn hear(&self, out: &mut [Complex32], rate_hz: f64) -> Reception {
        let mut state = self.state();
        let time = Some(RadioTime::of_sample(state.now, rate_hz));
        state.pass(out);
        let lost = match std::mem::take(&mut state.lost) {
            0 => Lost::Nothing,
            lost => Lost::Samples(lost),
        };
        self.changed.notify_all();
        Reception {
            samples: out.len(),
            time,
            lost,
        }
    }

    /// Lets the time of `samples` pass unheard.
    pub fn lose(&self, samples: u64) {
        let mut state = self.state();
        let mut left = samples;
        let mut unheard = [Complex32::ZERO; LOSS_PIECE];
        while left > 0 {
            let n = left.min(LOSS_PIECE as u64);
            state.pass(&mut unheard[..n as usize]);
            left -= n;
        }
        state.lost += samples;
        self.changed.notify_all();
    }

    /// Queues a part when there is room for it.
    pub fn send(&self, part: Part<'_>, limit: Duration) -> Result<(), RadioError> {
        let wanted = part.samples.len();
        if wanted > self.capacity {
            return Err(RadioError::TooLong {
                found: wanted,
                allowed: self.capacity,
            });
        }
        let sent = self.wait(limit, |state| {
            let room = state.queued() + wanted.max(1) <= self.capacity;
            room.then(|| state.enqueue(part))
        });
        sent.ok_or(RadioError::Timeout {
            limit,
            done: 0,
            wanted,
        })
    }

    /// The oldest report.
    pub fn report(&self, limit: Duration) -> Option<TxReport> {
        self.wait(limit, |state| state.reports.pop_front())
    }

    /// Waits until `ready` gives something, at most for `limit`.
    fn wait<T>(
        &self,
        limit: Duration,
        mut ready: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        let start = Instant::now();
        let mut state = self.state();
        loop {
            if let Some(found) = ready(&mut state) {
                return Some(found);
            }
            let left = limit.checked_sub(start.elapsed())?;
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn check_idle(&self, direction: Direction) -> Result<(), RadioError> {
        match self.streaming[direction as usize] {
            true => Err(RadioError::Busy {
                direction,
                busy: direction,
            }),
            false => Ok(()),
        }
    }

    /// Samples that wait; an empty part counts as one, so that these are bounded too.
    fn queued(&self) -> usize {
        self.queue
            .iter()
            .map(|part| part.samples.len().max(1))
            .sum()
    }

    fn report(&mut self, report: TxReport) {
        if self.reports.len() == MAX_REPORTS {
            self.reports.pop_front();
        }
        self.reports.push_back(report);
    }

    /// Lets the time of `out` pass; fills it with what is on the air.
    fn pass(&mut self, out: &mut [Complex32]) {
        out.fill(Complex32::ZERO);
        let (begin, end) = (self.now, self.now + out.len() as u64);
        while let Some(part) = self.queue.front_mut()
            && part.start < end
        {
            let from = (part.start - begin) as usize;
            let n = part.samples.len().min(out.len() - from);
            let heard = part.samples.drain(..n);
            out[from..from + n]
                .iter_mut()
                .zip(heard)
                .for_each(|(y, x)| *y = x);
            part.start += n as u64;
            if part.samples.is_empty() {
                self.close_part();
            }
        }
        self.now = end;
        self.starve();
    }

    /// Takes leave of the oldest part.
    fn close_part(&mut self) {
        if let Some(part) = self.queue.pop_front()
            && part.end == BurstEnd::Here
        {
            let end = Some(RadioTime::of_sample(part.start, part.rate_hz));
            self.report(TxReport::Sent { end });
        }
    }

    /// Reports a burst that should go on by now and does not.
    fn starve(&mut self) {
        if let Burst::Within { next, rate_hz } = self.burst
            && next < self.now
        {
            let time = Some(RadioTime::of_sample(next, rate_hz));
            self.report(TxReport::Underflow { time });
            self.burst = Burst::Starved;
        }
    }

    /// First sample that is neither past nor taken.
    fn free(&self) -> u64 {
        let taken = self.queue.back();
        taken
            .map_or(0, |p| p.start + p.samples.len() as u64)
            .max(self.now)
    }

    fn enqueue(&mut self, part: Part<'_>) {
        if let Some(start) = self.place(part) {
            self.queue.push_back(Queued {
                start,
                samples: part.samples.iter().copied().collect(),
                end: part.end,
                rate_hz: part.rate_hz,
            });
            self.burst = Burst::Within {
                next: start + part.samples.len() as u64,
                rate_hz: part.rate_hz,
            };
        }
        if part.end == BurstEnd::Here {
            self.burst = Burst::Between;
        }
    }

    /// Time of a part's first sample; `None` if its burst came too late.
    fn place(&mut self, part: Part<'_>) -> Option<u64> {
        match (self.burst, part.start) {
            (Burst::Skipped, _) => None,
            (Burst::Within { next, .. }, _) => Some(next),
            (Burst::Starved, _) | (Burst::Between, TxStart::Now) => Some(self.free()),
            (Burst::Between, TxStart::At(wanted)) => {
                let start = wanted.to_sample(part.rate_hz);
                if start >= self.free() {
                    return Some(start);
                }
                let found = Some(RadioTime::of_sample(self.now, part.rate_hz));
                self.report(TxReport::Late { wanted, found });
                self.burst = Burst::Skipped;
                None
            }
        }
    }
}
