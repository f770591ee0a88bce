//! What arrived of a picture: an estimate of every coefficient and, where asked for, what remains unknown of it.

use super::allocation::Allocation;
use super::colour::PLANES;
use super::side_information::{PlaneModel, SideInformation};
use super::spectrum::{Axes, BINS, bin_variance};
use super::tiles::{Tile, tiles};
use super::whitening::{self, Told};
use crate::codec::{CodecError, ReceivedLatents};
use crate::photo::PhotoSize;

/// What is to be known of every coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Knowledge {
    /// Its least-squares estimate.
    Estimate,
    /// And the variance of that estimate's error.
    EstimateAndError,
}

/// One plane of a tile, coefficients column by column.
pub(super) struct ArrivedPlane {
    pub(super) coefficients: Vec<f32>,
    /// Variance of the error of each; empty where it was not asked for. That of the mean is 0.
    pub(super) variances: Vec<f32>,
}

/// A picture's symbols, despread: elements by rank.
pub(super) struct Reception {
    tiles: Vec<Tile>,
    side: SideInformation,
    allocation: Allocation,
    elements: Vec<f32>,
    /// Share of the prior variance of each element that remains; empty where it was not asked for.
    shares: Vec<f32>,
}

impl Reception {
    /// # Errors
    /// [`CodecError`] when lengths do not match or the side information does not decode.
    pub(super) fn new(
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
        knowledge: Knowledge,
    ) -> Result<Self, CodecError> {
        let (symbols, variances) = (received.symbols, received.variances);
        if symbols.len() != variances.len() {
            let (symbols, variances) = (symbols.len(), variances.len());
            return Err(CodecError::Lengths { symbols, variances });
        }
        let tiles = tiles(size);
        let side = SideInformation::from_bytes(side_information, &tiles)?;
        let values = 2 * symbols.len();
        let allocation = super::allocation(&tiles, &side, values);

        let gain = side.gain.linear() as f32;
        let mut elements = allocation.powers_by_rank(values);
        elements.iter_mut().for_each(|power| *power *= gain * gain);
        let mut shares = Vec::new();
        let told = match knowledge {
            Knowledge::Estimate => Told::Estimate,
            Knowledge::EstimateAndError => {
                shares.resize(values, 1.0);
                Told::Remaining(&mut shares)
            }
        };
        whitening::despread(symbols, variances, &mut elements, told);
        Ok(Self {
            tiles,
            side,
            allocation,
            elements,
            shares,
        })
    }

    /// Visits the tiles in order.
    pub(super) fn each_tile(&self, mut visit: impl FnMut(&Tile, [ArrivedPlane; PLANES])) {
        let gain = self.side.gain.linear() as f32;
        let inverse = |g: f32| if g > 0.0 { 1.0 / (g * gain) } else { 0.0 };
        let inverse: Vec<f32> = self.allocation.gains().into_iter().map(inverse).collect();
        let prior: Vec<f32> = (0..BINS).map(|bin| bin_variance(bin) as f32).collect();
        let mut ranks = self.allocation.ranks();
        for (tile, models) in self.tiles.iter().zip(&self.side.tiles) {
            let axes = tile.axes(self.side.spacing);
            let planes = models.each_ref().map(|model| {
                let mut plane = self.of_mean(tile, model);
                self.fill(&mut plane, &axes, model, (&inverse, &prior), |bin| {
                    ranks.take(bin)
                });
                plane
            });
            visit(tile, planes);
        }
    }

    fn of_mean(&self, tile: &Tile, model: &PlaneModel) -> ArrivedPlane {
        let mut coefficients = vec![0.0; tile.pixels()];
        coefficients[0] = model.mean.value() * tile.mean_scale();
        let known = if self.shares.is_empty() {
            0
        } else {
            tile.pixels()
        };
        ArrivedPlane {
            coefficients,
            variances: vec![0.0; known],
        }
    }

    fn fill(
        &self,
        plane: &mut ArrivedPlane,
        axes: &Axes,
        model: &PlaneModel,
        (inverse, prior): (&[f32], &[f32]),
        mut rank_of: impl FnMut(usize) -> Option<usize>,
    ) {
        axes.scan(&model.levels, |at, bin| {
            let rank = rank_of(bin);
            if let Some(rank) = rank {
                plane.coefficients[at] = self.elements[rank] * inverse[bin];
            }
            if let Some(variance) = plane.variances.get_mut(at) {
                *variance = prior[bin] * rank.map_or(1.0, |rank| self.shares[rank]);
            }
        });
    }
}
