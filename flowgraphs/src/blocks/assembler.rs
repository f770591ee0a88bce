//! Bursts to pictures: the block that assembles.

use futuresdr::runtime::dev::prelude::*;
use heliograph::link::{Assembler, ReceivedPicture};
use heliograph::waveform::demodulator::DemodulatedBurst;

use super::Timed;
use crate::counters::{AssemblerCounters, Board, Publisher};
use crate::event::{Event, ReceivedBurst};
use crate::ports::{Flushed, Inlet, Outlet};
use crate::supervisor::{Stage, Supervisor};
use crate::window::Window;

/// Assembles pictures.
///
/// # Message Inputs
/// `bursts`: from [`super::DemodulatorBlock`]. `counters`: answers with [`AssemblerCounters`].
///
/// # Message Outputs
/// `news`: a [`crate::gate::Parcel`] of [`Event`] for each burst and each picture. `counters`: see
/// [`crate::counters`].
#[derive(Block)]
#[message_inputs(bursts, counters)]
#[message_outputs(news, counters)]
pub struct AssemblerBlock {
    assembler: Assembler,
    inlet: Inlet<Timed<DemodulatedBurst>>,
    outlet: Outlet<Event>,
    state: State,
    publisher: Publisher<AssemblerCounters>,
    supervisor: Supervisor,
    window: Option<Window>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// What was in progress is given out.
    Finished,
    Ended,
}

impl AssemblerBlock {
    /// A block around `assembler`; at most `queue_bytes` of pictures wait for the next block, or one.
    pub fn new(assembler: Assembler, queue_bytes: usize, supervisor: Supervisor) -> Self {
        Self {
            assembler,
            inlet: Inlet::default(),
            outlet: Outlet::new("news", queue_bytes, Event::bytes),
            state: State::Open,
            publisher: Publisher::default(),
            supervisor,
            window: None,
        }
    }

    /// Shows pictures in progress in `window`.
    #[must_use]
    pub fn with_window(mut self, window: Option<Window>) -> Self {
        self.window = window;
        self
    }

    /// Its counters, readable at any time.
    pub fn board(&self) -> Board<AssemblerCounters> {
        self.publisher.board.clone()
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

    fn take(&mut self, burst: Timed<DemodulatedBurst>) -> Vec<ReceivedPicture> {
        match burst {
            Timed::Item(burst) => {
                let news = ReceivedBurst::from(&burst);
                self.outlet.push(Event::Burst(news));
                self.publisher.board.with(|c| c.bursts += 1);
                let pictures = self.assembler.push(burst);
                if let Some(window) = &self.window {
                    window.offer_progress(&self.assembler);
                }
                pictures
            }
            Timed::Tick(now) => self.assembler.advance(now),
        }
    }

    fn give_out(&mut self, pictures: Vec<ReceivedPicture>) {
        let refused = self.assembler.refused();
        let incomplete = pictures.iter().filter(|p| p.bursts_missing > 0).count();
        self.publisher.board.with(|c| {
            c.refused = refused;
            c.pictures += pictures.len() as u64;
            c.incomplete += incomplete as u64;
        });
        let news = pictures.into_iter().map(Box::new);
        self.outlet.extend(news.map(Event::Picture));
    }
}

#[doc(hidden)]
impl Kernel for AssemblerBlock {
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
        if let Some((burst, _permit)) = self.inlet.next() {
            let pictures = supervisor.tend(Stage::Assemble, || self.take(burst))?;
            self.give_out(pictures);
            io.call_again = true;
        } else if self.inlet.is_drained() {
            let pictures = supervisor.tend(Stage::Assemble, || self.assembler.finish())?;
            self.give_out(pictures);
            self.state = State::Finished;
            io.call_again = true;
        }
        self.publisher.publish(mo).await?;
        Ok(())
    }
}
