//! What BLIP's `config.json` says; what it leaves out has the value of `transformers`.

use std::path::Path;

use candle_nn::Activation;
use candle_transformers::models::{blip, blip_text};
use serde::Deserialize;

use crate::ModelError;
use crate::checked::{CHANNELS, Fields, HEADS, LAYERS, PATCH, PLACES};

#[derive(Deserialize)]
pub(super) struct Config {
    #[serde(default)]
    pub text_config: Text,
    #[serde(default)]
    pub vision_config: Vision,
}

#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Text {
    pub vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    pub max_position_embeddings: usize,
    hidden_act: String,
    layer_norm_eps: f64,
    /// The token that a caption begins with.
    pub bos_token_id: u32,
    /// The token that ends it.
    pub sep_token_id: u32,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            vocab_size: 30_524,
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 512,
            hidden_act: "gelu".to_owned(),
            layer_norm_eps: 1e-12,
            bos_token_id: 30_522,
            sep_token_id: 102,
        }
    }
}

#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Vision {
    pub hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    pub image_size: usize,
    patch_size: usize,
    hidden_act: String,
    layer_norm_eps: f64,
}

impl Default for Vision {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            image_size: 384,
            patch_size: 16,
            hidden_act: "gelu".to_owned(),
            layer_norm_eps: 1e-5,
        }
    }
}

impl Text {
    fn check(&self, fields: &Fields) -> Result<(), ModelError> {
        fields.within("text_config.vocab_size", self.vocab_size, 2..=1 << 20)?;
        fields.within("text_config.hidden_size", self.hidden_size, CHANNELS)?;
        fields.within(
            "text_config.intermediate_size",
            self.intermediate_size,
            1..=1 << 16,
        )?;
        fields.within(
            "text_config.num_hidden_layers",
            self.num_hidden_layers,
            LAYERS,
        )?;
        fields.within(
            "text_config.max_position_embeddings",
            self.max_position_embeddings,
            2..=1 << 16,
        )?;
        fields.divides(
            "text_config.num_attention_heads",
            self.num_attention_heads,
            self.hidden_size,
        )?;
        fields.equal("text_config.hidden_act", self.hidden_act.as_str(), "gelu")?;
        let last = self.vocab_size - 1;
        fields.within(
            "text_config.bos_token_id",
            self.bos_token_id as usize,
            0..=last,
        )?;
        fields.within(
            "text_config.sep_token_id",
            self.sep_token_id as usize,
            0..=last,
        )
    }
}

impl Vision {
    fn check(&self, fields: &Fields) -> Result<(), ModelError> {
        fields.within("vision_config.hidden_size", self.hidden_size, CHANNELS)?;
        fields.within(
            "vision_config.intermediate_size",
            self.intermediate_size,
            1..=1 << 16,
        )?;
        fields.within(
            "vision_config.num_hidden_layers",
            self.num_hidden_layers,
            LAYERS,
        )?;
        fields.divides(
            "vision_config.num_attention_heads",
            self.num_attention_heads,
            self.hidden_size,
        )?;
        fields.within(
            "vision_config.num_attention_heads",
            self.num_attention_heads,
            HEADS,
        )?;
        fields.equal("vision_config.hidden_act", self.hidden_act.as_str(), "gelu")?;
        fields.within("vision_config.image_size", self.image_size, 8..=1024)?;
        fields.divides("vision_config.patch_size", self.patch_size, self.image_size)?;
        fields.within("vision_config.patch_size", self.patch_size, PATCH)?;
        fields.within(
            "vision_config.image_size / patch_size",
            self.places(),
            PLACES,
        )
    }

    /// Places of a side of what it sees.
    fn places(&self) -> usize {
        self.image_size / self.patch_size
    }

    /// Scores of all pairs of places of a layer, before and behind their softmax, and its widest channels, as f32.
    pub(super) fn work(&self) -> u64 {
        let places = self.places().pow(2) as u64 + 1;
        let pairs = 3 * self.num_attention_heads as u64 * places * places;
        4 * (pairs + 3 * places * self.intermediate_size as u64)
    }
}

impl Config {
    /// Refuses what the network cannot follow, and sizes that nobody needs.
    pub(super) fn check(&self, path: &Path) -> Result<(), ModelError> {
        let fields = Fields(path);
        self.text_config.check(&fields)?;
        self.vision_config.check(&fields)
    }

    /// The same for candle.
    pub(super) fn network(&self) -> blip::Config {
        let (text, vision) = (&self.text_config, &self.vision_config);
        blip::Config {
            text_config: blip_text::Config {
                vocab_size: text.vocab_size,
                hidden_size: text.hidden_size,
                // As transformers has it, whatever text_config says.
                encoder_hidden_size: vision.hidden_size,
                intermediate_size: text.intermediate_size,
                // Not used for captions.
                projection_dim: 0,
                num_hidden_layers: text.num_hidden_layers,
                num_attention_heads: text.num_attention_heads,
                max_position_embeddings: text.max_position_embeddings,
                hidden_act: Activation::Gelu,
                layer_norm_eps: text.layer_norm_eps,
                is_decoder: true,
            },
            vision_config: blip::VisionConfig {
                hidden_size: vision.hidden_size,
                intermediate_size: vision.intermediate_size,
                projection_dim: 0,
                num_hidden_layers: vision.num_hidden_layers,
                num_attention_heads: vision.num_attention_heads,
                image_size: vision.image_size,
                patch_size: vision.patch_size,
                hidden_act: Activation::Gelu,
                layer_norm_eps: vision.layer_norm_eps,
            },
            projection_dim: 0,
            image_text_hidden_size: 0,
        }
    }
}
