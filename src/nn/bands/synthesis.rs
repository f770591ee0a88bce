//! The receiver's end: latents and what is uncertain of them to a picture.

use candle_core::Device;
use rayon::prelude::*;

use super::{
    BAND_LATENTS, COARSE, COARSE_BANDS, FEATURES, FINE, FINE_BANDS, FOLDED, Scales, coarse,
    colours, fine, folded,
};
use crate::nn::block_dct::BlockDct;
use crate::nn::latent_net::{Job, LatentNet};
use crate::nn::weights::{Weights, WeightsError};
use crate::nn::{NetworkError, PHOTO_CHANNELS, Planes};

/// Planes the fine network takes.
const FINE_INPUTS: usize = FINE_BANDS + FEATURES;

/// Latents, their deviations, the logarithms of these.
const INPUTS: usize = 3 * BAND_LATENTS;

/// Of a latent's own deviation: where the logarithm of what is uncertain of it ends.
const LEAST_SHARE: f32 = 1e-3;

/// A linear map of the latents and what a network adds give 8x8 bands; a second network corrects the 4x4 bands of these.
#[derive(Debug, Clone)]
pub struct BandSynthesis {
    net: LatentNet,
    fine_net: LatentNet,
    dct: BlockDct<COARSE>,
    fine_dct: BlockDct<FINE>,
    fine: Scales,
    coarse_std: Vec<f32>,
    latent: Scales,
    /// `[band][latent]`, in units of the bands' deviations.
    out_of: Vec<f32>,
}

