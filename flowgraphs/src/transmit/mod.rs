//! From photos to a radio, as a streaming graph.
//!
//! source -> radio -> sink, messages all of them. Each picture is one transmission of the radio; the next one is encoded
//! while it is on the air. See [`crate::receive`] for an example of both ends.

mod config;

use std::time::Instant;

use futuresdr::runtime::{BlockId, Error, Flowgraph};
use heliograph::link::Transmitter;
use heliograph::photo::Photo;
use heliograph_hardware::TxStream;

pub use config::TransmitConfig;

use crate::blocks::{PictureSink, PictureSource, RadioSink};
use crate::counters::{RadioSinkCounters, SourceCounters};
use crate::error::FlowgraphError;
use crate::event::Event;
use crate::mailbox::mailbox;
use crate::running::run_to_end;
use crate::supervisor::{Retirement, Supervisor};

/// Blocks of a transmitting run; the number of each in the control port's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransmitBlock {
    /// [`PictureSource`]
    Source = 0,
    /// [`RadioSink`]
    Radio = 1,
    /// [`PictureSink`]
    Sink = 2,
}

/// What a run counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransmitSummary {
    /// Pictures encoded.
    pub source: SourceCounters,
    /// What the radio took, and what it said of it.
    pub radio: RadioSinkCounters,
    /// Seconds from start to end.
    pub wall_seconds: f64,
}

/// Sends `pictures` (photos with captions) through `radio`; `on_event` is called on this thread. Ends when the radio took
/// the last, or early when `config.stop` is set: the burst on the air is finished then.
///
/// # Errors
/// [`FlowgraphError`]: settings out of range, a radio that is gone, a photo that cannot be encoded without `config.on_refusal`.
///
/// # Panics
/// If `on_event` does; the graph is taken down before.
pub fn run<P>(
    config: TransmitConfig,
    radio: Box<dyn TxStream>,
    pictures: P,
    mut on_event: impl FnMut(Event),
) -> Result<TransmitSummary, FlowgraphError>
where
    P: IntoIterator<Item = (Photo, Option<String>)>,
    P::IntoIter: Send + 'static,
{
    config.validate()?;
    let start = Instant::now();
    let supervisor = Supervisor::new(Retirement::StayReachable, config.stop.clone());
    let own = || supervisor.clone();
    let (outbox, mailbox) = mailbox();
    let transmitter = Transmitter::new(config.transmitter.clone(), config.codec.clone())?;
    let pictures = Box::new(pictures.into_iter());
    let source = PictureSource::new(pictures, transmitter, config.queue_bytes, own())
        .with_refusals(config.on_refusal.clone());
    let (gain, pause) = (config.gain(), config.pause);
    let radio = RadioSink::new(radio, gain, pause, config.queue_bytes, own())
        .with_window(config.window.clone())
        .with_hold(config.hold.clone());
    let boards = (source.board(), radio.board());
    let graph = join(source, radio, PictureSink::new(outbox, own()))?;
    run_to_end(
        graph,
        config.control_port,
        &mailbox,
        &supervisor,
        &mut on_event,
    )?;
    Ok(TransmitSummary {
        source: boards.0.get(),
        radio: boards.1.get(),
        wall_seconds: start.elapsed().as_secs_f64(),
    })
}

fn join(source: PictureSource, radio: RadioSink, sink: PictureSink) -> Result<Flowgraph, Error> {
    let mut graph = Flowgraph::new();
    let source = graph.add(source);
    let radio = graph.add(radio);
    let sink = graph.add(sink);
    debug_assert_eq!(BlockId::from(sink), BlockId(TransmitBlock::Sink as usize));
    graph.message(source, "transmissions", radio, "transmissions")?;
    graph.message(radio, "news", sink, "news")?;
    graph.message(source, "sent", sink, "sent")?;
    Ok(graph)
}
