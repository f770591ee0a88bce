//! Samples to bursts: the block that searches.

use futuresdr::runtime::dev::prelude::*;
use heliograph::waveform::synchronizer::{AcquiredBurst, Synchronizer, SynchronizerCounters};

use super::Timed;
use crate::counters::{Board, Publisher};
use crate::ports::{Flushed, Outlet};
use crate::supervisor::{Stage, Supervisor};
use crate::window::Window;

/// The clock ticks where that of [`heliograph::link::Receiver`] does. No search goes across a tick, so that bursts and ticks
/// have the same order whatever the buffers hold.
const TICK_SAMPLES: u64 = heliograph::link::TICK_SAMPLES as u64;

/// Searches for bursts.
///
/// # Stream Inputs
/// `input`: samples as received.
///
/// # Message Inputs
/// `counters`: answers with [`SynchronizerCounters`].
///
/// # Message Outputs
/// `bursts`: a [`crate::gate::Parcel`] of [`Timed`] for each [`AcquiredBurst`] and each tick. `counters`: see
/// [`crate::counters`].
#[derive(Block)]
#[message_inputs(counters)]
#[message_outputs(bursts, counters)]
pub struct SynchronizerBlock<I = DefaultCpuReader<Complex32>>
where
    I: CpuBufferReader<Item = Complex32>,
{
    #[input]
    input: I,
    synchronizer: Synchronizer,
    outlet: Outlet<Timed<AcquiredBurst>>,
    state: State,
    publisher: Publisher<SynchronizerCounters>,
    supervisor: Supervisor,
    window: Option<Window>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The last burst was found.
    Finished,
    Ended,
}

impl<I> SynchronizerBlock<I>
where
    I: CpuBufferReader<Item = Complex32>,
{
    /// A block around `synchronizer`; at most `queue_bytes` of bursts wait for the next block.
    pub fn new(synchronizer: Synchronizer, queue_bytes: usize, supervisor: Supervisor) -> Self {
        Self {
            input: I::default(),
            synchronizer,
            outlet: Outlet::new("bursts", queue_bytes, |burst| {
                burst.bytes(|b| 8 * b.samples.len())
            }),
            state: State::Open,
            publisher: Publisher::default(),
            supervisor,
            window: None,
        }
    }

    /// Shows samples in `window`.
    #[must_use]
    pub fn with_window(mut self, window: Option<Window>) -> Self {
        self.window = window;
        self
    }

    /// Its counters, readable at any time.
    pub fn board(&self) -> Board<SynchronizerCounters> {
        self.publisher.board.clone()
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

    /// Searches the next samples, or the end; gives the number taken in.
    fn search(&mut self) -> usize {
        let input = self.input.slice();
        let until_tick = TICK_SAMPLES - self.synchronizer.counters().samples % TICK_SAMPLES;
        let n = input.len().min(until_tick as usize);
        if n > 0 {
            if let Some(window) = &self.window {
                window.offer_samples(&input[..n]);
            }
            let bursts = self.synchronizer.push(&input[..n]);
            self.input.consume(n);
            self.outlet.extend(bursts.into_iter().map(Timed::Item));
        } else if self.input.finished() {
            let bursts = self.synchronizer.finish();
            self.outlet.extend(bursts.into_iter().map(Timed::Item));
            self.state = State::Finished;
        }
        let counters = self.synchronizer.counters();
        if n as u64 == until_tick {
            self.outlet.push(Timed::Tick(counters.samples as i64));
        }
        self.publisher.board.with(|c| *c = counters);
        n
    }
}

#[doc(hidden)]
impl<I> Kernel for SynchronizerBlock<I>
where
    I: CpuBufferReader<Item = Complex32>,
{
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
        let supervisor = self.supervisor.clone();
        let taken = supervisor.tend(Stage::Synchronize, || self.search())?;
        io.call_again = taken > 0 || self.state == State::Finished;
        self.publisher.publish(mo).await?;
        Ok(())
    }
}
