//! Starting a graph and taking it down in the order that FutureSDR 0.0.40 survives.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use futuresdr::futures::FutureExt;
use futuresdr::futures::future::{Either, select};
use futuresdr::runtime::scheduler::SmolScheduler;
use futuresdr::runtime::{Error, Flowgraph, FlowgraphHandle, FlowgraphTask, Runtime, Timer};

use crate::control_port;
use crate::error::FlowgraphError;

/// Time for the control port to answer its last call.
const PORT_LIMIT: Duration = Duration::from_secs(1);
/// Time for the blocks to end; each only has to come back from its current piece of work. In tests one that does not is noticed.
const GRAPH_LIMIT: Duration = Duration::from_secs(if cfg!(test) { 600 } else { 5 });

/// A running graph.
pub struct Host {
    runtime: Runtime<SmolScheduler>,
    /// `None` when it ended by itself.
    task: Option<FlowgraphTask>,
    handle: FlowgraphHandle,
    control_port: Option<SocketAddr>,
}

impl Host {
    /// Starts `graph`, with a control port if there is an address for it.
    pub fn start(graph: Flowgraph, address: Option<SocketAddr>) -> Result<Self, FlowgraphError> {
        let (runtime, control_port) = control_port::runtime(address)?;
        // Runtime::start fails while the control port is being asked; the handle waits.
        let running = Runtime::block_on(runtime.handle().start(graph))?;
        let (task, handle) = running.split();
        Ok(Self {
            runtime,
            task: Some(task),
            handle,
            control_port,
        })
    }

    /// Where the control port listens.
    pub fn control_port(&self) -> Option<SocketAddr> {
        self.control_port
    }

    /// Did the graph end by itself? `Some` with why, once.
    pub fn ended(&mut self) -> Option<Result<(), Error>> {
        let outcome = self.task.as_mut()?.now_or_never()?;
        self.task = None;
        Some(outcome.map(|_| ()))
    }

    /// Ends the graph: the control port first, since a call that meets an ended block is never answered and stops
    /// everything behind it. What does not end within its limit is left behind.
    pub fn shut_down(self) {
        let (closed, port_closed) = channel();
        let runtime = self.runtime;
        thread::spawn(move || {
            drop(runtime);
            let _ = closed.send(());
        });
        if self.control_port.is_some() {
            let _ = port_closed.recv_timeout(PORT_LIMIT);
        }
        if let Some(task) = self.task {
            Runtime::block_on(stop(self.handle, task));
        }
    }
}

async fn stop(handle: FlowgraphHandle, task: FlowgraphTask) {
    let limit = pin!(Timer::after(GRAPH_LIMIT));
    if handle.stop().await.is_ok()
        && let Either::Right(_) = select(task, limit).await
    {
        futuresdr::tracing::warn!("a block did not end in time and is left behind");
    }
}
