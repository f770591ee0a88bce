//! Semantic consistency: does a network that names things see the same thing in both pictures?
//!
//! The network is EfficientNet-Lite0, Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural
//! networks", ICML 2019, in its Lite form (no squeeze and excitation, ReLU6), trained on the 1,000 classes of ImageNet. Its
//! weights (18.5 MB, Apache-2.0) are not part of the program: `training/export_efficientnet.py` writes the file.
//!
//! A picture is cut to its centre, a square of 7/8 of its short side, and scaled to 224x224.

mod network;

#[cfg(test)]
mod tests;

use image::RgbImage;
use image::imageops::{self, FilterType};

use self::network::Network;
use super::{MetricError, equal_sizes};
use crate::nn::{Weights, WeightsError};
use crate::photo::Photo;

/// Shortest side of a picture in which anything is looked for, in pixels.
pub const SEMANTIC_MIN_SIDE: u32 = 32;

/// A network that names what a picture shows.
///
/// ```no_run
/// use heliograph::metrics::SemanticNetwork;
/// use heliograph::nn::Weights;
/// use heliograph::photo::Photo;
///
/// let weights = Weights::from_safetensors(&std::fs::read("efficientnet-lite0.safetensors")?)?;
/// let network = SemanticNetwork::load(&weights)?;
/// let [sent, received] = ["sent.png", "received.png"].map(Photo::open);
/// let found = network.view(&sent?)?.beside(&network.view(&received?)?);
/// println!("the same class: {}, cosine {:.3}", found.is_same_class, found.cosine);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SemanticNetwork(Network);

/// What the network sees in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct SemanticView {
    /// The class with the highest score, of 1,000 in ImageNet's order.
    pub class: usize,
    /// Means of the 1,280 last feature maps.
    features: Vec<f32>,
}

/// How much alike two views are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SemanticConsistency {
    /// Is the most likely class the same?
    pub is_same_class: bool,
    /// Cosine between the features, 0 to 1: they are not negative.
    pub cosine: f64,
}

impl SemanticNetwork {
    /// Takes the weights that `training/export_efficientnet.py` writes.
    ///
    /// # Errors
    /// [`WeightsError::Missing`] and [`WeightsError::Shape`].
    pub fn load(weights: &Weights) -> Result<Self, WeightsError> {
        Network::load(weights).map(Self)
    }

    /// What the network sees in `photo`: the same bits whatever the number of threads.
    ///
    /// # Errors
    /// [`MetricError::TooSmall`] for a side below [`SEMANTIC_MIN_SIDE`].
    pub fn view(&self, photo: &Photo) -> Result<SemanticView, MetricError> {
        let size = photo.size();
        if size.width().min(size.height()) < SEMANTIC_MIN_SIDE {
            return Err(MetricError::TooSmall {
                metric: "semantic consistency",
                size,
                allowed: SEMANTIC_MIN_SIDE,
            });
        }
        let (features, scores) = self
            .0
            .run(&centre(photo))
            .expect("shapes were checked when the weights were read");
        Ok(SemanticView {
            class: highest(&scores),
            features,
        })
    }

    /// Both pictures viewed and compared.
    ///
    /// # Errors
    /// [`MetricError::SizesDiffer`]; [`MetricError::TooSmall`].
    pub fn compare(
        &self,
        sent: &Photo,
        received: &Photo,
    ) -> Result<SemanticConsistency, MetricError> {
        equal_sizes(sent, received)?;
        Ok(self.view(sent)?.beside(&self.view(received)?))
    }
}

impl SemanticView {
    /// How much alike this view and `other` are.
    pub fn beside(&self, other: &Self) -> SemanticConsistency {
        let product = |a: &[f32], b: &[f32]| -> f64 {
            let pairs = a.iter().zip(b);
            pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let (a, b) = (&self.features, &other.features);
        let lengths = (product(a, a) * product(b, b)).sqrt();
        let cosine = if lengths > 0.0 {
            product(a, b) / lengths
        } else {
            f64::from(u8::from(a == b))
        };
        SemanticConsistency {
            is_same_class: self.class == other.class,
            cosine,
        }
    }
}

/// The first of the highest scores.
fn highest(scores: &[f32]) -> usize {
    let higher = |best: usize, i: usize| if scores[i] > scores[best] { i } else { best };
    (0..scores.len()).fold(0, higher)
}

/// The bytes that the network looks at.
fn centre(photo: &Photo) -> Vec<u8> {
    let (width, height) = (photo.size().width(), photo.size().height());
    let side = (width.min(height) * 7 + 4) / 8;
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    let (row, from) = (3 * width as usize, 3 * left as usize);
    let lines = (top..top + side).flat_map(|y| {
        let line = &photo.rgb()[y as usize * row..][..row];
        &line[from..from + 3 * side as usize]
    });
    let cut = RgbImage::from_raw(side, side, lines.copied().collect());
    let cut = cut.expect("a square of that many bytes");
    let target = network::SIDE as u32;
    if side == target {
        return cut.into_raw();
    }
    imageops::resize(&cut, target, target, FilterType::CatmullRom).into_raw()
}
