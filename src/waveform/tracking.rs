//! Phase and sampling clock over a burst, followed by the pilots.
//!
//! Three steps: the residual carrier offset as the strongest tone of the pilots' common phase; a joint least-squares fit of
//! phase, offset and clock over all pilots of the burst (Gauss-Newton); what is left of the common phase as a random walk,
//! smoothed forwards and backwards (Rauch, Tung, Striebel 1965) with the process noise that the data themselves prefer. In a
//! quiet channel the walk is zero and tracking costs next to nothing.

use std::f32::consts::TAU;

use num_complex::Complex32;

/// Process noise over measurement noise that the smoother may choose from.
const WALK_RATIOS: [f32; 8] = [0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 4.0];
/// Log-likelihood that a walk must gain to be believed.
const WALK_PENALTY: f32 = 2.0;
/// Residual carrier offsets looked for, cycles a symbol.
const MAX_RESIDUAL: f32 = 0.25;
/// Clock offsets looked for, parts per million.
const MAX_CLOCK_PPM: f32 = 100.0;

/// What the pilots saw, matched with what they should have been.
pub struct PilotGrid {
    /// received x conj(gain x sent), symbol after symbol.
    pub matched: Vec<Complex32>,
    /// |gain|^2 of each pilot.
    pub powers: Vec<f32>,
    /// Carrier index of each pilot.
    pub carriers: Vec<f32>,
    /// Samples from the instant of the channel estimate to each symbol.
    pub times: Vec<f32>,
    /// Length of the FFT.
    pub fft: f32,
    /// Noise variance of a received carrier.
    pub noise: f32,
    /// Weight of the knowledge that the phase is zero at time zero: |gain|^2 summed over the training carriers.
    pub anchor: f32,
}

/// Phase and delay of every symbol.
#[derive(Clone, Debug)]
pub struct Track {
    /// Common phase, radians.
    pub phases: Vec<f32>,
    /// Delay against the channel estimate, samples.
    pub delays: Vec<f32>,
    /// Residual carrier offset, cycles a sample.
    pub cfo: f32,
    /// Offset of the sampling clock, parts per million: positive when the receiver's runs slow.
    pub clock_ppm: f32,
}

impl Track {
    /// The turn of carrier `carrier` in symbol `t`.
    pub fn turn(&self, t: usize, carrier: f32, fft: f32) -> Complex32 {
        Complex32::cis(self.phases[t] - TAU * carrier * self.delays[t] / fft)
    }
}

impl PilotGrid {
    /// Follows phase and clock through the burst.
    pub fn track(&self) -> Track {
        let mut fit = self.initial();
        for _ in 0..3 {
            self.refine(&mut fit);
        }
        let linear = fit.track(self);
        let walk = self.walk(&linear);
        Track {
            phases: linear.phases.iter().zip(walk).map(|(a, b)| a + b).collect(),
            ..linear
        }
    }

    fn pilots(&self) -> usize {
        self.powers.len()
    }

    fn rows(&self) -> impl Iterator<Item = (&[Complex32], f32)> {
        self.matched
            .chunks_exact(self.pilots())
            .zip(self.times.iter().copied())
    }

    /// Coarse carrier and clock offset by search.
    fn initial(&self) -> Fit {
        let common: Vec<(Complex32, f32)> =
            self.rows().map(|(row, t)| (row.iter().sum(), t)).collect();
        let spacing = self.symbol_spacing();
        let steps = 4 * common.len().max(2);
        let grid = |max: f32, n: usize| (0..=2 * n).map(move |i| max * (i as f32 / n as f32 - 1.0));
        let cfo = best(grid(MAX_RESIDUAL / spacing, steps), |f| {
            coherent(common.iter().map(|&(x, t)| (x, TAU * f * t)))
        });
        let halves: Vec<(Complex32, f32)> =
            self.rows().map(|(row, t)| (self.slope(row), t)).collect();
        let reach = self.half_reach();
        let clock = best(grid(MAX_CLOCK_PPM * 1e-6, 40), |s| {
            coherent(
                halves
                    .iter()
                    .map(|&(x, t)| (x, -TAU * reach * s * t / self.fft)),
            )
        });
        Fit {
            phase: 0.0,
            cfo,
            clock,
        }
    }

    fn symbol_spacing(&self) -> f32 {
        match self.times[..] {
            [a, b, ..] => b - a,
            _ => self.fft,
        }
    }

