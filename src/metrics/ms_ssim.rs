//! Multi-scale structural similarity: Wang, Simoncelli and Bovik, "Multiscale structural similarity for image quality
//! assessment", Asilomar Conference on Signals, Systems and Computers, 2003.
//!
//! Five scales; each halves the last by the mean of 2x2 pixels. Of the first four the contrast-structure term counts, of the
//! fifth the whole similarity, each to the power of its weight; 11x11 Gaussian window of sigma 1.5 inside the picture, K1 =
//! 0.01, K2 = 0.03, data range 1, terms below zero taken as zero, the mean over the three RGB channels. That is
//! pytorch-msssim's `ms_ssim(x, y, data_range=1)`, its zero row or column before sides of odd length included.

use rayon::prelude::*;

use super::{MetricError, equal_sizes};
use crate::photo::Photo;

/// Shortest side of a picture that has five scales, in pixels: the window must still fit in when halved four times.
pub const MS_SSIM_MIN_SIDE: u32 = 16 * (TAPS as u32 - 1) + 1;

const WEIGHTS: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
const TAPS: usize = 11;
const SIGMA: f64 = 1.5;
const C_1: f32 = 0.01 * 0.01;
const C_2: f32 = 0.03 * 0.03;

/// Window sums of a row of positions: x, y, x^2, y^2, x y.
type Moments = [Vec<f32>; 5];

/// Multi-scale structural similarity of two pictures, 0 to 1, 1 for equal ones.
///
/// # Errors
/// [`MetricError::SizesDiffer`]; [`MetricError::TooSmall`] for a side below [`MS_SSIM_MIN_SIDE`].
pub fn ms_ssim(reference: &Photo, distorted: &Photo) -> Result<f64, MetricError> {
    let size = equal_sizes(reference, distorted)?;
    if size.width().min(size.height()) < MS_SSIM_MIN_SIDE {
        return Err(MetricError::TooSmall {
            metric: "MS-SSIM",
            size,
            allowed: MS_SSIM_MIN_SIDE,
        });
    }
    let channels: Vec<f64> = (0..3)
        .into_par_iter()
        .map(|index| {
            let channel = |photo| Channel { photo, index };
            of_channel(&channel(reference), &channel(distorted))
        })
        .collect();
    Ok(channels.iter().sum::<f64>() / 3.0)
}

fn of_channel(reference: &Channel, distorted: &Channel) -> f64 {
    let window = gaussian();
    let mut product = similarity(reference, distorted, &window).raised(0);
    let (mut x, mut y) = (halved(reference), halved(distorted));
    for scale in 1..WEIGHTS.len() {
        product *= similarity(&x, &y, &window).raised(scale);
        if scale + 1 < WEIGHTS.len() {
            (x, y) = (halved(&x), halved(&y));
        }
    }
    product
}

fn gaussian() -> [f32; TAPS] {
    let weight = |k: usize| (-0.5 * ((k as f64 - (TAPS / 2) as f64) / SIGMA).powi(2)).exp();
    let sum: f64 = (0..TAPS).map(weight).sum();
    std::array::from_fn(|k| (weight(k) / sum) as f32)
}

/// One channel as rows of numbers, so that the largest scale is never held as such.
trait Rows {
    /// Width and height.
    fn size(&self) -> (usize, usize);
    fn read(&self, y: usize, into: &mut [f32]);
}

struct Channel<'a> {
    photo: &'a Photo,
    index: usize,
}

impl Rows for Channel<'_> {
    fn size(&self) -> (usize, usize) {
        let size = self.photo.size();
        (size.width() as usize, size.height() as usize)
    }

    fn read(&self, y: usize, into: &mut [f32]) {
        let start = 3 * y * into.len();
        let pixels = self.photo.rgb()[start..].chunks_exact(3);
        for (value, pixel) in into.iter_mut().zip(pixels) {
            *value = f32::from(pixel[self.index]) / 255.0;
        }
    }
}

struct Plane {
    width: usize,
    values: Vec<f32>,
}

impl Rows for Plane {
    fn size(&self) -> (usize, usize) {
        (self.width, self.values.len() / self.width)
    }

    fn read(&self, y: usize, into: &mut [f32]) {
        into.copy_from_slice(&self.values[y * self.width..][..self.width]);
    }
}

/// The mean of 2x2 pixels; a side of odd length begins with a zero, which counts.
fn halved(rows: &impl Rows) -> Plane {
    let (width, height) = rows.size();
    let (left, top) = (width % 2, height % 2);
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let mut values = vec![0.0; half_width * half_height];
    let mut row = vec![0.0; width];
    for y in 0..height {
        rows.read(y, &mut row);
        let sums = &mut values[(y + top) / 2 * half_width..][..half_width];
        for (x, value) in row.iter().enumerate() {
            sums[(x + left) / 2] += value / 4.0;
        }
    }
    let width = half_width;
    Plane { width, values }
}

/// Means over all positions of one scale.
struct Similarity {
    contrast_structure: f64,
    whole: f64,
}

