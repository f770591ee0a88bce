//! SoftCast: the picture's DCT coefficients *are* the symbols; no bits in between.
//!
//! Jakubczak and Katabi, "A cross-layer design for scalable mobile video", MobiCom 2011. An
//! orthonormal colour transform and a DCT of the whole picture, the coefficients that pay, power
//! by variance (water-filling, [Lee and Petersen 1976]), Hadamard whitening, linear least squares at
//! the receiver. Instead of square chunks with a variance each, a smooth surface over log-frequency
//! gives every coefficient its variance for a third of the side information
//! (docs/decisions/0001-softcast-chunks.md).
//!
//! ```
//! use heliograph::codec::{Codec, SoftCast, SoftCastConfig};
//! use heliograph::photo::{Photo, PhotoSize};
//!
//! let codec = SoftCast::new(SoftCastConfig { design_snr_db: 12.0, ..Default::default() })?;
//! let photo = Photo::filled(PhotoSize::new(40, 30)?, [9, 99, 199]);
//! let latents = codec.encode(&photo, None, 100)?;
//! assert!(latents.side_information.len() < 20);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [Lee and Petersen 1976]: https://doi.org/10.1109/TCOM.1976.1093309

mod allocation;
mod colour;
mod dct;
mod error_spectrum;
mod estimate;
mod fit;
mod least_squares;
mod levels;
mod reception;
mod side_information;
mod spectrum;
#[cfg(test)]
mod tests;
mod tiles;
mod whitening;

use allocation::{Allocation, cutoff_bin};
use colour::PLANES;
use reception::{Knowledge, Reception};
use side_information::{DesignSnr, Mean, PictureGain, PlaneModel, SideInformation};
use spectrum::{BINS, bin_level};
use tiles::Tile;

pub(in crate::codec) use estimate::Estimate;
pub use spectrum::NodeSpacing;
pub(in crate::codec) use tiles::photo_of;

use super::{Codec, CodecError, CodecId, Latents, ReceivedLatents};
use crate::photo::{Photo, PhotoSize};
use crate::regions::RateMap;

/// Settings of the encoder; the decoder learns them from the side information.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoftCastConfig {
    /// SNR in dB at which the squared error is least; -20 to 43.5, used in half decibels.
    pub design_snr_db: f64,
    /// Detail of the variance model; `None` lets the budget decide.
    pub node_spacing: Option<NodeSpacing>,
}

impl Default for SoftCastConfig {
    fn default() -> Self {
        Self {
            design_snr_db: 7.0,
            node_spacing: None,
        }
    }
}

/// The codec.
#[derive(Debug, Clone, Default)]
pub struct SoftCast {
    config: SoftCastConfig,
}

/// Levels kept below the last coefficient that is sent, so that interpolation stays true above it.
const LEVELS_BELOW_CUTOFF: u8 = 2;

impl SoftCast {
    /// A codec with these settings.
    ///
    /// # Errors
    /// [`CodecError::DesignSnr`] outside -20 to 43.5 dB.
    pub fn new(config: SoftCastConfig) -> Result<Self, CodecError> {
        if (-20.0..=43.5).contains(&config.design_snr_db) {
            Ok(Self { config })
        } else {
            let found_db = config.design_snr_db.to_string();
            Err(CodecError::DesignSnr { found_db })
        }
    }

    /// The more symbols a tile gets, the more it pays to describe its spectrum; measured in
    /// docs/decisions/0001-softcast-chunks.md.
    fn spacing(&self, symbols_per_tile: usize) -> NodeSpacing {
        let by_budget = match symbols_per_tile {
            0..20_000 => NodeSpacing::Wide,
            20_000..80_000 => NodeSpacing::Medium,
            80_000..800_000 => NodeSpacing::Fine,
            _ => NodeSpacing::Finest,
        };
        self.config.node_spacing.unwrap_or(by_budget)
    }

    /// First pass: means and spectra of all tiles, as they will be sent.
    fn model(&self, tiles: &[Tile], analyses: &Analyses<'_>, budget: usize) -> SideInformation {
        let spacing = self.spacing(budget / tiles.len());
        let mut models: Vec<[PlaneModel; PLANES]> = tiles
            .iter()
            .map(|tile| {
                analyses
                    .of(tile)
                    .each_ref()
                    .map(|plane| plane_model(tile, spacing, plane))
            })
            .collect();
        let cutoff = bin_level(cutoff_bin(&histogram(tiles, spacing, &models), 2 * budget));
        let floor = cutoff.saturating_sub(LEVELS_BELOW_CUTOFF);
        for level in models
            .iter_mut()
            .flatten()
            .flat_map(|model| &mut model.levels)
        {
            *level = (*level).max(floor);
        }
        let design_snr = DesignSnr::from_db(self.config.design_snr_db);
        let gain = PictureGain::nearest(1.0);
        SideInformation {
            spacing,
            design_snr,
            gain,
            floor,
            tiles: models,
        }
    }
}

