//! Orthonormal 4x4 DCT of the blocks of a picture: what the restoring network sees and writes.

use std::f32::consts::PI;
use std::sync::LazyLock;

use super::Planes;

/// Pixels of a block's side.
pub(super) const SIDE: usize = 4;

/// Coefficients of a block of one plane.
pub(super) const BANDS: usize = SIDE * SIDE;

/// Row i is the basis function of frequency i.
static BASIS: LazyLock<[[f32; SIDE]; SIDE]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let scale = (if i == 0 { 1.0f32 } else { 2.0 } / SIDE as f32).sqrt();
        std::array::from_fn(|k| scale * (PI * i as f32 * (k as f32 + 0.5) / SIDE as f32).cos())
    })
});

type Block = [[f32; SIDE]; SIDE];

/// The block whose first pixel is at `(y, x)`; the last row and column are repeated beyond the picture.
fn block_at(planes: &Planes, channel: usize, (y, x): (usize, usize)) -> Block {
    let last = planes.width() - 1;
    std::array::from_fn(|dy| {
        let row = planes.row(channel, (y + dy).min(planes.height() - 1));
        std::array::from_fn(|dx| row[(x + dx).min(last)])
    })
}

/// `A block A^T`, for the basis (analysis) or its transpose (synthesis).
fn on_both_sides(block: &Block, a: impl Fn(usize, usize) -> f32) -> Block {
    let product = |f: &dyn Fn(usize) -> f32| -> f32 { (0..SIDE).map(f).sum() };
    let half: Block =
        std::array::from_fn(|i| std::array::from_fn(|x| product(&|y| a(i, y) * block[y][x])));
    std::array::from_fn(|i| std::array::from_fn(|j| product(&|x| half[i][x] * a(j, x))))
}

/// Coefficients of a row of blocks: `3 * 16` values a block, plane by plane, vertical frequency slower than horizontal.
pub(super) fn split_row(planes: &Planes, means: &[f32], row: usize, out: &mut [f32]) {
    for (column, place) in out.chunks_exact_mut(planes.channels() * BANDS).enumerate() {
        for (channel, bands) in place.chunks_exact_mut(BANDS).enumerate() {
            let mut block = block_at(planes, channel, (row * SIDE, column * SIDE));
            let pixels = block.as_flattened_mut().iter_mut();
            pixels.for_each(|pixel| *pixel -= means[channel]);
            let found = on_both_sides(&block, |i, y| BASIS[i][y]);
            bands.copy_from_slice(found.as_flattened());
        }
    }
}

/// Adds what a block's coefficients stand for to its pixels, as far as they lie in the picture.
pub(super) fn add_block(
    planes: &mut Planes,
    channel: usize,
    (y, x): (usize, usize),
    coefficients: &Block,
) {
    let [_, height, width] = planes.shape();
    let pixels = on_both_sides(coefficients, |y, i| BASIS[i][y]);
    let data = planes.data_mut();
    for (dy, line) in pixels.iter().enumerate().take(height.saturating_sub(y)) {
        let row = &mut data[(channel * height + y + dy) * width..][..width];
        let inside = row.iter_mut().skip(x).zip(line);
        inside.for_each(|(pixel, change)| *pixel += change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_from_their_coefficients_at_every_size() {
        for (height, width) in [(1, 1), (4, 8), (7, 5), (9, 2)] {
            let values = |i: usize| (i as f32 * 0.7).sin() * 90.0;
            let data = (0..3 * height * width).map(values).collect();
            let planes = Planes::new(3, height, width, data).unwrap();
            let mut back = Planes::zeros(3, height, width);
            let columns = width.div_ceil(SIDE);
            for row in 0..height.div_ceil(SIDE) {
                let mut out = vec![0.0; columns * 3 * BANDS];
                split_row(&planes, &[0.0; 3], row, &mut out);
                for (at, bands) in out.chunks_exact(BANDS).enumerate() {
                    let block =
                        std::array::from_fn(|i| std::array::from_fn(|j| bands[i * SIDE + j]));
                    add_block(&mut back, at % 3, (row * SIDE, at / 3 * SIDE), &block);
                }
            }
            for (a, b) in planes.data().iter().zip(back.data()) {
                assert!((a - b).abs() < 1e-3, "{height}x{width}: {a} {b}");
            }
        }
    }
}
