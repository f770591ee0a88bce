//! Radios.
