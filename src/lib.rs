//! Heliograph: photos over the air as analog symbols.
//!
//! The tour, in the order of the flow: a [`photo`], where detail matters ([`regions`]), the [`codec`] that makes analog
//! symbols of it, the words and numbers that travel as [`bits`], the [`waveform`] that carries both, the [`link`] that joins
//! all this to a transmitter and a receiver, what happens on the way ([`propagation`]), and what was lost ([`metrics`]).

pub mod photo;

pub mod regions;

pub mod codec;

pub mod bits;

pub mod waveform;

pub mod link;

pub mod propagation;

pub mod metrics;
