//! The decoder of a full-size autoencoder of FLUX.2's latent space, which the codec's networks started from.
//!
//! Black Forest Labs, "FLUX.2", 2025; `AutoencoderKLFlux2` of `diffusers`. The latents that travel are those of patches of
//! 2x2, normalized, as the diffusion model there has them; mean and variance stand in the file.

mod config;
#[cfg(test)]
mod tests;
mod tiles;

use std::path::Path;

use candle_core::{Device, Module, Result, Tensor};
use candle_nn::{Conv2d, VarBuilder};
use candle_transformers::models::z_image::vae::Decoder;
use heliograph::codec::latent::LatentSynthesis;
use heliograph::nn::{LATENT_CHANNELS, NetworkError, Planes, SCALE};

use self::config::Config;
use self::tiles::{Blend, tiles};
use crate::folder::{Kind, ModelFolder};
use crate::{ModelError, tensors};

/// Latents of a patch.
const PATCH: usize = 2;

/// The decoder, in place of codec `latent`'s synthesis network.
///
/// ```no_run
/// use std::path::Path;
/// use std::sync::Arc;
/// use heliograph::codec::LatentCodec;
/// use heliograph::nn;
/// use heliograph_large_models::FullSizeDecoder;
///
/// let decoder = FullSizeDecoder::open(Path::new("FLUX.2-dev/vae"), &nn::open_device("cpu")?)?;
/// let codec = LatentCodec::shipped()?.with_synthesis(Arc::new(decoder));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FullSizeDecoder {
    decoder: Decoder,
    post_quant: Option<Conv2d>,
    /// Mean and standard deviation of every latent of a patch: `[32 channels][2 rows][2 columns]`.
    mean: Vec<f32>,
    deviation: Vec<f32>,
    device: Device,
}

impl FullSizeDecoder {
    /// Reads `config.json` and the weights of a folder; what only the encoder needs may be missing.
    ///
    /// # Errors
    /// [`ModelError`] naming file and field, what was found and what is allowed.
    pub fn open(path: &Path, device: &Device) -> std::result::Result<Self, ModelError> {
        let folder = ModelFolder::of_kind(path, Kind::Autoencoder)?;
        let config: Config = folder.parsed()?;
        config.check(&folder.config())?;
        let weights = tensors::builder(&folder, device, |_| None)?;
        Self::load(&config, &weights, device).map_err(ModelError::weights(folder.weights()))
    }

    fn load(config: &Config, weights: &VarBuilder, device: &Device) -> Result<Self> {
        let channels = LATENT_CHANNELS;
        let post_quant = config.use_post_quant_conv.then(|| {
            candle_nn::conv2d(
                channels,
                channels,
                1,
                Default::default(),
                weights.pp("post_quant_conv"),
            )
        });
        let statistic = |name: &str| {
            let found = weights.get(channels * PATCH * PATCH, &format!("bn.{name}"))?;
            found.to_vec1::<f32>()
        };
        let variance = statistic("running_var")?;
        let deviation = |v: &f32| (f64::from(*v) + config.batch_norm_eps).max(0.0).sqrt() as f32;
        Ok(Self {
            decoder: Decoder::new(&config.network(), weights.pp("decoder"))?,
            post_quant: post_quant.transpose()?,
            mean: statistic("running_mean")?,
            deviation: variance.iter().map(deviation).collect(),
            device: device.clone(),
        })
    }

    /// The latents as the autoencoder has them.
    fn raw(&self, latents: &Planes) -> Planes {
        let [channels, height, width] = latents.shape();
        let mut raw = latents.clone();
        for (i, value) in raw.data_mut().iter_mut().enumerate() {
            let (c, y, x) = (i / (height * width), i / width % height, i % width);
            let place = (c * PATCH + y % PATCH) * PATCH + x % PATCH;
            *value = *value * self.deviation[place] + self.mean[place];
        }
        debug_assert_eq!(channels, LATENT_CHANNELS);
        raw
    }

    /// Paints a tile of raw latents `[32, h, w]` of any size: `3 x 8h x 8w` in 0..1.
    fn tile(&self, latents: Vec<f32>, (height, width): (usize, usize)) -> Result<Vec<f32>> {
        let shape = (1, LATENT_CHANNELS, height, width);
        let mut latents = Tensor::from_vec(latents, shape, &self.device)?;
        if let Some(conv) = &self.post_quant {
            latents = conv.forward(&latents)?;
        }
        let photo = self.decoder.forward(&latents)?.affine(0.5, 0.5)?;
        photo.flatten_all()?.to_vec1()
    }
}

impl LatentSynthesis for FullSizeDecoder {
    fn paint(
        &self,
        latents: &Planes,
        progress: &mut dyn FnMut(usize, usize),
    ) -> std::result::Result<Planes, NetworkError> {
        let [channels, height, width] = latents.shape();
        if channels != LATENT_CHANNELS || height * width == 0 {
            let found = latents.shape();
            return Err(NetworkError::Latents {
                found,
                deviation: found,
                channels: LATENT_CHANNELS,
            });
        }
        let raw = self.raw(latents);
        let tiles = tiles(height, width);
        let mut blend = Blend::new(SCALE * height, SCALE * width);
        for (done, tile) in tiles.iter().enumerate() {
            let sides = (tile.rows.len(), tile.columns.len());
            let painted = self.tile(tile.cut(&raw), sides)?;
            blend.add(tile, &painted);
            progress(done + 1, tiles.len());
        }
        Ok(blend.finish())
    }
}

/// Bytes of the largest tensors that are there at once.
pub(crate) fn work(folder: &ModelFolder) -> std::result::Result<u64, ModelError> {
    let config: Config = folder.parsed()?;
    config.check(&folder.config())?;
    Ok(config.work())
}
