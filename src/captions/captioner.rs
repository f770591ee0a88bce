//! Who looks at a photo and says what it shows.

use image::RgbImage;
use image::imageops::{self, FilterType};

use crate::nn::{Backbone, Weights, WeightsError, WordNet};
use crate::photo::Photo;

/// Puts photos into words.
pub trait Captioner: Send + Sync {
    /// A sentence about the photo, at most [`MAX_CAPTION_BYTES`](crate::bits::digital::MAX_CAPTION_BYTES) long; empty when
    /// there is nothing to say.
    fn caption(&self, photo: &Photo) -> String;
}

/// EfficientNet-Lite0's features, and a small transformer that puts them into words.
///
/// The same photo gives the same words whatever the number of threads. Weights do not come with the program yet
/// (`weights/captioner.md`).
#[derive(Debug)]
pub struct NetworkCaptioner {
    backbone: Backbone,
    words: WordNet,
    vocabulary: Vec<String>,
}

impl NetworkCaptioner {
    /// Takes the weights that `training/export_captioner.py` writes, and their vocabulary, a word a line.
    ///
    /// # Errors
    /// [`WeightsError::Missing`] and [`WeightsError::Shape`], for a vocabulary of another length too.
    pub fn load(weights: &Weights, vocabulary: &str) -> Result<Self, WeightsError> {
        let vocabulary: Vec<String> = vocabulary.lines().map(str::to_owned).collect();
        Ok(Self {
            backbone: Backbone::load(weights)?,
            words: WordNet::load(weights, vocabulary.len())?,
            vocabulary,
        })
    }
}

impl Captioner for NetworkCaptioner {
    fn caption(&self, photo: &Photo) -> String {
        let shapes = "shapes were checked when the weights were read";
        let features = self.backbone.run(&scaled(photo)).expect(shapes);
        let words = self.words.caption(&features).expect(shapes);
        sentence(words.iter().map(|word| self.vocabulary[*word].as_str()))
    }
}
/// The whole photo in the network's size, its sides scaled apart.
fn scaled(photo: &Photo) -> Vec<u8> {
    let (width, height) = (photo.size().width(), photo.size().height());
    let picture = RgbImage::from_raw(width, height, photo.rgb().to_vec());
    let picture = picture.expect("three bytes a pixel");
    let side = Backbone::SIDE as u32;
    imageops::resize(&picture, side, side, FilterType::Triangle).into_raw()
}

/// Words as people write them: a capital at the start, a full stop at the end, no space before 's.
fn sentence<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() && !word.starts_with('\'') {
            text.push(' ');
        }
        text.push_str(word);
    }
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_a_sentence() {
        let of = |words: &str| sentence(words.split_whitespace());
        assert_eq!(of("a dog 's ball is red"), "A dog's ball is red.");
        assert_eq!(of(""), "");
    }
}
