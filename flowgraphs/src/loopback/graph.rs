//! The blocks of the loopback and how they are joined.

use futuresdr::runtime::dev::CpuBufferWriter;
use futuresdr::runtime::{BlockId, Error, Flowgraph};
use heliograph::link::{Assembler, Transmitter};
use heliograph::propagation::Propagation;
use heliograph::waveform::demodulator::Demodulator;
use heliograph::waveform::synchronizer::Synchronizer;

use super::config::LoopbackConfig;
use super::summary::Boards;
use crate::blocks::{
    AssemblerBlock, BurstDropper, DemodulatorBlock, ModulatorBlock, PictureSink, PictureSource,
    Pictures, PropagationBlock, SynchronizerBlock,
};
use crate::error::FlowgraphError;
use crate::idle::BurstLottery;
use crate::mailbox::Outbox;
use crate::supervisor::Supervisor;

/// Blocks of the loopback; the number of each in the control port's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopbackBlock {
    /// [`PictureSource`]
    Source = 0,
    /// [`ModulatorBlock`]
    Modulator = 1,
    /// [`BurstDropper`]
    Dropper = 2,
    /// [`PropagationBlock`]
    Propagation = 3,
    /// [`SynchronizerBlock`]
    Synchronizer = 4,
    /// [`DemodulatorBlock`]
    Demodulator = 5,
    /// [`AssemblerBlock`]
    Assembler = 6,
    /// [`PictureSink`]
    Sink = 7,
}

/// The graph before it runs.
pub(super) struct Graph {
    pub flowgraph: Flowgraph,
    pub boards: Boards,
}

/// The blocks, not yet joined.
struct Blocks {
    source: PictureSource,
    modulator: ModulatorBlock,
    dropper: BurstDropper,
    propagation: PropagationBlock,
    synchronizer: SynchronizerBlock,
    demodulator: DemodulatorBlock,
    assembler: AssemblerBlock,
    sink: PictureSink,
}

impl Graph {
    /// Makes and joins the blocks.
    pub fn build(
        config: &LoopbackConfig,
        pictures: Pictures,
        outbox: Outbox,
        supervisor: &Supervisor,
    ) -> Result<Self, FlowgraphError> {
        let mut blocks = Blocks::new(config, pictures, outbox, supervisor)?;
        blocks.size_buffers(config.buffer_samples);
        let boards = blocks.boards();
        if let Some(window) = &config.window {
            window.attach(boards.monitor());
        }
        Ok(Self {
            flowgraph: blocks.join()?,
            boards,
        })
    }
}

impl Blocks {
    fn new(
        config: &LoopbackConfig,
        pictures: Pictures,
        outbox: Outbox,
        supervisor: &Supervisor,
    ) -> Result<Self, FlowgraphError> {
        let LoopbackConfig {
            seed, queue_bytes, ..
        } = *config;
        let receiver = &config.receiver;
        let own = || supervisor.clone();
        let transmitter = Transmitter::new(config.transmitter.clone(), config.codec.clone())?;
        let propagation = Propagation::new(&config.propagation, config.sample_rate_hz, seed)?;
        let synchronizer = Synchronizer::new(receiver.numerology, receiver.limits.clone());
        let demodulator = Demodulator::new(receiver.numerology);
        let assembler = Assembler::new(receiver.numerology, receiver.assembler);
        Ok(Self {
            source: PictureSource::new(pictures, transmitter, queue_bytes, own()),
            modulator: ModulatorBlock::new(config.idle, seed, own()),
            dropper: BurstDropper::new(BurstLottery::new(config.drop_probability, seed), own()),
            propagation: PropagationBlock::new(propagation, own()),
            synchronizer: SynchronizerBlock::new(synchronizer, queue_bytes, own())
                .with_window(config.window.clone()),
            demodulator: DemodulatorBlock::new(demodulator, queue_bytes, own())
                .with_window(config.window.clone()),
            assembler: AssemblerBlock::new(assembler, queue_bytes, own())
                .with_window(config.window.clone()),
            sink: PictureSink::new(outbox, own()),
        })
    }

    /// Before they are joined: afterwards it has no effect.
    fn size_buffers(&mut self, samples: usize) {
        self.modulator
            .output()
            .set_min_buffer_size_in_items(samples);
        self.dropper.output().set_min_buffer_size_in_items(samples);
        self.propagation
            .output()
            .set_min_buffer_size_in_items(samples);
    }

    fn boards(&self) -> Boards {
        Boards {
            source: self.source.board(),
            modulator: self.modulator.board(),
            power: self.modulator.power(),
            dropper: self.dropper.board(),
            propagation: self.propagation.board(),
            synchronizer: self.synchronizer.board(),
            demodulator: self.demodulator.board(),
            points: self.demodulator.points(),
            assembler: self.assembler.board(),
        }
    }

    fn join(self) -> Result<Flowgraph, Error> {
        let mut graph = Flowgraph::new();
        let source = graph.add(self.source);
        let modulator = graph.add(self.modulator);
        let dropper = graph.add(self.dropper);
        let propagation = graph.add(self.propagation);
        let synchronizer = graph.add(self.synchronizer);
        let demodulator = graph.add(self.demodulator);
        let assembler = graph.add(self.assembler);
        let sink = graph.add(self.sink);
        debug_assert_eq!(BlockId::from(sink), BlockId(LoopbackBlock::Sink as usize));

        graph.stream(&modulator, |b| b.output(), &dropper, |b| b.input())?;
        graph.stream(&dropper, |b| b.output(), &propagation, |b| b.input())?;
        graph.stream(&propagation, |b| b.output(), &synchronizer, |b| b.input())?;
        graph.message(source, "transmissions", modulator, "transmissions")?;
        graph.message(synchronizer, "bursts", demodulator, "bursts")?;
        graph.message(demodulator, "bursts", assembler, "bursts")?;
        graph.message(assembler, "news", sink, "news")?;
        graph.message(source, "sent", sink, "sent")?;
        Ok(graph)
    }
}
