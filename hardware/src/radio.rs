//! The traits: a radio, and its two streams.

use std::time::Duration;

use num_complex::Complex32;

use crate::error::RadioError;
use crate::settings::{Capabilities, Direction, RadioSettings};
use crate::time::RadioTime;

/// A radio. Its streams are objects of their own, so that each may live in its own thread.
pub trait Radio: Send {
    /// What `direction` can do.
    fn capabilities(&self, direction: Direction) -> Capabilities;

    /// Applies settings; gives what the radio made of them (steps of synthesizer and gain).
    ///
    /// # Errors
    /// [`RadioError::Setting`] with what is allowed, nothing applied then; [`RadioError::Busy`] while it streams.
    fn configure(
        &mut self,
        direction: Direction,
        settings: &RadioSettings,
    ) -> Result<RadioSettings, RadioError>;

    /// Starts to receive; stops when the stream is dropped.
    ///
    /// # Errors
    /// [`RadioError::NotConfigured`], [`RadioError::Busy`].
    fn receive(&mut self) -> Result<Box<dyn RxStream>, RadioError>;

    /// Gets ready to transmit; ends when the stream is dropped, a burst that has not ended is cut off then.
    ///
    /// # Errors
    /// [`RadioError::NotConfigured`], [`RadioError::Busy`].
    fn transmit(&mut self) -> Result<Box<dyn TxStream>, RadioError>;
}

/// Samples from the antenna, full scale 1.
pub trait RxStream: Send {
    /// Reads into `samples`, which need not be filled; waits for the first sample at most for `limit`.
    ///
    /// # Errors
    /// [`RadioError::Timeout`] without a single sample, [`RadioError::Gone`].
    fn read(&mut self, samples: &mut [Complex32], limit: Duration)
    -> Result<Reception, RadioError>;
}

/// What a read brought. Its samples follow each other without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reception {
    /// Samples read.
    pub samples: usize,
    /// Time of the first; `None` where the radio has no clock.
    pub time: Option<RadioTime>,
    /// What is missing right before the first.
    pub lost: Lost,
}

/// Samples lost between two reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// None.
    Nothing,
    /// So many.
    Samples(u64),
    /// Some; the radio cannot say how many.
    Unknown,
}

impl Lost {
    /// This and the loss after it, without a sample between them.
    #[must_use]
    pub fn and(self, next: Self) -> Self {
        match (self, next) {
            (Self::Nothing, other) | (other, Self::Nothing) => other,
            (Self::Samples(a), Self::Samples(b)) => Self::Samples(a.saturating_add(b)),
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
        }
    }
}

/// Samples to the antenna, full scale 1.
pub trait TxStream: Send {
    /// Hands over a burst or a part of one, all of it; waits for room at most for `limit`. The part after a
    /// [`BurstEnd::Later`] continues its burst, and its `start` is not looked at.
    ///
    /// # Errors
    /// [`RadioError::Timeout`] with the number of samples taken, [`RadioError::Unsupported`] for times on a radio without
    /// a clock, [`RadioError::Gone`].
    fn send(
        &mut self,
        samples: &[Complex32],
        start: TxStart,
        end: BurstEnd,
        limit: Duration,
    ) -> Result<(), RadioError>;

    /// The next report on bursts, oldest first; waits at most for `limit`, `None` if there is none then.
    ///
    /// # Errors
    /// [`RadioError::Gone`].
    fn report(&mut self, limit: Duration) -> Result<Option<TxReport>, RadioError>;

    /// Ends the stream, where that can fail: nothing can be sent any more. Dropped without, it ends just as well, but nobody
    /// hears of a failure.
    ///
    /// # Errors
    /// [`RadioError::Recording`] for a file that could not be written to its end.
    fn finish(&mut self) -> Result<(), RadioError> {
        Ok(())
    }
}

/// When a burst begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxStart {
    /// As soon as what was handed over before is out.
    Now,
    /// At this time on the radio's clock.
    At(RadioTime),
}

/// Where a burst ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BurstEnd {
    /// With the last sample of this part.
    Here,
    /// In a part still to come.
    Later,
}

/// What became of bursts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxReport {
    /// A burst is out to its last sample.
    Sent {
        /// Time after the last sample, where the radio has a clock.
        end: Option<RadioTime>,
    },
    /// The radio ran out of samples within a burst.
    Underflow {
        /// When, where the radio has a clock.
        time: Option<RadioTime>,
    },
    /// A burst came after its time and was not sent.
    Late {
        /// When it should have begun.
        wanted: RadioTime,
        /// When that was found.
        found: Option<RadioTime>,
    },
}
