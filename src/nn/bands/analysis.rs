//! The transmitter's end: a photo and the rate of every block to latents.

use candle_core::Device;
use rayon::prelude::*;

use super::{
    BAND_LATENTS, COARSE, COARSE_BANDS, FEATURES, FINE, FINE_BANDS, FOLDED, Scales, coarse,
    colours, fine, folded,
};
use crate::nn::block_dct::BlockDct;
use crate::nn::latent_net::LatentNet;
use crate::nn::weights::{Weights, WeightsError};
use crate::nn::{NetworkError, PHOTO_CHANNELS, Planes};

/// Latents of the side of a block that has a rate of its own, and its pixels.
const BLOCK: usize = 4;
const BLOCK_PIXELS: usize = BLOCK * COARSE;
/// Of a block.
const COMPONENTS: usize = BAND_LATENTS * BLOCK * BLOCK;

/// Components of a block at CBR 1/48: the rate plane is 0 there.
const USUAL_RATE: f64 = 128.0;

/// Planes the coarse network takes; the last one is the rate.
const INPUTS: usize = COARSE_BANDS + FOLDED + 1;

/// The latents at 1/8 resolution are a linear map of the 8x8 bands and what the networks add to it.
#[derive(Debug, Clone)]
pub struct BandAnalysis {
    fine_net: LatentNet,
    net: LatentNet,
    fine_dct: BlockDct<FINE>,
    dct: BlockDct<COARSE>,
    fine: Scales,
    coarse: Scales,
    latent_std: Vec<f32>,
    /// `[latent][band]`.
    into: Vec<f32>,
}

