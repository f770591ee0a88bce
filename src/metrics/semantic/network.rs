//! EfficientNet-Lite0 whole: the backbone, the head, the classes.

use candle_core::Result;

use crate::nn::{Activation, Backbone, Pointwise, Weights, WeightsError};

/// Pixels of a side of what the network looks at.
pub const SIDE: usize = Backbone::SIDE;

const CLASSES: usize = 1000;
const FEATURES: usize = 1280;

/// The network with its weights.
#[derive(Debug)]
pub struct Network {
    backbone: Backbone,
    head: Pointwise,
    classes: Pointwise,
}

impl Network {
    pub fn load(weights: &Weights) -> std::result::Result<Self, WeightsError> {
        let head = [Backbone::CHANNELS, FEATURES];
        let classes = [FEATURES, CLASSES];
        Ok(Self {
            backbone: Backbone::load(weights)?,
            head: Pointwise::load(weights, "head", head, Activation::Relu6)?,
            classes: Pointwise::load(weights, "classes", classes, Activation::None)?,
        })
    }

    /// Features and scores of the classes of [`SIDE`] x [`SIDE`] RGB bytes.
    pub fn run(&self, rgb: &[u8]) -> Result<(Vec<f32>, Vec<f32>)> {
        let maps = self.head.apply(self.backbone.run(rgb)?)?;
        let positions = (maps.len() / FEATURES) as f32;
        let mut features = vec![0.0; FEATURES];
        for position in maps.chunks_exact(FEATURES) {
            for (sum, value) in features.iter_mut().zip(position) {
                *sum += value;
            }
        }
        features.iter_mut().for_each(|sum| *sum /= positions);
        let scores = self.classes.apply(features.clone())?;
        Ok((features, scores))
    }
}
