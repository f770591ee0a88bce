//! Channel estimate over the used carriers: least squares, then a window in the delay domain.
//!
//! The channel is short: its energy lies within the cyclic prefix. Projecting the raw estimate onto the delays of a window
//! keeps the channel and drops most of the noise (van de Beek et al., "On channel estimation in OFDM systems", 1995). How
//! long the window has to be depends on the place, so nested windows compete and Mallows' C_p decides
//! ("Some comments on C_p", 1973): residual over noise plus twice the number of parameters.

use num_complex::{Complex32, Complex64};

use super::numerology::{CarrierPlan, Numerology};

/// Orthogonal directions weaker than this are left out: within the band they cannot be told from the others.
const RANK_TOLERANCE: f64 = 1e-3;

/// The FFT window begins this many samples before the first path, so that early ripples stay within the prefix.
pub const fn window_advance_samples(numerology: Numerology) -> usize {
    numerology.prefix_samples() / 8
}

/// A channel estimate.
#[derive(Clone, Debug)]
pub struct ChannelEstimate {
    /// Complex gain of every used carrier, ascending.
    pub gains: Vec<Complex32>,
    /// Mean error variance of a gain.
    pub error_variance: f32,
    /// Parameters of the window that was chosen.
    pub parameters: usize,
}

impl ChannelEstimate {
    /// Mean |gain|^2 with the share of the estimate's own error taken off (never below zero).
    pub fn power(&self) -> f32 {
        let sum: f32 = self.gains.iter().map(|h| h.norm_sqr()).sum();
        (sum / self.gains.len() as f32 - self.error_variance).max(0.0)
    }
}

/// Projects raw estimates onto windows of delays.
pub struct ChannelEstimator {
    windows: Vec<Window>,
}

struct Window {
    rank: usize,
    /// Orthonormal rows over the used carriers.
    rows: Vec<Complex32>,
}

impl ChannelEstimator {
    /// An estimator of `numerology`; its windows go from a single path to the whole prefix.
    pub fn new(numerology: Numerology) -> Self {
        let prefix = numerology.prefix_samples() as i32;
        let first = window_advance_samples(numerology) as i32;
        let delays = [
            first - 2..first + 3,
            0..prefix / 4,
            0..prefix / 2,
            -prefix / 16..prefix + prefix / 16,
        ];
        let windows = delays
            .into_iter()
            .map(|d| Window::new(numerology, d))
            .collect();
        Self { windows }
    }

    /// Estimate from raw gains (received over sent) whose noise variance is `noise_variance`.
    pub fn estimate(&self, raw: &[Complex32], noise_variance: f32) -> ChannelEstimate {
        let noise = noise_variance.max(f32::MIN_POSITIVE);
        let energy: f32 = raw.iter().map(|x| x.norm_sqr()).sum();
        let chosen = self
            .windows
            .iter()
            .map(|w| {
                let coefficients = w.analyse(raw);
                let kept: f32 = coefficients.iter().map(|c| c.norm_sqr()).sum();
                let cost = f64::from((energy - kept).max(0.0) / noise) + 2.0 * w.rank as f64;
                (cost, w, coefficients)
            })
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, window, coefficients)) = chosen else {
            unreachable!("an estimator has windows")
        };
        ChannelEstimate {
            gains: window.synthesise(&coefficients),
            error_variance: noise_variance * window.rank as f32 / raw.len() as f32,
            parameters: window.rank,
        }
    }
}

impl Window {
    fn new(numerology: Numerology, delays: std::ops::Range<i32>) -> Self {
        let used = CarrierPlan::new(numerology).used;
        let n = numerology.carriers() as f64;
        let columns: Vec<Vec<Complex64>> = delays
            .map(|d| {
                let phase = |k: i32| -std::f64::consts::TAU * f64::from(k * d) / n;
                used.iter().map(|&k| Complex64::cis(phase(k))).collect()
            })
            .collect();
        let basis = orthonormal(columns);
        Self {
            rank: basis.len(),
            rows: basis
                .iter()
                .flatten()
                .map(|x| Complex32::new(x.re as f32, x.im as f32))
                .collect(),
        }
    }