impl BandAnalysis {
    /// Takes the tensors `analysis_fine.*`, `analysis.*`, `into` and the scales.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing, of another shape, or refused by the device.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let net = |name, shape| LatentNet::load(weights, name, shape, device);
        Ok(Self {
            fine_net: net("analysis_fine", fine(FINE_BANDS, FEATURES, 4))?,
            net: net("analysis", coarse(INPUTS, BAND_LATENTS, 7))?,
            fine_dct: BlockDct::new(),
            dct: BlockDct::new(),
            fine: Scales::load(weights, "fine", FINE_BANDS)?,
            coarse: Scales::load(weights, "coarse", COARSE_BANDS)?,
            latent_std: Scales::load(weights, "latent", BAND_LATENTS)?.std,
            into: weights
                .values("into", &[BAND_LATENTS, COARSE_BANDS])?
                .to_vec(),
        })
    }

    /// The latents of a photo: `3 x h x w` in 0..1, which is used up, becomes `48 x h/8 x w/8`.
    ///
    /// `rates` are the components that each block of 32x32 pixels sends, row by row. `progress` hears how many strips
    /// of how many are done. The same for any number of threads, bit for bit.
    ///
    /// # Errors
    /// [`NetworkError::Blocks`] when there are not three planes, a side is not a multiple of 32, or blocks and rates do
    /// not pair up; [`NetworkError::Device`] when a GPU fails.
    pub fn latents(
        &self,
        photo: Planes,
        rates: &[usize],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Planes, NetworkError> {
        let [channels, height, width] = photo.shape();
        let whole = |side: usize| side > 0 && side.is_multiple_of(BLOCK_PIXELS);
        let blocks = height / BLOCK_PIXELS * (width / BLOCK_PIXELS);
        let fits = channels == PHOTO_CHANNELS && whole(height) && whole(width);
        if !fits || blocks != rates.len() {
            return Err(NetworkError::Blocks {
                found: photo.shape(),
                rates: rates.len(),
            });
        }
        let mut planes = photo;
        colours::from_rgb(&mut planes);
        let scalars = [mean_octaves(rates)];
        let rates: Vec<f32> = rates.iter().map(|rate| octaves(*rate)).collect();
        let source = |y: usize, row: &mut [f32]| self.fine_row(&planes, y, row);
        let size = (height / FINE, width / FINE);
        // Halves of the progress: the fine network has four times the places at half the width.
        let mut first = |done, strips| progress(done, 2 * strips);
        let features = self
            .fine_net
            .evaluate(size, &scalars, &source, &mut first)?;
        let source = |y: usize, row: &mut [f32]| self.row(&planes, &features, &rates, y, row);
        let size = (height / COARSE, width / COARSE);
        let mut second = |done, strips| progress(strips + done, 2 * strips);
        let mut latents = self.net.evaluate(size, &scalars, &source, &mut second)?;
        self.add_linear(&planes, &mut latents);
        Ok(latents)
    }

    /// Normal 4x4 bands.
    fn fine_row(&self, planes: &Planes, y: usize, row: &mut [f32]) {
        let mut bands = vec![0.0; row.len()];
        self.fine_dct
            .split_row(planes, &[0.0; PHOTO_CHANNELS], y, &mut bands);
        let places = row.chunks_exact_mut(FINE_BANDS);
        for (place, bands) in places.zip(bands.chunks_exact(FINE_BANDS)) {
            self.fine.normal(bands, place);
        }
    }

    fn coarse_bands(&self, planes: &Planes, y: usize) -> Vec<f32> {
        let mut bands = vec![0.0; planes.width() / COARSE * COARSE_BANDS];
        self.dct
            .split_row(planes, &[0.0; PHOTO_CHANNELS], y, &mut bands);
        bands
    }

    /// Normal 8x8 bands, folded features, rate.
    fn row(&self, planes: &Planes, features: &Planes, rates: &[f32], y: usize, row: &mut [f32]) {
        let bands = self.coarse_bands(planes, y);
        let blocks = planes.width() / BLOCK_PIXELS;
        let rates = &rates[y / BLOCK * blocks..][..blocks];
        let places = row.chunks_exact_mut(INPUTS);
        for (x, (place, bands)) in places.zip(bands.chunks_exact(COARSE_BANDS)).enumerate() {
            self.coarse.normal(bands, &mut place[..COARSE_BANDS]);
            place[INPUTS - 1] = rates[x / BLOCK];
        }
        for feature in 0..FEATURES {
            for fine_y in y * super::FOLD..(y + 1) * super::FOLD {
                for (fine_x, value) in features.row(feature, fine_y).iter().enumerate() {
                    let (plane, _, x) = folded(feature, fine_y, fine_x);
                    row[x * INPUTS + COARSE_BANDS + plane] = *value;
                }
            }
        }
    }

    /// What the network found, in units of the latents' deviations, becomes latents.
    fn add_linear(&self, planes: &Planes, latents: &mut Planes) {
        let place = |bands: &[f32]| {
            let maps = self.into.chunks_exact(COARSE_BANDS);
            maps.map(|map| map.iter().zip(bands).map(|(a, b)| a * b).sum::<f32>())
                .collect::<Vec<f32>>()
        };
        let row = |y: usize| {
            let bands = self.coarse_bands(planes, y);
            bands
                .chunks_exact(COARSE_BANDS)
                .flat_map(place)
                .collect::<Vec<f32>>()
        };
        let rows: Vec<Vec<f32>> = (0..latents.height()).into_par_iter().map(row).collect();
        let [_, height, width] = latents.shape();
        let each = latents.data_mut().par_chunks_exact_mut(height * width);
        each.enumerate().for_each(|(latent, plane)| {
            for (values, linear) in plane.chunks_exact_mut(width).zip(&rows) {
                let linear = linear.iter().skip(latent).step_by(BAND_LATENTS);
                for (value, linear) in values.iter_mut().zip(linear) {
                    *value = linear + *value * self.latent_std[latent];
                }
            }
        });
    }
}

/// What the whole picture's rate is said to be: of each component that is sent, the rate of its block, on average. Blocks that
/// send nothing do not count: with them in it, a key region alone was coded as if hardly anything could be sent.
fn mean_octaves(rates: &[usize]) -> f32 {
    let sum: f64 = rates.iter().map(|&rate| rate as f64).sum();
    let weighted = rates
        .iter()
        .map(|&rate| rate as f64 * f64::from(octaves(rate)));
    (weighted.sum::<f64>() / sum.max(1.0)) as f32
}

/// What the network is told of a rate: octaves from the usual one, over 4. Beyond one of each component there are copies of them,
/// which the linear stage adds up; the network makes the same latents then, and knows no higher rate from training.
fn octaves(rate: usize) -> f32 {
    let rate = rate.min(COMPONENTS);
    (((rate as f64 + 4.0) / USUAL_RATE).log2() / 4.0) as f32
}
