//! What arrived of a picture, as the receiver's networks take it.

use super::BAND_LATENTS;
use crate::nn::{NetworkError, Planes, check_latents};

/// Latents, and what remains unknown of them.
#[derive(Debug, Clone, Copy)]
pub struct BandLatents<'a> {
    /// `48 x h x w`.
    pub latents: &'a Planes,
    /// The standard deviation of what remains unknown of each, `48 x h x w`.
    pub deviation: &'a Planes,
    /// Whether nothing was sent of some places: an inpainter, if there is one, is for these pictures.
    pub has_gaps: bool,
}

impl BandLatents<'_> {
    /// # Errors
    /// [`NetworkError`] for shapes or a dial that cannot be painted together with `first`.
    pub(super) fn check(&self, first: &Self, perception: f32) -> Result<(), NetworkError> {
        check_latents(BAND_LATENTS, self.latents, self.deviation, perception)?;
        let (found, expected) = (self.latents.shape(), first.latents.shape());
        if found == expected {
            return Ok(());
        }
        Err(NetworkError::Sizes { found, expected })
    }
}
