//! Heliograph.
