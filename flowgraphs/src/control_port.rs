//! The control port: FutureSDR's REST interface, off unless asked for.
//!
//! `GET /api/fg/0/` describes the running graph; `POST /api/fg/0/block/N/call/counters/` with body `"Null"` answers with the
//! counters of block N ([`crate::loopback::LoopbackBlock`] names the blocks), `.../call/constellation/` with the points of
//! the demodulator. `GET` on the same addresses does too.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futuresdr::runtime::scheduler::SmolScheduler;
use futuresdr::runtime::{Runtime, config};

use crate::error::FlowgraphError;

/// Time for the port to come up.
const LIMIT: Duration = Duration::from_secs(5);

/// FutureSDR takes its settings from one place of the process.
static SETTINGS: Mutex<()> = Mutex::new(());

/// A runtime, with its control port at `address` (port 0: any free one) or without; and where the port is.
///
/// # Errors
/// [`FlowgraphError::ControlPort`] for an address that is taken or not one of this machine: FutureSDR would only log it.
pub(crate) fn runtime(
    address: Option<SocketAddr>,
) -> Result<(Runtime<SmolScheduler>, Option<SocketAddr>), FlowgraphError> {
    let _settings = SETTINGS.lock().unwrap_or_else(PoisonError::into_inner);
    quiet();
    let Some(address) = address else {
        config::set("ctrlport_enable", false);
        return Ok((Runtime::new(), None));
    };
    let address = free(address)?;
    config::set("ctrlport_enable", true);
    config::set("ctrlport_bind", address.to_string());
    let runtime = Runtime::new();
    wait_for(address)?;
    Ok((runtime, Some(address)))
}

/// FutureSDR logs to standard output, where reports go; what matters comes back as an error.
fn quiet() {
    if std::env::var_os("FUTURESDR_LOG").is_none() {
        config::set("log_level", "off");
    }
}

/// The address with a port that is free now.
fn free(address: SocketAddr) -> Result<SocketAddr, FlowgraphError> {
    TcpListener::bind(address)
        .and_then(|listener| listener.local_addr())
        .map_err(|cause| FlowgraphError::ControlPort { address, cause })
}

/// The port is opened by a thread of its own, which reads the settings: they must stay until it did.
fn wait_for(address: SocketAddr) -> Result<(), FlowgraphError> {
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        if TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(FlowgraphError::ControlPortSilent {
        address,
        limit_seconds: LIMIT.as_secs(),
    })
}