impl Similarity {
    /// What the scale counts for in the product.
    fn raised(&self, scale: usize) -> f64 {
        let last = scale + 1 == WEIGHTS.len();
        let term = if last {
            self.whole
        } else {
            self.contrast_structure
        };
        term.max(0.0).powf(WEIGHTS[scale])
    }
}

fn similarity<R: Rows>(x: &R, y: &R, window: &[f32; TAPS]) -> Similarity {
    let (width, height) = x.size();
    let columns = width - (TAPS - 1);
    let mut ring = vec![(vec![0.0; width], vec![0.0; width]); TAPS];
    let mut vertical: Moments = std::array::from_fn(|_| vec![0.0; width]);
    let mut sums: Moments = std::array::from_fn(|_| vec![0.0; columns]);
    let (mut contrast_structure, mut whole) = (0.0, 0.0);
    for row in 0..height {
        let newest = &mut ring[row % TAPS];
        x.read(row, &mut newest.0);
        y.read(row, &mut newest.1);
        if row + 1 < TAPS {
            continue;
        }
        vertical.iter_mut().for_each(|sum| sum.fill(0.0));
        for (k, &weight) in window.iter().enumerate() {
            // The ring's oldest row lies just after its newest.
            let (x, y) = &ring[(row + 1 + k) % TAPS];
            add_weighted(&mut vertical, weight, x, y);
        }
        for (sum, column) in sums.iter_mut().zip(&vertical) {
            along_the_row(sum, column, window);
        }
        let (a, b) = row_terms(&sums);
        contrast_structure += a;
        whole += b;
    }
    let positions = (columns * (height - (TAPS - 1))) as f64;
    Similarity {
        contrast_structure: contrast_structure / positions,
        whole: whole / positions,
    }
}

fn add_weighted(sums: &mut Moments, weight: f32, x: &[f32], y: &[f32]) {
    let n = x.len();
    let [m_x, m_y, m_xx, m_yy, m_xy] = sums;
    // Equal lengths said once let the compiler leave out the checks and use vectors.
    let (m_x, m_y, m_xx) = (&mut m_x[..n], &mut m_y[..n], &mut m_xx[..n]);
    let (m_yy, m_xy, y) = (&mut m_yy[..n], &mut m_xy[..n], &y[..n]);
    for i in 0..n {
        let (a, b) = (weight * x[i], weight * y[i]);
        m_x[i] += a;
        m_y[i] += b;
        m_xx[i] += a * x[i];
        m_yy[i] += b * y[i];
        m_xy[i] += a * y[i];
    }
}

fn along_the_row(sums: &mut [f32], values: &[f32], window: &[f32; TAPS]) {
    sums.fill(0.0);
    for (k, weight) in window.iter().enumerate() {
        for (sum, value) in sums.iter_mut().zip(&values[k..]) {
            *sum += weight * value;
        }
    }
}

/// Sums of the contrast-structure term and of the whole similarity over one row.
fn row_terms([x, y, xx, yy, xy]: &Moments) -> (f64, f64) {
    let (mut contrast_structure, mut whole) = (0.0, 0.0);
    for i in 0..x.len() {
        let (m_x, m_y) = (x[i], y[i]);
        let variances = (xx[i] - m_x * m_x) + (yy[i] - m_y * m_y);
        let structure = (2.0 * (xy[i] - m_x * m_y) + C_2) / (variances + C_2);
        let luminance = (2.0 * m_x * m_y + C_1) / (m_x * m_x + m_y * m_y + C_1);
        contrast_structure += f64::from(structure);
        whole += f64::from(luminance * structure);
    }
    (contrast_structure, whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::test_pictures::{Distortion, pair};
    use crate::photo::PhotoSize;

    #[test]
    fn pairs_agree_with_pytorch_msssim() {
        // Printed by tests/data/metrics/make.py.
        for (distortion, width, height, expected) in [
            (Distortion::Blurred, 161, 200, 0.960_472),
            (Distortion::Noisy, 211, 163, 0.906_716),
            (Distortion::Posterized, 256, 192, 0.897_677),
        ] {
            let (reference, distorted) = pair(distortion, width, height);
            let found = ms_ssim(&reference, &distorted).unwrap();
            assert!((found - expected).abs() < 1e-5, "{distortion:?}: {found}");
        }
    }

    #[test]
    fn equal_pictures_have_similarity_one_and_opposite_ones_none() {
        let (picture, _) = pair(Distortion::Noisy, 170, 161);
        assert!((ms_ssim(&picture, &picture).unwrap() - 1.0).abs() < 1e-6);
        let negative = picture.rgb().iter().map(|v| 255 - v).collect();
        let negative = Photo::new(picture.size(), negative).unwrap();
        assert_eq!(ms_ssim(&picture, &negative).unwrap(), 0.0);
    }

    #[test]
    fn a_picture_too_small_is_refused_with_its_size_and_what_is_allowed() {
        let photo = Photo::filled(PhotoSize::new(160, 400).unwrap(), [9; 3]);
        let said = ms_ssim(&photo, &photo).unwrap_err().to_string();
        assert!(said.contains("160x400") && said.contains("161"), "{said}");
    }
}
