//! LPIPS on VGG16: a second opinion that no network here was trained on.
//!
//! Its weights (59 MB as f32) are not part of the program: `training/export_vgg.py` writes the file.

use rayon::prelude::*;

use super::tiles::{LAYERS, Tiling};
use super::{DistanceMap, EPSILON, Network, Reference, check_sides, normalized};
use crate::metrics::{MetricError, equal_sizes};
use crate::nn::{StageMap, VggNet, Weights, WeightsError};
use crate::photo::Photo;

/// Shortest side of a picture that has a position in every map, in pixels.
pub const LPIPS_VGG_MIN_SIDE: u32 = 16;

/// Longest side of what a tile counts, in pixels: a tile and all that is computed of it take some 700 MB.
const TILE_SIDE: usize = 512;

/// LPIPS v0.1 with the features of VGG16.
///
/// ```no_run
/// use heliograph::metrics::LpipsVgg;
/// use heliograph::nn::Weights;
/// use heliograph::photo::Photo;
///
/// let network = LpipsVgg::load(&Weights::from_safetensors(&std::fs::read("lpips-vgg.safetensors")?)?)?;
/// let [sent, received] = ["sent.png", "received.png"].map(Photo::open);
/// println!("{:.4}", network.distance(&sent?, &received?)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LpipsVgg {
    network: VggNet,
    /// Weights of the squared differences, one a channel.
    heads: Vec<Vec<f32>>,
}

impl LpipsVgg {
    /// Takes the weights that `training/export_vgg.py` writes.
    ///
    /// # Errors
    /// [`WeightsError::Missing`] and [`WeightsError::Shape`].
    pub fn load(weights: &Weights) -> Result<Self, WeightsError> {
        let head = |(stage, channels): (usize, usize)| {
            let name = format!("lin{stage}.weight");
            Ok(weights.values(&name, &[channels])?.to_vec())
        };
        let channels = VggNet::channels().into_iter().enumerate();
        Ok(Self {
            network: VggNet::load(weights)?,
            heads: channels.map(head).collect::<Result<_, WeightsError>>()?,
        })
    }

    /// The distance: 0 for equal pictures; the same bits whatever the number of threads.
    ///
    /// # Errors
    /// [`MetricError::SizesDiffer`]; [`MetricError::TooSmall`] for a side below [`LPIPS_VGG_MIN_SIDE`].
    pub fn distance(&self, reference: &Photo, distorted: &Photo) -> Result<f64, MetricError> {
        let size = equal_sizes(reference, distorted)?;
        check_sides("LPIPS (VGG)", size, LPIPS_VGG_MIN_SIDE)?;
        Ok(Reference::new(self, reference, TILE_SIDE).distance(distorted))
    }
}

impl Network for LpipsVgg {
    // The last map's positions see 196 pixels: 90 before their first own one, 90 behind their last.
    const TILING: Tiling = Tiling {
        positions: [16, 8, 4, 2, 1],
        spoiled_before: 6,
        spoiled_after: 6,
    };

    fn map_sides(length: usize) -> [usize; LAYERS] {
        [1, 2, 4, 8, 16].map(|scale| length / scale)
    }

    type Maps = Vec<StageMap>;

    fn maps(&self, rgb: &[u8], (height, width): (usize, usize)) -> Vec<StageMap> {
        let pixels = rgb.iter().enumerate();
        let pixels: Vec<f32> = pixels.map(|(i, byte)| normalized(*byte, i % 3)).collect();
        self.network.run(&pixels, height, width)
    }

    fn distance_maps(
        &self,
        [a, b]: [&Vec<StageMap>; 2],
        sides: (usize, usize),
    ) -> [DistanceMap; LAYERS] {
        let (heights, widths) = (Self::map_sides(sides.0), Self::map_sides(sides.1));
        std::array::from_fn(|layer| {
            let (height, width) = (heights[layer], widths[layer]);
            let mut values = vec![0.0; height * width];
            let rows = values.par_chunks_exact_mut(width).enumerate();
            rows.for_each(|(y, row)| {
                let pairs = a[layer].row(y).zip(b[layer].row(y));
                for (value, (a, b)) in row.iter_mut().zip(pairs) {
                    *value = distance(a, b, &self.heads[layer]);
                }
            });
            DistanceMap {
                width,
                height,
                values,
            }
        })
    }
}

/// Weighted squares of the differences of two unit vectors.
fn distance(a: &[f32], b: &[f32], head: &[f32]) -> f32 {
    let scale = |v: &[f32]| 1.0 / (v.iter().map(|x| x * x).sum::<f32>().sqrt() + EPSILON);
    let (scale_a, scale_b) = (scale(a), scale(b));
    let parts = a.iter().zip(b).zip(head);
    let squares = parts.map(|((a, b), weight)| weight * (a * scale_a - b * scale_b).powi(2));
    squares.sum()
}
