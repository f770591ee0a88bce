//! The steps of training, and figures on photos that it never sees.

use std::f64::consts::PI;
use std::path::PathBuf;

use candle_core::backprop::GradStore;
use candle_core::{Device, Tensor};
use candle_nn::optim::{AdamW, Optimizer, ParamsAdamW};
use heliograph::codec::{Cbr, Codec, DeepJsccCodec};
use heliograph::link::ReceivedPicture;
use heliograph::metrics::{self, LpipsReference};
use heliograph::nn::{Adapter, Weights};
use heliograph::photo::Photo;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::graph::{Decoder, Given};
use crate::heard::{Crop, Heard, NotUsed, Receptions};
use crate::lora::Changes;
use crate::losses::{Lpips, loss};
use crate::sample::Arrived;
use crate::{AdaptationError, Photos};

/// Photos of a step.
const BATCH: usize = 4;
/// Peak of the rate of learning.
const RATE: f64 = 2e-3;
/// Of the time: how long the rate rises.
const WARM_UP: f64 = 0.05;
/// Channel of training beside the conditions that are asked for: half of the photos.
const CBRS: (f64, f64) = (1.0 / 96.0, 1.0 / 16.0);
const SNRS_DB: (f32, f32) = (0.0, 16.0);
/// Longer gradients are shortened to this.
const LONGEST_GRADIENT: f64 = 1.0;

/// What is trained and for what.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder with other weights than those of the program.
    pub models: Option<PathBuf>,
    /// Of each change.
    pub rank: usize,
    /// The link that matters: half of training and all held-out figures are at this.
    pub cbr: Cbr,
    pub snr_db: f32,
    /// Where the receiver's dial stands in the held-out figures, 0 to 1.
    pub perception: f32,
    pub seed: u64,
}

/// Means over the photos held out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldOut {
    pub lpips: f64,
    pub psnr_db: f64,
}

/// Training of one adapter.
pub struct Trainer {
    settings: Settings,
    photos: Photos,
    /// With the networks as they are: symbols do not depend on the receiver's.
    codec: DeepJsccCodec,
    base: Weights,
    decoder: Decoder,
    lpips: Lpips,
    changes: Changes,
    optimizer: AdamW,
    /// The photos held out as they arrive: always the same.
    arrived: Vec<Arrived>,
    heard: Receptions,
    rng: Xoshiro256PlusPlus,
}

impl Trainer {
    /// Begins with no change.
    ///
    /// # Errors
    /// [`AdaptationError`] for weights that cannot be read and a rank that is none.
    pub fn new(photos: Photos, settings: Settings) -> Result<Self, AdaptationError> {
        let base = DeepJsccCodec::weights(settings.models.as_deref())?;
        let codec = DeepJsccCodec::with_weights(&base, None, &Device::Cpu)?;
        let decoder = Decoder::load(&base)?;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(settings.seed);
        let changes = Changes::new(&decoder.matrices(), settings.rank, &mut rng)?;
        let how = ParamsAdamW {
            lr: RATE,
            weight_decay: 0.0,
            ..ParamsAdamW::default()
        };
        let arrived = photos.held_out().iter().enumerate();
        let arrived = arrived.map(|(i, photo)| {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(i as u64);
            Arrived::new(&codec, photo, settings.cbr, settings.snr_db, &mut rng)
        });
        Ok(Self {
            optimizer: AdamW::new(changes.variables(), how)?,
            lpips: Lpips::new()?,
            arrived: arrived.collect::<Result<_, _>>()?,
            heard: Receptions::default(),
            codec: codec.with_perception(settings.perception)?,
            settings,
            photos,
            base,
            decoder,
            changes,
            rng,
        })
    }

