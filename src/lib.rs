//! Heliograph.

pub mod bits;
