//! Segment Anything: Kirillov and others, "Segment anything", ICCV 2023. A vision transformer looks at the photo once; a
//! decoder then finds what a box or points mean.

mod config;
mod finder;
mod masks;
mod names;
mod prompts;
#[cfg(test)]
mod tests;

use std::path::Path;

use candle_core::{Device, IndexOp, Module, Result, Tensor};
use candle_transformers::models::segment_anything::image_encoder::ImageEncoderViT;
use heliograph::photo::{Photo, PhotoSize};
use heliograph::regions::Region;
use image::RgbImage;
use image::imageops::{self, FilterType};

use self::config::Config;
pub use self::finder::SamFinder;
use self::masks::MaskDecoder;
use self::prompts::{Meaning, Place, PromptEncoder, has_box};
use crate::folder::{Kind, ModelFolder};
use crate::{ModelError, tensors};

/// Mean and standard deviation of the colours it was trained on, in 0..255.
const MEAN: [f32; 3] = [123.675, 116.28, 103.53];
const DEVIATION: [f32; 3] = [58.395, 57.12, 57.375];

/// A point of a prompt, in pixels of the photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f32,
    pub y: f32,
    /// On what is meant; `false`: not there.
    pub is_key: bool,
}

/// What is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Prompt {
    /// What lies in a rectangle, and what points say of it: none are needed.
    Box { region: Region, points: Vec<Point> },
    /// What points lie on; at least one that is on what is meant.
    Points(Vec<Point>),
}

/// A Segment Anything model.
pub struct Sam {
    vision: ImageEncoderViT,
    prompts: PromptEncoder,
    masks: MaskDecoder,
    /// Pixels of a side of what the network sees.
    side: usize,
    device: Device,
}

/// What the network saw in a photo: several prompts may be asked of it.
pub struct Seen {
    embedding: Tensor,
    photo: PhotoSize,
    /// Pixels that the photo takes of what the network sees.
    width: usize,
    height: usize,
}

impl Sam {
    /// Reads `config.json` and the weights of a folder, with the names of `transformers` or of the original program.
    ///
    /// # Errors
    /// [`ModelError`] naming file and field, what was found and what is allowed.
    pub fn open(path: &Path, device: &Device) -> std::result::Result<Self, ModelError> {
        let folder = ModelFolder::of_kind(path, Kind::Sam)?;
        let config: Config = folder.parsed()?;
        config.check(&folder.config())?;
        let mut weights = tensors::builder(&folder, device, |_| None)?;
        if weights.contains_tensor(names::ONLY_IN_TRANSFORMERS) {
            weights = weights.rename_f(names::in_transformers);
        }
        Self::load(&config, &weights, device).map_err(ModelError::weights(folder.weights()))
    }

    fn load(config: &Config, weights: &candle_nn::VarBuilder, device: &Device) -> Result<Self> {
        let (vision, masks) = (&config.vision_config, &config.mask_decoder_config);
        let channels = config.channels();
        Ok(Self {
            vision: ImageEncoderViT::new(
                vision.image_size,
                vision.patch_size,
                3,
                vision.hidden_size,
                vision.num_hidden_layers,
                vision.num_attention_heads,
                channels,
                true,
                true,
                true,
                vision.window_size,
                &vision.global_attn_indexes,
                weights.pp("image_encoder"),
            )?,
            prompts: PromptEncoder::load(
                channels,
                vision.image_size,
                config.places(),
                &weights.pp("prompt_encoder"),
            )?,
            masks: MaskDecoder::load(
                channels,
                masks.num_multimask_outputs,
                masks.iou_head_hidden_dim,
                &weights.pp("mask_decoder"),
            )?,
            side: vision.image_size,
            device: device.clone(),
        })
    }

    /// Looks at a photo.
    ///
    /// # Errors
    /// [`ModelError::Network`] where the device fails.
    pub fn look(&self, photo: &Photo) -> std::result::Result<Seen, ModelError> {
        let (pixels, width, height) = scaled(photo, self.side);
        let embedding = Tensor::from_vec(pixels, (1, 3, self.side, self.side), &self.device)
            .and_then(|pixels| self.vision.forward(&pixels))
            .map_err(ModelError::network("SAM"))?;
        Ok(Seen {
            embedding,
            photo: photo.size(),
            width,
            height,
        })
    }

