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
    /// Offset of the sampling clock, parts per million: positive when the transmitter runs fast.
    pub clock_ppm: f32,
}

impl Track {
    /// Appends the turns of `carriers` (ascending) in symbol `t`.
    pub fn turns(&self, t: usize, carriers: &[i32], fft: f32, out: &mut Vec<Complex32>) {
        let slope = -TAU * self.delays[t] / fft;
        let step = Complex32::cis(slope);
        let mut turn = Complex32::default();
        let mut last = None;
        for &k in carriers {
            // Neighbours follow by one multiplication; the phase is computed anew behind each gap.
            turn = match last {
                Some(before) if before + 1 == k => turn * step,
                _ => Complex32::cis(self.phases[t] + slope * k as f32),
            };
            last = Some(k);
            out.push(turn);
        }
    }
}

impl PilotGrid {
    /// Follows phase and clock through the burst.
    pub fn track(&self) -> Track {
        let mut fit = self.initial();
        for _ in 0..3 {
            let residuals = self.residuals(&fit);
            self.refine(&mut fit, &residuals);
        }
        let linear = fit.track(self);
        let walk = self.walk(&fit);
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
        let common: Vec<Complex32> = self.rows().map(|(row, _)| row.iter().sum()).collect();
        let halves: Vec<Complex32> = self.rows().map(|(row, _)| self.slope(row)).collect();
        let spacing = self.symbol_spacing();
        let steps = 4 * common.len().max(2);
        let cycles = strongest(&common, MAX_RESIDUAL, steps);
        // A delay turns the halves against each other by reach / fft cycles a sample.
        let lever = -self.half_reach() * spacing / self.fft;
        let clock_cycles = strongest(&halves, MAX_CLOCK_PPM * 1e-6 * lever.abs(), 40);
        Fit {
            phase: 0.0,
            cfo: cycles / spacing,
            clock: if lever == 0.0 {
                0.0
            } else {
                clock_cycles / lever
            },
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

    /// What the fit leaves of every symbol: the sum over the pilots, and the sum weighted by carrier.
    fn residuals(&self, fit: &Fit) -> Vec<[Complex32; 2]> {
        let spacing = match self.carriers[..] {
            [a, b, ..] => b - a,
            _ => 0.0,
        };
        self.rows()
            .map(|(row, t)| {
                let slope = TAU * fit.clock * t / self.fft;
                let start = -fit.phase - TAU * fit.cfo * t;
                let step = Complex32::cis(slope * spacing);
                let mut turn = Complex32::default();
                let mut last = f32::NAN;
                let mut sums = [Complex32::default(); 2];
                for (m, &k) in row.iter().zip(&self.carriers) {
                    // Most pilots lie one spacing apart and follow by one multiplication.
                    turn = if k - last == spacing {
                        turn * step
                    } else {
                        Complex32::cis(start + slope * k)
                    };
                    last = k;
                    let x = m * turn;
                    sums[0] += x;
                    sums[1] += x * k;
                }
                sums
            })
            .collect()
    }

    /// One Gauss-Newton step of phase, offset and clock over all pilots.
    fn refine(&self, fit: &mut Fit, residuals: &[[Complex32; 2]]) {
        let moment = |power: i32| -> f64 {
            let terms = self.powers.iter().zip(&self.carriers);
            terms.map(|(p, k)| f64::from(p * k.powi(power))).sum()
        };
        let [s0, s1, s2] = [moment(0), moment(1), moment(2)];
        let mut normal = [[0.0f64; 3]; 3];
        let mut right = [0.0f64; 3];
        normal[0][0] = f64::from(self.anchor);
        right[0] = -f64::from(self.anchor * fit.phase);
        for (sums, &t) in residuals.iter().zip(&self.times) {
            let (a, b) = (f64::from(TAU * t), f64::from(-TAU * t / self.fft));
            let (e0, e1) = (f64::from(sums[0].im), f64::from(sums[1].im));
            right[0] += e0;
            right[1] += a * e0;
            right[2] += b * e1;
            normal[0][0] += s0;
            normal[0][1] += a * s0;
            normal[0][2] += b * s1;
            normal[1][1] += a * a * s0;
            normal[1][2] += a * b * s1;
            normal[2][2] += b * b * s2;
        }
        for (i, j) in [(1, 0), (2, 0), (2, 1)] {
            normal[i][j] = normal[j][i];
        }
        if let Some(step) = solve(normal, right) {
            fit.phase += step[0] as f32;
            fit.cfo += step[1] as f32;
            fit.clock += step[2] as f32;
        }
    }

    /// What the fit leaves of each symbol's common phase, smoothed.
    fn walk(&self, fit: &Fit) -> Vec<f32> {
        let total: f32 = self.powers.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let phases: Vec<f32> = self
            .residuals(fit)
            .iter()
            .map(|[common, _]| {
                if common.norm_sqr() > 0.0 {
                    common.arg()
                } else {
                    0.0
                }
            })
            .collect();
        smooth_walk(&phases, (self.noise / (2.0 * total)).max(1e-12))
    }
}

/// Phase, carrier offset and clock as straight lines.
struct Fit {
    phase: f32,
    cfo: f32,
    clock: f32,
}

impl Fit {
    fn track(&self, grid: &PilotGrid) -> Track {
        Track {
            phases: grid
                .times
                .iter()
                .map(|t| self.phase + TAU * self.cfo * t)
                .collect(),
            delays: grid.times.iter().map(|t| self.clock * t).collect(),
            cfo: self.cfo,
            clock_ppm: -self.clock * 1e6,
        }
    }
}

/// Frequency (cycles a value) of the strongest tone within +-`max`, on a grid of `steps` to each side.
fn strongest(values: &[Complex32], max: f32, steps: usize) -> f32 {
    let frequency = |i: usize| max * (i as f32 / steps as f32 - 1.0);
    let turns: Vec<Complex32> = (0..=2 * steps)
        .map(|i| Complex32::cis(-TAU * frequency(i)))
        .collect();
    let scores = tone_powers(values, &turns);
    (0..scores.len())
        .max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
        .map_or(0.0, frequency)
}

/// |sum of values x turn^n|^2 for every turn; all tones advance together, which fills wide registers.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2+fma"))]
fn tone_powers(values: &[Complex32], turns: &[Complex32]) -> Vec<f32> {
    let n = turns.len();
    let (step_re, step_im): (Vec<f32>, Vec<f32>) = turns.iter().map(|t| (t.re, t.im)).unzip();
    let (mut re, mut im) = (vec![1.0f32; n], vec![0.0f32; n]);
    let (mut sum_re, mut sum_im) = (vec![0.0f32; n], vec![0.0f32; n]);
    for v in values {
        for i in 0..n {
            sum_re[i] += v.re * re[i] - v.im * im[i];
            sum_im[i] += v.re * im[i] + v.im * re[i];
            let turned = re[i] * step_re[i] - im[i] * step_im[i];
            im[i] = re[i] * step_im[i] + im[i] * step_re[i];
            re[i] = turned;
        }
    }
    (0..n)
        .map(|i| sum_re[i] * sum_re[i] + sum_im[i] * sum_im[i])
        .collect()
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
    let score = |ratio: f32| {
        let gain = filter(values, noise, ratio * noise).log_likelihood;
        if ratio > 0.0 {
            gain - WALK_PENALTY
        } else {
            gain
        }
    };
    let ratio = WALK_RATIOS
        .map(|ratio| (score(ratio), ratio))
        .into_iter()
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(0.0, |(_, ratio)| ratio);
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
        assert!((track.clock_ppm + 40.0).abs() < 2.0, "{}", track.clock_ppm);
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
