//! Search for the preamble: the first, cheap stage of detection, over every sample.
//!
//! For each position the products of samples one period apart are summed over a repetition, weighted by the signs of the
//! preamble and compared with the energy: |M|^2 > t^2 E^2. The metric does not depend on gain or carrier offset. What it
//! finds is only a suspicion (about one in a hundred thousand positions of pure noise); [`super::acquisition`] decides.

use multiversion::multiversion;
use num_complex::Complex32;

use super::preamble::{PERIOD, PREAMBLE_SAMPLES, PRODUCT_SIGNS};

/// Positions looked at in one go.
pub(crate) const BLOCK: usize = 2048;
/// After the first crossing the peak lies within this many positions: one preamble and a little.
const PEAK_SPAN: usize = PREAMBLE_SAMPLES + PERIOD;
/// Samples needed from the start of a block.
pub(crate) const NEEDED: usize = BLOCK + PEAK_SPAN + PREAMBLE_SAMPLES + PERIOD;
/// Threshold of |M|/E: a preamble at -3 dB gives 0.285 +- 0.04, noise alone exceeds it once in 1,000 positions.
const THRESHOLD: f32 = 0.148;
/// Threshold of the same over two periods, looked at where the first was exceeded: its noise is another one.
const SECOND_THRESHOLD: f32 = 0.1;
/// Energies below this are silence, not signal (full scale is about 1).
const SILENCE: f32 = 1e-14;

/// Products that count positive, and those that count negative: two plain sums are fast, signs in a loop are not.
const PLUS: [usize; 10] = products_of_sign(1);
const MINUS: [usize; 10] = products_of_sign(-1);

const fn products_of_sign(sign: i8) -> [usize; 10] {
    let mut out = [0; 10];
    let (mut k, mut found) = (0, 0);
    while k < PRODUCT_SIGNS.len() {
        if PRODUCT_SIGNS[k] == sign {
            out[found] = k;
            found += 1;
        }
        k += 1;
    }
    out
}

/// What a block of positions held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Found {
    /// Nothing in the first [`BLOCK`] positions.
    Nothing,
    /// A peak of the metric over one period that the one over two periods does not bear out.
    Chance { at: usize },
    /// A peak at this position; `rotation` is the phase of the metric, radians a period.
    Peak { at: usize, rotation: f32 },
}

/// The search with its scratch memory.
#[derive(Default)]
pub(crate) struct Search {
    re: Vec<f32>,
    im: Vec<f32>,
    energy: Vec<f32>,
    metric_re: Vec<f32>,
    metric_im: Vec<f32>,
    metric_energy: Vec<f32>,
}

impl Search {
    /// Looks at the first [`BLOCK`] positions of `samples` (at least [`NEEDED`]).
    pub(crate) fn block(&mut self, samples: &[Complex32]) -> Found {
        self.metric(samples, 0, BLOCK);
        let Some(first) = self.crossing() else {
            return Found::Nothing;
        };
        self.metric(samples, first, PEAK_SPAN);
        let at = self.highest();
        let rotation = self.metric_im[at].atan2(self.metric_re[at]);
        let at = first + at;
        if holds_over_two_periods(&samples[at..at + PREAMBLE_SAMPLES]) {
            Found::Peak { at, rotation }
        } else {
            Found::Chance { at }
        }
    }

    fn metric(&mut self, samples: &[Complex32], start: usize, positions: usize) {
        let products = positions + PREAMBLE_SAMPLES;
        let samples = &samples[start..start + products + PERIOD];
        for v in [&mut self.re, &mut self.im, &mut self.energy] {
            v.resize(products, 0.0);
        }
        multiply(samples, &mut self.re, &mut self.im, &mut self.energy);
        for v in [&mut self.re, &mut self.im, &mut self.energy] {
            sum_over_period(v);
        }
        for v in [
            &mut self.metric_re,
            &mut self.metric_im,
            &mut self.metric_energy,
        ] {
            v.resize(positions, 0.0);
        }
        sum_signed(&self.re, &mut self.metric_re);
        sum_signed(&self.im, &mut self.metric_im);
        sum_plain(&self.energy, &mut self.metric_energy);
    }

    fn crossing(&self) -> Option<usize> {
        const STRIDE: usize = 64;
        let chunks = self
            .metric_re
            .chunks(STRIDE)
            .zip(self.metric_im.chunks(STRIDE))
            .zip(self.metric_energy.chunks(STRIDE));
        for (c, ((re, im), energy)) in chunks.enumerate() {
            let above = |i: usize| exceeds(re[i], im[i], energy[i]);
            if (0..re.len()).fold(false, |any, i| any | above(i)) {
                return (0..re.len()).find(|&i| above(i)).map(|i| c * STRIDE + i);
            }
        }
        None
    }

    fn highest(&self) -> usize {
        let value = |i: usize| {
            let power = self.metric_re[i].powi(2) + self.metric_im[i].powi(2);
            power / self.metric_energy[i].powi(2).max(SILENCE * SILENCE)
        };
        (0..self.metric_re.len())
            .max_by(|&a, &b| value(a).total_cmp(&value(b)))
            .unwrap_or(0)
    }
}

