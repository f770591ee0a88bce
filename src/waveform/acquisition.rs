//! From a suspicion to a burst: carrier offset, timing, and the decision whether it is one.
//!
//! The received samples are correlated with the known preamble and training in short segments, so that an offset of a few
//! carriers does not hurt; the phase from segment to segment then gives the offset, and the coherent sum decides. A burst at
//! -3 dB reaches 0.28 of the energy; pure noise reaches [`THRESHOLD`] with a probability of 1e-17 a suspicion.

use std::f32::consts::TAU;

use num_complex::Complex32;

use super::numerology::Numerology;
use super::preamble::{PERIOD, PREAMBLE_SAMPLES, preamble, training, training_samples};

/// Largest carrier offset that is looked for, cycles a sample: 100 kHz at 2 MS/s and a little more.
pub const MAX_CFO: f32 = 0.055;
/// Share of the energy that the known part must explain.
const THRESHOLD: f32 = 0.05;
/// Samples of a segment: offsets of +-1/96 cycles a sample still add up.
const SEGMENT: usize = 48;
/// Timing is looked for this many samples around the suspicion.
pub(crate) const MARGIN: usize = 24;
/// Echoes before the strongest one that count must reach this share of its power.
const FIRST_PATH: f32 = 0.1;

/// A burst that is believed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acquisition {
    /// First sample of the preamble on its first strong path.
    pub preamble_start: usize,
    /// Carrier offset, cycles a sample.
    pub cfo: f32,
    /// Share of the energy that the known samples explain.
    pub share: f32,
}

/// The correlator with its reference.
pub(crate) struct Acquirer {
    reference: Vec<Complex32>,
    reference_energy: f32,
    derotated: Vec<Complex32>,
}

impl Acquirer {
    pub(crate) fn new(numerology: Numerology) -> Self {
        let mut reference = preamble();
        reference.extend(training(numerology));
        reference.truncate(reference.len() / SEGMENT * SEGMENT);
        let reference_energy = reference.iter().map(|x| x.norm_sqr()).sum();
        Self {
            reference,
            reference_energy,
            derotated: Vec::new(),
        }
    }

    /// Samples needed behind the suspected start of the preamble.
    pub(crate) fn needed(numerology: Numerology) -> usize {
        PREAMBLE_SAMPLES + training_samples(numerology) + MARGIN
    }

    /// Decides on a preamble suspected at `samples[MARGIN]`; `rotation` is the phase of the search metric.
    pub(crate) fn acquire(&mut self, samples: &[Complex32], rotation: f32) -> Option<Acquisition> {
        let coarse = rotation / (TAU * PERIOD as f32);
        let alias = coarse - coarse.signum() / PERIOD as f32;
        [coarse, alias]
            .into_iter()
            .filter(|f| f.abs() <= MAX_CFO)
            .filter_map(|f| self.try_offset(samples, f))
            .max_by(|a, b| a.share.total_cmp(&b.share))
            .filter(|a| a.share > THRESHOLD)
    }

    fn try_offset(&mut self, samples: &[Complex32], cfo: f32) -> Option<Acquisition> {
        self.derotated.clear();
        let span = self.reference.len() + 2 * MARGIN;
        self.derotated.extend_from_slice(samples.get(..span)?);
        rotate(&mut self.derotated, -cfo, 0.0);
        let strongest = (0..=2 * MARGIN)
            .map(|lag| (self.incoherent(lag), lag))
            .max_by(|a, b| a.0.total_cmp(&b.0))?
            .1;
        let segments = self.segments(strongest);
        let (residual, power) = strongest_tone(&segments);
        let window = &self.derotated[strongest..strongest + self.reference.len()];
        let energy: f32 = window.iter().map(|x| x.norm_sqr()).sum();
        let share = power / (energy * self.reference_energy).max(f32::MIN_POSITIVE);
        let cfo = cfo + residual / SEGMENT as f32;
        let first = self.first_path(strongest, residual / SEGMENT as f32);
        Some(Acquisition {
            preamble_start: first,
            cfo,
            share,
        })
    }

    /// Correlation of every segment at `lag`.
    fn segments(&self, lag: usize) -> Vec<Complex32> {
        let mut out = vec![Complex32::default(); self.reference.len() / SEGMENT];
        correlate_segments(&self.reference, &self.derotated[lag..], &mut out);
        out
    }

    fn incoherent(&self, lag: usize) -> f32 {
        self.segments(lag).iter().map(|c| c.norm_sqr()).sum()
    }

    /// Earliest lag whose coherent power is a good share of the strongest one's.
    fn first_path(&self, strongest: usize, residual_cfo: f32) -> usize {
        let step = Complex32::cis(-TAU * residual_cfo * SEGMENT as f32);
        let coherent = |lag: usize| {
            let mut turn = Complex32::new(1.0, 0.0);
            let sum: Complex32 = self
                .segments(lag)
                .iter()
                .map(|c| {
                    let aligned = c * turn;
                    turn *= step;
                    aligned
                })
                .sum();
            sum.norm_sqr()
        };
        let limit = FIRST_PATH * coherent(strongest);
        (0..strongest)
            .find(|&lag| coherent(lag) > limit)
            .unwrap_or(strongest)
    }
}

