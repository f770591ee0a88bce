//! A radio's samples into the graph: the block that receives.

use std::collections::VecDeque;
use std::time::Duration;

use futuresdr::runtime::dev::prelude::*;
use heliograph::waveform::clipping::is_at_rail;
use heliograph_hardware::{Lost, RadioError, Reception, RxStream};

use crate::counters::{Board, Publisher, RadioSourceCounters};
use crate::supervisor::{Stage, Supervisor};

/// Samples that are asked for at a time.
const PIECE: usize = 1 << 14;
/// A read waits at most this long, so that the block hears of a stop.
const READ_LIMIT: Duration = Duration::from_millis(50);
/// Silence in place of a gap whose length nobody knows: longer than any burst, so that what is left of a torn one is taken for
/// lost and not for signal.
pub const UNKNOWN_GAP_SAMPLES: u64 = 1 << 18;
/// Silence in place of a known gap, at most: beyond it every picture has timed out anyway.
const MAX_GAP_SAMPLES: u64 = 1 << 28;

/// Receives from a radio. Missing samples become silence of the same length, so that the burst around a short gap is still
/// received and the stream keeps the radio's time.
///
/// # Stream Outputs
/// `output`: samples as received.
///
/// # Message Inputs
/// `counters`: answers with [`RadioSourceCounters`].
///
/// # Message Outputs
/// `counters`: see [`crate::counters`].
#[derive(Block)]
#[blocking]
#[message_inputs(counters)]
#[message_outputs(counters)]
pub struct RadioSource<O = DefaultCpuWriter<Complex32>>
where
    O: CpuBufferWriter<Item = Complex32>,
{
    #[output]
    output: O,
    radio: Box<dyn RxStream>,
    read: Vec<Complex32>,
    /// What goes out next.
    pieces: VecDeque<Piece>,
    publisher: Publisher<RadioSourceCounters>,
    level: Board<f32>,
    supervisor: Supervisor,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The stream is over; what was read still goes out.
    Finished,
    Ended,
}

/// A part of the stream.
enum Piece {
    Silence(u64),
    /// Samples of `read`.
    Samples(std::ops::Range<usize>),
}

impl<O> RadioSource<O>
where
    O: CpuBufferWriter<Item = Complex32>,
{
    /// A source that reads `radio` to its end or failure, or until the run is stopped.
    pub fn new(radio: Box<dyn RxStream>, supervisor: Supervisor) -> Self {
        Self {
            output: O::default(),
            radio,
            read: vec![Complex32::default(); PIECE],
            pieces: VecDeque::new(),
            publisher: Publisher::default(),
            level: Board::default(),
            supervisor,
            state: State::Open,
        }
    }

    /// Its counters, readable at any time.
    pub fn board(&self) -> Board<RadioSourceCounters> {
        self.publisher.board.clone()
    }

    /// Mean power of the samples of the latest read, full scale 1; readable at any time.
    pub fn level(&self) -> Board<f32> {
        self.level.clone()
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

    /// Gives out what was read, as far as there is room; false when some is left.
    fn give_out(&mut self) -> bool {
        let out = self.output.slice();
        let mut filled = 0;
        while let Some(piece) = self.pieces.front_mut()
            && filled < out.len()
        {
            let room = out.len() - filled;
            let n = match piece {
                Piece::Silence(left) => {
                    let n = room.min(usize::try_from(*left).unwrap_or(room));
                    out[filled..filled + n].fill(Complex32::default());
                    *left -= n as u64;
                    n
                }
                Piece::Samples(left) => {
                    let n = room.min(left.len());
                    out[filled..filled + n].copy_from_slice(&self.read[left.start..left.start + n]);
                    left.start += n;
                    n
                }
            };
            filled += n;
            if piece.is_empty() {
                self.pieces.pop_front();
            }
        }
        self.output.produce(filled);
        self.pieces.is_empty()
    }

    /// Reads the next samples.
    fn receive(&mut self) -> std::result::Result<(), RadioError> {
        match self.radio.read(&mut self.read, READ_LIMIT) {
            Ok(reception) => self.take(reception),
            Err(RadioError::Timeout { .. }) => self.publisher.board.with(|c| c.timeouts += 1),
            Err(RadioError::Ended) => self.state = State::Finished,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn take(&mut self, reception: Reception) {
        let samples = &self.read[..reception.samples.min(PIECE)];
        let silence = silence_for(reception.lost);
        if silence > 0 {
            self.pieces.push_back(Piece::Silence(silence));
        }
        let power: f32 = samples.iter().map(|x| x.norm_sqr()).sum();
        let mean = power / samples.len().max(1) as f32;
        self.level.with(|level| *level = mean);
        let at_rails = samples.iter().filter(|x| is_at_rail(x)).count() as u64;
        self.publisher.board.with(|c| {
            c.samples += samples.len() as u64;
            c.samples_at_full_scale += at_rails;
            c.count(reception.lost);
        });
        self.pieces.push_back(Piece::Samples(0..samples.len()));
    }
}

impl Piece {
    fn is_empty(&self) -> bool {
        match self {
            Self::Silence(left) => *left == 0,
            Self::Samples(left) => left.is_empty(),
        }
    }
}

impl RadioSourceCounters {
    fn count(&mut self, lost: Lost) {
        match lost {
            Lost::Nothing => {}
            Lost::Samples(n) => {
                self.gaps += 1;
                self.samples_lost = self.samples_lost.saturating_add(n);
            }
            Lost::Unknown => {
                self.gaps += 1;
                self.gaps_of_unknown_length += 1;
            }
        }
    }
}

/// Samples of silence that stand for what was lost.
fn silence_for(lost: Lost) -> u64 {
    match lost {
        Lost::Nothing => 0,
        Lost::Samples(n) => n.min(MAX_GAP_SAMPLES),
        Lost::Unknown => UNKNOWN_GAP_SAMPLES,
    }
}

#[doc(hidden)]
impl<O> Kernel for RadioSource<O>
where
    O: CpuBufferWriter<Item = Complex32>,
{
    async fn work(
        &mut self,
        io: &mut WorkIo,
        mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
    ) -> Result<()> {
        if let Some(start) = self.supervisor.held_until() {
            io.block_on(start);
            return Ok(());
        }
        if self.state == State::Ended || !self.give_out() {
            return Ok(());
        }
        if self.supervisor.is_stopping() {
            self.state = State::Finished;
        }
        if self.state == State::Finished {
            self.state = State::Ended;
            self.publisher.publish_last(mo).await?;
            self.supervisor.end_stream(&mut self.output, io, mo).await;
            return Ok(());
        }
        let supervisor = self.supervisor.clone();
        if let Err(error) = supervisor.tend(Stage::Receive, || self.receive())? {
            // The run fails with it in the end; pictures that are on their way are not its fault.
            supervisor.note(Stage::Receive, error);
            self.state = State::Finished;
        }
        io.call_again = true;
        self.publisher.publish(mo).await?;
        Ok(())
    }
}