/// Does the metric over two periods (signs c[k] c[k+1]) agree that a preamble begins at `window[0]`?
fn holds_over_two_periods(window: &[Complex32]) -> bool {
    let repetition = |k: usize| &window[k * PERIOD..(k + 1) * PERIOD];
    let metric: Complex32 = (0..PRODUCT_SIGNS.len() - 1)
        .map(|k| {
            let pairs = repetition(k).iter().zip(repetition(k + 2));
            let sum: Complex32 = pairs.map(|(a, b)| a.conj() * b).sum();
            sum * f32::from(PRODUCT_SIGNS[k] * PRODUCT_SIGNS[k + 1])
        })
        .sum();
    let energy: f32 = window.iter().map(|x| x.norm_sqr()).sum();
    let share = (PRODUCT_SIGNS.len() - 1) as f32 / (PRODUCT_SIGNS.len() + 1) as f32;
    metric.norm() > SECOND_THRESHOLD * share * energy
}

fn exceeds(re: f32, im: f32, energy: f32) -> bool {
    // The energy covers one repetition more than the products.
    const SCALE: f32 = THRESHOLD * PRODUCT_SIGNS.len() as f32 / (PRODUCT_SIGNS.len() + 1) as f32;
    let limit = SCALE * energy;
    (re * re + im * im > limit * limit) & (energy > SILENCE)
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2+fma"))]
fn multiply(samples: &[Complex32], re: &mut [f32], im: &mut [f32], energy: &mut [f32]) {
    let n = re.len();
    let (now, later) = (&samples[..n], &samples[PERIOD..PERIOD + n]);
    let (re, im, energy) = (&mut re[..n], &mut im[..n], &mut energy[..n]);
    for i in 0..n {
        let (a, b) = (now[i], later[i]);
        re[i] = a.re * b.re + a.im * b.im;
        im[i] = a.re * b.im - a.im * b.re;
        energy[i] = a.re * a.re + a.im * a.im;
    }
}

/// Sums of 16 neighbours by doubling; the last 15 values are of no use.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2+fma"))]
fn sum_over_period(v: &mut [f32]) {
    let mut step = 1;
    while step < PERIOD {
        for i in 0..v.len() - step {
            v[i] += v[i + step];
        }
        step *= 2;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2+fma"))]
fn sum_signed(sums: &[f32], out: &mut [f32]) {
    let n = out.len();
    let part = |k: usize| &sums[k * PERIOD..k * PERIOD + n];
    let plus: [&[f32]; 10] = PLUS.map(part);
    let minus: [&[f32]; 10] = MINUS.map(part);
    for (i, out) in out.iter_mut().enumerate() {
        let gain: f32 = plus.iter().map(|part| part[i]).sum();
        let loss: f32 = minus.iter().map(|part| part[i]).sum();
        *out = gain - loss;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2+fma"))]
fn sum_plain(sums: &[f32], out: &mut [f32]) {
    let n = out.len();
    let parts: [&[f32]; 21] = std::array::from_fn(|k| &sums[k * PERIOD..k * PERIOD + n]);
    for (i, out) in out.iter_mut().enumerate() {
        *out = parts.iter().map(|part| part[i]).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waveform::preamble::preamble;

    fn slow_metric(x: &[Complex32], at: usize) -> Complex32 {
        (0..PRODUCT_SIGNS.len())
            .map(|k| {
                let sum: Complex32 = (0..PERIOD)
                    .map(|i| x[at + k * PERIOD + i].conj() * x[at + (k + 1) * PERIOD + i])
                    .sum();
                sum * f32::from(PRODUCT_SIGNS[k])
            })
            .sum()
    }

    fn with_preamble(at: usize, cycles_per_sample: f32, dc: f32) -> Vec<Complex32> {
        let mut x = vec![Complex32::default(); NEEDED];
        for (n, p) in preamble().iter().enumerate() {
            x[at + n] = p * Complex32::cis(std::f32::consts::TAU * cycles_per_sample * n as f32);
        }
        x.iter().map(|x| x + dc).collect()
    }

    #[test]
    fn the_fast_metric_is_the_slow_one() {
        let x: Vec<_> = (0..NEEDED)
            .map(|i| crate::waveform::prbs::filler(5, i as u64))
            .collect();
        let mut search = Search::default();
        search.metric(&x, 0, BLOCK);
        for at in [0, 1, 500, BLOCK - 1] {
            let slow = slow_metric(&x, at);
            let fast = Complex32::new(search.metric_re[at], search.metric_im[at]);
            assert!((slow - fast).norm() < 1e-2, "{slow} {fast}");
        }
    }

    #[test]
    fn the_preamble_is_found_where_it_is_at_any_offset() {
        for f in [-0.05f32, -0.01, 0.0, 0.02, 0.05] {
            let found = Search::default().block(&with_preamble(1000, f, 0.0));
            let Found::Peak { at, rotation } = found else {
                panic!("nothing found at {f}");
            };
            assert!(at.abs_diff(1000) <= 2, "{at} at {f}");
            let wanted = std::f32::consts::TAU * f * PERIOD as f32;
            assert!((Complex32::cis(rotation) - Complex32::cis(wanted)).norm() < 0.01);
        }
    }

    #[test]
    fn constants_tones_and_silence_are_not_preambles() {
        assert_eq!(
            Search::default().block(&vec![Complex32::default(); NEEDED]),
            Found::Nothing
        );
        for f in [0.0f32, 0.013, 0.25] {
            let tone: Vec<_> = (0..NEEDED)
                .map(|n| Complex32::cis(std::f32::consts::TAU * (f * n as f32 % 1.0)) * 10.0)
                .collect();
            assert_eq!(
                Search::default().block(&tone),
                Found::Nothing,
                "tone at {f}"
            );
        }
    }
}
