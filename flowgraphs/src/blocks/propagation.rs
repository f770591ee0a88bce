//! Samples to samples: the block that is the channel.

use futuresdr::runtime::dev::prelude::*;
use heliograph::propagation::{Propagation, PropagationStatistics};

use crate::counters::{Board, Publisher};
use crate::supervisor::{Stage, Supervisor};

/// Samples that are propagated in one go, at most.
const PIECE: usize = 1 << 14;

/// Passes samples through a [`Propagation`], which may add and remove some.
///
/// # Stream Inputs
/// `input`: samples as sent.
///
/// # Stream Outputs
/// `output`: samples as received.
///
/// # Message Inputs
/// `counters`: answers with [`PropagationStatistics`].
///
/// # Message Outputs
/// `counters`: see [`crate::counters`].
#[derive(Block)]
#[message_inputs(counters)]
#[message_outputs(counters)]
pub struct PropagationBlock<I = DefaultCpuReader<Complex32>, O = DefaultCpuWriter<Complex32>>
where
    I: CpuBufferReader<Item = Complex32>,
    O: CpuBufferWriter<Item = Complex32>,
{
    #[input]
    input: I,
    #[output]
    output: O,
    propagation: Propagation,
    /// Received samples from `position` on that had no room yet.
    received: Vec<Complex32>,
    position: usize,
    state: State,
    publisher: Publisher<PropagationStatistics>,
    supervisor: Supervisor,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The echoes of the last samples are out of the channel.
    Finished,
    Ended,
}

impl<I, O> PropagationBlock<I, O>
where
    I: CpuBufferReader<Item = Complex32>,
    O: CpuBufferWriter<Item = Complex32>,
{
    /// A block around `propagation`.
    pub fn new(propagation: Propagation, supervisor: Supervisor) -> Self {
        Self {
            input: I::default(),
            output: O::default(),
            propagation,
            received: Vec::new(),
            position: 0,
            state: State::Open,
            publisher: Publisher::default(),
            supervisor,
        }
    }

    /// Its counters, readable at any time.
    pub fn board(&self) -> Board<PropagationStatistics> {
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

    /// Gives out what was received as far as there is room; false when some is left.
    fn give_out(&mut self) -> bool {
        let out = self.output.slice();
        let left = &self.received[self.position..];
        let n = left.len().min(out.len());
        out[..n].copy_from_slice(&left[..n]);
        self.output.produce(n);
        self.position += n;
        self.position == self.received.len()
    }

    /// Propagates the next samples, or the end; gives the number taken in.
    fn propagate(&mut self) -> usize {
        self.received.clear();
        self.position = 0;
        let input = self.input.slice();
        let n = input.len().min(PIECE);
        if n > 0 {
            self.propagation.push_into(&input[..n], &mut self.received);
            self.input.consume(n);
        } else if self.input.finished() {
            self.received = self.propagation.finish();
            self.state = State::Finished;
        }
        let statistics = self.propagation.statistics();
        self.publisher.board.with(|s| *s = statistics);
        n
    }
}

#[doc(hidden)]
impl<I, O> Kernel for PropagationBlock<I, O>
where
    I: CpuBufferReader<Item = Complex32>,
    O: CpuBufferWriter<Item = Complex32>,
{
    async fn work(
        &mut self,
        io: &mut WorkIo,
        mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
    ) -> Result<()> {
        if self.state == State::Ended || !self.give_out() {
            return Ok(());
        }
        if self.state == State::Finished {
            self.state = State::Ended;
            self.publisher.publish_last(mo).await?;
            self.supervisor.end_stream(&mut self.output, io, mo).await;
            return Ok(());
        }
        let supervisor = self.supervisor.clone();
        let taken = supervisor.tend(Stage::Propagate, || self.propagate())?;
        io.call_again = taken > 0 || self.state == State::Finished;
        self.publisher.publish(mo).await?;
        Ok(())
    }
}
