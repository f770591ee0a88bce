//! Counters of the blocks: readable while a graph runs, over the control port too.
//!
//! A block keeps its counters in a [`Board`]. Its message input `counters` answers with them as a plain map, so that
//! `POST /api/fg/0/block/N/call/counters/` works; its message output `counters` posts the same map when they changed, at
//! most ten times a second, and at the end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futuresdr::runtime::Pmt;
use futuresdr::runtime::dev::MessageOutputs;
use heliograph::propagation::PropagationStatistics;
use heliograph::waveform::synchronizer::SynchronizerCounters;

const INTERVAL: Duration = Duration::from_millis(100);

/// Counters with names.
pub trait Counters: Copy + Default + PartialEq + Send + 'static {
    /// All of them, named.
    fn entries(&self) -> Vec<(&'static str, u64)>;
}

/// Pictures of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceCounters {
    /// Pictures encoded.
    pub pictures: u64,
    /// Bursts that they take, repetitions included.
    pub bursts: u64,
}

/// Bursts of a modulator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModulatorCounters {
    /// Pictures begun.
    pub pictures: u64,
    /// Bursts begun.
    pub bursts: u64,
    /// Samples given out, silence included.
    pub samples: u64,
    /// Samples of silence.
    pub silent_samples: u64,
}

/// Bursts of a dropper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DropperCounters {
    /// Bursts that came by.
    pub bursts: u64,
    /// Bursts silenced.
    pub dropped: u64,
}

/// Bursts of a demodulator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DemodulatorCounters {
    /// Bursts demodulated.
    pub bursts: u64,
    /// Bursts in which the receiver clipped.
    pub clipped: u64,
    /// OFDM symbols that were cut off or far noisier than the rest.
    pub damaged_symbols: u64,
}

/// Pictures of an assembler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AssemblerCounters {
    /// Bursts taken in.
    pub bursts: u64,
    /// Bursts that contradicted their picture or its limits.
    pub refused: u64,
    /// Pictures given out.
    pub pictures: u64,
    /// Those of them that lack a burst entirely.
    pub incomplete: u64,
}

/// Samples of a radio that receives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RadioSourceCounters {
    /// Samples received.
    pub samples: u64,
    /// Times that samples were missing.
    pub gaps: u64,
    /// Samples that the radio reported missing, where it could tell how many.
    pub samples_lost: u64,
    /// Gaps of a length that the radio could not tell.
    pub gaps_of_unknown_length: u64,
    /// Reads that brought nothing in time.
    pub timeouts: u64,
    /// Samples with I or Q at full scale.
    pub samples_at_full_scale: u64,
}

/// Pictures and bursts that went to a radio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RadioSinkCounters {
    /// Pictures begun.
    pub pictures: u64,
    /// Bursts that the radio took.
    pub bursts: u64,
    /// Samples that the radio took.
    pub samples: u64,
    /// Samples beyond full scale, clipped to it.
    pub samples_clipped: u64,
    /// Times that the radio ran out of samples within a picture.
    pub underflows: u64,
    /// Transmissions that came after their time and were not sent.
    pub late: u64,
    /// Transmissions that the radio said are out.
    pub confirmed: u64,
}

impl Counters for RadioSourceCounters {
    fn entries(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("samples", self.samples),
            ("gaps", self.gaps),
            ("samples_lost", self.samples_lost),
            ("gaps_of_unknown_length", self.gaps_of_unknown_length),
            ("timeouts", self.timeouts),
            ("samples_at_full_scale", self.samples_at_full_scale),
        ]
    }
}

impl Counters for RadioSinkCounters {
    fn entries(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("pictures", self.pictures),
            ("bursts", self.bursts),
            ("samples", self.samples),
            ("samples_clipped", self.samples_clipped),
            ("underflows", self.underflows),
            ("late", self.late),
            ("confirmed", self.confirmed),
        ]
    }
}

impl Counters for SourceCounters {
    fn entries(&self) -> Vec<(&'static str, u64)> {
        vec![("pictures", self.pictures), ("bursts", self.bursts)]
    }
}

