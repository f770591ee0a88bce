//! Who looks at a photo and says what it shows.

use std::path::{Path, PathBuf};
use std::{fs, io};

use image::RgbImage;
use image::imageops::{self, FilterType};
use thiserror::Error;

use crate::codec::{CodecError, weights_files};
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
/// The same photo gives the same words whatever the number of threads. Weights, origin and licence: `weights/captioner.md`.
#[derive(Debug)]
pub struct NetworkCaptioner {
    backbone: Backbone,
    words: WordNet,
    vocabulary: Vec<String>,
}

/// Why there is no captioner.
#[derive(Debug, Error)]
pub enum CaptionerError {
    /// A file that is missing, too large or damaged.
    #[error(transparent)]
    File(#[from] CodecError),
    /// The list of words cannot be read.
    #[error("{path}: {reason}", path = path.display())]
    Words { path: PathBuf, reason: String },
    /// Weights of another network, or for another number of words.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A line of the list that is no word, or too few lines.
    #[error(
        "line {line} of the words: found {found} bytes, allowed is a word of 1 to {MAX_WORD_BYTES} on at least {LEAST_WORDS} lines"
    )]
    Word { line: usize, found: usize },
}

/// Longest word in bytes: the longest caption of such words can be sent.
const MAX_WORD_BYTES: usize = 32;
/// The marks of beginning, end and what is not known, and a word.
const LEAST_WORDS: usize = 4;
/// Longest list of words in bytes.
const MAX_VOCABULARY_BYTES: u64 = 1 << 20;

/// File of the weights in a folder of models; `.gguf` will do too.
const WEIGHTS_FILE: &str = "captioner.safetensors";
/// File of the words there, a word a line.
const WORDS_FILE: &str = "captioner.words";

/// Weights and words that come with the program.
const SHIPPED: (&[u8], &str) = (
    include_bytes!("../../weights/captioner.gguf"),
    include_str!("../../weights/captioner.words"),
);

impl NetworkCaptioner {
    /// The weights that came with the program.
    ///
    /// # Errors
    /// [`CaptionerError`] if they do not fit this program, which its tests rule out.
    pub fn shipped() -> Result<Self, CaptionerError> {
        Self::load(&Weights::from_bytes(SHIPPED.0)?, SHIPPED.1)
    }

    /// The weights and words in a folder of models, as `training/export_captioner.py` writes them.
    ///
    /// # Errors
    /// [`CaptionerError`] naming the file that is missing, damaged, or of another shape.
    pub fn open(models: &Path) -> Result<Self, CaptionerError> {
        let weights = weights_files::read(&weights_files::find(models, WEIGHTS_FILE)?)?;
        let path = models.join(WORDS_FILE);
        let words = vocabulary(&path).map_err(|error| CaptionerError::Words {
            reason: error.to_string(),
            path,
        })?;
        Self::load(&weights, &words)
    }

    /// Takes weights, and their vocabulary, a word a line.
    ///
    /// # Errors
    /// [`CaptionerError::Weights`], for a vocabulary of another length too; [`CaptionerError::Word`].
    pub fn load(weights: &Weights, vocabulary: &str) -> Result<Self, CaptionerError> {
        let vocabulary: Vec<String> = vocabulary.lines().map(str::to_owned).collect();
        let is_word = |word: &String| {
            (1..=MAX_WORD_BYTES).contains(&word.len()) && !word.contains(char::is_control)
        };
        let wrong = vocabulary.iter().position(|word| !is_word(word));
        let short = (vocabulary.len() < LEAST_WORDS).then_some(vocabulary.len());
        if let Some(at) = wrong.or(short) {
            return Err(CaptionerError::Word {
                line: at + 1,
                found: vocabulary.get(at).map_or(0, String::len),
            });
        }
        Ok(Self {
            backbone: Backbone::load(weights)?,
            words: WordNet::load(weights, vocabulary.len())?,
            vocabulary,
        })
    }
}

fn vocabulary(path: &Path) -> io::Result<String> {
    let kind = fs::metadata(path)?;
    if !kind.is_file() || kind.len() > MAX_VOCABULARY_BYTES {
        let reason = format!(
            "found {} bytes, a file of at most {MAX_VOCABULARY_BYTES} is read",
            kind.len()
        );
        return Err(io::Error::other(reason));
    }
    fs::read_to_string(path)
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
    use crate::nn::made_up::{self, efficientnet};
    use crate::nn::words::tests::tensors as tensors_of_words;
    use crate::photo::PhotoSize;

    #[test]
    fn words_that_are_none_are_refused_before_any_weights_are_looked_at() {
        let weights = Weights::from_safetensors(b"\x02\0\0\0\0\0\0\0{}").unwrap();
        let said = |words: &str| {
            NetworkCaptioner::load(&weights, words)
                .unwrap_err()
                .to_string()
        };
        assert!(said("").contains("line 1 of the words"), "{}", said(""));
        assert!(said("a\nb\n\nd").contains("line 3"));
        assert!(said(&format!("a\nb\nc\n{}", "d".repeat(33))).contains("found 33 bytes"));
        assert!(said("a\nb\nc\n\x1b[2J").contains("line 4"));
        assert!(said("a\nb\nc\nd").contains("missing"), "the weights");
    }

    #[test]
    fn a_photo_of_any_size_gets_a_sentence_and_always_the_same() {
        let mut tensors = efficientnet();
        tensors.extend(tensors_of_words(6));
        let weights = Weights::from_safetensors(&made_up::file(&tensors)).unwrap();
        let words = "<begin>\n<end>\n<unknown>\na\ndog\nruns";
        let captioner = NetworkCaptioner::load(&weights, words).unwrap();
        for (width, height) in [(1, 1), (3000, 2), (64, 48)] {
            let photo = Photo::filled(PhotoSize::new(width, height).unwrap(), [90, 140, 60]);
            let caption = captioner.caption(&photo);
            assert!(caption.len() <= 24 * 5, "{caption}");
            assert!(!caption.contains('<'), "{caption}");
            let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build();
            let again = pool.unwrap().install(|| captioner.caption(&photo));
            assert_eq!(caption, again);
        }
    }

    #[test]
    fn what_comes_with_the_program_speaks_of_photos() {
        let captioner = NetworkCaptioner::shipped().unwrap();
        let said = |photo: &Photo| captioner.caption(photo);
        let photo = Photo::open(Path::new("cli/assets/espresso.jpg")).unwrap();
        let grey = Photo::filled(PhotoSize::new(64, 48).unwrap(), [128; 3]);
        for caption in [said(&photo), said(&grey)] {
            let words = caption.trim_end_matches('.').split(' ');
            assert!((3..=24).contains(&words.count()), "{caption}");
            assert!(caption.starts_with(char::is_uppercase), "{caption}");
        }
        assert_ne!(said(&photo), said(&grey));
    }

    #[test]
    fn words_become_a_sentence() {
        let of = |words: &str| sentence(words.split_whitespace());
        assert_eq!(of("a dog 's ball is red"), "A dog's ball is red.");
        assert_eq!(of(""), "");
    }
}
