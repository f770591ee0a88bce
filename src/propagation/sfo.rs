//! Sampling frequency offset and constant delay: the receiver's sampling clock against the transmitter's.
//!
//! Output sample m is the input at time m (1 + sfo_ppm 1e-6) - delay_samples, by band-limited interpolation
//! ([`super::interpolator`]). Sixteen outputs at a time share one set of coefficients, for the middle of the group, and
//! its slope over time, for their distance from the middle: within a group the clocks part by at most 0.01 samples.
//! Groups and times are counted in whole samples and 64-bit fractions from the start of the run, so that neither chunks
//! nor the length of the run matter. Distortion over the occupied band of 0.82 of the sample rate, measured with tones:
//! -87 dB at up to 40 ppm and for constant delays, -80 dB at 1000 ppm (tests hold -80 and -75 dB).

use multiversion::multiversion;
use num_complex::Complex32;

use super::Impairment;
use super::history::History;
use super::interpolator::{AHEAD, BEHIND, TAPS, coefficients};

/// Fractions in the table: a straight line between two errs by less than -95 dB.
const PHASES: usize = 256;

/// Outputs that share coefficients.
const GROUP: usize = 16;

/// Distance from a group's first output to its middle, in outputs.
const MIDDLE: f64 = (GROUP - 1) as f64 / 2.0;

/// Two to the power of 64: one sample in the fixed-point fraction.
const ONE_SAMPLE: f64 = 18_446_744_073_709_551_616.0;

/// Resamples by 1 / (1 + sfo_ppm 1e-6) and delays.
#[derive(Debug, Clone)]
pub struct Sfo {
    table: Vec<[f32; TAPS]>,
    history: History,
    cursor: Cursor,
    group: Group,
    /// Outputs of the group already given.
    position: usize,
}

/// Where a group's samples lie: output i at `whole` + i + `fraction`, but for the drift from the group's middle.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    whole: usize,
    fraction: u64,
    /// What a group is longer than its number of samples, as a two's-complement fraction.
    drift: i64,
}

/// Interpolation for one group of outputs.
#[derive(Debug, Clone)]
struct Group {
    coefficients: [f32; TAPS],
    /// Change of the coefficients per sample of time.
    slopes: [f32; TAPS],
    /// Drift of each output from the middle of the group, in samples.
    drifts: [f32; GROUP],
}

impl Sfo {
    /// `sfo_ppm`: how much faster the transmitter's clock runs than the receiver's, so that a tone at f is received at
    /// f (1 + sfo_ppm 1e-6); `delay_samples` >= 0: constant delay, whole and fractional.
    pub fn new(sfo_ppm: f64, delay_samples: f64) -> Self {
        let drift = sfo_ppm * 1e-6;
        let table: Vec<_> = (0..=PHASES).map(table_row).collect();
        let cursor = Cursor::new(drift, delay_samples);
        Self {
            group: Group {
                coefficients: [0.0; TAPS],
                slopes: [0.0; TAPS],
                drifts: std::array::from_fn(|i| ((i as f64 - MIDDLE) * drift) as f32),
            }
            .at(&table, cursor.fraction),
            table,
            // One sample more than the first output needs: a drift may start the group before it.
            history: History::silence(BEHIND + 1 + delay_samples.ceil() as usize),
            cursor,
            position: 0,
        }
    }

    /// Turns all history that suffices into output.
    fn run(&mut self, output: &mut Vec<Complex32>) {
        let end = self.history.len();
        self.history.extend_silence(GROUP);
        while self.cursor.whole + self.position + AHEAD < end {
            let wanted = (end - AHEAD - self.cursor.whole).min(GROUP);
            let start = self.cursor.whole - BEHIND;
            let values = interpolate(
                &self.group,
                &self.history.re[start..],
                &self.history.im[start..],
            );
            output.extend_from_slice(&values[self.position..wanted]);
            self.position = wanted;
            if wanted == GROUP {
                self.next_group();
            }
        }
        self.history.truncate(end);
        self.forget_used();
    }

