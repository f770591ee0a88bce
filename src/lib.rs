//! Heliograph.

pub mod propagation;
