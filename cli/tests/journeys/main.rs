//! Journeys: the program as a user runs it.

mod common;
mod edges;
mod loopback;
mod odd_photos;
