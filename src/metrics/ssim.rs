//! Structural similarity: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from
//! error visibility to structural similarity", IEEE Trans. Image Processing 13(4), 2004.
//!
//! 11x11 Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03, peak 255, the mean over the three RGB
//! channels and over all positions where the window lies inside the picture. That is
//! scikit-image's `structural_similarity(gaussian_weights=True, sigma=1.5,
//! use_sample_covariance=False, channel_axis=2, data_range=255)`.
//! A picture with a side below 11 pixels, which that function refuses, is mirrored at its borders
//! and the mean taken over all of its pixels.

use super::{MetricError, equal_sizes};
use crate::photo::Photo;

const RADIUS: usize = 5;
const TAPS: usize = 2 * RADIUS + 1;
const SIGMA: f64 = 1.5;
const C_1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
const C_2: f64 = (0.03 * 255.0) * (0.03 * 255.0);

/// Window sums of one position: x, y, x^2, y^2, x y.
type Moments = [f64; 5];

/// Mean structural similarity of two pictures, 1 for equal ones.
///
/// # Errors
/// [`MetricError::SizesDiffer`].
pub fn ssim(reference: &Photo, distorted: &Photo) -> Result<f64, MetricError> {
    let size = equal_sizes(reference, distorted)?;
    let (width, height) = (size.width() as usize, size.height() as usize);
    let whole = width >= TAPS && height >= TAPS;
    let margin = if whole { RADIUS } else { 0 };
    let (columns, rows) = (margin..width - margin, margin..height - margin);
    let count = 3 * columns.len() * rows.len();

    let window = gaussian();
    // Filtered rows are kept in a ring of eleven, so memory grows with the width only.
    let mut ring: Vec<(usize, Vec<[Moments; 3]>)> = vec![(usize::MAX, Vec::new()); TAPS];
    let mut sum = 0.0;
    for y in rows {
        let needed: [usize; TAPS] = std::array::from_fn(|k| mirrored(y + k, height));
        for &row in &needed {
            let slot = &mut ring[row % TAPS];
            if slot.0 != row {
                let span = 3 * row * width..3 * (row + 1) * width;
                let pair = (&reference.rgb()[span.clone()], &distorted.rgb()[span]);
                *slot = (row, filtered_row(pair, columns.clone(), &window));
            }
        }
        let lines = needed.map(|row| &ring[row % TAPS].1);
        sum += (0..columns.len())
            .flat_map(|x| (0..3).map(move |c| (x, c)))
            .map(|(x, c)| similarity(&column_sums(&lines, x, c, &window)))
            .sum::<f64>();
    }
    Ok(sum / count as f64)
}

fn gaussian() -> [f64; TAPS] {
    let weight = |k: usize| (-0.5 * ((k as f64 - RADIUS as f64) / SIGMA).powi(2)).exp();
    let sum: f64 = (0..TAPS).map(weight).sum();
    std::array::from_fn(|k| weight(k) / sum)
}

/// Position `padded - RADIUS` folded into `0..length`, the edge pixel repeated (d c b a | a b c d).
fn mirrored(padded: usize, length: usize) -> usize {
    let period = 2 * length as i64;
    let at = (padded as i64 - RADIUS as i64).rem_euclid(period);
    at.min(period - 1 - at) as usize
}

fn filtered_row(
    (reference, distorted): (&[u8], &[u8]),
    columns: std::ops::Range<usize>,
    window: &[f64; TAPS],
) -> Vec<[Moments; 3]> {
    let width = reference.len() / 3;
    columns
        .map(|x| {
            let mut sums = [[0.0; 5]; 3];
            for (k, weight) in window.iter().enumerate() {
                let at = 3 * mirrored(x + k, width);
                for (c, sum) in sums.iter_mut().enumerate() {
                    let (a, b) = (f64::from(reference[at + c]), f64::from(distorted[at + c]));
                    for (s, value) in sum.iter_mut().zip([a, b, a * a, b * b, a * b]) {
                        *s += weight * value;
                    }
                }
            }
            sums
        })
        .collect()
}

