//! Heliograph.

pub mod photo;

pub mod regions;

pub mod codec;

pub mod metrics;