    fn next_group(&mut self) {
        self.cursor.advance();
        self.group = self.group.clone().at(&self.table, self.cursor.fraction);
        self.position = 0;
    }

    fn forget_used(&mut self) {
        let used = (self.cursor.whole - BEHIND).min(self.history.len());
        self.history.drop_front(used);
        self.cursor.whole -= used;
    }
}

impl Impairment for Sfo {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        self.history.extend(samples);
        samples.clear();
        self.run(samples);
    }

    fn finish(&mut self, samples: &mut Vec<Complex32>) {
        self.history.extend(samples);
        self.history.extend_silence(AHEAD);
        samples.clear();
        self.run(samples);
    }
}

impl Cursor {
    fn new(drift: f64, delay_samples: f64) -> Self {
        let before = delay_samples.ceil() - delay_samples;
        let start = (before + 1.0 + MIDDLE * drift) * ONE_SAMPLE;
        let start = start as u128;
        Self {
            whole: BEHIND + (start >> 64) as usize,
            fraction: start as u64,
            drift: (GROUP as f64 * drift * ONE_SAMPLE) as i64,
        }
    }

    fn advance(&mut self) {
        let (fraction, carry) = self.fraction.overflowing_add(self.drift as u64);
        // A negative drift is added as 2^64 - |drift|: the carry is then the one sample that was not borrowed.
        let borrowed = usize::from(self.drift < 0);
        self.whole += GROUP + usize::from(carry) - borrowed;
        self.fraction = fraction;
    }
}

impl Group {
    /// The coefficients for outputs a `fraction` after their samples, from the table's two nearest rows.
    fn at(mut self, table: &[[f32; TAPS]], fraction: u64) -> Self {
        let phase = (fraction >> 56) as usize;
        let between = ((fraction >> 32) as u32 & 0x00ff_ffff) as f32 / 16_777_216.0;
        let (low, high) = (&table[phase], &table[phase + 1]);
        let steps: [f32; TAPS] = std::array::from_fn(|k| high[k] - low[k]);
        self.coefficients = std::array::from_fn(|k| low[k] + between * steps[k]);
        self.slopes = steps.map(|step| step * PHASES as f32);
        self
    }
}

fn table_row(phase: usize) -> [f32; TAPS] {
    coefficients(phase as f64 / PHASES as f64).map(|c| c as f32)
}

