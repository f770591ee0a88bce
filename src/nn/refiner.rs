//! The refining network: latents by least squares to the latents that were most likely sent.

use candle_core::Device;

use super::latent_net::{LatentNet, Shape};
use super::weights::{Weights, WeightsError, check_positive};
use super::{LATENT_CHANNELS, NetworkError, Planes};

/// Adds to every latent what the network finds, in units of what is uncertain of it: what the channel made certain stays.
#[derive(Debug, Clone)]
pub struct Refiner {
    net: LatentNet,
    latent_std: Vec<f32>,
}

impl Refiner {
    /// Takes the tensors `refine.*` and `latent_std`.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing, of another shape, or refused by the device.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let latent_std = weights.values("latent_std", &[LATENT_CHANNELS])?.to_vec();
        check_positive("latent_std", &latent_std)?;
        let shape = Shape::of_latents(2 * LATENT_CHANNELS, LATENT_CHANNELS, 1);
        let net = LatentNet::load(weights, "refine", shape, device)?;
        Ok(Self { net, latent_std })
    }

    /// `32 x h x w` latents with the standard deviation of what remains unknown of each, to refined ones.
    ///
    /// `perception` goes from 0 (least distortion) to 1 (best perception); `progress` hears how many strips of how many
    /// are done. The same for any number of threads, bit for bit.
    ///
    /// # Errors
    /// [`NetworkError::Latents`] when the shapes differ or are not 32 planes of at least one latent;
    /// [`NetworkError::Perception`] outside 0..1; [`NetworkError::Device`] when a GPU fails.
    pub fn refine(
        &self,
        latents: &Planes,
        deviation: &Planes,
        perception: f32,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Planes, NetworkError> {
        let size = super::check_latents(LATENT_CHANNELS, latents, deviation, perception)?;
        let source = |y: usize, row: &mut [f32]| self.entrance_row(latents, deviation, y, row);
        let mut refined = self.net.evaluate(size, &[perception], &source, progress)?;
        let pairs = latents.data().iter().zip(deviation.data());
        for (found, (z, deviation)) in refined.data_mut().iter_mut().zip(pairs) {
            *found = z + deviation * *found;
        }
        Ok(refined)
    }

    /// Latents, then deviations, both in units of the latents' own deviation.
    fn entrance_row(&self, latents: &Planes, deviation: &Planes, y: usize, row: &mut [f32]) {
        let stride = 2 * LATENT_CHANNELS;
        latents.get_row(y, row, (0, stride));
        deviation.get_row(y, row, (LATENT_CHANNELS, stride));
        for place in row.chunks_exact_mut(LATENT_CHANNELS) {
            place
                .iter_mut()
                .zip(&self.latent_std)
                .for_each(|(value, std)| *value /= std);
        }
    }
}
