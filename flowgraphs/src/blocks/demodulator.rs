//! Bursts to soft bits and symbols: the block that demodulates, beside the search on another core.

use futuresdr::runtime::dev::prelude::*;
use heliograph::waveform::demodulator::{DemodulatedBurst, Demodulator};
use heliograph::waveform::synchronizer::AcquiredBurst;

use super::Timed;
use crate::constellation::Constellation;
use crate::counters::{Board, DemodulatorCounters, Posted, Publisher};
use crate::ports::{Flushed, Inlet, Outlet};
use crate::supervisor::{Stage, Supervisor};
use crate::window::Window;

/// Demodulates bursts.
///
/// # Message Inputs
/// `bursts`: from [`super::SynchronizerBlock`]. `counters`: answers with [`DemodulatorCounters`]. `constellation`: answers
/// with the latest points, see [`Constellation::to_pmt`].
///
/// # Message Outputs
/// `bursts`: a [`crate::gate::Parcel`] of [`Timed`] for each [`DemodulatedBurst`] and each tick. `counters`: see
/// [`crate::counters`]. `constellation`: the latest points, as often as the counters.
#[derive(Block)]
#[message_inputs(bursts, counters, constellation)]
#[message_outputs(bursts, counters, constellation)]
pub struct DemodulatorBlock {
    demodulator: Demodulator,
    inlet: Inlet<Timed<AcquiredBurst>>,
    outlet: Outlet<Timed<DemodulatedBurst>>,
    points: Board<Constellation>,
    publisher: Publisher<DemodulatorCounters>,
    supervisor: Supervisor,
    window: Option<Window>,
    ended: bool,
}

impl DemodulatorBlock {
    /// A block around `demodulator`; at most `queue_bytes` of bursts wait for the next block.
    pub fn new(demodulator: Demodulator, queue_bytes: usize, supervisor: Supervisor) -> Self {
        Self {
            demodulator,
            inlet: Inlet::default(),
            outlet: Outlet::new("bursts", queue_bytes, |burst| {
                burst.bytes(|b| 12 * b.analog.len() + 4 * b.digital.len())
            }),
            points: Board::default(),
            publisher: Publisher::default(),
            supervisor,
            window: None,
            ended: false,
        }
    }

    /// Shows bursts in `window`.
    #[must_use]
    pub fn with_window(mut self, window: Option<Window>) -> Self {
        self.window = window;
        self
    }

    /// Its counters, readable at any time.
    pub fn board(&self) -> Board<DemodulatorCounters> {
        self.publisher.board.clone()
    }

    /// The latest points, readable at any time.
    pub fn points(&self) -> Board<Constellation> {
        self.points.clone()
    }

    async fn bursts(
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

    async fn constellation(
        &mut self,
        _io: &mut WorkIo,
        _mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
        _message: Pmt,
    ) -> Result<Pmt> {
        Ok(self.points.with(|points| points.to_pmt()))
    }

    fn demodulate(&mut self, burst: &AcquiredBurst) -> DemodulatedBurst {
        let burst = self.demodulator.demodulate(burst);
        let report = &burst.report;
        self.publisher.board.with(|c| {
            c.bursts += 1;
            c.clipped += u64::from(report.clipping.is_flagged());
            c.damaged_symbols += report.damaged_symbols as u64;
        });
        self.points
            .with(|points| points.add(&burst.qpsk, &burst.analog));
        if let Some(window) = &self.window {
            window.offer_burst(&burst);
        }
        burst
    }
}

#[doc(hidden)]
impl Kernel for DemodulatorBlock {
    async fn work(
        &mut self,
        io: &mut WorkIo,
        mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
    ) -> Result<()> {
        if self.ended || self.outlet.flush(io, mo).await? == Flushed::Waiting {
            return Ok(());
        }
        if let Some((burst, _permit)) = self.inlet.next() {
            let supervisor = self.supervisor.clone();
            let burst = supervisor.tend(Stage::Demodulate, || match burst {
                Timed::Item(burst) => Timed::Item(self.demodulate(&burst)),
                Timed::Tick(now) => Timed::Tick(now),
            })?;
            self.outlet.push(burst);
            io.call_again = true;
        } else if self.inlet.is_drained() {
            self.ended = true;
            self.publisher.publish_last(mo).await?;
            self.supervisor.end(io, mo).await;
        }
        if self.publisher.publish(mo).await? == Posted::Yes {
            mo.post("constellation", self.points.with(|p| p.to_pmt()))
                .await?;
        }
        Ok(())
    }
}
