//! Learned perceptual distance: LPIPS v0.1 on AlexNet, Zhang, Isola, Efros, Shechtman and Wang, "The unreasonable
//! effectiveness of deep features as a perceptual metric", CVPR 2018.
//!
//! Both pictures pass the five convolutions of an AlexNet. At every position of each of the five feature maps the two
//! vectors of channels are scaled to unit length, and the squares of their differences weighted and added up; the means over
//! the positions of the maps add up to the distance. Weights, origin and licence: `weights/lpips_alex.md`.
//!
//! Large pictures are evaluated in [tiles] that overlap by what the network sees, so memory stays bounded and the distance is
//! that of the whole picture. The same pair gives the same bits whatever the number of threads.

mod network;
mod tiles;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use self::network::Network;
use self::tiles::{Span, spans};
use super::{MetricError, equal_sizes};
use crate::photo::Photo;

/// Shortest side of a picture that the network sees anything of, in pixels.
pub const LPIPS_MIN_SIDE: u32 = 31;

/// Longest side of what a tile counts, in pixels: a tile and all that is computed of it take some 300 MB.
const TILE_SIDE: usize = 1024;

static NETWORK: LazyLock<Network> =
    LazyLock::new(|| Network::embedded().expect("the weights are part of the program"));

/// LPIPS (v0.1, AlexNet) of two pictures: 0 for equal ones, about 0.1 where a difference is hard to see, above 0.5 where
/// little is alike; no upper bound, hardly ever above 1.5.
///
/// # Errors
/// [`MetricError::SizesDiffer`]; [`MetricError::TooSmall`] for a side below [`LPIPS_MIN_SIDE`].
pub fn lpips_alex(reference: &Photo, distorted: &Photo) -> Result<f64, MetricError> {
    let size = equal_sizes(reference, distorted)?;
    if size.width().min(size.height()) < LPIPS_MIN_SIDE {
        return Err(MetricError::TooSmall {
            metric: "LPIPS",
            size,
            allowed: LPIPS_MIN_SIDE,
        });
    }
    Ok(in_tiles(&NETWORK, [reference, distorted], TILE_SIDE))
}

fn in_tiles(network: &Network, pair: [&Photo; 2], side: usize) -> f64 {
    let size = pair[0].size();
    let (width, height) = (size.width() as usize, size.height() as usize);
    let columns = spans(width, side);
    let mut sums = [0.0; network::LAYERS];
    for rows in spans(height, side) {
        for columns in &columns {
            let tile = pair.map(|photo| cut(photo, &rows, columns));
            let maps = network
                .distance_maps(&tile, rows.read.len(), columns.read.len())
                .expect("a tile has the size the network needs");
            for (layer, (sum, map)) in sums.iter_mut().zip(&maps).enumerate() {
                *sum += map.sum(
                    rows.counted(layer, map.height),
                    columns.counted(layer, map.width),
                );
            }
        }
    }
    let position_counts = network::map_sides(width)
        .into_iter()
        .zip(network::map_sides(height));
    let means = sums.iter().zip(position_counts);
    means.map(|(sum, (w, h))| sum / (w * h) as f64).sum()
}

/// The bytes of a tile.
fn cut(photo: &Photo, rows: &Span, columns: &Span) -> Vec<u8> {
    let stride = 3 * photo.size().width() as usize;
    let (from, to) = (3 * columns.read.start, 3 * columns.read.end);
    let lines = rows
        .read
        .clone()
        .map(|y| &photo.rgb()[y * stride..][from..to]);
    lines.flatten().copied().collect()
}
