//! Why networks cannot be adapted.

use heliograph::codec::{CbrError, CodecError};
use heliograph::metrics::MetricError;
use heliograph::nn::{AdapterError, WeightsError};
use heliograph::photo::PhotoError;
use thiserror::Error;

/// What stands in the way of an adapter.
#[derive(Debug, Error)]
pub enum AdaptationError {
    /// Too few photos that can be used.
    #[error(
        "found {found} photos with sides of at least {side} pixels, allowed are {least} or more"
    )]
    Photos {
        found: usize,
        least: usize,
        side: u32,
    },
    /// Copies of one photo: what is held out must not be trained on.
    #[error("found {found} photos that show the same, allowed are different ones")]
    Alike { found: usize },
    /// A rank that the networks have no room for.
    #[error("rank: found {found}, allowed 1 to {most}")]
    Rank { found: usize, most: usize },
    /// An adapter to go on from that is of another rank or for other matrices.
    #[error(
        "found an adapter of rank {found}, or of other matrices; allowed is one of rank {rank} for these networks to go on from"
    )]
    Resumed { found: usize, rank: usize },
    /// The photo could not be read.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// The codec refused.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Not a ratio.
    #[error(transparent)]
    Cbr(#[from] CbrError),
    /// Weights that are not the codec's.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// An adapter for other weights.
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    /// A picture without the metric.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// The graph could not be evaluated.
    #[error("training: {0}")]
    Graph(#[from] candle_core::Error),
    /// The adapter could not be written.
    #[error("writing the adapter: {0}")]
    Format(#[from] safetensors::SafeTensorError),
}
