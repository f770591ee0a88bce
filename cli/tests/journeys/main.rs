//! Journeys: the program as a user runs it.

mod adapters;
mod captions;
mod common;
mod edges;
mod evaluate;
mod external;
mod file_radios;
#[cfg(not(feature = "large-models"))]
mod large_models;
mod latents;
mod loopback;
mod metrics;
mod odd_photos;
mod pages;
mod quantized;
mod radio_files;
mod rates;
mod recordings;
mod regions;
mod rigs;
mod soaks;
