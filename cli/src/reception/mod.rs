//! Receiving to files: what `receive` and `replay` share.

pub mod advice;
mod on_page;
mod picture_files;
mod pictures;
mod report;
mod run;
mod status;
mod summary;

pub use picture_files::{KeepSymbols, PictureFiles};
pub use pictures::Pictures;
pub use report::Reception;
#[cfg(test)]
pub use report::tests;
pub use run::{BurstListener, Ends, Limits, NoTake, RadioState, ReceptionSettings, run};