    fn analyse(&self, raw: &[Complex32]) -> Vec<Complex32> {
        self.rows
            .chunks_exact(raw.len())
            .map(|row| row.iter().zip(raw).map(|(b, x)| b.conj() * x).sum())
            .collect()
    }

    fn synthesise(&self, coefficients: &[Complex32]) -> Vec<Complex32> {
        let used = self.rows.len() / self.rank;
        let mut out = vec![Complex32::default(); used];
        for (row, c) in self.rows.chunks_exact(used).zip(coefficients) {
            out.iter_mut().zip(row).for_each(|(o, b)| *o += b * c);
        }
        out
    }
}

/// Gram-Schmidt with pivoting, twice over for accuracy.
fn orthonormal(mut columns: Vec<Vec<Complex64>>) -> Vec<Vec<Complex64>> {
    let norm = |v: &[Complex64]| v.iter().map(|x| x.norm_sqr()).sum::<f64>().sqrt();
    let full = columns.first().map_or(0.0, |c| norm(c));
    let mut basis: Vec<Vec<Complex64>> = Vec::new();
    while let Some(i) =
        (0..columns.len()).max_by(|&a, &b| norm(&columns[a]).total_cmp(&norm(&columns[b])))
    {
        let mut v = columns.swap_remove(i);
        for b in &basis {
            subtract_projection(&mut v, b);
        }
        let length = norm(&v);
        if length < RANK_TOLERANCE * full {
            break;
        }
        v.iter_mut().for_each(|x| *x /= length);
        columns.iter_mut().for_each(|c| subtract_projection(c, &v));
        basis.push(v);
    }
    basis
}

fn subtract_projection(v: &mut [Complex64], unit: &[Complex64]) {
    let dot: Complex64 = unit.iter().zip(v.iter()).map(|(u, x)| u.conj() * x).sum();
    v.iter_mut().zip(unit).for_each(|(x, u)| *x -= u * dot);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waveform::prbs;

    fn channel(taps: &[(f32, Complex32)]) -> Vec<Complex32> {
        let n = Numerology::Standard;
        let tau = std::f32::consts::TAU;
        CarrierPlan::new(n)
            .used
            .iter()
            .map(|&k| {
                taps.iter()
                    .map(|(d, g)| g * Complex32::cis(-tau * k as f32 * d / 256.0))
                    .sum()
            })
            .collect()
    }

    fn error(a: &[Complex32], b: &[Complex32]) -> f32 {
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b).norm_sqr())
            .sum::<f32>()
            / a.len() as f32
    }

    fn noisy(h: &[Complex32], variance: f32) -> Vec<Complex32> {
        h.iter()
            .enumerate()
            .map(|(i, h)| h + prbs::filler(31, i as u64) * variance.sqrt())
            .collect()
    }

    #[test]
    fn a_single_path_takes_the_short_window_and_loses_most_noise() {
        let h = channel(&[(4.0, Complex32::new(0.6, 0.8))]);
        let e = ChannelEstimator::new(Numerology::Standard).estimate(&noisy(&h, 0.1), 0.1);
        assert!(e.parameters <= 6, "{}", e.parameters);
        assert!(error(&e.gains, &h) < 0.1 * 8.0 / 204.0);
        assert!((e.power() - 1.0).abs() < 0.03);
    }

    #[test]
    fn long_echoes_take_the_long_window() {
        let g = Complex32::new(0.6, 0.0);
        let h = channel(&[(4.0, g), (13.5, g), (29.0, g)]);
        let e = ChannelEstimator::new(Numerology::Standard).estimate(&noisy(&h, 0.01), 0.01);
        assert!(error(&e.gains, &h) < 0.01 * 45.0 / 204.0);
        assert!(e.parameters < 40);
    }

    #[test]
    fn without_noise_a_path_between_samples_is_described_to_minus_50_db() {
        let h = channel(&[(4.37, Complex32::new(1.0, 0.0))]);
        let e = ChannelEstimator::new(Numerology::Standard).estimate(&h, 1e-9);
        assert!(error(&e.gains, &h) < 1e-5, "{}", error(&e.gains, &h));
    }
}
