//! Learned perceptual distance: LPIPS v0.1, Zhang, Isola, Efros, Shechtman and Wang, "The unreasonable effectiveness of deep
//! features as a perceptual metric", CVPR 2018; on AlexNet, whose weights are part of the program, and on VGG16 from a file.
//!
//! Both pictures pass the convolutions. At every position of each of five feature maps the two vectors of channels are scaled
//! to unit length, and the squares of their differences weighted and added up; the means over the positions of the maps add
//! up to the distance. Weights, origin and licence: `weights/lpips_alex.md`.
//!
//! Large pictures are evaluated in [tiles] that overlap by what the network sees, so memory stays bounded and the distance is
//! that of the whole picture. The same pair gives the same bits whatever the number of threads.

mod alex;
mod reference;
mod tiles;
mod vgg;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::LazyLock;

use self::alex::AlexNet;
pub use self::alex::LPIPS_ALEX_WEIGHTS;
pub use self::reference::LpipsReference;
use self::reference::Reference;
use self::tiles::{LAYERS, Tiling};
pub use self::vgg::{LPIPS_VGG_MIN_SIDE, LpipsVgg};
use super::{MetricError, equal_sizes};
use crate::photo::{Photo, PhotoSize};

/// Shortest side of a picture that the AlexNet sees anything of, in pixels.
pub const LPIPS_MIN_SIDE: u32 = 31;

/// Longest side of what a tile counts, in pixels: a tile and all that is computed of it take some 300 MB.
const TILE_SIDE: usize = 1024;

const MEAN: [f32; 3] = [-0.030, -0.088, -0.188];
const DEVIATION: [f32; 3] = [0.458, 0.448, 0.450];

/// Keeps the division by a length of zero away.
const EPSILON: f32 = 1e-10;

static ALEX_NET: LazyLock<AlexNet> =
    LazyLock::new(|| AlexNet::embedded().expect("the weights are part of the program"));

/// LPIPS (v0.1, AlexNet) of two pictures: 0 for equal ones, about 0.1 where a difference is hard to see, above 0.5 where
/// little is alike; no upper bound, hardly ever above 1.5. [`LpipsReference`] compares many pictures with one.
///
/// # Errors
/// [`MetricError::SizesDiffer`]; [`MetricError::TooSmall`] for a side below [`LPIPS_MIN_SIDE`].
pub fn lpips_alex(reference: &Photo, distorted: &Photo) -> Result<f64, MetricError> {
    equal_sizes(reference, distorted)?;
    LpipsReference::new(reference)?.distance(distorted)
}

fn check_sides(metric: &'static str, size: PhotoSize, allowed: u32) -> Result<(), MetricError> {
    if size.width().min(size.height()) < allowed {
        return Err(MetricError::TooSmall {
            metric,
            size,
            allowed,
        });
    }
    Ok(())
}

/// A network whose maps are compared.
trait Network {
    const TILING: Tiling;

    /// Length of each map's side for a picture's side of `length` pixels.
    fn map_sides(length: usize) -> [usize; LAYERS];

    /// What the network makes of a tile of RGB bytes.
    type Maps;

    fn maps(&self, rgb: &[u8], sides: (usize, usize)) -> Self::Maps;

    /// Distances of two tiles of these sides.
    fn distance_maps(&self, pair: [&Self::Maps; 2], sides: (usize, usize))
    -> [DistanceMap; LAYERS];
}

/// Distance at every position of a feature map, rows from the top.
struct DistanceMap {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl DistanceMap {
    /// Sum over a part of the map.
    fn sum(&self, rows: Range<usize>, columns: Range<usize>) -> f64 {
        let lines = rows.map(|y| &self.values[y * self.width..][columns.clone()]);
        lines.flatten().map(|&value| f64::from(value)).sum()
    }
}

/// A byte of a colour as the networks were trained.
fn normalized(byte: u8, colour: usize) -> f32 {
    (f32::from(byte) / 127.5 - 1.0 - MEAN[colour]) / DEVIATION[colour]
}
