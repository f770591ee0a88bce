//! A graph from its start to its end, whoever ends it: the last picture, a wish, a failure, or a panic of the caller.

use std::net::SocketAddr;
use std::time::Duration;

use futuresdr::runtime::Flowgraph;

use crate::error::FlowgraphError;
use crate::event::Event;
use crate::host::Host;
use crate::mailbox::{Mail, Mailbox};
use crate::supervisor::Supervisor;

/// How often a quiet run looks for failures.
const WATCH: Duration = Duration::from_millis(20);

/// Runs `graph` and hands its news to `on_event` on this thread.
///
/// # Errors
/// The first failure of a block with its cause; a graph that cannot start.
///
/// # Panics
/// If `on_event` does; the graph is taken down before.
pub(crate) fn run_to_end(
    graph: Flowgraph,
    control_port: Option<SocketAddr>,
    mailbox: &Mailbox,
    supervisor: &Supervisor,
    on_event: &mut impl FnMut(Event),
) -> Result<(), FlowgraphError> {
    let mut running = Running(Some(Host::start(graph, control_port)?));
    supervisor.start();
    let control_port = running.host().control_port();
    on_event(Event::Started { control_port });
    deliver(mailbox, on_event, supervisor, running.host())?;
    drop(running);
    supervisor.take_failure().map_or(Ok(()), Err)
}

/// Hands news on until the last; when a block failed, those that came before it was seen.
fn deliver(
    mailbox: &Mailbox,
    on_event: &mut impl FnMut(Event),
    supervisor: &Supervisor,
    host: &mut Host,
) -> Result<(), FlowgraphError> {
    loop {
        match mailbox.wait(WATCH) {
            Mail::News(news, _permit) => on_event(news),
            Mail::End => return Ok(()),
            Mail::Nothing => {
                if let (false, Some(outcome)) = (supervisor.has_failed(), host.ended()) {
                    outcome?;
                    return Ok(());
                }
            }
        }
        if supervisor.has_failed() {
            mailbox.rest().for_each(|(news, _permit)| on_event(news));
            return Ok(());
        }
    }
}

/// Takes the graph down even if the caller panics.
struct Running(Option<Host>);

impl Running {
    fn host(&mut self) -> &mut Host {
        self.0.as_mut().expect("taken on drop only")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(host) = self.0.take() {
            host.shut_down();
        }
    }
}
