//! What a viewer looks at first, found by U2Netp (`nn::salient`).

use std::sync::LazyLock;

use image::RgbImage;
use image::imageops::{self, FilterType};

use crate::nn::{SalientNet, Weights, stretched};
use crate::photo::{Photo, PhotoSize};

static WEIGHTS: &[u8] = include_bytes!("../../weights/u2netp.safetensors");

static NETWORK: LazyLock<SalientNet> = LazyLock::new(|| {
    let weights = Weights::from_safetensors(WEIGHTS).expect("the weights are part of the program");
    SalientNet::load(&weights).expect("the weights are this network's")
});

/// How much each place of a photo draws the eye, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Saliency {
    /// [`Saliency::SIDE`] squared values that cover the photo whole, rows from the top.
    values: Vec<f32>,
}

impl Saliency {
    /// Values of a side, whatever the shape of the photo.
    pub const SIDE: usize = SalientNet::SIDE;

    /// What the network finds: the same bits whatever the number of threads.
    pub fn of(photo: &Photo) -> Self {
        Self {
            values: NETWORK.run(&scaled(photo)),
        }
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// One value a pixel of a photo of `size`, row by row.
    pub fn of_pixels(&self, size: PhotoSize) -> Vec<f32> {
        let sides = (size.height() as usize, size.width() as usize);
        stretched(&self.values, (Self::SIDE, Self::SIDE), sides)
    }
}

/// The whole photo in the network's size, its sides scaled apart.
fn scaled(photo: &Photo) -> Vec<u8> {
    let (width, height) = (photo.size().width(), photo.size().height());
    let picture = RgbImage::from_raw(width, height, photo.rgb().to_vec());
    let picture = picture.expect("three bytes a pixel");
    let side = Saliency::SIDE as u32;
    imageops::resize(&picture, side, side, FilterType::Triangle).into_raw()
}
