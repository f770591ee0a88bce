//! Transmissions to samples: the block that modulates.
//!
//! Bursts are made one at a time, when there is room for their samples.

use std::collections::VecDeque;

use futuresdr::runtime::dev::prelude::*;
use heliograph::link::Transmission;

use crate::counters::{Board, ModulatorCounters, Publisher};
use crate::gate::Permit;
use crate::idle::Idle;
use crate::ports::Inlet;
use crate::supervisor::{Stage, Supervisor};

/// Name of the stream tag at the first sample of a burst; its value is the length of the burst in samples.
pub const BURST_TAG: &str = "burst";

/// Modulates transmissions to a stream with silence between bursts.
///
/// # Message Inputs
/// `transmissions`: from [`super::PictureSource`]. `counters`: answers with [`ModulatorCounters`].
///
/// # Message Outputs
/// `counters`: see [`crate::counters`].
///
/// # Stream Outputs
/// `output`: samples, with a tag [`BURST_TAG`] at each burst.
#[derive(Block)]
#[message_inputs(transmissions, counters)]
#[message_outputs(counters)]
pub struct ModulatorBlock<O = DefaultCpuWriter<Complex32>>
where
    O: CpuBufferWriter<Item = Complex32>,
{
    #[output]
    output: O,
    idle: Idle,
    inlet: Inlet<Transmission>,
    /// The picture on the air; its permit lets the next one be encoded when it is done.
    current: Option<(Transmission, Permit)>,
    /// Silence before the first burst, samples.
    lead_in: usize,
    pieces: VecDeque<Piece>,
    /// Samples of the first piece that are out.
    position: usize,
    publisher: Publisher<ModulatorCounters>,
    power: Board<SamplePower>,
    supervisor: Supervisor,
    ended: bool,
}

/// Power of the bursts' samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SamplePower {
    peak: f64,
    sum: f64,
    samples: u64,
}

impl SamplePower {
    fn add(&mut self, samples: &[Complex32]) {
        self.samples += samples.len() as u64;
        for power in samples.iter().map(|x| f64::from(x.norm_sqr())) {
            self.peak = self.peak.max(power);
            self.sum += power;
        }
    }

    /// Peak-to-average power ratio, dB; `None` before the first burst.
    pub fn papr_db(self) -> Option<f64> {
        let papr = self.peak * self.samples as f64 / self.sum;
        (self.sum > 0.0).then(|| 10.0 * papr.log10())
    }
}

/// What comes next in the stream.
enum Piece {
    Silence(usize),
    Burst(Vec<Complex32>),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Silence(len) => *len,
            Self::Burst(samples) => samples.len(),
        }
    }

    /// Copies its samples from `position` on as far as they fit; gives their number.
    fn copy(&self, position: usize, out: &mut [Complex32]) -> usize {
        let n = (self.len() - position).min(out.len());
        match self {
            Self::Silence(_) => out[..n].fill(Complex32::default()),
            Self::Burst(samples) => out[..n].copy_from_slice(&samples[position..position + n]),
        }
        n
    }
}

impl<O> ModulatorBlock<O>
where
    O: CpuBufferWriter<Item = Complex32>,
{
    /// A modulator with silence as `idle` says, its lead-in drawn from `seed`.
    pub fn new(idle: Idle, seed: u64, supervisor: Supervisor) -> Self {
        Self {
            output: O::default(),
            idle,
            inlet: Inlet::default(),
            current: None,
            pieces: VecDeque::new(),
            lead_in: idle.lead_in_samples(seed),
            position: 0,
            publisher: Publisher::default(),
            power: Board::default(),
            supervisor,
            ended: false,
        }
    }

    /// Its counters, readable at any time.
    pub fn board(&self) -> Board<ModulatorCounters> {
        self.publisher.board.clone()
    }

    /// Power of its bursts, readable at any time.
    pub fn power(&self) -> Board<SamplePower> {
        self.power.clone()
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

    /// Makes the next burst with the silence before it, if there is a picture to make it of.
    fn make_burst(&mut self) -> Result<()> {
        let gap = match self.current {
            Some(_) => self.idle.between_bursts_samples,
            None => self.begin_picture(),
        };
        let Some((transmission, _)) = &mut self.current else {
            return Ok(());
        };
        match self
            .supervisor
            .tend(Stage::Modulate, || transmission.next())?
        {
            Some(burst) => {
                self.publisher.board.with(|c| c.bursts += 1);
                self.power.with(|power| power.add(&burst));
                self.pieces.push_back(Piece::Silence(gap));
                self.pieces.push_back(Piece::Burst(burst));
            }
            None => self.current = None,
        }
        Ok(())
    }

    /// Takes the next picture; gives the samples of silence before it.
    fn begin_picture(&mut self) -> usize {
        self.current = self.inlet.next();
        let begun = u64::from(self.current.is_some());
        let before = self.publisher.board.with(|c| {
            c.pictures += begun;
            c.pictures - begun
        });
        match before {
            0 => self.lead_in,
            _ => self.idle.between_pictures_samples,
        }
    }

    /// Gives out what is made, as far as there is room; false when there is none.
    fn give_out(&mut self) -> bool {
        let (out, mut tags) = self.output.slice_with_tags();
        let (mut filled, mut silent) = (0, 0);
        while let Some(piece) = self.pieces.front()
            && (filled < out.len() || piece.len() == 0)
        {
            if let (Piece::Burst(samples), 0) = (piece, self.position) {
                tags.add_tag(filled, Tag::NamedUsize(BURST_TAG.into(), samples.len()));
            }
            let n = piece.copy(self.position, &mut out[filled..]);
            filled += n;
            if let Piece::Silence(_) = piece {
                silent += n;
            }
            self.position += n;
            if self.position == piece.len() {
                self.pieces.pop_front();
                self.position = 0;
            }
        }
        let room = filled < out.len();
        self.output.produce(filled);
        self.publisher.board.with(|c| {
            c.samples += filled as u64;
            c.silent_samples += silent as u64;
        });
        room
    }

    /// Forgets the pictures that are not on the air yet.
    fn abandon(&mut self) {
        self.current = None;
        while self.inlet.next().is_some() {}
    }
}

#[doc(hidden)]
impl<O> Kernel for ModulatorBlock<O>
where
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
        if self.supervisor.is_stopping() {
            self.abandon();
        }
        let room = self.give_out();
        if !room {
            self.publisher.publish(mo).await?;
            return Ok(());
        }
        if self.current.is_some() || !self.inlet.is_empty() {
            self.make_burst()?;
            io.call_again = true;
        } else if self.inlet.is_drained() {
            self.ended = true;
            self.publisher.publish_last(mo).await?;
            self.supervisor.end_stream(&mut self.output, io, mo).await;
        }
        Ok(())
    }
}