    /// What the prompt means: white on black, a quarter of the sides that the network sees of the photo.
    ///
    /// A box has one answer. Of the three that points may have, a part, the whole, or more, it is the one that the network
    /// takes for the best.
    ///
    /// # Errors
    /// [`ModelError::Network`] for no box and no point on what is meant, and where the device fails.
    pub fn mask(&self, seen: &Seen, prompt: &Prompt) -> std::result::Result<Photo, ModelError> {
        let places = places(prompt, seen);
        let found = self
            .answers(&seen.embedding, &places)
            .and_then(|(masks, scores)| {
                let best = scores.argmax(0)?.to_scalar::<u32>()? as usize;
                masks.i(best)?.to_vec2::<f32>()
            });
        let rows = found.map_err(ModelError::network("SAM"))?;
        let pixels = rows.len();
        let part = |length: usize| (length * pixels).div_ceil(self.side).max(1);
        let (width, height) = (part(seen.width), part(seen.height));
        let rows = rows.iter().take(height).flat_map(|row| &row[..width]);
        let rgb = rows.flat_map(|logit| [if *logit > 0.0 { 255 } else { 0 }; 3]);
        let size = PhotoSize::new(width as u32, height as u32).expect("sides of at least 1");
        Ok(Photo::new(size, rgb.collect()).expect("three bytes a pixel"))
    }

    /// Logits of the answers, `[answers, rows, columns]`, and how good the network takes each of them to be.
    fn answers(&self, embedding: &Tensor, prompt: &[Place]) -> Result<(Tensor, Tensor)> {
        if prompt.iter().all(|place| place.meaning == Meaning::Other) {
            candle_core::bail!("found no box and no point on what is meant, allowed at least one");
        }
        let seen = embedding.broadcast_add(&self.prompts.nothing_known()?)?;
        let tokens = self.prompts.tokens(prompt)?;
        let (masks, scores) = self.masks.masks(&seen, &self.prompts.picture()?, &tokens)?;
        if has_box(prompt) {
            return Ok((masks.narrow(0, 0, 1)?, scores.narrow(0, 0, 1)?));
        }
        let several = scores.dim(0)? - 1;
        Ok((masks.narrow(0, 1, several)?, scores.narrow(0, 1, several)?))
    }
}

/// The photo's longer side as long as what the network sees, zeros right of it and below, colours apart; and its sides.
fn scaled(photo: &Photo, side: usize) -> (Vec<f32>, usize, usize) {
    let size = photo.size();
    let longest = size.width().max(size.height());
    let part = |length: u32| {
        let length = f64::from(length) * side as f64 / f64::from(longest);
        ((length + 0.5) as usize).clamp(1, side)
    };
    let (width, height) = (part(size.width()), part(size.height()));
    let picture = RgbImage::from_raw(size.width(), size.height(), photo.rgb().to_vec());
    let picture = picture.expect("three bytes a pixel");
    let picture = imageops::resize(&picture, width as u32, height as u32, FilterType::Triangle);
    let mut pixels = vec![0.0; 3 * side * side];
    for (c, plane) in pixels.chunks_exact_mut(side * side).enumerate() {
        for (row, line) in picture.rows().zip(plane.chunks_exact_mut(side)) {
            for (pixel, value) in row.zip(line) {
                *value = (f32::from(pixel[c]) - MEAN[c]) / DEVIATION[c];
            }
        }
    }
    (pixels, width, height)
}

/// The prompt in pixels of what the network sees.
fn places(prompt: &Prompt, seen: &Seen) -> Vec<Place> {
    let across = seen.width as f32 / seen.photo.width() as f32;
    let down = seen.height as f32 / seen.photo.height() as f32;
    let place = |x: f32, y: f32, meaning| Place {
        x: x * across,
        y: y * down,
        meaning,
    };
    let point = |point: &Point| {
        let meaning = match point.is_key {
            true => Meaning::Key,
            false => Meaning::Other,
        };
        place(point.x, point.y, meaning)
    };
    match prompt {
        // Points stand before corners, as in the original program.
        Prompt::Box { region, points } => {
            let (x, y) = (region.x as f32, region.y as f32);
            let (width, height) = (region.width as f32, region.height as f32);
            let corners = [
                place(x, y, Meaning::TopLeft),
                place(x + width, y + height, Meaning::BottomRight),
            ];
            points.iter().map(point).chain(corners).collect()
        }
        Prompt::Points(points) => points.iter().map(point).collect(),
    }
}

/// Bytes of the largest tensors that are there at once.
pub(crate) fn work(folder: &ModelFolder) -> std::result::Result<u64, ModelError> {
    let config: Config = folder.parsed()?;
    config.check(&folder.config())?;
    Ok(config.work())
}
