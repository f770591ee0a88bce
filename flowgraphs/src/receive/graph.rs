//! The blocks of a receiving run and how they are joined.

use futuresdr::runtime::dev::CpuBufferWriter;
use futuresdr::runtime::{BlockId, Error, Flowgraph};
use heliograph::link::Assembler;
use heliograph::waveform::demodulator::Demodulator;
use heliograph::waveform::synchronizer::Synchronizer;
use heliograph_hardware::RxStream;

use super::config::ReceiveConfig;
use super::monitor::{Monitor, ReceiveCounters};
use crate::blocks::{
    AssemblerBlock, DemodulatorBlock, PictureSink, RadioSource, SynchronizerBlock,
};
use crate::error::FlowgraphError;
use crate::event::Event;
use crate::mailbox::{Mailbox, mailbox};
use crate::running::run_to_end;
use crate::supervisor::{Retirement, Supervisor};

/// Blocks of a receiving run; the number of each in the control port's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiveBlock {
    /// [`RadioSource`]
    Radio = 0,
    /// [`SynchronizerBlock`]
    Synchronizer = 1,
    /// [`DemodulatorBlock`]
    Demodulator = 2,
    /// [`AssemblerBlock`]
    Assembler = 3,
    /// [`PictureSink`]
    Sink = 4,
}

/// A receiving run before it starts.
pub struct ReceiveGraph {
    config: ReceiveConfig,
    flowgraph: Flowgraph,
    monitor: Monitor,
    mailbox: Mailbox,
    supervisor: Supervisor,
}

impl ReceiveGraph {
    /// Makes and joins the blocks behind `radio`.
    ///
    /// # Errors
    /// [`FlowgraphError::Runtime`] when FutureSDR refuses.
    pub fn build(config: ReceiveConfig, radio: Box<dyn RxStream>) -> Result<Self, FlowgraphError> {
        let supervisor = Supervisor::new(Retirement::StayReachable, config.stop.clone());
        let own = || supervisor.clone();
        let (outbox, mailbox) = mailbox();
        let (receiver, bytes) = (&config.receiver, config.queue_bytes);
        let mut source: RadioSource = RadioSource::new(radio, own());
        source
            .output()
            .set_min_buffer_size_in_items(config.buffer_samples);
        let search = Synchronizer::new(receiver.numerology, receiver.limits.clone());
        let search = SynchronizerBlock::new(search, bytes, own());
        let demodulator =
            DemodulatorBlock::new(Demodulator::new(receiver.numerology), bytes, own());
        let assembler = Assembler::new(receiver.numerology, receiver.assembler);
        let assembler = AssemblerBlock::new(assembler, bytes, own());
        let window = &config.window;
        let (search, demodulator, assembler) = (
            search.with_window(window.clone()),
            demodulator.with_window(window.clone()),
            assembler.with_window(window.clone()),
        );
        let monitor = Monitor {
            radio: source.board(),
            level: source.level(),
            synchronizer: search.board(),
            demodulator: demodulator.board(),
            points: demodulator.points(),
            assembler: assembler.board(),
        };
        if let Some(window) = window {
            window.attach(monitor.clone());
        }
        let sink = PictureSink::new(outbox, own());
        Ok(Self {
            flowgraph: join(source, search, demodulator, assembler, sink)?,
            config,
            monitor,
            mailbox,
            supervisor,
        })
    }

    /// A view of the run, for other threads.
    pub fn monitor(&self) -> Monitor {
        self.monitor.clone()
    }

    /// Runs until the radio's stream ends or `config.stop` is set; `on_event` is called on this thread. While it computes,
    /// the graph goes on.
    ///
    /// # Errors
    /// [`FlowgraphError::Block`]: the radio is gone, or another block failed.
    ///
    /// # Panics
    /// If `on_event` does; the graph is taken down before.
    pub fn run(self, mut on_event: impl FnMut(Event)) -> Result<ReceiveCounters, FlowgraphError> {
        run_to_end(
            self.flowgraph,
            self.config.control_port,
            &self.mailbox,
            &self.supervisor,
            &mut on_event,
        )?;
        Ok(self.monitor.counters())
    }
}

fn join(
    source: RadioSource,
    search: SynchronizerBlock,
    demodulator: DemodulatorBlock,
    assembler: AssemblerBlock,
    sink: PictureSink,
) -> Result<Flowgraph, Error> {
    let mut graph = Flowgraph::new();
    let source = graph.add(source);
    let search = graph.add(search);
    let demodulator = graph.add(demodulator);
    let assembler = graph.add(assembler);
    let sink = graph.add(sink);
    debug_assert_eq!(BlockId::from(sink), BlockId(ReceiveBlock::Sink as usize));
    graph.stream(&source, |b| b.output(), &search, |b| b.input())?;
    graph.message(search, "bursts", demodulator, "bursts")?;
    graph.message(demodulator, "bursts", assembler, "bursts")?;
    graph.message(assembler, "news", sink, "news")?;
    Ok(graph)
}
