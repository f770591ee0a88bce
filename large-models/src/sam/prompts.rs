//! Prompts as tokens and places as waves: the prompt encoder, which candle's lacks boxes of.

use std::f64::consts::PI;

use candle_core::{D, Device, Result, Tensor};
use candle_nn::VarBuilder;

/// What a corner or a point is; the place in the list of embeddings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Not what is meant.
    Other = 0,
    /// On what is meant.
    Key = 1,
    /// First corner of a box.
    TopLeft = 2,
    /// Second corner of a box.
    BottomRight = 3,
}

/// A place in pixels of what the network sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub x: f32,
    pub y: f32,
    pub meaning: Meaning,
}

/// Is there a box, or are there points alone?
pub(super) fn has_box(prompt: &[Place]) -> bool {
    let mut meanings = prompt.iter().map(|place| place.meaning);
    meanings.any(|meaning| meaning == Meaning::TopLeft)
}

/// The encoder of prompts.
pub(super) struct PromptEncoder {
    /// `[2, channels / 2]`
    waves: Tensor,
    meanings: Vec<Tensor>,
    not_a_point: Tensor,
    no_mask: Tensor,
    side: usize,
    places: usize,
}

impl PromptEncoder {
    /// For pictures of `side` pixels, seen at `places` places a side.
    pub(super) fn load(
        channels: usize,
        side: usize,
        places: usize,
        weights: &VarBuilder,
    ) -> Result<Self> {
        let waves = weights.pp("pe_layer");
        let waves = waves.get((2, channels / 2), "positional_encoding_gaussian_matrix")?;
        let embedding = |name: &str| weights.get((1, channels), &format!("{name}.weight"));
        let meaning = |i| embedding(&format!("point_embeddings.{i}"));
        Ok(Self {
            waves,
            meanings: (0..4).map(meaning).collect::<Result<_>>()?,
            not_a_point: embedding("not_a_point_embed")?,
            no_mask: embedding("no_mask_embed")?,
            side,
            places,
        })
    }

    /// Places within 0..1, `[n, 2]`, as `[n, channels]`.
    fn positions(&self, places: &Tensor) -> Result<Tensor> {
        let phases = (places.affine(2.0, -1.0)?.matmul(&self.waves)? * (2.0 * PI))?;
        Tensor::cat(&[phases.sin()?, phases.cos()?], D::Minus1)
    }

    /// Tokens `[1, n, channels]`; points alone have one more that says so.
    pub(super) fn tokens(&self, prompt: &[Place]) -> Result<Tensor> {
        let device = self.waves.device();
        // Centres of pixels.
        let part = |value: f32| (value + 0.5) / self.side as f32;
        let places: Vec<f32> = prompt.iter().flat_map(|p| [part(p.x), part(p.y)]).collect();
        let places = Tensor::from_vec(places, (prompt.len(), 2), device)?;
        let meanings: Vec<&Tensor> = prompt
            .iter()
            .map(|p| &self.meanings[p.meaning as usize])
            .collect();
        let mut tokens = (self.positions(&places)? + Tensor::cat(&meanings, 0)?)?;
        if !has_box(prompt) {
            tokens = Tensor::cat(&[&tokens, &self.not_a_point], 0)?;
        }
        tokens.unsqueeze(0)
    }

    /// Where each place of the picture is, `[1, channels, places, places]`.
    pub(super) fn picture(&self) -> Result<Tensor> {
        let n = self.places;
        let centre = |i: usize| (i as f32 + 0.5) / n as f32;
        let places = (0..n).flat_map(|y| (0..n).flat_map(move |x| [centre(x), centre(y)]));
        let places = Tensor::from_vec(places.collect(), (n * n, 2), self.device())?;
        let positions = self.positions(&places)?;
        positions.t()?.reshape((1, (), n, n))
    }

    /// No mask was given before, `[1, channels, 1, 1]`.
    pub(super) fn nothing_known(&self) -> Result<Tensor> {
        self.no_mask.reshape((1, (), 1, 1))
    }

    fn device(&self) -> &Device {
        self.waves.device()
    }
}
