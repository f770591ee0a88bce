//! Transmissions to a radio: the block that transmits.
//!
//! The bursts of a picture go out as one transmission of the radio, back to back: an amplifier that switches on and off
//! within a picture would shift level and phase.

use std::time::{Duration, Instant};

use futuresdr::runtime::Timer;
use futuresdr::runtime::dev::prelude::*;
use heliograph::link::Transmission;
use heliograph_hardware::{BurstEnd, RadioError, TxReport, TxStart, TxStream};

use crate::counters::{Board, Publisher, RadioSinkCounters};
use crate::event::{Event, TransmittedPicture};
use crate::gate::Permit;
use crate::ports::{Flushed, Inlet, Outlet};
use crate::supervisor::{HoldFlag, Stage, Supervisor};
use crate::window::Window;

/// A burst that the radio has no room for within this time ends the run.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// Time for the last reports to come in.
const LAST_REPORTS: Duration = Duration::from_millis(500);
/// While it rests it looks around this often.
const WAKE: Duration = Duration::from_millis(100);
/// Silence is sent in pieces of at most so many samples.
const SILENCE_PIECE: usize = 1 << 16;
/// Silence that closes a transmission which was stopped between two bursts.
const CLOSING_SAMPLES: usize = 64;

/// Sends pictures through a radio.
///
/// # Message Inputs
/// `transmissions`: from [`super::PictureSource`]. `counters`: answers with [`RadioSinkCounters`].
///
/// # Message Outputs
/// `news`: a [`crate::gate::Parcel`] of [`Event`] for each picture. `counters`: see [`crate::counters`].
#[derive(Block)]
#[blocking]
#[message_inputs(transmissions, counters)]
#[message_outputs(news, counters)]
pub struct RadioSink {
    radio: Box<dyn TxStream>,
    gain: f32,
    pause: Pause,
    /// The air stays free until then.
    rest_until: Option<Instant>,
    inlet: Inlet<Transmission>,
    outlet: Outlet<Event>,
    current: Option<OnAir>,
    publisher: Publisher<RadioSinkCounters>,
    supervisor: Supervisor,
    window: Option<Window>,
    hold: HoldFlag,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Finished,
    Ended,
}

/// What follows each picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Samples of silence, sent as part of its transmission.
    pub samples: usize,
    /// Time in which nothing is sent, by the clock of the computer.
    pub rest: Duration,
}

/// The picture on the air; its permit lets the next one be encoded when it is done.
struct OnAir {
    transmission: Transmission,
    sent: TransmittedPicture,
    _permit: Permit,
}

impl RadioSink {
    /// A sink that multiplies samples by `gain` and pauses after each picture.
    pub fn new(
        radio: Box<dyn TxStream>,
        gain: f32,
        pause: Pause,
        queue_bytes: usize,
        supervisor: Supervisor,
    ) -> Self {
        Self {
            radio,
            gain,
            pause,
            rest_until: None,
            inlet: Inlet::default(),
            outlet: Outlet::new("news", queue_bytes, Event::bytes),
            current: None,
            publisher: Publisher::default(),
            supervisor,
            window: None,
            hold: HoldFlag::default(),
            state: State::Open,
        }
    }

    /// Shows samples and counters in `window`.
    #[must_use]
    pub fn with_window(mut self, window: Option<Window>) -> Self {
        if let Some(window) = &window {
            window.attach_transmitter(self.board());
        }
        self.window = window;
        self
    }

    /// Begins no picture while `hold` is set.
    #[must_use]
    pub fn with_hold(mut self, hold: HoldFlag) -> Self {
        self.hold = hold;
        self
    }

    /// Its counters, readable at any time.
    pub fn board(&self) -> Board<RadioSinkCounters> {
        self.publisher.board.clone()
    }

    async fn transmissions(
        &mut self,
        _io: &mut WorkIo,
        _mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
        message: Pmt,
    ) -> Result<Pmt> {
        Ok(self.inlet.accept(message))
    }

    async fn counters(
        &mut self,
        _io: &mut WorkIo,
        _mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
        _message: Pmt,
    ) -> Result<Pmt> {
        Ok(self.publisher.board.to_pmt())
    }

    /// Takes the next picture, if there is one.
    fn begin_picture(&mut self) {
        let Some((transmission, permit)) = self.inlet.next() else {
            return;
        };
        let index = self.publisher.board.with(|c| {
            c.pictures += 1;
            c.pictures - 1
        });
        self.current = Some(OnAir {
            sent: TransmittedPicture {
                index,
                picture_id: transmission.picture_id(),
                bursts: 0,
                bursts_planned: transmission.burst_count() as u64,
                samples_clipped: 0,
            },
            transmission,
            _permit: permit,
        });
    }

