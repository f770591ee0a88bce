//! The painter's network: a flow from the refined latents towards the sent ones.

use candle_core::Device;

use super::latent_net::{LatentNet, Shape};
use super::weights::{Weights, WeightsError, check_positive};
use super::{LATENT_CHANNELS, NetworkError, Planes};

/// Length of a caption's vector.
const CAPTION: usize = 128;

/// Time, SNR, dial, caption.
const SCALARS: usize = 3 + CAPTION;

const SNR_LIMITS_DB: (f32, f32) = (-10.0, 30.0);

/// Most steps of one picture.
pub const MAX_STEPS: usize = 20;

/// What the flow is told of one picture beside the planes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlowSettings {
    /// Evaluations of the network, 1 to [`MAX_STEPS`].
    pub steps: usize,
    /// Mean SNR of the symbols in dB; counts as -10 to 30.
    pub snr_db: f32,
    /// 0 (least distortion) to 1 (best perception).
    pub perception: f32,
}

/// Moves what was refined, in units of what is uncertain of it, along a learned velocity in Euler steps
/// ([rectified flow], from the damaged picture instead of noise as in [direct iteration]). No noise is drawn: the
/// same for any seed. What the channel made certain stays.
///
/// [rectified flow]: https://arxiv.org/abs/2209.03003
/// [direct iteration]: https://arxiv.org/abs/2303.11435
#[derive(Debug, Clone)]
pub struct Flow {
    net: LatentNet,
    latent_std: Vec<f32>,
}

impl Flow {
    /// Takes the tensors `painter.*` of the painter's weights, and `latent_std` of the codec's.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing, of another shape, or refused by the device.
    pub fn load(painter: &Weights, codec: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let latent_std = codec.values("latent_std", &[LATENT_CHANNELS])?.to_vec();
        check_positive("latent_std", &latent_std)?;
        let shape = Shape::of_latents(3 * LATENT_CHANNELS, LATENT_CHANNELS, SCALARS);
        let net = LatentNet::load(painter, "painter", shape, device)?;
        Ok(Self { net, latent_std })
    }

    /// `32 x h x w` refined latents with the standard deviation of what remains unknown of each, to painted ones.
    ///
    /// `progress` hears how many strips of all steps are done. The same for any number of threads, bit for bit.
    ///
    /// # Errors
    /// [`NetworkError::Latents`] when the shapes differ or are not 32 planes of at least one latent;
    /// [`NetworkError::Perception`] and [`NetworkError::Steps`] out of range; [`NetworkError::Device`] when a GPU fails.
    pub fn paint(
        &self,
        refined: &Planes,
        deviation: &Planes,
        settings: FlowSettings,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Planes, NetworkError> {
        let size = super::check_latents(LATENT_CHANNELS, refined, deviation, settings.perception)?;
        let steps = settings.steps;
        if !(1..=MAX_STEPS).contains(&steps) {
            return Err(NetworkError::Steps { found: steps });
        }
        let mut residual = Planes::zeros(LATENT_CHANNELS, size.0, size.1);
        for step in 0..steps {
            let scalars = scalars(1.0 - step as f32 / steps as f32, settings);
            let source = |y: usize, row: &mut [f32]| {
                self.entrance_row([refined, deviation, &residual], y, row);
            };
            let mut tell = |done, strips| progress(step * strips + done, steps * strips);
            let velocity = self.net.evaluate(size, &scalars, &source, &mut tell)?;
            let moved = residual.data_mut().iter_mut().zip(velocity.data());
            moved.for_each(|(r, v)| *r += v / steps as f32);
        }
        let latents = refined.data().iter().zip(deviation.data());
        for (r, (z, deviation)) in residual.data_mut().iter_mut().zip(latents) {
            *r = z + deviation * *r;
        }
        Ok(residual)
    }

    /// Latents and deviations in units of the latents' own deviation, then the residual.
    fn entrance_row(&self, planes: [&Planes; 3], y: usize, row: &mut [f32]) {
        let stride = planes.len() * LATENT_CHANNELS;
        for (i, planes) in planes.into_iter().enumerate() {
            planes.get_row(y, row, (i * LATENT_CHANNELS, stride));
        }
        for place in row.chunks_exact_mut(stride) {
            for known in place[..2 * LATENT_CHANNELS].chunks_exact_mut(LATENT_CHANNELS) {
                let pairs = known.iter_mut().zip(&self.latent_std);
                pairs.for_each(|(value, std)| *value /= std);
            }
        }
    }
}

/// No caption: training has never given one.
fn scalars(time: f32, settings: FlowSettings) -> [f32; SCALARS] {
    let (least, most) = SNR_LIMITS_DB;
    let mut scalars = [0.0; SCALARS];
    let snr = settings.snr_db.clamp(least, most) / 10.0;
    scalars[..3].copy_from_slice(&[time, snr, settings.perception]);
    scalars
}
