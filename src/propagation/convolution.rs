//! Complex FIR filter over complex samples, sixteen outputs at a time.
//!
//! Each output adds its products in the order of the coefficients, whatever the chunk or the processor: the same bits.

use multiversion::multiversion;
use num_complex::{Complex32, Complex64};

use super::history::History;

/// Outputs computed together; the history must reach this far beyond the last one.
pub(super) const LANES: usize = 16;

/// Coefficients of a filter, the oldest sample's first.
#[derive(Debug, Clone)]
pub(super) struct Fir {
    re: Vec<f32>,
    im: Vec<f32>,
}

/// Where outputs go, and how many.
pub(super) struct Output<'a> {
    pub samples: &'a mut Vec<Complex32>,
    pub count: usize,
}

type Lanes = [f32; LANES];

impl Fir {
    pub fn silent(len: usize) -> Self {
        Self {
            re: vec![0.0; len],
            im: vec![0.0; len],
        }
    }

    /// Adds `gain` times `coefficients` from index `start` on.
    pub fn add(&mut self, start: usize, coefficients: &[f64], gain: Complex64) {
        let re = self.re[start..].iter_mut();
        let im = self.im[start..].iter_mut();
        for ((re, im), c) in re.zip(im).zip(coefficients) {
            *re += (gain.re * c) as f32;
            *im += (gain.im * c) as f32;
        }
    }

    pub fn minus(&self, other: &Self) -> Self {
        let difference = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        Self {
            re: difference(&self.re, &other.re),
            im: difference(&self.im, &other.im),
        }
    }
}

/// Filters the history from sample `start` on. With a `slope`, output i is filtered by
/// fir + slope (position + i) / length, where `progress` = (position, length).
pub(super) fn convolve(
    fir: &Fir,
    slope: Option<&Fir>,
    progress: (u64, u64),
    history: &History,
    start: usize,
    output: Output<'_>,
) {
    let (re, im) = (&history.re[start..], &history.im[start..]);
    match slope {
        None => convolve_fixed(fir, re, im, output.count, output.samples),
        Some(slope) => {
            let mut part = Vec::with_capacity(output.count);
            convolve_fixed(slope, re, im, output.count, &mut part);
            let first = output.samples.len();
            convolve_fixed(fir, re, im, output.count, output.samples);
            let per_sample = 1.0 / progress.1 as f32;
            for (i, (sample, change)) in output.samples[first..].iter_mut().zip(part).enumerate() {
                *sample += change * ((progress.0 + i as u64) as f32 * per_sample);
            }
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn convolve_fixed(fir: &Fir, re: &[f32], im: &[f32], count: usize, output: &mut Vec<Complex32>) {
    for start in (0..count).step_by(LANES) {
        let (sum_re, sum_im) = block(fir, &re[start..], &im[start..]);
        let wanted = (count - start).min(LANES);
        let pairs = sum_re.iter().zip(&sum_im).take(wanted);
        output.extend(pairs.map(|(re, im)| Complex32::new(*re, *im)));
    }
}

#[inline(always)]
fn block(fir: &Fir, re: &[f32], im: &[f32]) -> (Lanes, Lanes) {
    let (mut sum_re, mut sum_im) = ([0.0; LANES], [0.0; LANES]);
    for (k, (&h_re, &h_im)) in fir.re.iter().zip(&fir.im).enumerate() {
        let x_re: &Lanes = re[k..k + LANES].try_into().unwrap();
        let x_im: &Lanes = im[k..k + LANES].try_into().unwrap();
        for lane in 0..LANES {
            sum_re[lane] += h_re * x_re[lane] - h_im * x_im[lane];
            sum_im[lane] += h_re * x_im[lane] + h_im * x_re[lane];
        }
    }
    (sum_re, sum_im)
}
