//! What an autoencoder's `config.json` says; what it leaves out has the value of `diffusers` (FLUX.2's).

use std::path::Path;

use candle_transformers::models::z_image::vae::VaeConfig;
use heliograph::nn::{LATENT_CHANNELS, SCALE};
use serde::Deserialize;

use crate::ModelError;
use crate::checked::{CHANNELS, Fields};

#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Config {
    block_out_channels: Vec<usize>,
    decoder_block_out_channels: Option<Vec<usize>>,
    layers_per_block: usize,
    latent_channels: usize,
    norm_num_groups: usize,
    out_channels: usize,
    act_fn: String,
    mid_block_add_attention: bool,
    pub use_post_quant_conv: bool,
    pub batch_norm_eps: f64,
    patch_size: [usize; 2],
}

impl Default for Config {
    fn default() -> Self {
        Self {
            block_out_channels: vec![128, 256, 512, 512],
            decoder_block_out_channels: None,
            layers_per_block: 2,
            latent_channels: LATENT_CHANNELS,
            norm_num_groups: 32,
            out_channels: 3,
            act_fn: "silu".to_owned(),
            mid_block_add_attention: true,
            use_post_quant_conv: true,
            batch_norm_eps: 1e-4,
            patch_size: [2, 2],
        }
    }
}

impl Config {
    /// Channels of the decoder, at full resolution first.
    pub(super) fn channels(&self) -> &[usize] {
        let own = self.decoder_block_out_channels.as_ref();
        own.unwrap_or(&self.block_out_channels)
    }

    /// Six maps of a tile at full resolution with the channels of the next coarser one, as f32: measured on a picture of one tile.
    pub(super) fn work(&self) -> u64 {
        let pixels = ((super::tiles::TILE * SCALE) as u64).pow(2);
        let wide = self
            .channels()
            .iter()
            .take(2)
            .max()
            .copied()
            .unwrap_or_default();
        4 * 6 * pixels * wide as u64
    }

    /// Refuses what does not paint the codec's latents, and sizes that nobody needs.
    pub(super) fn check(&self, path: &Path) -> Result<(), ModelError> {
        let fields = Fields(path);
        fields.equal("latent_channels", self.latent_channels, LATENT_CHANNELS)?;
        fields.equal("out_channels", self.out_channels, 3)?;
        fields.equal("patch_size", self.patch_size, [2, 2])?;
        let halvings = SCALE.ilog2() as usize;
        fields.equal(
            "blocks of block_out_channels",
            self.channels().len(),
            halvings + 1,
        )?;
        for channels in self.channels() {
            fields.within("block_out_channels", *channels, CHANNELS)?;
            fields.divides("norm_num_groups", self.norm_num_groups, *channels)?;
        }
        fields.within("layers_per_block", self.layers_per_block, 1..=16)?;
        fields.equal("act_fn", self.act_fn.as_str(), "silu")?;
        fields.equal(
            "mid_block_add_attention",
            self.mid_block_add_attention,
            true,
        )
    }

    /// The same for candle.
    pub(super) fn network(&self) -> VaeConfig {
        VaeConfig {
            latent_channels: self.latent_channels,
            block_out_channels: self.channels().to_vec(),
            layers_per_block: self.layers_per_block,
            norm_num_groups: self.norm_num_groups,
            ..VaeConfig::z_image()
        }
    }
}