fn column_sums(
    lines: &[&Vec<[Moments; 3]>; TAPS],
    x: usize,
    channel: usize,
    window: &[f64; TAPS],
) -> Moments {
    let mut sums = [0.0; 5];
    for (line, weight) in lines.iter().zip(window) {
        for (sum, value) in sums.iter_mut().zip(line[x][channel]) {
            *sum += weight * value;
        }
    }
    sums
}

fn similarity(&[x, y, xx, yy, xy]: &Moments) -> f64 {
    let (variance_x, variance_y, covariance) = (xx - x * x, yy - y * y, xy - x * y);
    let luminance = (2.0 * x * y + C_1) / (x * x + y * y + C_1);
    let structure = (2.0 * covariance + C_2) / (variance_x + variance_y + C_2);
    luminance * structure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::PhotoSize;

    fn noise_photo(width: u32, height: u32, seed: u32) -> Photo {
        let size = PhotoSize::new(width, height).unwrap();
        let mut state = seed;
        let rgb = (0..3 * size.pixels())
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        Photo::new(size, rgb).unwrap()
    }

    #[test]
    fn stored_pairs_agree_with_scikit_image() {
        // Printed by tests/data/ssim/make.py.
        for (name, expected) in [("blurred", 0.772_865_56), ("noisy", 0.636_320_60)] {
            let open = |part: &str| {
                let root = env!("CARGO_MANIFEST_DIR");
                Photo::open(format!("{root}/tests/data/ssim/{name}-{part}.png")).unwrap()
            };
            let found = ssim(&open("reference"), &open("distorted")).unwrap();
            assert!((found - expected).abs() < 1e-6, "{name}: {found}");
        }
    }

    #[test]
    fn equal_pictures_of_any_size_have_similarity_one() {
        for (width, height) in [(1, 1), (3, 17), (10, 10), (11, 11), (40, 23)] {
            let photo = noise_photo(width, height, 7);
            let value = ssim(&photo, &photo).unwrap();
            assert!((value - 1.0).abs() < 1e-9, "{width}x{height}: {value}");
        }
    }

    #[test]
    fn the_row_ring_agrees_with_the_definition_written_out_in_two_dimensions() {
        for (width, height) in [(9, 30), (16, 14), (2, 2)] {
            let (a, b) = (noise_photo(width, height, 1), noise_photo(width, height, 2));
            let fast = ssim(&a, &b).unwrap();
            let slow = slow_model(&a, &b);
            assert!(
                (fast - slow).abs() < 1e-9,
                "{width}x{height}: {fast} {slow}"
            );
        }
    }

    fn slow_model(a: &Photo, b: &Photo) -> f64 {
        let (width, height) = (a.size().width() as usize, a.size().height() as usize);
        let margin = if width.min(height) >= TAPS { RADIUS } else { 0 };
        let window = gaussian();
        let (mut total, mut count) = (0.0, 0.0);
        for (y, x, c) in (margin..height - margin)
            .flat_map(|y| (margin..width - margin).map(move |x| (y, x)))
            .flat_map(|(y, x)| (0..3).map(move |c| (y, x, c)))
        {
            let mut sums = [0.0; 5];
            for (j, wy) in window.iter().enumerate() {
                for (i, wx) in window.iter().enumerate() {
                    let (row, column) = (mirrored(y + j, height), mirrored(x + i, width));
                    let p = f64::from(a.pixel(column as u32, row as u32)[c]);
                    let q = f64::from(b.pixel(column as u32, row as u32)[c]);
                    for (s, v) in sums.iter_mut().zip([p, q, p * p, q * q, p * q]) {
                        *s += wx * wy * v;
                    }
                }
            }
            total += similarity(&sums);
            count += 1.0;
        }
        total / count
    }
}