impl Counters for ModulatorCounters {
    fn entries(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("pictures", self.pictures),
            ("bursts", self.bursts),
            ("samples", self.samples),
            ("silent_samples", self.silent_samples),
        ]
    }
}

impl Counters for DropperCounters {
    fn entries(&self) -> Vec<(&'static str, u64)> {
        vec![("bursts", self.bursts), ("dropped", self.dropped)]
    }
}

impl Counters for PropagationStatistics {
    fn entries(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("samples_in", self.samples_in),
            ("samples_out", self.samples_out),
            ("drops", self.drops),
            ("samples_dropped", self.samples_dropped),
            (
                "samples_clipped_at_transmitter",
                self.samples_clipped_at_transmitter,
            ),
            ("samples_clipped", self.samples_clipped),
            ("samples_saturated", self.samples_saturated),
            ("impulses", self.impulses),
        ]
    }
}

impl Counters for SynchronizerCounters {
    fn entries(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("samples", self.samples),
            ("suspected", self.suspected),
            ("detected", self.detected),
            ("headers_lost", self.headers_lost),
            ("headers_refused", self.headers_refused),
            ("bursts", self.bursts),
        ]
    }
}

impl Counters for DemodulatorCounters {
    fn entries(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("bursts", self.bursts),
            ("clipped", self.clipped),
            ("damaged_symbols", self.damaged_symbols),
        ]
    }
}

impl Counters for AssemblerCounters {
    fn entries(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("bursts", self.bursts),
            ("refused", self.refused),
            ("pictures", self.pictures),
            ("incomplete", self.incomplete),
        ]
    }
}

/// A value that a block writes and others read. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Board<T>(Arc<Mutex<T>>);

impl<T: Clone> Board<T> {
    /// The value now.
    pub fn get(&self) -> T {
        self.with(|value| value.clone())
    }

    /// Reads or changes the value.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T: Counters> Board<T> {
    /// The counters as a plain map of unsigned numbers.
    pub fn to_pmt(&self) -> Pmt {
        let entries = self.get().entries().into_iter();
        Pmt::MapStrPmt(
            entries
                .map(|(name, count)| (name.to_owned(), Pmt::U64(count)))
                .collect::<HashMap<_, _>>(),
        )
    }
}

/// Posts a block's counters when they changed.
pub(crate) struct Publisher<T> {
    pub board: Board<T>,
    posted: T,
    at: Option<Instant>,
}

impl<T: Counters> Default for Publisher<T> {
    fn default() -> Self {
        Self {
            board: Board::default(),
            posted: T::default(),
            at: None,
        }
    }
}

impl<T: Counters> Publisher<T> {
    /// Posts on message output `counters` if it is time to and they changed; tells whether it did.
    pub async fn publish(&mut self, mo: &mut MessageOutputs) -> anyhow::Result<Posted> {
        if self.at.is_some_and(|at| at.elapsed() < INTERVAL) {
            return Ok(Posted::No);
        }
        self.at = Some(Instant::now());
        self.publish_last(mo).await
    }

    /// Posts now, unless nothing changed.
    pub async fn publish_last(&mut self, mo: &mut MessageOutputs) -> anyhow::Result<Posted> {
        let now = self.board.get();
        if now == self.posted {
            return Ok(Posted::No);
        }
        self.posted = now;
        mo.post("counters", self.board.to_pmt()).await?;
        Ok(Posted::Yes)
    }
}

/// Did a publisher post?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Posted {
    Yes,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_reads_as_a_map_that_the_control_port_can_show() {
        let board = Board::<DropperCounters>::default();
        let copy = board.clone();
        board.with(|c| c.dropped = 3);
        let json = serde_json::to_value(copy.to_pmt()).unwrap();
        assert_eq!(json["MapStrPmt"]["dropped"]["U64"], 3);
        assert_eq!(json["MapStrPmt"]["bursts"]["U64"], 0);
    }
}
