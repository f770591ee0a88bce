//! A photo in words: a small transformer that looks at the positions of [`Backbone`]'s features and says a word after the
//! other.
//!
//! Vaswani et al., "Attention is all you need", NeurIPS 2017, with the normalization before each part. `training/captioner.py`
//! trains it; tensor names are its.

mod beam;
mod parts;

#[cfg(test)]
pub(crate) mod tests;

use candle_core::Result;

use self::parts::{Attention, Mlp, Norm, Past, plus};
use super::{Activation, Backbone, Pointwise, Weights, WeightsError};

/// Values of a position or word.
const WIDTH: usize = 192;
const HIDDEN_SEEING: usize = 384;
const HIDDEN: usize = 512;
const LAYERS: usize = 3;

/// Longest caption.
pub(super) const MAX_WORDS: usize = 24;

/// First places of the vocabulary.
const BEGIN: usize = 0;
const END: usize = 1;
const UNKNOWN: usize = 2;

/// The network that puts features into words.
#[derive(Debug)]
pub(crate) struct WordNet {
    seeing: Seeing,
    /// Of shape vocabulary, [`WIDTH`]: a word going in, and what it is recognized by going out.
    words: Vec<f32>,
    bias: Vec<f32>,
    /// Of shape [`MAX_WORDS`] + 1, [`WIDTH`].
    places: Vec<f32>,
    layers: Vec<Layer>,
    norm_out: Norm,
}

/// What the words of each layer look at: keys and values of all positions.
pub(crate) struct Seen(Vec<Past>);

/// A caption begun: what each layer keeps of its words.
#[derive(Clone)]
struct Begun(Vec<Past>);

impl WordNet {
    /// Takes the weights that `training/export_captioner.py` writes, for a vocabulary of `count` words.
    ///
    /// # Errors
    /// [`WeightsError::Missing`] and [`WeightsError::Shape`].
    pub(crate) fn load(weights: &Weights, count: usize) -> std::result::Result<Self, WeightsError> {
        let layers = (0..LAYERS).map(|i| Layer::load(weights, &format!("layers.{i}")));
        Ok(Self {
            seeing: Seeing::load(weights)?,
            words: weights.values("word", &[count, WIDTH])?.to_vec(),
            bias: weights.values("bias", &[count])?.to_vec(),
            places: weights.values("place", &[MAX_WORDS + 1, WIDTH])?.to_vec(),
            layers: layers.collect::<std::result::Result<_, _>>()?,
            norm_out: Norm::load(weights, "norm_out", WIDTH)?,
        })
    }

    /// The most likely caption of what [`Backbone`] gives, as places in the vocabulary: the same whatever the number of
    /// threads.
    pub(crate) fn caption(&self, features: &[f32]) -> Result<Vec<usize>> {
        beam::search(self, &self.look(features)?)
    }

    fn look(&self, features: &[f32]) -> Result<Seen> {
        let memory = self.seeing.apply(features)?;
        let seen = self.layers.iter().map(|layer| layer.photo.past(&memory));
        seen.collect::<Result<_>>().map(Seen)
    }

    fn begin(&self) -> Begun {
        Begun(vec![Past::default(); self.layers.len()])
    }

    /// `word` goes on a caption; log-likelihoods of all words after it.
    fn next(&self, seen: &Seen, begun: &mut Begun, word: usize) -> Result<Vec<f32>> {
        let place = begun.0[0].length();
        let mut x = self.words[word * WIDTH..][..WIDTH].to_vec();
        plus(&mut x, &self.places[place * WIDTH..][..WIDTH]);
        let layers = self.layers.iter().zip(&seen.0).zip(&mut begun.0);
        for ((layer, seen), past) in layers {
            layer.apply(&mut x, seen, past)?;
        }
        let x = self.norm_out.apply(&x);
        let products = self.words.chunks_exact(WIDTH).map(|word| {
            let products = word.iter().zip(&x).map(|(a, b)| a * b);
            products.sum::<f32>()
        });
        let scores = products
            .zip(&self.bias)
            .map(|(product, bias)| product + bias);
        Ok(log_likelihoods(scores.collect()))
    }
}

