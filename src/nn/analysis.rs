//! The analysis network `g_a`: a photo to its latents.

use candle_core::Device;

use super::conv::{Bias, Sampling};
use super::network::{Builder, Network};
use super::weights::{Weights, WeightsError};
use super::{LATENT_CHANNELS, NetworkError, PHOTO_CHANNELS, Planes, SCALE, WIDTH};

/// TAEF2's encoder: a photo to 32 latents at 1/8 resolution.
#[derive(Debug, Clone)]
pub struct Analysis {
    network: Network,
}

impl Analysis {
    /// Takes the tensors `g_a.*`.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing, of another shape, or refused by the device.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let mut net = Builder::new(weights, device);
        net.conv("g_a.0", Sampling::Same, (WIDTH, PHOTO_CHANNELS), Bias::Own)?;
        net.block("g_a.1", None)?;
        for down in [2, 6] {
            net.conv(
                &format!("g_a.{down}"),
                Sampling::Half,
                (WIDTH, WIDTH),
                Bias::None,
            )?;
            for place in down + 1..down + 4 {
                net.block(&format!("g_a.{place}"), None)?;
            }
        }
        net.conv("g_a.10", Sampling::Half, (WIDTH, WIDTH), Bias::None)?;
        for place in 11..14 {
            net.pool_block(&format!("g_a.{place}"), None)?;
        }
        net.conv(
            "g_a.14",
            Sampling::Same,
            (LATENT_CHANNELS, WIDTH),
            Bias::Own,
        )?;
        Ok(Self {
            network: net.finish(),
        })
    }

    /// The latents of a photo: `3 x h x w` in 0..1 becomes `32 x h/8 x w/8`, of a deviation near 1.
    ///
    /// `progress` hears how many strips of how many are done. The same for any number of threads, bit for bit.
    ///
    /// # Errors
    /// [`NetworkError::Photo`] when there are not three planes or a side is not a multiple of 8;
    /// [`NetworkError::Device`] when a GPU fails.
    pub fn latents(
        &self,
        photo: &Planes,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Planes, NetworkError> {
        let found = photo.shape();
        let [channels, height, width] = found;
        let whole = |side: usize| side > 0 && side.is_multiple_of(SCALE);
        if channels != PHOTO_CHANNELS || !whole(height) || !whole(width) {
            return Err(NetworkError::Photo { found });
        }
        let source = |y: usize, row: &mut [f32]| photo.get_row(y, row, (0, PHOTO_CHANNELS));
        let shape = [LATENT_CHANNELS, height / SCALE, width / SCALE];
        self.network.evaluate(found, shape, 0.0, &source, progress)
    }

    #[cfg(test)]
    pub(super) fn network_mut(&mut self) -> &mut Network {
        &mut self.network
    }
}
