//! The synthesis network `g_s`: latents and what is uncertain about them to a photo.

use candle_core::Device;

use super::conv::{Bias, Conv2d, Sampling};
use super::network::{Builder, Network};
use super::strips::Layer;
use super::weights::{Weights, WeightsError, check_positive};
use super::{LATENT_CHANNELS, NetworkError, PHOTO_CHANNELS, Planes, SCALE, WIDTH};

/// Latents are kept within this without a hard corner.
const SOFT_LIMIT: f32 = 3.0;

/// TAEF2's decoder, which also hears how uncertain its latents are and where the perception dial stands.
#[derive(Debug, Clone)]
pub struct Synthesis {
    network: Network,
    latent_std: Vec<f32>,
}

impl Synthesis {
    /// Takes the tensors `g_s.*` and `latent_std`.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing, of another shape, or refused by the device.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let latent_std = weights.values("latent_std", &[LATENT_CHANNELS])?.to_vec();
        check_positive("latent_std", &latent_std)?;
        let mut net = Builder::new(weights, device);
        net.push(entrance(weights, device)?);
        for place in 3..6 {
            let dial = net.dial(&format!("g_s.dials.{place}"))?;
            net.pool_block(&format!("g_s.net.{place}"), Some(dial))?;
        }
        for (up, blocks) in [(7, 8..11), (12, 13..16), (17, 18..19)] {
            net.conv(
                &format!("g_s.net.{up}"),
                Sampling::Double,
                (WIDTH, WIDTH),
                Bias::None,
            )?;
            for place in blocks {
                let dial = net.dial(&format!("g_s.dials.{place}"))?;
                net.block(&format!("g_s.net.{place}"), Some(dial))?;
            }
        }
        net.conv(
            "g_s.net.19",
            Sampling::Same,
            (PHOTO_CHANNELS, WIDTH),
            Bias::Own,
        )?;
        Ok(Self {
            network: net.finish(),
            latent_std,
        })
    }

    /// Paints a photo from latents: two times `32 x h x w` becomes `3 x 8h x 8w`, near 0..1 and not clamped.
    ///
    /// `deviation` is the standard deviation of what remains unknown of each latent, in the latents' unit.
    /// `perception` goes from 0 (least distortion) to 1 (best perception). `progress` hears how many strips of how many
    /// are done. The same for any number of threads, bit for bit.
    ///
    /// # Errors
    /// [`NetworkError::Latents`] when the two shapes differ or are not 32 planes of at least one latent;
    /// [`NetworkError::Perception`] outside 0..1; [`NetworkError::Device`] when a GPU fails.
    pub fn paint(
        &self,
        latents: &Planes,
        deviation: &Planes,
        perception: f32,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Planes, NetworkError> {
        let (height, width) =
            super::check_latents(LATENT_CHANNELS, latents, deviation, perception)?;
        let source = |y: usize, row: &mut [f32]| self.entrance_row(latents, deviation, y, row);
        let input = [2 * LATENT_CHANNELS, height, width];
        let shape = [PHOTO_CHANNELS, height * SCALE, width * SCALE];
        self.network
            .evaluate(input, shape, perception, &source, progress)
    }

    /// Clamped latents, then deviations in units of the latents' own.
    fn entrance_row(&self, latents: &Planes, deviation: &Planes, y: usize, row: &mut [f32]) {
        let stride = 2 * LATENT_CHANNELS;
        latents.get_row(y, row, (0, stride));
        deviation.get_row(y, row, (LATENT_CHANNELS, stride));
        for pixel in row.chunks_exact_mut(stride) {
            let (z, deviation) = pixel.split_at_mut(LATENT_CHANNELS);
            for z in z {
                *z = (*z / SOFT_LIMIT).tanh() * SOFT_LIMIT;
            }
            for (deviation, std) in deviation.iter_mut().zip(&self.latent_std) {
                *deviation /= std;
            }
        }
    }

    #[cfg(test)]
    pub(super) fn network_mut(&mut self) -> &mut Network {
        &mut self.network
    }
}

/// The convolutions of the latents and of their uncertainty, whose results are added: one of twice the channels.
fn entrance(weights: &Weights, device: &Device) -> Result<Layer, WeightsError> {
    let shape = [WIDTH, LATENT_CHANNELS, 3, 3];
    let parts = ["g_s.net.1", "g_s.uncertainty"];
    let [z, deviation] = parts.map(|part| weights.values(&format!("{part}.weight"), &shape));
    let [z_bias, deviation_bias] =
        parts.map(|part| weights.values(&format!("{part}.bias"), &[WIDTH]));
    let per_output = LATENT_CHANNELS * 9;
    let pairs = z?
        .chunks_exact(per_output)
        .zip(deviation?.chunks_exact(per_output));
    let weight: Vec<f32> = pairs.flat_map(|(a, b)| [a, b].concat()).collect();
    let bias: Vec<f32> = z_bias?
        .iter()
        .zip(deviation_bias?)
        .map(|(a, b)| a + b)
        .collect();
    let channels = (WIDTH, 2 * LATENT_CHANNELS);
    let conv = Conv2d::new(Sampling::Same, channels, &weight, Some(&bias), device)?;
    Ok(Layer {
        conv,
        skip: None,
        relu: true,
        dial: None,
    })
}
