//! BLIP: Li, Li, Xiong and Hoi, "BLIP: bootstrapping language-image pre-training for unified vision-language understanding
//! and generation", ICML 2022. A vision transformer looks, a text decoder says a word at a time, the likeliest each time.

mod config;
mod network;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use candle_core::{Device, Result, Tensor};
use heliograph::captions::Captioner;
use heliograph::photo::Photo;
use image::RgbImage;
use image::imageops::{self, FilterType};
use tokenizers::Tokenizer;

use self::config::Config;
use self::network::Network;
use crate::folder::{Kind, ModelFolder};
use crate::{ModelError, folder};

/// Longest caption in tokens, as `transformers` has it unless told.
const MOST_TOKENS: usize = 20;
/// Largest list of words that is read, in bytes.
const MAX_TOKENIZER_BYTES: u64 = 64 << 20;
const TOKENIZER: &str = "tokenizer.json";

/// Mean and standard deviation of the colours BLIP was trained on.
const MEAN: [f32; 3] = [0.481_454_66, 0.457_827_5, 0.408_210_73];
const DEVIATION: [f32; 3] = [0.268_629_54, 0.261_302_6, 0.275_777_1];

/// A BLIP model for captions, such as `Salesforce/blip-image-captioning-large`.
///
/// `Salesforce/blip-image-captioning-base` comes as `pytorch_model.bin` alone; `save_pretrained` of `transformers` makes
/// `model.safetensors` of it.
///
/// ```no_run
/// use std::path::Path;
/// use heliograph::captions::Captioner;
/// use heliograph::nn;
/// use heliograph::photo::Photo;
/// use heliograph_large_models::Blip;
///
/// let blip = Blip::open(Path::new("blip-image-captioning-large"), &nn::open_device("cpu")?)?;
/// println!("{}", blip.caption(&Photo::open("photo.jpg")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Blip {
    network: Network,
    words: Tokenizer,
    path: PathBuf,
    /// Pixels of a side of what the network sees.
    side: usize,
    begin: u32,
    end: u32,
    most_tokens: usize,
    device: Device,
}

impl Blip {
    /// Reads `config.json`, `tokenizer.json` and the weights of a folder.
    ///
    /// # Errors
    /// [`ModelError`] naming file and field, what was found and what is allowed.
    pub fn open(path: &Path, device: &Device) -> std::result::Result<Self, ModelError> {
        let folder = ModelFolder::of_kind(path, Kind::Blip)?;
        let config: Config = folder.parsed()?;
        config.check(&folder.config())?;
        Ok(Self {
            network: Network::load(&folder, &config.network(), device)?,
            words: tokenizer(path)?,
            path: path.to_owned(),
            side: config.vision_config.image_size,
            begin: config.text_config.bos_token_id,
            end: config.text_config.sep_token_id,
            most_tokens: MOST_TOKENS.min(config.text_config.max_position_embeddings),
            device: device.clone(),
        })
    }

    /// What the photo shows.
    ///
    /// # Errors
    /// [`ModelError::Network`] where the device fails.
    pub fn words_for(&self, photo: &Photo) -> std::result::Result<String, ModelError> {
        let tokens = self.pixels(photo).and_then(|pixels| self.tokens(&pixels));
        let tokens = tokens.map_err(ModelError::network("BLIP"))?;
        // The first is the mark of the beginning.
        let words = self.words.decode(&tokens[1..], true);
        words.map_err(|error| ModelError::file(&self.path.join(TOKENIZER), error))
    }

    /// The photo as the network sees it, its sides scaled apart.
    fn pixels(&self, photo: &Photo) -> Result<Tensor> {
        let (width, height) = (photo.size().width(), photo.size().height());
        let picture = RgbImage::from_raw(width, height, photo.rgb().to_vec());
        let picture = picture.expect("three bytes a pixel");
        let side = self.side as u32;
        let picture = imageops::resize(&picture, side, side, FilterType::CatmullRom);
        let value = |byte: u8, c: usize| (f32::from(byte) / 255.0 - MEAN[c]) / DEVIATION[c];
        let planes = (0..3).flat_map(|c| picture.pixels().map(move |pixel| value(pixel[c], c)));
        let shape = (1, 3, self.side, self.side);
        Tensor::from_vec(planes.collect(), shape, &self.device)
    }

    /// The likeliest word each time, until one ends the caption.
    fn tokens(&self, pixels: &Tensor) -> Result<Vec<u32>> {
        // A copy: what was read before belongs to one caption.
        let mut network = self.network.clone();
        let seen = network.look(pixels)?;
        let mut tokens = vec![self.begin];
        while tokens.len() < self.most_tokens {
            let last = &tokens[tokens.len() - 1..];
            let last = Tensor::new(last, &self.device)?.unsqueeze(0)?;
            let scores = network.read(&last, &seen)?.flatten_all()?;
            let next = scores.argmax(0)?.to_scalar::<u32>()?;
            if next == self.end {
                break;
            }
            tokens.push(next);
        }
        Ok(tokens)
    }
}

impl Captioner for Blip {
    /// Says nothing where the device fails; [`Blip::words_for`] gives the error.
    fn caption(&self, photo: &Photo) -> String {
        self.words_for(photo).unwrap_or_default()
    }
}

fn tokenizer(path: &Path) -> std::result::Result<Tokenizer, ModelError> {
    let path = path.join(TOKENIZER);
    let bytes = folder::read(&path, MAX_TOKENIZER_BYTES)?;
    Tokenizer::from_bytes(bytes).map_err(|error| ModelError::file(&path, error))
}

/// Bytes of the largest tensors that are there at once.
pub(crate) fn work(folder: &ModelFolder) -> std::result::Result<u64, ModelError> {
    let config: Config = folder.parsed()?;
    config.check(&folder.config())?;
    Ok(config.vision_config.work())
}