impl BandSynthesis {
    /// Takes the tensors `synthesis.*`, `synthesis_fine.*`, `out_of` and the scales.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing, of another shape, or refused by the device.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let net = |name, shape| LatentNet::load(weights, name, shape, device);
        let coarse_std = Scales::load(weights, "coarse", COARSE_BANDS)?.std;
        let out_of = weights.values("out_of", &[COARSE_BANDS, BAND_LATENTS])?;
        let maps = out_of.chunks_exact(BAND_LATENTS).zip(&coarse_std);
        let out_of = maps.flat_map(|(map, std)| map.iter().map(move |m| m / std));
        Ok(Self {
            net: net("synthesis", coarse(INPUTS, COARSE_BANDS + FOLDED, 10))?,
            fine_net: net("synthesis_fine", fine(FINE_INPUTS, FINE_BANDS, 6))?,
            dct: BlockDct::new(),
            fine_dct: BlockDct::new(),
            fine: Scales::load(weights, "fine", FINE_BANDS)?,
            latent: Scales::load(weights, "latent", BAND_LATENTS)?,
            out_of: out_of.collect(),
            coarse_std,
        })
    }

    /// `48 x h x w` latents with the standard deviation of what remains unknown of each, to `3 x 8h x 8w` in about 0..1.
    ///
    /// `perception` goes from 0 (least distortion) to 1 (best perception); `progress` hears how many strips of how many
    /// are done. The same for any number of threads, bit for bit.
    ///
    /// # Errors
    /// [`NetworkError::Latents`] when the shapes differ or are not 48 planes of at least one latent;
    /// [`NetworkError::Perception`] outside 0..1; [`NetworkError::Device`] when a GPU fails.
    pub fn paint(
        &self,
        latents: &Planes,
        deviation: &Planes,
        perception: f32,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Planes, NetworkError> {
        let mut painted = self.paint_all(&[(latents, deviation)], perception, progress)?;
        Ok(painted.swap_remove(0))
    }

    /// The same of several pictures of one size: on a GPU at once.
    ///
    /// # Errors
    /// As [`Self::paint`]; [`NetworkError::Sizes`] for pictures of two sizes.
    pub fn paint_all(
        &self,
        received: &[(&Planes, &Planes)],
        perception: f32,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Planes>, NetworkError> {
        let Some((first, _)) = received.first() else {
            return Ok(Vec::new());
        };
        let size = (first.height(), first.width());
        for (latents, deviation) in received {
            let found = crate::nn::check_latents(BAND_LATENTS, latents, deviation, perception)?;
            if found != size {
                let (found, expected) = (latents.shape(), first.shape());
                return Err(NetworkError::Sizes { found, expected });
            }
        }
        let scalars = [perception];
        let sources: Vec<_> = received
            .iter()
            .map(|(latents, deviation)| {
                move |y: usize, row: &mut [f32]| self.row(latents, deviation, y, row)
            })
            .collect();
        let mut half = |done, strips| progress(done, 2 * strips);
        let mut found = self
            .net
            .evaluate_all(size, &jobs(&scalars, &sources), &mut half)?;
        let pictures = found.iter_mut().zip(received);
        let mut painted: Vec<Planes> = pictures
            .map(|(found, (latents, _))| self.linear_picture(latents, found))
            .collect();
        let sources: Vec<_> = painted
            .iter()
            .zip(&found)
            .map(|(planes, found)| {
                move |y: usize, row: &mut [f32]| self.fine_row(planes, found, y, row)
            })
            .collect();
        let size = (size.0 * COARSE / FINE, size.1 * COARSE / FINE);
        let mut half = |done, strips| progress(strips + done, 2 * strips);
        let changes = self
            .fine_net
            .evaluate_all(size, &jobs(&scalars, &sources), &mut half)?;
        for (planes, changes) in painted.iter_mut().zip(&changes) {
            self.fine_dct.add(planes, changes, &self.fine.std);
            colours::to_rgb(planes);
        }
        Ok(painted)
    }

    /// The picture of the bands found, the linear map of the latents added to these.
    fn linear_picture(&self, latents: &Planes, found: &mut Planes) -> Planes {
        self.add_linear(latents, found);
        let (height, width) = (found.height() * COARSE, found.width() * COARSE);
        let mut planes = Planes::zeros(PHOTO_CHANNELS, height, width);
        self.dct.add(&mut planes, found, &self.coarse_std);
        planes
    }

    /// Normal latents, deviations in units of the latents' own, logarithms of these.
    fn row(&self, latents: &Planes, deviation: &Planes, y: usize, row: &mut [f32]) {
        deviation.get_row(y, row, (BAND_LATENTS, INPUTS));
        for (channel, (mean, std)) in self.latent.mean.iter().zip(&self.latent.std).enumerate() {
            let values = latents.row(channel, y);
            for (place, z) in row.chunks_exact_mut(INPUTS).zip(values) {
                let share = place[BAND_LATENTS + channel] / std;
                place[channel] = (z - mean) / std;
                place[BAND_LATENTS + channel] = share;
                place[2 * BAND_LATENTS + channel] = share.max(LEAST_SHARE).ln();
            }
        }
    }

    /// Adds the linear map of the latents to the bands that the network found.
    fn add_linear(&self, latents: &Planes, found: &mut Planes) {
        let [_, height, width] = latents.shape();
        let bands = found.data_mut().par_chunks_exact_mut(height * width);
        let maps = self.out_of.par_chunks_exact(BAND_LATENTS);
        // The planes behind the bands are features: there is no map to them.
        bands.zip(maps).for_each(|(band, map)| {
            let each = latents.data().chunks_exact(height * width).zip(map);
            for (latent, weight) in each.filter(|(_, weight)| **weight != 0.0) {
                let pairs = band.iter_mut().zip(latent);
                pairs.for_each(|(band, z)| *band += weight * z);
            }
        });
    }

    /// Normal 4x4 bands of the picture so far, then unfolded features.
    fn fine_row(&self, planes: &Planes, found: &Planes, y: usize, row: &mut [f32]) {
        let mut bands = vec![0.0; planes.width() / FINE * FINE_BANDS];
        self.fine_dct
            .split_row(planes, &[0.0; PHOTO_CHANNELS], y, &mut bands);
        let places = row.chunks_exact_mut(FINE_INPUTS).enumerate();
        for ((x, place), bands) in places.zip(bands.chunks_exact(FINE_BANDS)) {
            let (bands_out, features) = place.split_at_mut(FINE_BANDS);
            self.fine.normal(bands, bands_out);
            for (feature, value) in features.iter_mut().enumerate() {
                let (plane, y, x) = folded(feature, y, x);
                *value = found.row(COARSE_BANDS + plane, y)[x];
            }
        }
    }
}

/// The same numbers for every picture.
fn jobs<'a, S>(scalars: &'a [f32], sources: &'a [S]) -> Vec<Job<'a>>
where
    S: Fn(usize, &mut [f32]) + Sync,
{
    let job = |source| Job { scalars, source };
    sources.iter().map(|source| job(source)).collect()
}
