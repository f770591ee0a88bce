//! Orthonormal DCT of the blocks of a picture: what networks on its bands see and write.

use std::f32::consts::PI;

use rayon::prelude::*;

use super::Planes;

/// The transform of blocks of `SIDE x SIDE` pixels.
///
/// Bands lie plane by plane, the vertical frequency slower than the horizontal one.
#[derive(Debug, Clone)]
pub(super) struct BlockDct<const SIDE: usize> {
    /// Row i is the basis function of frequency i.
    basis: Block<SIDE>,
}

type Block<const SIDE: usize> = [[f32; SIDE]; SIDE];

impl<const SIDE: usize> BlockDct<SIDE> {
    /// Coefficients of a block of one plane.
    pub(super) const BANDS: usize = SIDE * SIDE;

    pub(super) fn new() -> Self {
        let basis = std::array::from_fn(|i| {
            let scale = (if i == 0 { 1.0f32 } else { 2.0 } / SIDE as f32).sqrt();
            std::array::from_fn(|k| scale * (PI * i as f32 * (k as f32 + 0.5) / SIDE as f32).cos())
        });
        Self { basis }
    }

    /// Coefficients of a row of blocks, all bands of a block side by side; `means` of the planes are taken off first.
    ///
    /// The last row and column are repeated beyond the picture.
    pub(super) fn split_row(&self, planes: &Planes, means: &[f32], row: usize, out: &mut [f32]) {
        let bands = planes.channels() * Self::BANDS;
        for (column, place) in out.chunks_exact_mut(bands).enumerate() {
            for (channel, bands) in place.chunks_exact_mut(Self::BANDS).enumerate() {
                let mut block: Block<SIDE> = block_at(planes, channel, (row * SIDE, column * SIDE));
                let pixels = block.as_flattened_mut().iter_mut();
                pixels.for_each(|pixel| *pixel -= means[channel]);
                let found = on_both_sides(&block, |i, y| self.basis[i][y]);
                bands.copy_from_slice(found.as_flattened());
            }
        }
    }

    /// Adds what bands stand for, each in units of its own scale, to the pixels, as far as they lie in the picture.
    ///
    /// `bands` has a place for every block, and at least `BANDS` planes for every plane of the picture.
    pub(super) fn add(&self, planes: &mut Planes, bands: &Planes, scales: &[f32]) {
        let [_, height, width] = planes.shape();
        let each_plane = planes.data_mut().par_chunks_exact_mut(height * width);
        each_plane.enumerate().for_each(|(channel, plane)| {
            let first = channel * Self::BANDS;
            let rows_of_blocks = plane.par_chunks_mut(SIDE * width).enumerate();
            rows_of_blocks.for_each(|(row, pixels)| {
                let changes = |band: usize| bands.row(first + band, row);
                let changes: Vec<&[f32]> = (0..Self::BANDS).map(changes).collect();
                for x in (0..width).step_by(SIDE) {
                    let coefficient = |band: usize| changes[band][x / SIDE] * scales[first + band];
                    let block =
                        std::array::from_fn(|i| std::array::from_fn(|j| coefficient(i * SIDE + j)));
                    self.add_block(pixels, width, x, &block);
                }
            });
        });
    }

    /// Adds what a block's coefficients stand for to the rows it lies in, from column `x` on.
    fn add_block(&self, rows: &mut [f32], width: usize, x: usize, coefficients: &Block<SIDE>) {
        let pixels = on_both_sides(coefficients, |y, i| self.basis[i][y]);
        for (row, line) in rows.chunks_exact_mut(width).zip(&pixels) {
            let inside = row.iter_mut().skip(x).zip(line);
            inside.for_each(|(pixel, change)| *pixel += change);
        }
    }
}

/// The block whose first pixel is at `(y, x)`; the last row and column are repeated beyond the picture.
fn block_at<const SIDE: usize>(
    planes: &Planes,
    channel: usize,
    (y, x): (usize, usize),
) -> Block<SIDE> {
    let last = planes.width() - 1;
    std::array::from_fn(|dy| {
        let row = planes.row(channel, (y + dy).min(planes.height() - 1));
        std::array::from_fn(|dx| row[(x + dx).min(last)])
    })
}

/// `A block A^T`, for the basis (analysis) or its transpose (synthesis).
fn on_both_sides<const SIDE: usize>(
    block: &Block<SIDE>,
    a: impl Fn(usize, usize) -> f32,
) -> Block<SIDE> {
    let product = |f: &dyn Fn(usize) -> f32| -> f32 { (0..SIDE).map(f).sum() };
    let half: Block<SIDE> =
        std::array::from_fn(|i| std::array::from_fn(|x| product(&|y| a(i, y) * block[y][x])));
    std::array::from_fn(|i| std::array::from_fn(|j| product(&|x| half[i][x] * a(j, x))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn come_back<const SIDE: usize>(height: usize, width: usize) {
        let dct = BlockDct::<SIDE>::new();
        let values = |i: usize| (i as f32 * 0.7).sin() * 90.0;
        let data = (0..3 * height * width).map(values).collect();
        let planes = Planes::new(3, height, width, data).unwrap();
        let [rows, columns] = [height, width].map(|n| n.div_ceil(SIDE));
        let channels = 3 * BlockDct::<SIDE>::BANDS;
        let mut bands = Planes::zeros(channels, rows, columns);
        for row in 0..rows {
            let mut out = vec![0.0; columns * channels];
            dct.split_row(&planes, &[0.0; 3], row, &mut out);
            out.iter_mut().for_each(|x| *x /= 2.0);
            bands.set_row(row, &out, channels);
        }
        let mut back = Planes::zeros(3, height, width);
        dct.add(&mut back, &bands, &vec![2.0; channels]);
        for (a, b) in planes.data().iter().zip(back.data()) {
            assert!((a - b).abs() < 1e-3, "{SIDE}: {height}x{width}: {a} {b}");
        }
    }

    #[test]
    fn blocks_come_back_from_their_coefficients_at_every_size() {
        for (height, width) in [(1, 1), (4, 8), (7, 5), (9, 2), (16, 24)] {
            come_back::<4>(height, width);
            come_back::<8>(height, width);
        }
    }
}