/// Scores as logarithms of probabilities.
fn log_likelihoods(mut scores: Vec<f32>) -> Vec<f32> {
    let highest = scores.iter().copied().fold(f32::MIN, f32::max);
    let sum: f32 = scores.iter().map(|score| (score - highest).exp()).sum();
    let whole = highest + sum.ln();
    scores.iter_mut().for_each(|score| *score -= whole);
    scores
}

/// Features -> what words look at.
#[derive(Debug)]
struct Seeing {
    norm_in: Norm,
    into: Pointwise,
    /// Of shape positions, [`WIDTH`].
    places: Vec<f32>,
    norm_attention: Norm,
    attention: Attention,
    norm_mlp: Norm,
    mlp: Mlp,
    norm_out: Norm,
}

impl Seeing {
    fn load(weights: &Weights) -> std::result::Result<Self, WeightsError> {
        let name = |part: &str| format!("seeing.{part}");
        let norm = |part: &str| Norm::load(weights, &name(part), WIDTH);
        let sizes = [Backbone::CHANNELS, WIDTH];
        let positions = Backbone::GRID * Backbone::GRID;
        Ok(Self {
            norm_in: Norm::load(weights, &name("norm_in"), Backbone::CHANNELS)?,
            into: Pointwise::load(weights, &name("into"), sizes, Activation::None)?,
            places: weights
                .values(&name("place"), &[positions, WIDTH])?
                .to_vec(),
            norm_attention: norm("norm_attention")?,
            attention: Attention::load(weights, &name("attention"))?,
            norm_mlp: norm("norm_mlp")?,
            mlp: Mlp::load(weights, &name("mlp"), HIDDEN_SEEING)?,
            norm_out: norm("norm_out")?,
        })
    }

    fn apply(&self, features: &[f32]) -> Result<Vec<f32>> {
        let mut x = self.into.apply(self.norm_in.apply(features))?;
        plus(&mut x, &self.places);
        let y = self.norm_attention.apply(&x);
        plus(
            &mut x,
            &self.attention.apply(y.clone(), &self.attention.past(&y)?)?,
        );
        let y = self.mlp.apply(self.norm_mlp.apply(&x))?;
        plus(&mut x, &y);
        Ok(self.norm_out.apply(&x))
    }
}

/// A word looks at those before it, then at the photo.
#[derive(Debug)]
struct Layer {
    norm_words: Norm,
    words: Attention,
    norm_photo: Norm,
    photo: Attention,
    norm_mlp: Norm,
    mlp: Mlp,
}

impl Layer {
    fn load(weights: &Weights, name: &str) -> std::result::Result<Self, WeightsError> {
        let norm = |part: &str| Norm::load(weights, &format!("{name}.{part}"), WIDTH);
        let attention = |part: &str| Attention::load(weights, &format!("{name}.{part}"));
        Ok(Self {
            norm_words: norm("norm_words")?,
            words: attention("words")?,
            norm_photo: norm("norm_photo")?,
            photo: attention("photo")?,
            norm_mlp: norm("norm_mlp")?,
            mlp: Mlp::load(weights, &format!("{name}.mlp"), HIDDEN)?,
        })
    }

    /// One word `x`; `past` gains it.
    fn apply(&self, x: &mut [f32], seen: &Past, past: &mut Past) -> Result<()> {
        let y = self.norm_words.apply(x);
        past.extend(self.words.past(&y)?);
        plus(x, &self.words.apply(y, past)?);
        let y = self.photo.apply(self.norm_photo.apply(x), seen)?;
        plus(x, &y);
        let y = self.mlp.apply(self.norm_mlp.apply(x))?;
        plus(x, &y);
        Ok(())
    }
}
