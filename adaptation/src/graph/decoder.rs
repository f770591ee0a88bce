//! The receiver's end of codec `deepjscc` (`BandSynthesis` of the library): latents and what is uncertain of them to pixels.

use std::f32::consts::PI;

use candle_core::{D, Device, Result, Tensor};
use heliograph::nn::{BAND_LATENTS, Planes, Weights, WeightsError};

use super::gated::GatedNet;
use crate::lora::Changes;

const COLOURS: usize = 3;
/// Sides of the blocks.
const FINE: usize = 4;
const COARSE: usize = 8;
/// Fine blocks on a side of a coarse one.
const FOLD: usize = COARSE / FINE;
const FINE_BLOCK: usize = FINE * FINE;
const COARSE_BLOCK: usize = COARSE * COARSE;
/// Planes at 1/4 resolution that pass between the two networks.
const FEATURES: usize = 32;
/// Of a latent's own deviation: where the logarithm of what is uncertain of it ends.
const LEAST_SHARE: f32 = 1e-3;

/// What a receiver has of a picture.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// `[height * width, 48]`
    pub latents: Tensor,
    pub deviations: Tensor,
    /// Rows and columns of latents.
    pub sides: (usize, usize),
}

impl Given {
    /// Of latents and deviations as the library has them.
    pub(crate) fn new(latents: &Planes, deviations: &Planes) -> Result<Self> {
        let [channels, height, width] = latents.shape();
        let places = |planes: &Planes| {
            let planes =
                Tensor::from_slice(planes.data(), (channels, height * width), &Device::Cpu)?;
            planes.t()?.contiguous()
        };
        Ok(Self {
            latents: places(latents)?,
            deviations: places(deviations)?,
            sides: (height, width),
        })
    }
}

/// The networks and what stands between them.
pub(crate) struct Decoder {
    coarse_net: GatedNet,
    fine_net: GatedNet,
    latent_mean: Tensor,
    latent_std: Tensor,
    coarse_std: Tensor,
    fine_mean: Tensor,
    fine_std: Tensor,
    /// `[latents, bands]`
    out_of: Tensor,
    /// Bands of a coarse block to those of its four fine ones.
    finer: Tensor,
    /// Bands of a fine block to its pixels.
    pixels: Tensor,
    /// Orthonormal colours to R, G, B.
    rgb: Tensor,
}

impl Decoder {
    /// Takes the tensors of the receiver.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing or of another shape.
    pub(crate) fn load(weights: &Weights) -> std::result::Result<Self, WeightsError> {
        let get = |name: &str, shape: &[usize]| weights.tensor(name, shape, &Device::Cpu);
        let (coarse, fine) = (COLOURS * COARSE_BLOCK, COLOURS * FINE_BLOCK);
        let out_of = get("out_of", &[coarse, BAND_LATENTS])?;
        Ok(Self {
            coarse_net: GatedNet::load(weights, "synthesis")?,
            fine_net: GatedNet::load(weights, "synthesis_fine")?,
            latent_mean: get("latent_mean", &[BAND_LATENTS])?,
            latent_std: get("latent_std", &[BAND_LATENTS])?,
            coarse_std: get("coarse_std", &[coarse])?,
            fine_mean: get("fine_mean", &[fine])?,
            fine_std: get("fine_std", &[fine])?,
            out_of: out_of.t()?.contiguous()?,
            finer: finer()?,
            pixels: pixels()?,
            rgb: rgb()?,
        })
    }

    /// Matrices that may be changed: name, inputs, outputs.
    pub(crate) fn matrices(&self) -> Vec<(String, usize, usize)> {
        [self.coarse_net.matrices(), self.fine_net.matrices()].concat()
    }

    /// Pixels `[8 * height * 8 * width, 3]` in about 0..1, rows from the top.
    pub(crate) fn paint(
        &self,
        given: &Given,
        perception: f32,
        changes: &Changes,
    ) -> Result<Tensor> {
        let share = given.deviations.broadcast_div(&self.latent_std)?;
        let least = Tensor::new(LEAST_SHARE, share.device())?;
        let normal = given
            .latents
            .broadcast_sub(&self.latent_mean)?
            .broadcast_div(&self.latent_std)?;
        let told = [
            normal,
            share.clone(),
            share.broadcast_maximum(&least)?.log()?,
        ];
        let told = Tensor::cat(&told, D::Minus1)?;
        let found = self
            .coarse_net
            .forward(&told, given.sides, perception, changes)?;
        let bands = COLOURS * COARSE_BLOCK;
        let features = found.narrow(D::Minus1, bands, FEATURES * FOLD * FOLD)?;
        let coarse = found
            .narrow(D::Minus1, 0, bands)?
            .broadcast_mul(&self.coarse_std)?;
        let coarse = (coarse + given.latents.matmul(&self.out_of)?)?;
        let fine = self.fine_bands(&coarse, given.sides)?;
        let told = fine
            .broadcast_sub(&self.fine_mean)?
            .broadcast_div(&self.fine_std)?;
        let told = Tensor::cat(&[told, unfolded(&features, given.sides)?], D::Minus1)?;
        let sides = (FOLD * given.sides.0, FOLD * given.sides.1);
        let found = self.fine_net.forward(&told, sides, perception, changes)?;
        let fine = (fine + found.broadcast_mul(&self.fine_std)?)?;
        self.as_pixels(&fine, sides)
    }

