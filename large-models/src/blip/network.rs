//! The network in f32 or with quantized matrices: candle has one of each.

use std::io::Cursor;

use candle_core::quantized::{QTensor, gguf_file};
use candle_core::{Device, Module, Result, Tensor};
use candle_transformers::models::{blip, quantized_blip};
use candle_transformers::quantized_var_builder;

use crate::ModelError;
use crate::folder::ModelFolder;
use crate::tensors;

/// Words are given out through the matrix that takes them in, and files leave one of the two out.
const GIVEN_OUT: &str = "text_decoder.cls.predictions.decoder.weight";
const TAKEN_IN: &str = "text_decoder.bert.embeddings.word_embeddings.weight";

#[derive(Clone)]
pub(super) enum Network {
    Plain(Box<blip::BlipForConditionalGeneration>),
    Quantized(Box<quantized_blip::BlipForConditionalGeneration>),
}

impl Network {
    pub(super) fn load(
        folder: &ModelFolder,
        config: &blip::Config,
        device: &Device,
    ) -> std::result::Result<Self, ModelError> {
        let wrong = ModelError::weights(folder.weights());
        if folder.is_quantized() {
            let tensors = tensors::quantized(folder.weights())?;
            return quantized(&tensors, config, device).map_err(wrong);
        }
        let builder = tensors::builder(folder, device, |name| {
            (name == GIVEN_OUT).then(|| TAKEN_IN.to_owned())
        })?;
        let network = blip::BlipForConditionalGeneration::new(config, builder);
        Ok(Self::Plain(Box::new(network.map_err(wrong)?)))
    }

    /// What is seen in pixels `[1, 3, side, side]`, normalized: `[1, places, channels]`.
    pub(super) fn look(&self, pixels: &Tensor) -> Result<Tensor> {
        match self {
            Self::Plain(network) => network.vision_model().forward(pixels),
            Self::Quantized(network) => network.vision_model().forward(pixels),
        }
    }

    /// Scores of every word for the place behind each of `tokens` `[1, n]`, which follow those of earlier calls.
    pub(super) fn read(&mut self, tokens: &Tensor, seen: &Tensor) -> Result<Tensor> {
        match self {
            Self::Plain(network) => network.text_decoder().forward(tokens, seen),
            Self::Quantized(network) => network.text_decoder().forward(tokens, seen),
        }
    }
}

/// Candle's builder takes nothing but a file, so one is written in memory, with true shapes.
fn quantized(
    found: &std::collections::HashMap<String, QTensor>,
    config: &blip::Config,
    device: &Device,
) -> Result<Network> {
    let mut tensors: Vec<(&str, &QTensor)> = found
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor))
        .collect();
    if let (None, Some(shared)) = (found.get(GIVEN_OUT), found.get(TAKEN_IN)) {
        tensors.push((GIVEN_OUT, shared));
    }
    let mut file = Cursor::new(Vec::new());
    gguf_file::write(&mut file, &[], &tensors)?;
    let builder = quantized_var_builder::VarBuilder::from_gguf_buffer(file.get_ref(), device)?;
    let network = quantized_blip::BlipForConditionalGeneration::new(config, builder)?;
    Ok(Network::Quantized(Box::new(network)))
}
