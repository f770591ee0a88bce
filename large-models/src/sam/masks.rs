//! The mask decoder. Candle's takes another GELU than the network was trained with: its masks differ in the third digit.

use candle_core::{IndexOp, Module, Result, Tensor};
use candle_nn::{ConvTranspose2d, ConvTranspose2dConfig, Linear, VarBuilder};
use candle_transformers::models::segment_anything::LayerNorm2d;
use candle_transformers::models::segment_anything::transformer::TwoWayTransformer;

/// Sizes that every model has.
pub(super) const LAYERS: usize = 2;
pub(super) const HEADS: usize = 8;
pub(super) const WIDE: usize = 2048;
pub(super) const PERCEPTRON_LAYERS: usize = 3;

/// Tokens and what was seen to masks.
pub(super) struct MaskDecoder {
    /// One for the scores, then one a mask: `[1 + masks, channels]`.
    tokens: Tensor,
    transformer: TwoWayTransformer,
    double_first: ConvTranspose2d,
    norm: LayerNorm2d,
    double_second: ConvTranspose2d,
    /// One a mask.
    kernels: Vec<Perceptron>,
    scores: Perceptron,
}

impl MaskDecoder {
    /// With one mask for boxes and `several` for points.
    pub(super) fn load(
        channels: usize,
        several: usize,
        score_channels: usize,
        weights: &VarBuilder,
    ) -> Result<Self> {
        let masks = several + 1;
        let scores = weights.get((1, channels), "iou_token.weight")?;
        let own = weights.get((masks, channels), "mask_tokens.weight")?;
        let double = |from: usize, to: usize, name: &str| {
            let config = ConvTranspose2dConfig {
                stride: 2,
                ..Default::default()
            };
            candle_nn::conv_transpose2d(from, to, 2, config, weights.pp(name))
        };
        let (quarter, eighth) = (channels / 4, channels / 8);
        let kernel = |i: usize| {
            let weights = weights.pp("output_hypernetworks_mlps").pp(i);
            Perceptron::load([channels, channels, eighth], &weights)
        };
        let transformer = weights.pp("transformer");
        Ok(Self {
            tokens: Tensor::cat(&[scores, own], 0)?,
            transformer: TwoWayTransformer::new(LAYERS, channels, HEADS, WIDE, transformer)?,
            double_first: double(channels, quarter, "output_upscaling.0")?,
            norm: LayerNorm2d::new(quarter, 1e-6, weights.pp("output_upscaling.1"))?,
            double_second: double(quarter, eighth, "output_upscaling.3")?,
            kernels: (0..masks).map(kernel).collect::<Result<_>>()?,
            scores: Perceptron::load(
                [channels, score_channels, masks],
                &weights.pp("iou_prediction_head"),
            )?,
        })
    }

    /// Logits of all masks, `[masks, rows, columns]`, four times as fine as what was seen, and a score each; the first is
    /// the one for boxes.
    ///
    /// `seen` and `places` are `[1, channels, rows, columns]`, `prompt` is `[1, n, channels]`.
    pub(super) fn masks(
        &self,
        seen: &Tensor,
        places: &Tensor,
        prompt: &Tensor,
    ) -> Result<(Tensor, Tensor)> {
        let tokens = Tensor::cat(&[&self.tokens.unsqueeze(0)?, prompt], 1)?;
        let (tokens, seen_again) = self.transformer.forward(seen, places, &tokens)?;
        let seen = seen_again.transpose(1, 2)?.reshape(seen.shape())?;
        let fine = self
            .double_first
            .forward(&seen)?
            .apply(&self.norm)?
            .gelu_erf()?;
        let fine = self.double_second.forward(&fine)?.gelu_erf()?.i(0)?;
        let of_mask = |(i, kernel): (usize, &Perceptron)| kernel.forward(&tokens.i((.., 1 + i))?);
        let kernels = self.kernels.iter().enumerate().map(of_mask);
        let kernels = Tensor::cat(&kernels.collect::<Result<Vec<_>>>()?, 0)?;
        let (_, height, width) = fine.dims3()?;
        let masks = kernels.matmul(&fine.flatten_from(1)?)?;
        let masks = masks.reshape(((), height, width))?;
        let scores = self.scores.forward(&tokens.i((.., 0))?)?.i(0)?;
        Ok((masks, scores))
    }
}

/// Three matrices with ReLU between them.
struct Perceptron([Linear; PERCEPTRON_LAYERS]);

impl Perceptron {
    /// From the first number of channels through two layers of the second to the third.
    fn load([from, inner, to]: [usize; 3], weights: &VarBuilder) -> Result<Self> {
        let layer = |i: usize, from, to| candle_nn::linear(from, to, weights.pp("layers").pp(i));
        let layers = [
            layer(0, from, inner)?,
            layer(1, inner, inner)?,
            layer(2, inner, to)?,
        ];
        Ok(Self(layers))
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let [first, second, third] = &self.0;
        x.apply(first)?.relu()?.apply(second)?.relu()?.apply(third)
    }
}
