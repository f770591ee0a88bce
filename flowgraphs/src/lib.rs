//! FutureSDR blocks and graphs of Heliograph.
//!
//! The library's stages as [`blocks`] of a streaming graph, and the graphs: [`loopback`] sends photos through a simulated
//! channel back to itself, [`transmit`] and [`receive`] through radios; a recording is a radio to them.
//!
//! [`supervisor`] keeps the cause when a block fails, [`gate`] is the backpressure of messages, [`counters`] and
//! [`constellation`] show what goes on, over the [`control_port`] too.

pub mod blocks;

pub mod loopback;

pub mod transmit;

pub mod receive;

pub mod event;

pub mod counters;

pub mod constellation;

pub mod window;

pub mod idle;

pub mod supervisor;

pub mod gate;

mod mailbox;

mod ports;

pub mod control_port;

mod host;

mod running;

mod error;

pub use error::FlowgraphError;
pub use supervisor::{HoldFlag, StopFlag};