#[multiversion::multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2+fma"))]
fn correlate_segments(known: &[Complex32], seen: &[Complex32], out: &mut [Complex32]) {
    const LANES: usize = 16;
    let pairs = known.chunks_exact(SEGMENT).zip(seen.chunks_exact(SEGMENT));
    for ((known, seen), out) in pairs.zip(out) {
        // Separate accumulators let the compiler use wide registers.
        let (mut re, mut im) = ([0.0f32; LANES], [0.0f32; LANES]);
        for (k, s) in known.chunks_exact(LANES).zip(seen.chunks_exact(LANES)) {
            for i in 0..LANES {
                re[i] += k[i].re * s[i].re + k[i].im * s[i].im;
                im[i] += k[i].re * s[i].im - k[i].im * s[i].re;
            }
        }
        *out = Complex32::new(re.iter().sum(), im.iter().sum());
    }
}

/// Frequency (cycles a value, -0.5..0.5) and power |sum|^2 of the strongest tone in `values`.
fn strongest_tone(values: &[Complex32]) -> (f32, f32) {
    let power = |f: f32| {
        let step = Complex32::cis(-TAU * f);
        let mut turn = Complex32::new(1.0, 0.0);
        let mut sum = Complex32::default();
        for v in values {
            sum += v * turn;
            turn *= step;
        }
        sum.norm_sqr()
    };
    let grid = 4 * values.len();
    let spacing = 1.0 / grid as f32;
    let (mut best, mut best_power) = (0.0, 0.0);
    for i in 0..grid {
        let f = i as f32 * spacing - 0.5;
        let p = power(f);
        if p > best_power {
            (best, best_power) = (f, p);
        }
    }
    // Two rounds of a parabola through three points settle the maximum.
    let mut width = spacing;
    for _ in 0..2 {
        let (a, b, c) = (power(best - width), power(best), power(best + width));
        let curvature = a - 2.0 * b + c;
        if curvature < 0.0 {
            best += (0.5 * width * (a - c) / curvature).clamp(-width, width);
        }
        width /= 8.0;
    }
    (best, power(best).max(best_power))
}

/// Turns `samples` by `cycles_per_sample`, the first by `start_cycles`.
pub(crate) fn rotate(samples: &mut [Complex32], cycles_per_sample: f32, start_cycles: f32) {
    // Exact phase every 64 samples keeps the recursion from drifting.
    let step = Complex32::cis(TAU * cycles_per_sample);
    for (block, chunk) in samples.chunks_mut(64).enumerate() {
        let cycles = f64::from(cycles_per_sample) * (block * 64) as f64 + f64::from(start_cycles);
        let mut turn = Complex32::cis(TAU * cycles.fract() as f32);
        for x in chunk {
            *x *= turn;
            turn *= step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waveform::prbs;

    fn burst_start(cfo: f32, delay: usize, noise: f32) -> Vec<Complex32> {
        let n = Numerology::Standard;
        let mut x = vec![Complex32::default(); MARGIN + delay];
        x.extend(preamble());
        x.extend(training(n));
        x.resize(MARGIN + Acquirer::needed(n) + 64, Complex32::default());
        rotate(&mut x, cfo, 0.3);
        for (i, x) in x.iter_mut().enumerate() {
            *x += prbs::filler(17, i as u64) * noise;
        }
        x
    }

    #[test]
    fn offset_and_timing_are_found_even_from_an_aliased_start() {
        let mut acquirer = Acquirer::new(Numerology::Standard);
        for cfo in [-0.05f32, -0.03, 0.0, 0.004, 0.049] {
            for delay in [0, 5, 20] {
                let x = burst_start(cfo, delay, 0.5);
                let rotation = Complex32::cis(TAU * cfo * PERIOD as f32).arg();
                let found = acquirer.acquire(&x, rotation).expect("a burst is there");
                assert_eq!(found.preamble_start, MARGIN + delay);
                assert!((found.cfo - cfo).abs() < 2e-5, "{} {cfo}", found.cfo);
            }
        }
    }

    #[test]
    fn noise_is_refused() {
        let mut acquirer = Acquirer::new(Numerology::Standard);
        let x: Vec<_> = (0..2000).map(|i| prbs::filler(23, i)).collect();
        for rotation in [-3.0, 0.0, 2.0] {
            assert!(acquirer.acquire(&x, rotation).is_none());
        }
    }

    #[test]
    fn rotation_keeps_its_phase_over_many_samples() {
        let mut x = vec![Complex32::new(1.0, 0.0); 100_000];
        rotate(&mut x, 0.0123, 0.0);
        let wanted = Complex32::cis((f64::from(0.0123f32) * 99_999.0).fract() as f32 * TAU);
        assert!((x[99_999] - wanted).norm() < 1e-3);
    }
}
