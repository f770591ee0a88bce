//! Photo to analog symbols and back: the trait, and the codecs behind it.
//!
//! A codec turns a picture into exactly `budget` complex symbols of unit mean power and a few
//! bytes of side information that travel digitally. The receiver hands back noisy symbols, each
//! with its own noise variance; a lost symbol is one of infinite variance.
//!
//! ```
//! use heliograph::codec::{Cbr, Codec, ReceivedLatents, SoftCast};
//! use heliograph::photo::{Photo, PhotoSize};
//!
//! let size = PhotoSize::new(64, 48)?;
//! let photo = Photo::filled(size, [200, 120, 40]);
//! let codec = SoftCast::default();
//! let budget = Cbr::from_value(1.0 / 12.0)?.symbols(size);
//! let sent = codec.encode(&photo, None, budget)?;
//! assert_eq!(sent.symbols.len(), budget);
//!
//! let variances = vec![0.01; budget];
//! let received = ReceivedLatents { symbols: &sent.symbols, variances: &variances };
//! let decoded = codec.decode(received, &sent.side_information, size)?;
//! assert!(decoded.pixel(5, 5)[0].abs_diff(200) <= 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod block_latents;
mod cbr;
pub mod deepjscc;
pub mod latent;
pub mod latents_file;
mod network_settings;
pub(crate) mod range_coder;
mod regional;
pub mod restored;
pub mod softcast;
pub(crate) mod weights_files;

use std::fmt;
use std::str::FromStr;

use num_complex::Complex32;
use thiserror::Error;

pub use cbr::{Cbr, CbrError};
pub use deepjscc::{Allocation, DeepJsccCodec};
pub use latent::{LatentCodec, Painter};
pub use latents_file::{LatentsFile, LatentsFileError, LatentsOrigin};
pub use network_settings::{DEFAULT_PERCEPTION, OnProgress};
pub use regional::RegionalCodec;
pub use restored::RestoredCodec;
pub use softcast::{NodeSpacing, SoftCast, SoftCastConfig};

use crate::photo::{Photo, PhotoSize};
use crate::regions::{RateMap, RateMapError, RegionError};

/// Which codec made the symbols; four bits in the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum CodecId {
    /// Full-picture DCT, power by variance, linear least squares.
    SoftCast = 1,
    /// Latents of a network, linear least squares, networks again.
    Latent = 2,
    /// SoftCast's symbols; at the receiver a network restores the picture.
    Restored = 3,
    /// Latents of networks on block DCTs, linear least squares, networks again.
    DeepJscc = 4,
    /// A picture file as QAM symbols: the baseline of crate `heliograph-baselines`, which alone can open it.
    Digital = 5,
    /// Of a program of one's own, by crate `heliograph-external-codec`.
    External = 6,
}

impl CodecId {
    /// Every codec there is.
    pub const ALL: [Self; 6] = [
        Self::DeepJscc,
        Self::Digital,
        Self::External,
        Self::Latent,
        Self::Restored,
        Self::SoftCast,
    ];

    /// All names, for messages.
    pub(crate) const NAMES: &str = "deepjscc, digital, external, latent, restored, softcast";

    /// Name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::SoftCast => "softcast",
            Self::Latent => "latent",
            Self::Restored => "restored",
            Self::DeepJscc => "deepjscc",
            Self::Digital => "digital",
            Self::External => "external",
        }
    }
}

impl fmt::Display for CodecId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<u8> for CodecId {
    type Error = CodecError;

    fn try_from(found: u8) -> Result<Self, CodecError> {
        let known = Self::ALL.into_iter().find(|id| *id as u8 == found);
        known.ok_or(CodecError::UnknownCodec { found })
    }
}

impl FromStr for CodecId {
    type Err = CodecError;

    fn from_str(name: &str) -> Result<Self, CodecError> {
        let known = Self::ALL.into_iter().find(|id| id.name() == name);
        known.ok_or_else(|| CodecError::UnknownName {
            found: name.to_owned(),
        })
    }
}

/// What one picture becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Latents {
    /// Exactly the budget, unit mean power (all zero only when the picture has nothing to send).
    pub symbols: Vec<Complex32>,
    /// What the decoder must know beside them; travels digitally and is charged.
    pub side_information: Vec<u8>,
}

/// Symbols of each block, row by row from the top.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockSymbols {
    /// Blocks in a row; each is of [`BLOCK_PIXELS`](crate::regions::BLOCK_PIXELS) pixels a side.
    pub columns: usize,
    pub rows: usize,
    /// A symbol carries two values, which may belong to two blocks.
    pub symbols: Vec<f64>,
    /// Of the side information, what says so; 0 where every block has the same.
    pub rate_map_bytes: usize,
}

/// What arrived of the symbols.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedLatents<'a> {
    /// Equalized symbols; 0 where lost.
    pub symbols: &'a [Complex32],
    /// Noise variance of each complex symbol (half of it per real value); `INFINITY` where lost.
    pub variances: &'a [f32],
}

/// All that arrived of one picture.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub received: ReceivedLatents<'a>,
    pub side_information: &'a [u8],
    pub size: PhotoSize,
}

