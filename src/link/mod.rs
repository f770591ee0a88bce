//! The link: photo to samples and samples to photo, without any runtime.
//!
//! [`Transmitter`] turns a photo into bursts; [`Receiver`] takes samples in chunks of any size and gives pictures as they
//! complete, and what it has of those that never do. Its parts ([`crate::waveform::synchronizer`],
//! [`crate::waveform::demodulator`], [`Assembler`]) can be used alone; the flowgraph blocks do.

mod assembler;
mod error;
mod ledger;
pub mod message;
mod picture;
mod plan;
mod receiver;
mod transmitter;

pub use assembler::{Assembler, AssemblerConfig, PictureInProgress};
pub use error::LinkError;
pub use ledger::Ledger;
pub use message::PictureMessage;
pub use picture::{Completion, LinkReport, PictureKey, ReceivedPicture, Section};
pub use plan::PicturePlan;
pub use receiver::{Receiver, ReceiverConfig, ReceiverEvent, TICK_SAMPLES};
pub use transmitter::{Transmission, Transmitter, TransmitterConfig};
