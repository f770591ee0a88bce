//! Why a graph could not be built, or ended early.

use std::error::Error;
use std::net::SocketAddr;

use heliograph::link::LinkError;
use heliograph::propagation::PropagationError;
use thiserror::Error;

use crate::supervisor::Stage;

/// Why a graph could not be built, or ended early.
#[derive(Debug, Error)]
pub enum FlowgraphError {
    /// A setting out of range.
    #[error("{field}: found {found}, allowed {allowed}")]
    Setting {
        field: &'static str,
        found: String,
        allowed: &'static str,
    },
    /// The transmitter refuses its settings.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The channel refuses its settings.
    #[error(transparent)]
    Propagation(#[from] PropagationError),
    /// A block could not do its work.
    #[error("{stage}: {cause}")]
    Block {
        stage: Stage,
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// A block panicked.
    #[error("{stage}: the block panicked: {message}")]
    Panic { stage: Stage, message: String },
    /// The address of the control port is taken or not one of this machine.
    #[error("control port {address}: {cause}")]
    ControlPort {
        address: SocketAddr,
        #[source]
        cause: std::io::Error,
    },
    /// The control port did not answer after it was started.
    #[error("control port {address}: no answer within {limit_seconds} s")]
    ControlPortSilent {
        address: SocketAddr,
        limit_seconds: u64,
    },
    /// The runtime ended the graph for a reason of its own.
    #[error("FutureSDR: {0}")]
    Runtime(#[from] futuresdr::runtime::Error),
}
