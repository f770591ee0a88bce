//! What a run tells its caller while it goes on.

use std::net::SocketAddr;

use heliograph::link::{Ledger, ReceivedPicture};
use heliograph::photo::PhotoSize;
use heliograph::waveform::demodulator::{BurstReport, DemodulatedBurst};

/// News of a run, in the order in which they happened at each end; the ends run beside each other.
#[derive(Clone, Debug)]
pub enum Event {
    /// The graph runs.
    Started {
        /// Where the control port listens, if it was asked for.
        control_port: Option<SocketAddr>,
    },
    /// A picture was encoded and is about to be sent.
    Sent(SentPicture),
    /// The radio took the last burst of a picture, or the run was stopped within it.
    Transmitted(TransmittedPicture),
    /// A burst was received.
    Burst(ReceivedBurst),
    /// A picture is complete, or will not get more complete.
    Picture(Box<ReceivedPicture>),
}

/// A picture at the transmitter.
#[derive(Clone, Debug)]
pub struct SentPicture {
    /// Its place in the run, from 0.
    pub index: u64,
    /// Its number on the air.
    pub picture_id: u16,
    /// Its size.
    pub size: PhotoSize,
    /// Bursts, repetitions included.
    pub bursts: usize,
    /// Channel uses of all bursts.
    pub ledger: Ledger,
}

/// A picture that went to a radio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransmittedPicture {
    /// Its place in the run, from 0.
    pub index: u64,
    /// Its number on the air.
    pub picture_id: u16,
    /// Bursts that the radio took.
    pub bursts: u64,
    /// Bursts that it has, repetitions included.
    pub bursts_planned: u64,
    /// Samples that were beyond full scale and were clipped to it.
    pub samples_clipped: u64,
}

/// A burst at the receiver.
#[derive(Clone, Copy, Debug)]
pub struct ReceivedBurst {
    /// Number of its picture on the air.
    pub picture_id: u16,
    /// Its place in the picture, from 0.
    pub burst_index: u16,
    /// Which repetition, from 0.
    pub repeat_index: u8,
    /// Position of its preamble in the stream, samples.
    pub start_sample: i64,
    /// Its length from there on, samples.
    pub samples: u64,
    /// Measurements on it.
    pub report: BurstReport,
}

impl From<&DemodulatedBurst> for ReceivedBurst {
    fn from(burst: &DemodulatedBurst) -> Self {
        Self {
            picture_id: burst.header.picture_id(),
            burst_index: burst.header.burst_index(),
            repeat_index: burst.header.fields().repeat_index,
            start_sample: burst.start_sample,
            samples: burst.length_samples as u64,
            report: burst.report,
        }
    }
}

impl Event {
    /// Bytes that it holds while it waits for the caller, about.
    pub(crate) fn bytes(&self) -> usize {
        let picture = |p: &ReceivedPicture| 8 * p.symbols.len() + 4 * p.variances.len();
        std::mem::size_of::<Self>()
            + match self {
                Self::Picture(p) => picture(p),
                _ => 0,
            }
    }
}