/// A pair of encoder and decoder.
pub trait Codec: Send + Sync {
    /// Its number on the air.
    fn id(&self) -> CodecId;

    /// Hash of the weights both ends must share; 0 when there are none.
    fn weights_hash(&self) -> u32 {
        0
    }

    /// Spends exactly `budget` complex symbols on the picture.
    ///
    /// # Errors
    /// [`CodecError::Budget`] when the budget is 0, [`CodecError::TooFew`] when this codec needs more, [`CodecError::Region`] for a region
    /// that the photo does not have, [`CodecError::Network`] and [`CodecError::External`] when a network or program fails.
    fn encode(
        &self,
        photo: &Photo,
        rate_map: Option<&RateMap>,
        budget: usize,
    ) -> Result<Latents, CodecError>;

    /// The picture that is most likely behind what arrived. `received.symbols.len()` is the
    /// budget of the encoder.
    ///
    /// # Errors
    /// [`CodecError`] when the side information does not decode or the lengths do not match;
    /// never because of what the symbols or variances hold.
    fn decode(
        &self,
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
    ) -> Result<Photo, CodecError>;

    /// [`Self::decode`] of several pictures, in their order; a codec whose networks run on a GPU takes those of one size
    /// together.
    fn decode_all(&self, arrivals: &[Arrival<'_>]) -> Vec<Result<Photo, CodecError>> {
        let each = arrivals.iter();
        each.map(|one| self.decode(one.received, one.side_information, one.size))
            .collect()
    }

    /// The best picture when the side information is lost.
    fn decode_blind(&self, size: PhotoSize) -> Photo;

    /// How `budget` symbols are shared among the blocks of a picture of `size`; `None` for codecs without blocks.
    ///
    /// # Errors
    /// [`CodecError`] when the side information does not decode.
    fn block_symbols(
        &self,
        _side_information: &[u8],
        _size: PhotoSize,
        _budget: usize,
    ) -> Result<Option<BlockSymbols>, CodecError> {
        Ok(None)
    }
}

/// Why a codec refuses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodecError {
    /// A design SNR that cannot be sent.
    #[error("design SNR of {found_db} dB; allowed are -20 to 43.5")]
    DesignSnr { found_db: String },
    /// No symbol to spend.
    #[error("budget of {found} symbols; at least 1 is needed")]
    Budget { found: usize },
    /// Fewer symbols than this codec can do with, whatever the photo.
    #[error("budget of {found} symbols; this codec needs at least {least} for the photo")]
    TooFew { found: usize, least: usize },
    /// Symbols and variances do not pair up.
    #[error("{symbols} symbols with {variances} variances; one variance a symbol is needed")]
    Lengths { symbols: usize, variances: usize },
    /// Bytes that this codec did not write.
    #[error("side information of {length} bytes does not decode: {reason}")]
    SideInformation { length: usize, reason: &'static str },
    /// Side information of a version that this program does not read.
    #[error("side information version {found}; this program reads {allowed}")]
    Version { found: u8, allowed: &'static str },
    /// Weights that cannot be used.
    #[error("weights: {reason}")]
    Weights { reason: String },
    /// A program of one's own that failed.
    #[error("codec external: {reason}")]
    External { reason: String },
    /// A region of interest that the photo does not have.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// Regions that make no map that can be sent.
    #[error("regions of interest: {0}")]
    RateMap(#[from] RateMapError),
    /// A network that failed.
    #[error("{reason}")]
    Network { reason: String },
    /// The dial has no such place.
    #[error("perception is {found}; allowed are 0 to 1")]
    Perception { found: String },
    /// The painter has no such number of steps.
    #[error("{found} steps of painter {painter}; allowed are 1 to 20 of painter diffusion")]
    Steps { painter: &'static str, found: usize },
    /// Name of no painter.
    #[error("painter {found:?}; known are: diffusion (diffusion-4 for 4 steps), fast, linear")]
    UnknownPainter { found: String },
    /// A name of no allocation.
    #[error("allocation {found:?}; allowed are {}", deepjscc::Allocation::ALL.map(deepjscc::Allocation::name).join(", "))]
    UnknownAllocation { found: String },
    /// Number of no codec.
    #[error(
        "codec number {found}; known are 1 (softcast), 2 (latent), 3 (restored), 4 (deepjscc), 5 (digital) and 6 (external)"
    )]
    UnknownCodec { found: u8 },
    /// Name of no codec.
    #[error("codec {found:?}; known are: {}", CodecId::NAMES)]
    UnknownName { found: String },
}

impl CodecError {
    /// Weights that cannot be used, with the file they came from.
    fn in_file(self, path: &std::path::Path) -> Self {
        match self {
            Self::Weights { reason } => Self::Weights {
                reason: format!("{}: {reason}", path.display()),
            },
            other => other,
        }
    }
}

impl From<crate::nn::WeightsError> for CodecError {
    fn from(error: crate::nn::WeightsError) -> Self {
        Self::Weights {
            reason: error.to_string(),
        }
    }
}

impl From<crate::nn::NetworkError> for CodecError {
    fn from(error: crate::nn::NetworkError) -> Self {
        Self::Network {
            reason: error.to_string(),
        }
    }
}