    /// Sends the next burst of the picture on the air, and the pause behind the last one.
    fn send_burst(&mut self) -> std::result::Result<(), RadioError> {
        let Some(on_air) = &mut self.current else {
            return Ok(());
        };
        let Some(mut burst) = on_air.transmission.next() else {
            self.end_picture();
            return Ok(());
        };
        let clipped = scale(&mut burst, self.gain);
        on_air.sent.samples_clipped += clipped;
        let is_last = on_air.sent.bursts + 1 == on_air.sent.bursts_planned;
        let mut silence = if is_last { self.pause.samples } else { 0 };
        let piece = silence.min(SILENCE_PIECE);
        burst.resize(burst.len() + piece, Complex32::default());
        silence -= piece;
        let end = |is_over| match is_last && is_over {
            true => BurstEnd::Here,
            false => BurstEnd::Later,
        };
        if let Some(window) = &self.window {
            window.offer_samples(&burst);
        }
        self.radio
            .send(&burst, TxStart::Now, end(silence == 0), SEND_LIMIT)?;
        on_air.sent.bursts += 1;
        let mut sent = burst.len();
        while silence > 0 {
            if self.supervisor.is_stopping() {
                silence = silence.min(CLOSING_SAMPLES);
            }
            burst.clear();
            burst.resize(silence.min(SILENCE_PIECE), Complex32::default());
            silence -= burst.len();
            sent += burst.len();
            self.radio
                .send(&burst, TxStart::Now, end(silence == 0), SEND_LIMIT)?;
        }
        self.publisher.board.with(|c| {
            c.bursts += 1;
            c.samples += sent as u64;
            c.samples_clipped += clipped;
        });
        if is_last {
            self.end_picture();
        }
        Ok(())
    }

    fn end_picture(&mut self) {
        if let Some(on_air) = self.current.take() {
            self.rest_until = Instant::now().checked_add(self.pause.rest);
            self.outlet.push(Event::Transmitted(on_air.sent));
        }
    }

    /// Ends the transmission in mid-picture, and forgets what waits.
    fn abandon(&mut self) -> std::result::Result<(), RadioError> {
        if self.current.as_ref().is_some_and(|p| p.sent.bursts > 0) {
            let silence = [Complex32::default(); CLOSING_SAMPLES];
            self.radio
                .send(&silence, TxStart::Now, BurstEnd::Here, SEND_LIMIT)?;
        }
        self.end_picture();
        while self.inlet.next().is_some() {}
        Ok(())
    }

    /// How long nothing may be sent; `None` when something may, or nothing is left to send.
    fn left_to_rest(&mut self) -> Option<Duration> {
        let left = |until: Instant| until.saturating_duration_since(Instant::now());
        let rest = self.rest_until.map(left).filter(|left| !left.is_zero());
        let is_over = self.supervisor.is_stopping() || self.inlet.is_drained();
        if rest.is_none() || is_over {
            self.rest_until = None;
        }
        let is_held = self.current.is_none() && self.hold.is_set();
        rest.or(is_held.then_some(WAKE)).filter(|_| !is_over)
    }

    /// Counts what the radio says; waits for it at most for `limit`.
    fn hear(&mut self, limit: Duration) -> std::result::Result<(), RadioError> {
        while let Some(report) = self.radio.report(limit)? {
            self.publisher.board.with(|c| match report {
                TxReport::Sent { .. } => c.confirmed += 1,
                TxReport::Underflow { .. } => c.underflows += 1,
                TxReport::Late { .. } => c.late += 1,
            });
        }
        Ok(())
    }

    /// The next piece of work; false when there is none until something arrives.
    fn proceed(&mut self) -> std::result::Result<bool, RadioError> {
        self.hear(Duration::ZERO)?;
        if self.supervisor.is_stopping() {
            self.abandon()?;
        }
        if self.current.is_none() {
            self.begin_picture();
        }
        if self.current.is_some() {
            self.send_burst()?;
            return Ok(true);
        }
        if self.inlet.is_drained() || self.supervisor.is_stopping() {
            self.hear(LAST_REPORTS)?;
            self.radio.finish()?;
            self.state = State::Finished;
        }
        Ok(self.state == State::Finished)
    }
}

/// Multiplies by `gain`; what is then beyond full scale in I or Q is clipped to it. Gives the number of clipped samples.
fn scale(samples: &mut [Complex32], gain: f32) -> u64 {
    let mut clipped = 0;
    for x in samples {
        *x *= gain;
        let within = Complex32::new(x.re.clamp(-1.0, 1.0), x.im.clamp(-1.0, 1.0));
        clipped += u64::from(within != *x);
        *x = within;
    }
    clipped
}

#[doc(hidden)]
impl Kernel for RadioSink {
    async fn work(
        &mut self,
        io: &mut WorkIo,
        mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
    ) -> Result<()> {
        if self.state == State::Ended || self.outlet.flush(io, mo).await? == Flushed::Waiting {
            return Ok(());
        }
        if self.state == State::Finished {
            self.state = State::Ended;
            self.publisher.publish_last(mo).await?;
            self.supervisor.end(io, mo).await;
            return Ok(());
        }
        if let Some(left) = self.left_to_rest() {
            // Who set the radio anew meanwhile is answered.
            let supervisor = self.supervisor.clone();
            supervisor.attend(Stage::Transmit, || self.hear(Duration::ZERO))?;
            io.block_on(Timer::after(left.min(WAKE)));
            return Ok(());
        }
        let supervisor = self.supervisor.clone();
        io.call_again = supervisor.attend(Stage::Transmit, || self.proceed())?;
        self.publisher.publish(mo).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_beyond_full_scale_are_clipped_and_counted() {
        let mut samples = [Complex32::new(0.3, -0.9), Complex32::new(-0.1, 0.2)];
        assert_eq!(scale(&mut samples, 2.0), 1);
        assert_eq!(
            samples,
            [Complex32::new(0.6, -1.0), Complex32::new(-0.2, 0.4)]
        );
    }
}
