//! The receiver's end: latents and what is uncertain of them to a picture.

use candle_core::Device;
use rayon::prelude::*;

use super::{
    BAND_LATENTS, BandLatents, COARSE, COARSE_BANDS, FEATURES, FINE, FINE_BANDS, FOLDED, Scales,
    coarse, colours, fine, folded,
};
use crate::nn::block_dct::BlockDct;
use crate::nn::latent_net::{Job, LatentNet};
use crate::nn::weights::{Weights, WeightsError};
use crate::nn::{NetworkError, PHOTO_CHANNELS, Planes};

/// Planes the fine network takes.
const FINE_INPUTS: usize = FINE_BANDS + FEATURES;

/// Latents, their deviations, the logarithms of these.
const INPUTS: usize = 3 * BAND_LATENTS;

/// Blocks of the first network before which the inpainter's layers stand.
const INPAINTED_BEFORE: [usize; 4] = [2, 4, 6, 8];

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

    /// With layers for pictures with gaps; takes the tensors `blocks.*`.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing or of another shape.
    pub fn with_inpainter(mut self, weights: &Weights) -> Result<Self, WeightsError> {
        self.net = self.net.with_inpainting(weights, &INPAINTED_BEFORE)?;
        Ok(self)
    }

    /// `48 x h x w` latents with the standard deviation of what remains unknown of each, to `3 x 8h x 8w` in about 0..1.
    ///
    /// As a picture without gaps ([`Self::paint_all`] knows others). `perception` goes from 0 (least distortion) to 1 (best perception);
    /// `progress` hears how many strips of how many are done. The same for any number of threads, bit for bit.
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
        let received = BandLatents {
            latents,
            deviation,
            has_gaps: false,
        };
        let mut painted = self.paint_all(&[received], perception, progress)?;
        Ok(painted.swap_remove(0))
    }

    /// The same of several pictures of one size, those with gaps through the inpainter if there is one: on a GPU at once.
    ///
    /// # Errors
    /// As [`Self::paint`]; [`NetworkError::Sizes`] for pictures of two sizes.
    pub fn paint_all(
        &self,
        received: &[BandLatents],
        perception: f32,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Planes>, NetworkError> {
        let Some(first) = received.first() else {
            return Ok(Vec::new());
        };
        let size = (first.latents.height(), first.latents.width());
        for one in received {
            one.check(first, perception)?;
        }
        let mut half = |done, strips| progress(done, 2 * strips);
        let mut found = self.coarse(received, size, perception, &mut half)?;
        let pictures = found.iter_mut().zip(received);
        let mut painted: Vec<Planes> = pictures
            .map(|(found, one)| self.linear_picture(one.latents, found))
            .collect();
        let mut half = |done, strips| progress(strips + done, 2 * strips);
        self.refine(&mut painted, &found, perception, &mut half)?;
        painted.iter_mut().for_each(colours::to_rgb);
        Ok(painted)
    }

    /// The first network: what is to be added to the bands, and features.
    fn coarse(
        &self,
        received: &[BandLatents],
        size: (usize, usize),
        perception: f32,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Planes>, NetworkError> {
        let row = |one: &BandLatents, y: usize, row: &mut [f32]| {
            self.row(one.latents, one.deviation, y, row);
        };
        let sources: Vec<_> = received
            .iter()
            .map(|one| move |y: usize, line: &mut [f32]| row(one, y, line))
            .collect();
        let scalars = [perception];
        let mut jobs = jobs(&scalars, &sources);
        for (job, one) in jobs.iter_mut().zip(received) {
            job.has_gaps = one.has_gaps;
        }
        self.net.evaluate_all(size, &jobs, progress)
    }

    /// The second network: corrects the pictures so far, told of the features in `found`.
    fn refine(
        &self,
        painted: &mut [Planes],
        found: &[Planes],
        perception: f32,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), NetworkError> {
        let size = (painted[0].height() / FINE, painted[0].width() / FINE);
        let pairs = painted.iter().zip(found);
        let sources: Vec<_> = pairs
            .map(|(planes, found)| {
                move |y: usize, row: &mut [f32]| self.fine_row(planes, found, y, row)
            })
            .collect();
        let scalars = [perception];
        let jobs = jobs(&scalars, &sources);
        let changes = self.fine_net.evaluate_all(size, &jobs, progress)?;
        for (planes, changes) in painted.iter_mut().zip(&changes) {
            self.fine_dct.add(planes, changes, &self.fine.std);
        }
        Ok(())
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
    let job = |source| Job {
        scalars,
        source,
        has_gaps: false,
    };
    sources.iter().map(|source| job(source)).collect()
}
