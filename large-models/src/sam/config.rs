//! What SAM's `config.json` says; what it leaves out has the value of `transformers` (the base model).

use std::path::Path;

use serde::Deserialize;

use super::masks;
use crate::ModelError;
use crate::checked::{CHANNELS, Fields, HEADS, LAYERS, PATCH, PLACES};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Config {
    pub vision_config: Vision,
    pub prompt_encoder_config: Prompts,
    pub mask_decoder_config: Masks,
}

#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Vision {
    pub hidden_size: usize,
    pub output_channels: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub image_size: usize,
    pub patch_size: usize,
    pub window_size: usize,
    pub global_attn_indexes: Vec<usize>,
    mlp_dim: Option<usize>,
    hidden_act: String,
    qkv_bias: bool,
    use_abs_pos: bool,
    use_rel_pos: bool,
}

impl Default for Vision {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            output_channels: 256,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            image_size: 1024,
            patch_size: 16,
            window_size: 14,
            global_attn_indexes: vec![2, 5, 8, 11],
            mlp_dim: None,
            hidden_act: "gelu".to_owned(),
            qkv_bias: true,
            use_abs_pos: true,
            use_rel_pos: true,
        }
    }
}

#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Prompts {
    hidden_size: usize,
}

impl Default for Prompts {
    fn default() -> Self {
        Self { hidden_size: 256 }
    }
}

#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Masks {
    hidden_size: usize,
    hidden_act: String,
    mlp_dim: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    attention_downsample_rate: usize,
    pub num_multimask_outputs: usize,
    iou_head_depth: usize,
    pub iou_head_hidden_dim: usize,
}

impl Default for Masks {
    fn default() -> Self {
        Self {
            hidden_size: 256,
            hidden_act: "relu".to_owned(),
            mlp_dim: 2048,
            num_hidden_layers: 2,
            num_attention_heads: 8,
            attention_downsample_rate: 2,
            num_multimask_outputs: 3,
            iou_head_depth: 3,
            iou_head_hidden_dim: 256,
        }
    }
}

impl Config {
    /// Channels between the three networks.
    pub(super) fn channels(&self) -> usize {
        self.vision_config.output_channels
    }

    /// Places of a side of what the vision network sees.
    pub(super) fn places(&self) -> usize {
        self.vision_config.image_size / self.vision_config.patch_size
    }

    /// Scores of all pairs of places of a layer that sees everything, before and behind their softmax, as f32.
    pub(super) fn work(&self) -> u64 {
        let places = self.places().pow(2) as u64;
        4 * 3 * self.vision_config.num_attention_heads as u64 * places * places
    }

    /// Refuses what the networks cannot follow, and sizes that nobody needs.
    pub(super) fn check(&self, path: &Path) -> Result<(), ModelError> {
        let fields = Fields(path);
        let vision = &self.vision_config;
        fields.within("vision_config.hidden_size", vision.hidden_size, CHANNELS)?;
        fields.within(
            "vision_config.num_hidden_layers",
            vision.num_hidden_layers,
            LAYERS,
        )?;
        fields.divides(
            "vision_config.num_attention_heads",
            vision.num_attention_heads,
            vision.hidden_size,
        )?;
        fields.within(
            "vision_config.num_attention_heads",
            vision.num_attention_heads,
            HEADS,
        )?;
        fields.within("vision_config.image_size", vision.image_size, 32..=2048)?;
        fields.divides(
            "vision_config.patch_size",
            vision.patch_size,
            vision.image_size,
        )?;
        fields.within("vision_config.patch_size", vision.patch_size, PATCH)?;
        fields.within(
            "vision_config.image_size / patch_size",
            self.places(),
            PLACES,
        )?;
        fields.within(
            "vision_config.window_size",
            vision.window_size,
            1..=self.places(),
        )?;
        if let Some(width) = vision.mlp_dim {
            fields.equal("vision_config.mlp_dim", width, 4 * vision.hidden_size)?;
        }
        fields.equal(
            "vision_config.hidden_act",
            vision.hidden_act.as_str(),
            "gelu",
        )?;
        fields.equal("vision_config.qkv_bias", vision.qkv_bias, true)?;
        fields.equal("vision_config.use_abs_pos", vision.use_abs_pos, true)?;
        fields.equal("vision_config.use_rel_pos", vision.use_rel_pos, true)?;
        self.check_decoder(&fields)
    }

    /// The mask decoder has most of its sizes built in.
    fn check_decoder(&self, fields: &Fields) -> Result<(), ModelError> {
        let (decoder, channels) = (&self.mask_decoder_config, self.channels());
        fields.within("vision_config.output_channels", channels, CHANNELS)?;
        // Its heads share half of the channels, its last layers have an eighth.
        fields.divides("mask_decoder_config.num_attention_heads", 16, channels)?;
        let prompts = self.prompt_encoder_config.hidden_size;
        fields.equal("prompt_encoder_config.hidden_size", prompts, channels)?;
        fields.equal(
            "mask_decoder_config.hidden_size",
            decoder.hidden_size,
            channels,
        )?;
        fields.equal(
            "mask_decoder_config.hidden_act",
            decoder.hidden_act.as_str(),
            "relu",
        )?;
        fields.equal("mask_decoder_config.mlp_dim", decoder.mlp_dim, masks::WIDE)?;
        fields.equal(
            "mask_decoder_config.num_hidden_layers",
            decoder.num_hidden_layers,
            masks::LAYERS,
        )?;
        fields.equal(
            "mask_decoder_config.num_attention_heads",
            decoder.num_attention_heads,
            masks::HEADS,
        )?;
        fields.equal(
            "mask_decoder_config.attention_downsample_rate",
            decoder.attention_downsample_rate,
            2,
        )?;
        fields.within(
            "mask_decoder_config.num_multimask_outputs",
            decoder.num_multimask_outputs,
            1..=16,
        )?;
        fields.equal(
            "mask_decoder_config.iou_head_depth",
            decoder.iou_head_depth,
            masks::PERCEPTRON_LAYERS,
        )?;
        fields.within(
            "mask_decoder_config.iou_head_hidden_dim",
            decoder.iou_head_hidden_dim,
            CHANNELS,
        )
    }
}