    /// Goes on from an adapter of the same rank, with other crops and noise than those it was trained on.
    ///
    /// # Errors
    /// [`AdaptationError::Resumed`] for another; [`AdaptationError::Adapter`] for one of other weights.
    pub fn resume(&mut self, adapter: &Adapter) -> Result<(), AdaptationError> {
        adapter.apply(&mut DeepJsccCodec::weights(
            self.settings.models.as_deref(),
        )?)?;
        let seed = self.settings.seed ^ u64::from(adapter.hash32());
        self.rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        self.changes.resume(adapter)
    }

    /// Learns from what radios did to one of the photos: half of training is on such pictures then, and those of photos held
    /// out are measured beside the others.
    ///
    /// # Errors
    /// [`AdaptationError::Photo`] for a photo that cannot be read any more; inside, why the picture is of no use.
    pub fn hear(
        &mut self,
        picture: &ReceivedPicture,
    ) -> Result<Result<Heard, NotUsed>, AdaptationError> {
        let known = self.photos.known();
        self.heard.take(picture, &self.codec, known)
    }

    /// The photos.
    pub fn photos(&self) -> &Photos {
        &self.photos
    }

    /// One step when the share `progress` (0 to 1) of the time is over; gives the mean loss.
    ///
    /// # Errors
    /// What the codec refuses; the graph.
    pub fn step(&mut self, progress: f64) -> Result<f64, AdaptationError> {
        let (mut sum, mut gradients) = (0.0, None);
        for _ in 0..BATCH {
            let loss = self.loss_of_one()?;
            sum += f64::from(loss.to_scalar::<f32>()?);
            let found = loss.backward()?;
            gradients = Some(self.added(gradients, found)?);
        }
        if let Some(mut gradients) = gradients {
            self.shorten(&mut gradients)?;
            self.optimizer.set_learning_rate(RATE * schedule(progress));
            self.optimizer.step(&gradients)?;
        }
        Ok(sum / BATCH as f64)
    }

    /// A photo, what the link does to it, and what the networks make of that.
    fn loss_of_one(&mut self) -> Result<Tensor, AdaptationError> {
        let crop = self.crop()?;
        let perception = self.dial();
        let given = Given::new(&crop.latents, &crop.deviations)?;
        let painted = self.decoder.paint(&given, perception, &self.changes)?;
        let sent = pixels(&crop.photo)?;
        let mse = (&painted - &sent)?.sqr()?.mean_all()?;
        let lpips = match perception > 0.0 {
            true => {
                let size = crop.photo.size();
                let sides = (size.height() as usize, size.width() as usize);
                let [sent, painted] =
                    [&sent, &painted].map(|picture| self.lpips.features(picture, sides));
                Some(self.lpips.distance(&sent?, &painted?)?)
            }
            false => None,
        };
        Ok(loss(&mse, lpips.as_ref(), perception)?)
    }

    /// Half of the time one that was heard, if any was.
    fn crop(&mut self) -> Result<Crop, AdaptationError> {
        if !self.heard.is_empty()
            && self.rng.random()
            && let Some(crop) = self.heard.draw(&mut self.rng)
        {
            return Ok(crop);
        }
        let photo = self.photos.draw(&mut self.rng);
        let (cbr, snr_db) = self.condition()?;
        let arrived = Arrived::new(&self.codec, &photo, cbr, snr_db, &mut self.rng)?;
        let (latents, deviations) = self.codec.received_latents(
            arrived.received(),
            arrived.side_information(),
            photo.size(),
        )?;
        Ok(Crop {
            photo,
            latents,
            deviations,
        })
    }

    /// Half of the time the link that matters, else any.
    fn condition(&mut self) -> Result<(Cbr, f32), AdaptationError> {
        if self.rng.random() {
            return Ok((self.settings.cbr, self.settings.snr_db));
        }
        let log = self.rng.random_range(CBRS.0.ln()..CBRS.1.ln());
        let snr_db = self.rng.random_range(SNRS_DB.0..SNRS_DB.1);
        Ok((Cbr::from_value(log.exp())?, snr_db))
    }

    /// Half of the time where it matters, else anywhere.
    fn dial(&mut self) -> f32 {
        match self.rng.random() {
            true => self.settings.perception,
            false => self.rng.random_range(0.0..=1.0),
        }
    }