    /// Phase difference from the lower to the upper half of the pilots, as a product.
    fn slope(&self, row: &[Complex32]) -> Complex32 {
        let (low, high) = row.split_at(self.pilots() / 2);
        low.iter().sum::<Complex32>().conj() * high.iter().sum::<Complex32>()
    }

    /// Carriers between the middles of the halves.
    fn half_reach(&self) -> f32 {
        let (low, high) = self.carriers.split_at(self.pilots() / 2);
        let mean = |c: &[f32]| c.iter().sum::<f32>() / c.len().max(1) as f32;
        mean(high) - mean(low)
    }

    /// One Gauss-Newton step of phase, offset and clock over all pilots.
    fn refine(&self, fit: &mut Fit) {
        let mut normal = [[0.0f64; 3]; 3];
        let mut right = [0.0f64; 3];
        normal[0][0] = f64::from(self.anchor);
        right[0] = -f64::from(self.anchor * fit.phase);
        for (row, t) in self.rows() {
            for ((m, &k), &power) in row.iter().zip(&self.carriers).zip(&self.powers) {
                let error = (m * Complex32::cis(-fit.phase_at(t, k, self.fft))).im;
                let gradient = [1.0, TAU * t, -TAU * k * t / self.fft].map(f64::from);
                for i in 0..3 {
                    right[i] += gradient[i] * f64::from(error);
                    for j in 0..3 {
                        normal[i][j] += gradient[i] * gradient[j] * f64::from(power);
                    }
                }
            }
        }
        if let Some(step) = solve(normal, right) {
            fit.phase += step[0] as f32;
            fit.cfo += step[1] as f32;
            fit.clock += step[2] as f32;
        }
    }

    /// What the fit leaves of each symbol's common phase, smoothed.
    fn walk(&self, linear: &Track) -> Vec<f32> {
        let total: f32 = self.powers.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let residuals: Vec<f32> = self
            .matched
            .chunks_exact(self.pilots())
            .enumerate()
            .map(|(t, row)| {
                let sum: Complex32 = row
                    .iter()
                    .zip(&self.carriers)
                    .map(|(m, &k)| m * linear.turn(t, k, self.fft).conj())
                    .sum();
                if sum.norm_sqr() > 0.0 { sum.arg() } else { 0.0 }
            })
            .collect();
        smooth_walk(&residuals, (self.noise / (2.0 * total)).max(1e-12))
    }
}

/// Phase, carrier offset and clock as straight lines.
struct Fit {
    phase: f32,
    cfo: f32,
    clock: f32,
}

impl Fit {
    fn phase_at(&self, t: f32, carrier: f32, fft: f32) -> f32 {
        self.phase + TAU * self.cfo * t - TAU * carrier * self.clock * t / fft
    }

    fn track(&self, grid: &PilotGrid) -> Track {
        Track {
            phases: grid
                .times
                .iter()
                .map(|t| self.phase + TAU * self.cfo * t)
                .collect(),
            delays: grid.times.iter().map(|t| self.clock * t).collect(),
            cfo: self.cfo,
            clock_ppm: self.clock * 1e6,
        }
    }
}

fn coherent(values: impl Iterator<Item = (Complex32, f32)>) -> f32 {
    values
        .map(|(x, phase)| x * Complex32::cis(-phase))
        .sum::<Complex32>()
        .norm_sqr()
}

fn best(grid: impl Iterator<Item = f32>, score: impl Fn(f32) -> f32) -> f32 {
    grid.map(|x| (score(x), x))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(0.0, |(_, x)| x)
}

