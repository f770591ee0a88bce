//! The receiver's networks as a graph that has gradients: places of a map in rows, channels side by side.

mod decoder;
mod depthwise;
mod frozen;
mod gated;
mod unfold;

pub(crate) use decoder::{Decoder, Given};
pub(crate) use frozen::Frozen;
pub(crate) use unfold::{Window, unfold};