    fn added(
        &self,
        sums: Option<GradStore>,
        mut found: GradStore,
    ) -> Result<GradStore, AdaptationError> {
        let Some(mut sums) = sums else {
            return Ok(found);
        };
        for var in self.changes.variables() {
            let pair = (sums.remove(&var), found.remove(&var));
            let sum = match pair {
                (Some(a), Some(b)) => (a + b)?,
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => continue,
            };
            sums.insert(&var, sum);
        }
        Ok(sums)
    }

    fn shorten(&self, gradients: &mut GradStore) -> Result<(), AdaptationError> {
        let variables = self.changes.variables();
        let mut square = 0.0;
        for gradient in variables.iter().filter_map(|var| gradients.get(var)) {
            square += f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?);
        }
        // The mean of the batch.
        let length = square.sqrt() / BATCH as f64;
        let scale = (LONGEST_GRADIENT / length.max(LONGEST_GRADIENT)) / BATCH as f64;
        for var in &variables {
            if let Some(gradient) = gradients.remove(var) {
                gradients.insert(var, (gradient * scale)?);
            }
        }
        Ok(())
    }

    /// Whether figures are better where the dial stands: LPIPS, or at 0 decibels.
    pub fn is_better(&self, found: &HeldOut, than: &HeldOut) -> bool {
        match self.settings.perception > 0.0 {
            true => found.lpips < than.lpips,
            false => found.psnr_db > than.psnr_db,
        }
    }

    /// The bytes of the adapter as it is now.
    ///
    /// # Errors
    /// None that tests do not rule out.
    pub fn adapter(&self) -> Result<Vec<u8>, AdaptationError> {
        self.changes.to_bytes(&self.base)
    }

    /// Figures of an adapter, or of the networks without one, on the photos held out, as simulated and as heard; the noise is
    /// always the same.
    ///
    /// # Errors
    /// What the codec refuses.
    pub fn held_out(&self, adapter: Option<&Adapter>) -> Result<HeldOut, AdaptationError> {
        let mut weights = DeepJsccCodec::weights(self.settings.models.as_deref())?;
        if let Some(adapter) = adapter {
            adapter.apply(&mut weights)?;
        }
        let codec = DeepJsccCodec::with_weights(&weights, None, &Device::Cpu)?;
        let codec = codec.with_perception(self.settings.perception)?;
        let mut sums = [0.0; 2];
        let simulated = self.photos.held_out().iter().zip(&self.arrived);
        let heard = self.heard.held_out().iter();
        let all = simulated.chain(heard.map(|(photo, arrived)| (photo, arrived)));
        for (photo, arrived) in all {
            let side_information = arrived.side_information();
            let painted = codec.decode(arrived.received(), side_information, photo.size())?;
            sums[0] += LpipsReference::new(photo)?.distance(&painted)?;
            sums[1] += metrics::psnr_db(photo, &painted)?.min(100.0);
        }
        let count = self.arrived.len() + self.heard.held_out().len();
        let [lpips, psnr_db] = sums.map(|sum| sum / count as f64);
        Ok(HeldOut { lpips, psnr_db })
    }
}

/// `[pixels, 3]` in 0..1.
fn pixels(photo: &Photo) -> candle_core::Result<Tensor> {
    let values = photo.rgb().iter().map(|byte| f32::from(*byte) / 255.0);
    let shape = (photo.size().pixels(), 3);
    Tensor::from_vec(values.collect(), shape, &Device::Cpu)
}

/// Rises, then falls to zero as a cosine.
fn schedule(progress: f64) -> f64 {
    let falling = ((progress - WARM_UP) / (1.0 - WARM_UP)).clamp(0.0, 1.0);
    let rising = ((progress + WARM_UP / 10.0) / WARM_UP).min(1.0);
    rising * (1.0 + (PI * falling).cos()) / 2.0
}