    /// `[places, 3 * 64]` to `[4 * places, 3 * 16]`.
    fn fine_bands(&self, coarse: &Tensor, (height, width): (usize, usize)) -> Result<Tensor> {
        let blocks = coarse.reshape(((), COARSE_BLOCK))?.matmul(&self.finer)?;
        let blocks = blocks.reshape(&[height, width, COLOURS, FOLD, FOLD, FINE_BLOCK][..])?;
        blocks
            .permute([0, 3, 1, 4, 2, 5])?
            .reshape(((), COLOURS * FINE_BLOCK))
    }

    /// `[places, 3 * 16]` of `height` x `width` fine blocks to pixels.
    fn as_pixels(&self, fine: &Tensor, (height, width): (usize, usize)) -> Result<Tensor> {
        let blocks = fine.reshape(((), FINE_BLOCK))?.matmul(&self.pixels)?;
        let blocks = blocks.reshape(&[height, width, COLOURS, FINE, FINE][..])?;
        let colours = blocks.permute([0, 3, 1, 4, 2])?.reshape(((), COLOURS))?;
        colours.matmul(&self.rgb)
    }
}

/// `[places, 32 * 4]` to `[4 * places, 32]`, as PyTorch's `pixel_shuffle` has it.
fn unfolded(features: &Tensor, (height, width): (usize, usize)) -> Result<Tensor> {
    let features = features.reshape(&[height, width, FEATURES, FOLD, FOLD][..])?;
    features.permute([0, 3, 1, 4, 2])?.reshape(((), FEATURES))
}

/// Row i is the basis function of frequency i.
fn basis(side: usize) -> Vec<Vec<f32>> {
    let scale = |i: usize| (if i == 0 { 1.0f32 } else { 2.0 } / side as f32).sqrt();
    let wave = |i: usize, k: usize| (PI * i as f32 * (k as f32 + 0.5) / side as f32).cos();
    let row = |i: usize| (0..side).map(|k| scale(i) * wave(i, k)).collect();
    (0..side).map(row).collect()
}

/// `[64, 4 * 16]`: a band of a coarse block in bands of the fine blocks, row by row.
fn finer() -> Result<Tensor> {
    let (coarse, fine) = (basis(COARSE), basis(FINE));
    // Along one side: coarse frequency u, fine block b, its frequency i.
    let along = |u: usize, b: usize, i: usize| -> f32 {
        (0..FINE)
            .map(|k| coarse[u][FINE * b + k] * fine[i][k])
            .sum()
    };
    let mut values = Vec::with_capacity(COARSE_BLOCK * COARSE_BLOCK);
    for band in 0..COARSE_BLOCK {
        for place in 0..COARSE_BLOCK {
            let (block, within) = (place / FINE_BLOCK, place % FINE_BLOCK);
            let down = along(band / COARSE, block / FOLD, within / FINE);
            values.push(down * along(band % COARSE, block % FOLD, within % FINE));
        }
    }
    Tensor::from_vec(values, (COARSE_BLOCK, COARSE_BLOCK), &Device::Cpu)
}

/// `[16, 16]`: a band of a fine block in its pixels.
fn pixels() -> Result<Tensor> {
    let fine = basis(FINE);
    let value = |at: usize| {
        let (band, pixel) = (at / FINE_BLOCK, at % FINE_BLOCK);
        fine[band / FINE][pixel / FINE] * fine[band % FINE][pixel % FINE]
    };
    let values = (0..FINE_BLOCK * FINE_BLOCK).map(value).collect();
    Tensor::from_vec(values, (FINE_BLOCK, FINE_BLOCK), &Device::Cpu)
}

/// Brightness, red against blue, green against both, to R, G, B.
fn rgb() -> Result<Tensor> {
    let (third, half, sixth) = (
        3f32.sqrt().recip(),
        2f32.sqrt().recip(),
        6f32.sqrt().recip(),
    );
    Tensor::new(
        &[
            [third, third, third],
            [half, 0.0, -half],
            [-sixth, 2.0 * sixth, -sixth],
        ],
        &Device::Cpu,
    )
}
