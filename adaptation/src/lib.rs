//! Fits the receiver's networks of codec `deepjscc` to one kind of pictures: low-rank changes of their matrices (LoRA), trained by
//! candle's gradients on what the link does to the user's own photos.
//!
//! Symbols stay what they are: the transmitter's networks are not changed. [`Trainer`] draws crops, sends them, adds noise, and lowers
//! the loss the networks were trained with; [`Trainer::held_out`] measures on photos that it never trains on.

mod error;
mod graph;
mod heard;
mod lora;
mod losses;
mod photos;
mod sample;
#[cfg(test)]
mod tests;
mod trainer;

pub use error::AdaptationError;
pub use heard::{Heard, NotUsed};
pub use lora::MAX_RANK;
pub use photos::{LEAST_PHOTOS, Photos};
pub use trainer::{HeldOut, Settings, Trainer};
