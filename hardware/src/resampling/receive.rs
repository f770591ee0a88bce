//! What a radio receives, at the rate of the signal.

use std::time::{Duration, Instant};

use num_complex::Complex32;

use super::Ratio;
use super::polyphase::Polyphase;
use crate::error::RadioError;
use crate::radio::{Lost, Reception, RxStream};
use crate::time::RadioTime;

/// Samples of the radio in one read, at most.
const MAX_READ: usize = 1 << 18;
/// I or Q from here on is at full scale: the positive rail of eight bits lies at 127/128.
const RAIL: f32 = 0.99;

/// Samples of a radio that runs faster. What is lost is counted in the signal's samples, on the same grid before and after; what was at
/// full scale stays there, so that overload is seen further on.
pub(super) struct ResampledReceiver {
    radio: Box<dyn RxStream>,
    ratio: Ratio,
    radio_rate_hz: f64,
    polyphase: Polyphase,
    /// Which sample of the radio comes next.
    next: u64,
    /// Which `ratio.radio` samples of the radio the next of ours begin with.
    block: u64,
    /// Samples of the radio that lie before it.
    skip: u64,
    buffer: Vec<Complex32>,
    ready: Ready,
    has_ended: bool,
}

/// Samples that nobody took yet.
#[derive(Default)]
struct Ready {
    samples: Vec<Complex32>,
    taken: usize,
    time: Option<RadioTime>,
    lost: Option<Lost>,
}

impl ResampledReceiver {
    pub fn new(radio: Box<dyn RxStream>, ratio: Ratio, radio_rate_hz: f64) -> Self {
        let mut polyphase = Polyphase::down(ratio);
        polyphase.restart(0);
        Self {
            radio,
            ratio,
            radio_rate_hz,
            polyphase,
            next: 0,
            block: 0,
            skip: 0,
            buffer: Vec::new(),
            ready: Ready::default(),
            has_ended: false,
        }
    }

    /// Reads once.
    fn refill(&mut self, wanted: usize, limit: Duration) -> Result<(), RadioError> {
        let count = (wanted / self.ratio.signal + 1) * self.ratio.radio;
        self.buffer.resize(count.min(MAX_READ), Complex32::ZERO);
        match self.radio.read(&mut self.buffer, limit) {
            Ok(reception) => {
                self.lose(reception.lost);
                self.take(reception);
                Ok(())
            }
            // The last samples wait for what follows them.
            Err(RadioError::Ended) if !self.has_ended => {
                self.has_ended = true;
                let silence = self.polyphase.delay + 2 * self.ratio.radio;
                self.buffer.clear();
                self.buffer.resize(silence, Complex32::ZERO);
                self.take(Reception {
                    samples: silence,
                    time: None,
                    lost: Lost::Nothing,
                });
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Goes to the first of our samples that lies behind a loss.
    fn lose(&mut self, lost: Lost) {
        let lost = match lost {
            Lost::Nothing => return,
            Lost::Samples(count) => self.jump(count),
            Lost::Unknown => None,
        };
        self.polyphase.restart(0);
        if lost.is_none() {
            self.next = self.block.saturating_mul(self.ratio.radio as u64);
            self.skip = 0;
        }
        let lost = lost.map_or(Lost::Unknown, Lost::Samples);
        let before = self.ready.lost.unwrap_or(Lost::Nothing);
        self.ready.lost = Some(before.and(lost));
    }

    /// How many of ours are lost with so many of the radio's; `None` beyond all numbers.
    fn jump(&mut self, count: u64) -> Option<u64> {
        let radio = self.ratio.radio as u64;
        let next = self.next.checked_add(count)?;
        let block = next.div_ceil(radio);
        let skip = block.checked_mul(radio)? - next;
        let lost = (block - self.block).checked_mul(self.ratio.signal as u64)?;
        (self.next, self.block, self.skip) = (next, block, skip);
        Some(lost)
    }

    fn take(&mut self, reception: Reception) {
        let samples = &self.buffer[..reception.samples];
        let skipped = self.skip.min(samples.len() as u64);
        let output = &mut self.ready.samples;
        self.polyphase
            .push(&samples[skipped as usize..], output, keep_rails);
        if let Some(time) = reception.time {
            let radio = self.ratio.radio as i128;
            let ahead = i128::from(self.block) * radio - i128::from(self.next);
            let ahead = (ahead as f64 * 1e9 / self.radio_rate_hz).round() as i64;
            let nanoseconds = time.nanoseconds.saturating_add(ahead);
            self.ready.time = Some(RadioTime { nanoseconds });
        }
        let blocks = self.ready.samples.len() / self.ratio.signal;
        self.block = self.block.saturating_add(blocks as u64);
        self.next = self.next.saturating_add(reception.samples as u64);
        self.skip -= skipped;
    }
}

impl RxStream for ResampledReceiver {
    fn read(
        &mut self,
        samples: &mut [Complex32],
        limit: Duration,
    ) -> Result<Reception, RadioError> {
        let begun = Instant::now();
        while self.ready.is_empty() {
            self.refill(samples.len(), limit.saturating_sub(begun.elapsed()))?;
        }
        Ok(self
            .ready
            .give(samples, self.ratio.sample_rate_hz(self.radio_rate_hz)))
    }
}

impl Ready {
    fn is_empty(&self) -> bool {
        self.taken == self.samples.len()
    }

    fn give(&mut self, samples: &mut [Complex32], rate_hz: f64) -> Reception {
        let left = &self.samples[self.taken..];
        let count = left.len().min(samples.len());
        samples[..count].copy_from_slice(&left[..count]);
        let passed = (self.taken as f64 * 1e9 / rate_hz).round() as i64;
        let time = self.time.map(|time| RadioTime {
            nanoseconds: time.nanoseconds.saturating_add(passed),
        });
        self.taken += count;
        if self.is_empty() {
            self.samples.clear();
            (self.taken, self.time) = (0, None);
        }
        Reception {
            samples: count,
            time,
            lost: self.lost.take().unwrap_or(Lost::Nothing),
        }
    }
}

/// A part that was at full scale for more than half of the time stays there: then it was the signal, not a peak of noise beside it.
fn keep_rails(samples: &[Complex32], out: &mut Complex32) {
    let mut most = [0; 4];
    for sample in samples {
        let parts = [sample.re, -sample.re, sample.im, -sample.im];
        for (count, part) in most.iter_mut().zip(parts) {
            *count += usize::from(part >= RAIL);
        }
    }
    // The filter rings where the signal was cut off.
    *out = Complex32::new(out.re.clamp(-1.0, 1.0), out.im.clamp(-1.0, 1.0));
    let is_railed = most.map(|count| 2 * count > samples.len());
    match is_railed {
        [true, _, ..] => out.re = 1.0,
        [_, true, ..] => out.re = -1.0,
        _ => {}
    }
    match is_railed {
        [.., true, _] => out.im = 1.0,
        [.., true] => out.im = -1.0,
        _ => {}
    }
}
