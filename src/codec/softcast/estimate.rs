//! The picture of linear least squares before it is rounded, and what is known of its error: what a network restores.

use super::colour::PLANES;
use super::error_spectrum::BandVariances;
use super::reception::{Knowledge, Reception};
use super::tiles;
use crate::codec::{CodecError, ReceivedLatents};
use crate::nn::{ErrorSpectrum, Planes};
use crate::photo::PhotoSize;

/// SoftCast's picture as it comes out of the inverse DCT.
pub(in crate::codec) struct Estimate {
    /// Three colour planes in steps of 8 bits, neither rounded nor clamped.
    pub(in crate::codec) planes: Planes,
    /// Deviation of the error of every band, the mean over the picture.
    pub(in crate::codec) error: ErrorSpectrum,
}

impl Estimate {
    /// # Errors
    /// [`CodecError`] when lengths do not match or the side information does not decode.
    pub(in crate::codec) fn new(
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
    ) -> Result<Self, CodecError> {
        let knowledge = Knowledge::EstimateAndError;
        let reception = Reception::new(received, side_information, size, knowledge)?;
        let (width, height) = (size.width() as usize, size.height() as usize);
        let mut planes = Planes::zeros(PLANES, height, width);
        let mut bands = ErrorSpectrum::SIDES.map(BandVariances::new);
        reception.each_tile(|tile, arrived| {
            let variances = arrived.each_ref().map(|plane| plane.variances.as_slice());
            bands
                .iter_mut()
                .for_each(|bands| bands.add(tile, variances));
            let pixels = tiles::synthesize(tile, arrived.map(|plane| plane.coefficients));
            tiles::place(&mut planes, tile, &pixels);
        });
        let [coarse, fine] = bands.map(|bands| bands.deviations());
        let error = ErrorSpectrum { coarse, fine };
        Ok(Self { planes, error })
    }
}
