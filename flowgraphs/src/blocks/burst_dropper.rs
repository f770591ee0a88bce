//! Whole bursts lost on purpose: silence in their place.
//!
//! The lot falls at the transmitter's side; nothing tells the receiver.

use futuresdr::runtime::dev::prelude::*;

use super::BURST_TAG;
use crate::counters::{Board, DropperCounters, Publisher};
use crate::idle::{BurstLottery, Fate};
use crate::supervisor::{Stage, Supervisor};

/// Replaces bursts by silence.
///
/// # Stream Inputs
/// `input`: samples with a tag [`BURST_TAG`] at each burst.
///
/// # Stream Outputs
/// `output`: as many samples, without tags.
///
/// # Message Inputs
/// `counters`: answers with [`DropperCounters`].
///
/// # Message Outputs
/// `counters`: see [`crate::counters`].
#[derive(Block)]
#[message_inputs(counters)]
#[message_outputs(counters)]
pub struct BurstDropper<I = DefaultCpuReader<Complex32>, O = DefaultCpuWriter<Complex32>>
where
    I: CpuBufferReader<Item = Complex32>,
    O: CpuBufferWriter<Item = Complex32>,
{
    #[input]
    input: I,
    #[output]
    output: O,
    lottery: BurstLottery,
    /// Samples of a lost burst that are still to come.
    silence: usize,
    publisher: Publisher<DropperCounters>,
    supervisor: Supervisor,
    ended: bool,
}

impl<I, O> BurstDropper<I, O>
where
    I: CpuBufferReader<Item = Complex32>,
    O: CpuBufferWriter<Item = Complex32>,
{
    /// Loses the bursts that `lottery` names.
    pub fn new(lottery: BurstLottery, supervisor: Supervisor) -> Self {
        Self {
            input: I::default(),
            output: O::default(),
            lottery,
            silence: 0,
            publisher: Publisher::default(),
            supervisor,
            ended: false,
        }
    }

    /// Its counters, readable at any time.
    pub fn board(&self) -> Board<DropperCounters> {
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

    /// Copies what fits; gives the number of samples left in the input.
    fn copy(&mut self) -> usize {
        let (input, tags) = self.input.slice_with_tags();
        let out = self.output.slice();
        let n = input.len().min(out.len());
        out[..n].copy_from_slice(&input[..n]);
        let mut silent = self.silence.min(n);
        out[..silent].fill(Complex32::default());
        self.silence -= silent;
        let starts = tags.iter().filter(|tag| tag.index < n);
        for (start, len) in starts.filter_map(|tag| Some((tag.index, burst_samples(&tag.tag)?))) {
            let fate = self.lottery.draw();
            self.publisher.board.with(|c| {
                c.bursts += 1;
                c.dropped += u64::from(fate == Fate::Lost);
            });
            if fate == Fate::Lost {
                silent = len.min(n - start);
                out[start..start + silent].fill(Complex32::default());
                self.silence = len - silent;
            }
        }
        let left = input.len() - n;
        self.input.consume(n);
        self.output.produce(n);
        left
    }
}

fn burst_samples(tag: &Tag) -> Option<usize> {
    match tag {
        Tag::NamedUsize(name, samples) if name == BURST_TAG => Some(*samples),
        _ => None,
    }
}

#[doc(hidden)]
impl<I, O> Kernel for BurstDropper<I, O>
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
        if self.ended {
            return Ok(());
        }
        let supervisor = self.supervisor.clone();
        let left = supervisor.tend(Stage::Drop, || self.copy())?;
        self.publisher.publish(mo).await?;
        if left == 0 && self.input.finished() {
            self.ended = true;
            self.publisher.publish_last(mo).await?;
            self.supervisor.end_stream(&mut self.output, io, mo).await;
        }
        Ok(())
    }
}
