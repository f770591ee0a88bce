//! The loopback: photos through a simulated channel back to pictures, as a streaming graph.
//!
//! source -> modulator => dropper => propagation => synchronizer -> demodulator -> assembler -> sink
//! (`=>` stream of samples, `->` messages). For one seed the pictures are bit for bit those of [`heliograph::link::Receiver`],
//! whatever the buffers and the scheduling.
//!
//! ```
//! use std::sync::Arc;
//! use heliograph::codec::SoftCast;
//! use heliograph::photo::{Photo, PhotoSize};
//! use heliograph_flowgraphs::event::Event;
//! use heliograph_flowgraphs::loopback::{LoopbackConfig, run};
//!
//! let codec = Arc::new(SoftCast::default());
//! let photo = Photo::filled(PhotoSize::new(64, 48)?, [200, 120, 40]);
//! let mut painted = Vec::new();
//! let summary = run(
//!     LoopbackConfig::new(codec.clone()),
//!     [(photo, Some("Amber".to_owned()))],
//!     |event| {
//!         if let Event::Picture(picture) = event {
//!             painted.push(picture.paint(&*codec).unwrap());
//!         }
//!     },
//! )?;
//! assert_eq!((summary.assembler.pictures, painted.len()), (1, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod graph;
mod summary;

use std::time::Instant;

use heliograph::photo::Photo;

pub use config::LoopbackConfig;
pub use graph::LoopbackBlock;
pub use summary::{Ending, LoopbackSummary};

use crate::error::FlowgraphError;
use crate::event::Event;
use crate::mailbox::mailbox;
use crate::running::run_to_end;
use crate::supervisor::{Retirement, Supervisor};
use graph::Graph;

/// Sends `pictures` (photos with captions) through the loopback; `on_event` is called on this thread. Ends when the last
/// picture is out of the channel, or early when `config.stop` is set or a block fails.
///
/// Pictures are taken from the iterator as the channel goes on, one ahead; news wait for `on_event` up to
/// `config.queue_bytes`.
///
/// # Errors
/// [`FlowgraphError`]: settings out of range, or the first failure of a block with its cause.
///
/// # Panics
/// If `on_event` does; the graph is taken down before.
pub fn run<P>(
    config: LoopbackConfig,
    pictures: P,
    on_event: impl FnMut(Event),
) -> Result<LoopbackSummary, FlowgraphError>
where
    P: IntoIterator<Item = (Photo, Option<String>)>,
    P::IntoIter: Send + 'static,
{
    let supervisor = Supervisor::new(Retirement::StayReachable, config.stop.clone());
    run_supervised(config, Box::new(pictures.into_iter()), on_event, supervisor)
}

fn run_supervised(
    config: LoopbackConfig,
    pictures: crate::blocks::Pictures,
    mut on_event: impl FnMut(Event),
    supervisor: Supervisor,
) -> Result<LoopbackSummary, FlowgraphError> {
    config.validate()?;
    let start = Instant::now();
    let (outbox, mailbox) = mailbox();
    let graph = Graph::build(&config, pictures, outbox, &supervisor)?;
    run_to_end(
        graph.flowgraph,
        config.control_port,
        &mailbox,
        &supervisor,
        &mut on_event,
    )?;
    Ok(graph.boards.summary(&supervisor, start.elapsed()))
}

#[cfg(test)]
mod tests;