impl Codec for SoftCast {
    fn id(&self) -> CodecId {
        CodecId::SoftCast
    }

    /// The rate map is not used: every coefficient of a full-picture DCT belongs to all regions.
    fn encode(
        &self,
        photo: &Photo,
        _rate_map: Option<&RateMap>,
        budget: usize,
    ) -> Result<Latents, CodecError> {
        if budget == 0 {
            return Err(CodecError::Budget { found: budget });
        }
        let tiles = tiles::tiles(photo.size());
        let analyses = Analyses::new(photo, &tiles);
        let mut side_information = self.model(&tiles, &analyses, budget);
        let allocation = allocation(&tiles, &side_information, 2 * budget);

        let mut elements = vec![0.0; 2 * budget];
        let gains = allocation.gains();
        let mut ranks = allocation.ranks();
        for (tile, models) in tiles.iter().zip(&side_information.tiles) {
            let axes = tile.axes(side_information.spacing);
            for (plane, model) in analyses.of(tile).iter().zip(models) {
                axes.scan(&model.levels, |at, bin| {
                    if let Some(rank) = ranks.take(bin) {
                        elements[rank] = plane[at] * gains[bin];
                    }
                });
            }
        }
        side_information.gain = normalize(&mut elements);
        Ok(Latents {
            symbols: whitening::spread(elements),
            side_information: side_information.to_bytes(&tiles),
        })
    }

    fn decode(
        &self,
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
    ) -> Result<Photo, CodecError> {
        let reception = Reception::new(received, side_information, size, Knowledge::Estimate)?;
        let mut rgb = vec![0; 3 * size.pixels()];
        reception.each_tile(|tile, arrived| {
            let planes = tiles::synthesize(tile, arrived.map(|plane| plane.coefficients));
            tiles::paint(&mut rgb, size.width() as usize, tile, &planes);
        });
        Ok(Photo::new(size, rgb).expect("three bytes a pixel"))
    }

    fn decode_blind(&self, size: PhotoSize) -> Photo {
        Photo::filled(size, [128; 3])
    }
}

/// What both ends derive from the side information, for `values` real channel uses.
fn allocation(tiles: &[Tile], side: &SideInformation, values: usize) -> Allocation {
    let histogram = histogram(tiles, side.spacing, &side.tiles);
    Allocation::new(&histogram, values, side.design_snr.linear())
}

/// Number of coefficients of the picture in each bin of the variance model.
fn histogram(tiles: &[Tile], spacing: NodeSpacing, models: &[[PlaneModel; PLANES]]) -> Vec<usize> {
    let mut counts = vec![0; BINS];
    for (tile, planes) in tiles.iter().zip(models) {
        let axes = tile.axes(spacing);
        for model in planes {
            axes.scan(&model.levels, |_, bin| counts[bin] += 1);
        }
    }
    counts
}

fn plane_model(tile: &Tile, spacing: NodeSpacing, coefficients: &[f32]) -> PlaneModel {
    let fitted = tile.axes(spacing).fit(coefficients);
    let limit = f64::from(spectrum::MAX_LEVEL);
    PlaneModel {
        mean: Mean::nearest(coefficients[0] / tile.mean_scale()),
        levels: fitted
            .iter()
            .map(|level| level.round().clamp(0.0, limit) as u8)
            .collect(),
    }
}

/// Scales elements to unit mean power a pair; all zero stays so.
fn normalize(elements: &mut [f32]) -> PictureGain {
    let energy: f64 = elements.iter().map(|x| f64::from(*x).powi(2)).sum();
    if energy == 0.0 {
        return PictureGain::nearest(1.0);
    }
    let gain = (elements.len() as f64 / 2.0 / energy).sqrt();
    elements
        .iter_mut()
        .for_each(|x| *x = (f64::from(*x) * gain) as f32);
    PictureGain::nearest(gain)
}

/// Coefficients of the tiles: kept when there is only one tile, else computed again in the second
/// pass, so that memory stays that of one tile.
struct Analyses<'a> {
    photo: &'a Photo,
    only: Option<[Vec<f32>; PLANES]>,
}

impl<'a> Analyses<'a> {
    fn new(photo: &'a Photo, tiles: &[Tile]) -> Self {
        let only = match tiles {
            [tile] => Some(tiles::analyze(photo, tile)),
            _ => None,
        };
        Self { photo, only }
    }

    fn of(&self, tile: &Tile) -> std::borrow::Cow<'_, [Vec<f32>; PLANES]> {
        match &self.only {
            Some(planes) => std::borrow::Cow::Borrowed(planes),
            None => std::borrow::Cow::Owned(tiles::analyze(self.photo, tile)),
        }
    }
}
