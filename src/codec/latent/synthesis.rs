//! Other networks that paint the codec's latents.

use crate::nn::{NetworkError, Planes};

/// Paints latents in place of the codec's own synthesis network.
pub trait LatentSynthesis: Send + Sync {
    /// A photo `3 x 8h x 8w`, near 0..1 and not clamped, of latents `32 x h x w` as the codec has them.
    /// `progress` hears how many parts of how many are done.
    ///
    /// # Errors
    /// [`NetworkError`].
    fn paint(
        &self,
        latents: &Planes,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Planes, NetworkError>;
}
