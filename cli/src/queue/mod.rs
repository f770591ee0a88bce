//! The work queue between hosts with radios and hosts that paint: flags, and what waits to be published.

mod args;
mod spool;

pub use args::{PublishArgs, ServerArgs};
pub use spool::Spool;