/// Solves a symmetric 3x3 system by Cramer's rule; `None` if it is singular.
fn solve(m: [[f64; 3]; 3], r: [f64; 3]) -> Option<[f64; 3]> {
    let det = |m: [[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = det(m);
    let scale = m[0][0] * m[1][1] * m[2][2];
    (whole.abs() > 1e-12 * scale.abs() && whole.is_finite()).then(|| {
        std::array::from_fn(|column| {
            let mut replaced = m;
            (0..3).for_each(|row| replaced[row][column] = r[row]);
            det(replaced) / whole
        })
    })
}

/// Smooths values with measurement noise `noise` as a random walk around zero; the walk's strength is the likeliest.
fn smooth_walk(values: &[f32], noise: f32) -> Vec<f32> {
    let score = |&ratio: &f32| {
        let gain = filter(values, noise, ratio * noise).log_likelihood;
        if ratio > 0.0 {
            gain - WALK_PENALTY
        } else {
            gain
        }
    };
    let ratio = WALK_RATIOS
        .iter()
        .copied()
        .max_by(|a, b| score(a).total_cmp(&score(b)))
        .unwrap_or(0.0);
    if ratio == 0.0 {
        return vec![0.0; values.len()];
    }
    let walk = ratio * noise;
    let forward = filter(values, noise, walk);
    let mut smoothed = forward.states.clone();
    for t in (0..values.len().saturating_sub(1)).rev() {
        let (p, next) = (forward.variances[t], smoothed[t + 1]);
        smoothed[t] += p / (p + walk) * (next - forward.states[t]);
    }
    smoothed
}

struct Filtered {
    states: Vec<f32>,
    variances: Vec<f32>,
    log_likelihood: f32,
}

/// Kalman filter of a random walk.
fn filter(values: &[f32], noise: f32, walk: f32) -> Filtered {
    let (mut x, mut p) = (0.0f32, walk);
    let mut out = Filtered {
        states: Vec::with_capacity(values.len()),
        variances: Vec::with_capacity(values.len()),
        log_likelihood: 0.0,
    };
    for &y in values {
        p += walk;
        let (innovation, s) = (y - x, p + noise);
        out.log_likelihood -= 0.5 * (innovation * innovation / s + s.ln());
        let k = p / s;
        x += k * innovation;
        p *= 1.0 - k;
        out.states.push(x);
        out.variances.push(p);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waveform::prbs;

    fn grid(symbols: usize, noise: f32, phase: impl Fn(usize, f32) -> f32) -> PilotGrid {
        let carriers: Vec<f32> = (0..12).map(|i| -94.0 + 17.0 * i as f32).collect();
        let mut matched = Vec::new();
        for t in 0..symbols {
            for (p, &k) in carriers.iter().enumerate() {
                let n = prbs::filler(41, (t * 12 + p) as u64) * noise.sqrt();
                matched.push(Complex32::cis(phase(t, k)) + n);
            }
        }
        PilotGrid {
            matched,
            powers: vec![1.0; 12],
            carriers,
            times: (0..symbols).map(|t| 416.0 + 288.0 * t as f32).collect(),
            fft: 256.0,
            noise,
            anchor: 408.0,
        }
    }

    #[test]
    fn offset_and_clock_are_found_at_0_db() {
        let (f, s) = (3e-5f32, 40e-6f32);
        let line = |t: usize, k: f32| {
            let time = 416.0 + 288.0 * t as f32;
            TAU * f * time - TAU * k * s * time / 256.0
        };
        let track = grid(70, 1.0, line).track();
        assert!((track.cfo - f).abs() < 1e-6, "{}", track.cfo);
        assert!((track.clock_ppm - 40.0).abs() < 2.0, "{}", track.clock_ppm);
        for t in [0, 35, 69] {
            let wrong = (line(t, 0.0) - track.phases[t]).abs();
            assert!(wrong < 0.1, "symbol {t}: {wrong} rad");
        }
    }

    #[test]
    fn a_wandering_phase_is_followed() {
        let wander = |t: usize| 0.5 * (t as f32 / 9.0).sin();
        let track = grid(70, 0.01, |t, _| wander(t)).track();
        let worst = (0..70)
            .map(|t| (track.phases[t] - wander(t)).abs())
            .fold(0.0, f32::max);
        assert!(worst < 0.08, "{worst}");
    }

    #[test]
    fn a_quiet_phase_is_left_alone() {
        let track = grid(70, 0.1, |_, _| 0.0).track();
        let power: f32 = track.phases.iter().map(|p| p * p).sum::<f32>() / 70.0;
        assert!(power < 0.1 / 24.0 / 8.0, "{power}");
    }

    #[test]
    fn nothing_received_tracks_to_nothing() {
        let mut silent = grid(5, 0.0, |_, _| 0.0);
        silent.matched.fill(Complex32::default());
        silent.powers.fill(0.0);
        silent.anchor = 0.0;
        let track = silent.track();
        assert!(
            track
                .phases
                .iter()
                .chain(&track.delays)
                .all(|x| x.is_finite())
        );
    }
}
