//! Receiving to files: what `receive` and `replay` share.

pub mod advice;
mod on_page;
mod pictures;
mod report;
mod run;
mod status;
mod summary;

pub use pictures::{KeepSymbols, Pictures};
pub use report::Reception;
pub use run::{BurstListener, Ends, Limits, NoTake, RadioState, ReceptionSettings, run};
