//! What a radio transmits, from the rate of the signal.

use std::time::{Duration, Instant};

use num_complex::Complex32;

use super::Ratio;
use super::polyphase::Polyphase;
use crate::error::RadioError;
use crate::radio::{BurstEnd, TxReport, TxStart, TxStream};
use crate::time::RadioTime;

/// Samples for a radio that runs faster. A burst begins and ends a few samples of the signal further out, with what the filter spreads.
pub(super) struct ResampledTransmitter {
    radio: Box<dyn TxStream>,
    sample_rate_hz: f64,
    polyphase: Polyphase,
    /// For the radio, and not yet taken by it.
    waiting: Vec<Complex32>,
    burst: Burst,
}

/// Where the burst is that is handed over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Burst {
    Between,
    /// The radio has nothing of it yet.
    Fresh(TxStart),
    Begun,
    /// All of it waits for the radio.
    Complete(TxStart),
}

impl ResampledTransmitter {
    pub fn new(radio: Box<dyn TxStream>, ratio: Ratio, sample_rate_hz: f64) -> Self {
        Self {
            radio,
            sample_rate_hz,
            polyphase: Polyphase::up(ratio),
            waiting: Vec::new(),
            burst: Burst::Between,
        }
    }

    /// Makes the radio's samples of a part.
    fn convert(&mut self, samples: &[Complex32], start: TxStart, end: BurstEnd) {
        let (delay, block) = (self.polyphase.delay, self.polyphase.decimation);
        if self.burst == Burst::Between {
            self.polyphase.restart(delay);
            self.burst = Burst::Fresh(self.earlier(start));
        }
        self.polyphase
            .push(samples, &mut self.waiting, at_most_full_scale);
        if end == BurstEnd::Here {
            let silence = vec![Complex32::ZERO; 2 * (delay + block)];
            self.polyphase
                .push(&silence, &mut self.waiting, at_most_full_scale);
            let start = match self.burst {
                Burst::Fresh(start) => start,
                _ => TxStart::Now,
            };
            self.burst = Burst::Complete(start);
        }
    }

    /// A time in front of which the filter's response fits.
    fn earlier(&self, start: TxStart) -> TxStart {
        let TxStart::At(time) = start else {
            return start;
        };
        let lead = self.polyphase.delay as f64 * 1e9 / self.sample_rate_hz;
        let nanoseconds = time.nanoseconds.saturating_sub(lead.round() as i64);
        TxStart::At(RadioTime { nanoseconds })
    }

    /// Hands over what waits; what the radio does not take in time goes on waiting.
    fn hand_over(&mut self, limit: Duration) -> Result<(), RadioError> {
        let (start, end) = match self.burst {
            Burst::Between => return Ok(()),
            Burst::Fresh(start) => (start, BurstEnd::Later),
            Burst::Begun => (TxStart::Now, BurstEnd::Later),
            Burst::Complete(start) => (start, BurstEnd::Here),
        };
        if self.waiting.is_empty() && end == BurstEnd::Later {
            return Ok(());
        }
        let sent = self.radio.send(&self.waiting, start, end, limit);
        match &sent {
            Ok(()) if end == BurstEnd::Later => self.burst = Burst::Begun,
            Err(RadioError::Timeout { done: 0, .. }) => return sent,
            Err(RadioError::Timeout { done, .. }) => {
                self.waiting.drain(..*done);
                self.burst = match self.burst {
                    Burst::Complete(_) => Burst::Complete(TxStart::Now),
                    _ => Burst::Begun,
                };
                return sent;
            }
            _ => self.burst = Burst::Between,
        }
        self.waiting.clear();
        sent
    }
}

impl TxStream for ResampledTransmitter {
    /// A [`RadioError::Timeout`] with all samples done is one of samples that wait for the radio: an empty part hands them over.
    fn send(
        &mut self,
        samples: &[Complex32],
        start: TxStart,
        end: BurstEnd,
        limit: Duration,
    ) -> Result<(), RadioError> {
        let begun = Instant::now();
        let timeout = |done| {
            let wanted = samples.len();
            move |error| match error {
                RadioError::Timeout { .. } => RadioError::Timeout {
                    limit,
                    done,
                    wanted,
                },
                other => other,
            }
        };
        let was_complete = matches!(self.burst, Burst::Complete(_));
        // No more than one part waits.
        self.hand_over(limit).map_err(timeout(0))?;
        if was_complete && samples.is_empty() {
            return Ok(());
        }
        self.convert(samples, start, end);
        self.hand_over(limit.saturating_sub(begun.elapsed()))
            .map_err(timeout(samples.len()))
    }

    fn report(&mut self, limit: Duration) -> Result<Option<TxReport>, RadioError> {
        self.radio.report(limit)
    }

    fn finish(&mut self) -> Result<(), RadioError> {
        self.radio.finish()
    }
}

/// Between two samples the signal can be larger than both.
pub(super) fn at_most_full_scale(_: &[Complex32], out: &mut Complex32) {
    out.re = out.re.clamp(-1.0, 1.0);
    out.im = out.im.clamp(-1.0, 1.0);
}
