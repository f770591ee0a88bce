//! How much the blocks of a photo hold.

use rayon::prelude::*;

use super::colours;
use crate::nn::block_dct::BlockDct;
use crate::nn::{PHOTO_CHANNELS, Planes};

/// Side of the DCT blocks.
const DCT: usize = 8;

/// Bits of a block without detail.
const LEAST_BITS: f32 = 8.0;

/// Bits in each block of `side x side` pixels, row by row, of a photo in 0..1 whose sides are multiples of `side`.
///
/// Each coefficient of the 8x8 DCTs counts as if it went through a Gaussian channel of its own, at one `distortion` (squared
/// error, planes in 0..1) for all of them (Cover and Thomas, "Elements of Information Theory", section 10.3); DC, which every block has, is one
/// constant. The same for any number of threads, bit for bit.
pub(crate) fn bits_of_blocks(photo: &Planes, side: usize, distortion: f32) -> Vec<f32> {
    let [_, height, width] = photo.shape();
    let dct = BlockDct::<DCT>::new();
    let columns = width / side;
    let mut bits = vec![LEAST_BITS; height / side * columns];
    let rows = bits.par_chunks_exact_mut(columns).enumerate();
    rows.for_each(|(row, bits)| {
        for y in (row * side..(row + 1) * side).step_by(DCT) {
            let found = bits_of_row(&dct, photo, y, distortion);
            for (x, found) in found.into_iter().enumerate() {
                bits[x * DCT / side] += found;
            }
        }
    });
    bits
}

/// Bits in each DCT block whose first row of pixels is `y`.
fn bits_of_row(dct: &BlockDct<DCT>, photo: &Planes, y: usize, distortion: f32) -> Vec<f32> {
    let width = photo.width();
    let mut strip = Planes::zeros(PHOTO_CHANNELS, DCT, width);
    for (i, row) in strip.data_mut().chunks_exact_mut(width).enumerate() {
        row.copy_from_slice(photo.row(i / DCT, y + i % DCT));
    }
    colours::from_rgb(&mut strip);
    let bands = PHOTO_CHANNELS * BlockDct::<DCT>::BANDS;
    let mut found = vec![0.0; width / DCT * bands];
    dct.split_row(&strip, &[0.0; PHOTO_CHANNELS], 0, &mut found);
    let planes = |block: &[f32]| {
        let ac = block
            .chunks_exact(BlockDct::<DCT>::BANDS)
            .flat_map(|plane| &plane[1..]);
        ac.map(|c| (1.0 + c * c / distortion).log2() / 2.0).sum()
    };
    found.chunks_exact(bands).map(planes).collect()
}
