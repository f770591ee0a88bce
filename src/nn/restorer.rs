//! The restoring network: the picture of a linear decoder to the picture that was most likely sent.
//!
//! It works on the 4x4 block DCT of the picture at 1/4 resolution and is told the spectrum of the error. What it finds
//! it adds in units of each band's error, so it steps back by itself where the channel was good.

use candle_core::Device;

use super::block_dct::BlockDct;
use super::latent_net::{LatentNet, Shape};
use super::weights::{Weights, WeightsError, check_positive};
use super::{NetworkError, PHOTO_CHANNELS, Planes};

/// Pixels of a block's side.
const SIDE: usize = 4;

/// Coefficients of a block of all planes.
const CHANNELS: usize = PHOTO_CHANNELS * BlockDct::<SIDE>::BANDS;

const FINE_SIDE: usize = 8;

/// Fine bands of all planes.
const FINE: usize = PHOTO_CHANNELS * FINE_SIDE * FINE_SIDE;

/// Fine bands and their mean as logarithms, and the dial.
const SCALARS: usize = FINE + 2;

const SHAPE: Shape = Shape {
    inputs: 2 * CHANNELS,
    outputs: CHANNELS,
    scalars: SCALARS,
    width: 96,
    around: 3,
    depth: 10,
};

/// Logarithms are held within this many deviations of those of training.
const MOST_DEVIATIONS: f32 = 4.0;

/// The least unit of the linear view of the picture, as deviations of its logarithm below its mean in training:
/// beyond it the view, and with it what the network finds, would grow as the error shrinks.
const LEAST_UNIT: f32 = 2.5;

/// Standard deviation of a stationary error in every coefficient of a block DCT, in the units of the picture: plane by
/// plane, vertical frequency slower than horizontal.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorSpectrum {
    /// Of 4x4 blocks: 48 values, the units of what the network adds.
    pub coarse: Vec<f32>,
    /// Of 8x8 blocks: 192 values, what the network is told.
    pub fine: Vec<f32>,
}

impl ErrorSpectrum {
    /// Sides of the blocks of [`ErrorSpectrum::coarse`] and [`ErrorSpectrum::fine`].
    pub const SIDES: [usize; 2] = [SIDE, FINE_SIDE];

    fn check(&self) -> Result<(), NetworkError> {
        let found = [self.coarse.len(), self.fine.len()];
        let all = || self.coarse.iter().chain(&self.fine);
        if found != [CHANNELS, FINE] || !all().all(|d| d.is_finite() && *d > 0.0) {
            return Err(NetworkError::ErrorSpectrum { found });
        }
        Ok(())
    }
}

/// The network with the scales of its inputs.
#[derive(Debug, Clone)]
pub struct Restorer {
    net: LatentNet,
    dct: BlockDct<SIDE>,
    /// Deviation of each band of received pictures, in units of the error of all.
    band_scale: Vec<f32>,
    /// Mean and deviation of the logarithms it is told.
    log_mean: Vec<f32>,
    log_scale: Vec<f32>,
}

impl Restorer {
    /// Takes the tensors `net.*`, `band_scale`, `log_mean` and `log_scale`.
    ///
    /// # Errors
    /// [`WeightsError`] when one is missing, of another shape, or refused by the device.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let values =
            |name: &str, count| Ok::<_, WeightsError>(weights.values(name, &[count])?.to_vec());
        let band_scale = values("band_scale", CHANNELS)?;
        let log_scale = values("log_scale", FINE + 1)?;
        check_positive("band_scale", &band_scale)?;
        check_positive("log_scale", &log_scale)?;
        Ok(Self {
            net: LatentNet::load(weights, "net", SHAPE, device)?,
            dct: BlockDct::new(),
            band_scale,
            log_mean: values("log_mean", FINE + 1)?,
            log_scale,
        })
    }

    /// Restores three planes of any size in place.
    ///
    /// `perception` goes from 0 (least distortion) to 1 (best perception); `progress` hears how many strips of how many
    /// are done. The same for any number of threads, bit for bit.
    ///
    /// # Errors
    /// [`NetworkError::Received`] when there are not three planes of at least one pixel,
    /// [`NetworkError::ErrorSpectrum`] and [`NetworkError::Perception`] out of range, [`NetworkError::Device`] when a
    /// GPU fails.
    pub fn restore(
        &self,
        planes: &mut Planes,
        error: &ErrorSpectrum,
        perception: f32,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), NetworkError> {
        let found = planes.shape();
        if found[0] != PHOTO_CHANNELS || found.contains(&0) {
            return Err(NetworkError::Received { found });
        }
        if !(0.0..=1.0).contains(&perception) {
            return Err(NetworkError::Perception { found: perception });
        }
        error.check()?;
        let size = (found[1].div_ceil(SIDE), found[2].div_ceil(SIDE));
        let entrance = self.entrance(planes, error);
        let source = |y: usize, row: &mut [f32]| entrance.row(planes, y, row);
        let changes =
            self.net
                .evaluate(size, &self.scalars(error, perception), &source, progress)?;
        self.dct.add(planes, &changes, &error.coarse);
        Ok(())
    }

    fn entrance(&self, planes: &Planes, error: &ErrorSpectrum) -> Entrance<'_> {
        let pixels = planes.height() * planes.width();
        let mean = |plane: &[f32]| {
            (plane.iter().map(|x| f64::from(*x)).sum::<f64>() / plane.len() as f64) as f32
        };
        let least = (self.log_mean[FINE] - LEAST_UNIT * self.log_scale[FINE]).exp();
        let unit = root_mean_square(&error.coarse).max(least);
        let linear = |scale: &f32| 1.0 / (unit * scale);
        Entrance {
            dct: &self.dct,
            means: planes.data().chunks_exact(pixels).map(mean).collect(),
            linear: self.band_scale.iter().map(linear).collect(),
            certain: error.coarse.iter().map(|d| 1.0 / d).collect(),
        }
    }

    fn scalars(&self, error: &ErrorSpectrum, perception: f32) -> Vec<f32> {
        let total = root_mean_square(&error.fine);
        let logs = error.fine.iter().map(|d| (d / total).ln());
        let logs = logs.chain([total.ln()]);
        let normal = logs.zip(self.log_mean.iter().zip(&self.log_scale));
        let limited = |x: f32| x.clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS);
        let normal = normal.map(|(log, (mean, scale))| limited((log - mean) / scale));
        normal.chain([perception]).collect()
    }
}

/// Scales of the two views of each coefficient.
struct Entrance<'a> {
    dct: &'a BlockDct<SIDE>,
    means: Vec<f32>,
    /// By the error of all bands and the band's own usual size.
    linear: Vec<f32>,
    /// By the error of the band.
    certain: Vec<f32>,
}

impl Entrance<'_> {
    /// A row of blocks: coefficients in units of the whole error, then asinh of them in units of their own.
    fn row(&self, planes: &Planes, y: usize, row: &mut [f32]) {
        let mut bands = vec![0.0; row.len() / 2];
        self.dct.split_row(planes, &self.means, y, &mut bands);
        for (place, bands) in row
            .chunks_exact_mut(2 * CHANNELS)
            .zip(bands.chunks_exact(CHANNELS))
        {
            for (k, band) in bands.iter().enumerate() {
                place[k] = band * self.linear[k];
                place[CHANNELS + k] = (band * self.certain[k]).asinh();
            }
        }
    }
}

fn root_mean_square(values: &[f32]) -> f32 {
    (values.iter().map(|x| x * x).sum::<f32>() / values.len() as f32).sqrt()
}

#[cfg(test)]
mod tests;