/// A group's outputs from the samples that its first one begins with. Each adds its products in the order of the
/// coefficients, whatever the processor.
#[multiversion(targets("x86_64+avx2"))]
fn interpolate(group: &Group, re: &[f32], im: &[f32]) -> [Complex32; GROUP] {
    let (mut sum_re, mut sum_im) = ([0.0f32; GROUP], [0.0f32; GROUP]);
    let (mut slope_re, mut slope_im) = ([0.0f32; GROUP], [0.0f32; GROUP]);
    for k in 0..TAPS {
        let x_re: &[f32; GROUP] = re[k..k + GROUP].try_into().unwrap();
        let x_im: &[f32; GROUP] = im[k..k + GROUP].try_into().unwrap();
        for i in 0..GROUP {
            sum_re[i] += group.coefficients[k] * x_re[i];
            sum_im[i] += group.coefficients[k] * x_im[i];
            slope_re[i] += group.slopes[k] * x_re[i];
            slope_im[i] += group.slopes[k] * x_im[i];
        }
    }
    let value = |i: usize| {
        let drift = group.drifts[i];
        Complex32::new(
            sum_re[i] + drift * slope_re[i],
            sum_im[i] + drift * slope_im[i],
        )
    };
    std::array::from_fn(value)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use num_complex::Complex64;

    use super::*;

    fn tone(frequency: f64, count: usize) -> Vec<Complex32> {
        let sample = |n: usize| Complex64::cis(TAU * (frequency * n as f64).fract());
        (0..count)
            .map(sample)
            .map(|x| Complex32::new(x.re as f32, x.im as f32))
            .collect()
    }

    /// Signal over error, in dB, of a tone through the stage against the tone computed at the stage's times.
    fn sinr_db(frequency: f64, sfo_ppm: f64, delay_samples: f64) -> f64 {
        let mut samples = tone(frequency, 60_000);
        Sfo::new(sfo_ppm, delay_samples).process(&mut samples);
        let skip = delay_samples as usize + TAPS;
        let error = |(m, got): (usize, &Complex32)| {
            let time = m as f64 * (1.0 + sfo_ppm * 1e-6) - delay_samples;
            (Complex64::new(got.re.into(), got.im.into()) - Complex64::cis(TAU * frequency * time))
                .norm_sqr()
        };
        let errors = samples.iter().enumerate().skip(skip).map(error);
        -10.0 * (errors.sum::<f64>() / (samples.len() - skip) as f64).log10()
    }

    /// The worst of tones over the occupied band, at these offsets and delays.
    fn worst_sinr_db(cases: &[(f64, f64)]) -> f64 {
        let mut worst = f64::INFINITY;
        for frequency in [-0.41, -0.25, 0.01, 0.2, 0.35, 0.40, 0.41] {
            for (sfo_ppm, delay_samples) in cases {
                worst = worst.min(sinr_db(frequency, *sfo_ppm, *delay_samples));
            }
        }
        worst
    }

    #[test]
    fn tones_over_the_occupied_band_come_out_clean_at_the_offset_frequency() {
        let crystals = worst_sinr_db(&[(40.0, 0.0), (-40.0, 0.0), (0.0, 0.5), (-7.0, 12.25)]);
        assert!(
            crystals > 80.0,
            "signal over distortion {crystals} dB at up to 40 ppm"
        );
        let extreme = worst_sinr_db(&[(1000.0, 0.3), (-1000.0, 0.0)]);
        assert!(
            extreme > 75.0,
            "signal over distortion {extreme} dB at 1000 ppm"
        );
    }

    #[test]
    fn no_offset_is_exact_and_whole_delays_shift() {
        let sent = tone(0.1, 500);
        let mut samples = sent.clone();
        Sfo::new(0.0, 0.0).finish(&mut samples);
        assert_eq!(samples, sent);
        let mut delayed = sent.clone();
        Sfo::new(0.0, 7.0).finish(&mut delayed);
        assert_eq!(delayed.len(), 507);
        assert_eq!(delayed[7..], sent);
        assert_eq!(delayed[..7], [Complex32::ZERO; 7]);
    }

    #[test]
    fn the_length_follows_the_clock() {
        for (sfo_ppm, expected) in [(1000.0, 99_900), (-1000.0, 100_100)] {
            let mut samples = tone(0.1, 100_000);
            Sfo::new(sfo_ppm, 0.0).finish(&mut samples);
            assert!(
                samples.len().abs_diff(expected) <= 1,
                "{sfo_ppm} ppm: {}",
                samples.len()
            );
        }
    }

    #[test]
    fn the_time_is_exact_after_a_billion_samples() {
        for (sfo_ppm, expected) in [(40.0, 1_000_040_000.0), (-25.0, 999_975_000.0)] {
            let mut cursor = Cursor::new(sfo_ppm * 1e-6, 0.0);
            let start = cursor.time();
            for _ in 0..1_000_000_000 / GROUP {
                cursor.advance();
            }
            let elapsed = cursor.time() - start;
            assert!(
                (elapsed - expected).abs() < 1e-6,
                "{sfo_ppm} ppm: {elapsed} samples"
            );
        }
    }

    impl Cursor {
        fn time(&self) -> f64 {
            self.whole as f64 + self.fraction as f64 / ONE_SAMPLE
        }
    }
}
