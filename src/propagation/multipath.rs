//! Multipath: a tapped delay line with taps at fractional delays and gains that may change with time.
//!
//! Taps lie where the profile puts them, by band-limited interpolation ([`super::interpolator`]); rounding to samples
//! would merge them (TDL-A at 100 ns and 2 MS/s would keep 3 of 23). All taps together are one complex FIR filter, so
//! that their number costs nothing a sample. Fading gains are computed every few samples (a twentieth of a radian of
//! the fastest Doppler shift) and the filter moves on a straight line in between: measured, the error is
//! -76 dB of the signal (a test holds -70 dB).

use std::f64::consts::TAU;

use num_complex::{Complex32, Complex64};

use super::Impairment;
use super::convolution::{Fir, Output, convolve};
use super::fading::{Law, TapGains};
use super::history::History;
use super::interpolator::{BEHIND, TAPS, coefficients};
use super::seed::{StageRng, Stream, stage_rng};

/// Largest Doppler phase between two computed gains, in turns.
const STEP_TURNS: f64 = 0.05 / TAU;

/// Longest step between two computed gains.
const MAX_STEP_SAMPLES: f64 = 4096.0;

/// One propagation path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tap {
    /// Delay in samples, whole and fractional, not negative.
    pub delay_samples: f64,
    /// Gain of a fixed tap; its squared magnitude is the mean power of a random one.
    pub gain: Complex64,
}

/// How the taps' gains behave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TapFading {
    /// Each tap keeps its gain.
    Fixed,
    /// Rayleigh: every `coherence_samples` (0: never) an independent draw; between draws the gains fade with the Jakes
    /// spectrum of this largest Doppler shift in cycles per sample (0: they stand still).
    Rayleigh {
        doppler: f64,
        coherence_samples: u64,
    },
}

/// The tapped delay line.
#[derive(Debug, Clone)]
pub struct Multipath {
    taps: Vec<Tap>,
    /// Where each tap's interpolation coefficients lie in the filter.
    kernels: Vec<Kernel>,
    gains: TapGains,
    filter: MovingFilter,
    history: History,
    /// Samples before and after the current one that the filter reaches.
    behind: usize,
    ahead: usize,
    coherence_samples: u64,
    position_in_block: u64,
    rng: StageRng,
}

#[derive(Debug, Clone)]
struct Kernel {
    start: usize,
    coefficients: Vec<f64>,
}

/// A filter on its way from one set of gains to the next.
#[derive(Debug, Clone)]
struct MovingFilter {
    now: Fir,
    /// Change over a step; none where gains stand still.
    slope: Option<Fir>,
    next: Fir,
    step_samples: u64,
    position: u64,
}

impl Multipath {
    /// A delay line of these taps; none at all is a channel without a path.
    pub fn new(taps: Vec<Tap>, fading: TapFading, seed: u64) -> Self {
        let mut rng = stage_rng(seed, Stream::Multipath);
        let (law, coherence_samples, step_samples) = resolve(fading);
        let gains = TapGains::new(law, taps.iter().map(|tap| tap.gain).collect(), &mut rng);
        let (kernels, behind, ahead) = kernels(&taps);
        let empty = Fir::silent(behind + 1 + ahead);
        let mut multipath = Self {
            taps,
            kernels,
            gains,
            filter: MovingFilter {
                now: empty.clone(),
                slope: matches!(law, Law::Fading { .. }).then(|| empty.clone()),
                next: empty,
                step_samples,
                position: 0,
            },
            history: History::silence(behind),
            behind,
            ahead,
            coherence_samples,
            position_in_block: 0,
            rng,
        };
        multipath.start_block();
        multipath
    }

    /// Frequency response at `frequency` (cycles per sample) for the gains in force at the last computed step.
    pub fn response(&self, frequency: f64) -> Complex64 {
        let taps = self.taps.iter().zip(self.gains.gains());
        taps.map(|(tap, gain)| gain * Complex64::cis(-TAU * frequency * tap.delay_samples))
            .sum()
    }

    fn filter_of_gains(&self) -> Fir {
        let mut fir = Fir::silent(self.behind + 1 + self.ahead);
        for (kernel, gain) in self.kernels.iter().zip(self.gains.gains()) {
            fir.add(kernel.start, &kernel.coefficients, *gain);
        }
        fir
    }

    /// Takes the drawn gains as they are and, where they move, finds where to.
    fn start_block(&mut self) {
        self.position_in_block = 0;
        self.filter.next = self.filter_of_gains();
        self.next_step();
    }

    fn next_step(&mut self) {
        self.filter.position = 0;
        std::mem::swap(&mut self.filter.now, &mut self.filter.next);
        if self.filter.slope.is_some() {
            self.gains.step();
            self.filter.next = self.filter_of_gains();
            self.filter.slope = Some(self.filter.next.minus(&self.filter.now));
        }
    }

    /// Samples until the filter or the draw changes.
    fn until_change(&self) -> u64 {
        let step = self.filter.step_samples - self.filter.position;
        match self.coherence_samples {
            0 => step,
            block => step.min(block - self.position_in_block),
        }
    }

    fn advance(&mut self, samples: u64) {
        self.filter.position += samples;
        self.position_in_block += samples;
        if self.coherence_samples != 0 && self.position_in_block == self.coherence_samples {
            self.gains.redraw(&mut self.rng);
            self.start_block();
        } else if self.filter.position == self.filter.step_samples {
            self.next_step();
        }
    }

    /// Turns all history that suffices into output.
    fn run(&mut self, output: &mut Vec<Complex32>) {
        let available = self.history.len().saturating_sub(self.behind + self.ahead);
        self.history.extend_silence(convolve_margin());
        let mut done = 0;
        while done < available {
            let count = self.until_change().min((available - done) as u64) as usize;
            let slope = self.filter.slope.as_ref();
            let progress = (self.filter.position, self.filter.step_samples);
            let target = Output {
                samples: output,
                count,
            };
            convolve(
                &self.filter.now,
                slope,
                progress,
                &self.history,
                done,
                target,
            );
            done += count;
            self.advance(count as u64);
        }
        self.history
            .truncate(self.history.len() - convolve_margin());
        self.history.drop_front(done);
    }
}

impl Impairment for Multipath {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        self.history.extend(samples);
        samples.clear();
        self.run(samples);
    }

    fn finish(&mut self, samples: &mut Vec<Complex32>) {
        self.history.extend(samples);
        self.history.extend_silence(self.behind + self.ahead);
        samples.clear();
        self.run(samples);
    }
}

fn convolve_margin() -> usize {
    super::convolution::LANES
}

/// Law of the gains, samples between draws, samples between computed gains.
fn resolve(fading: TapFading) -> (Law, u64, u64) {
    match fading {
        TapFading::Fixed => (Law::Fixed, 0, u64::MAX),
        TapFading::Rayleigh {
            doppler: 0.0,
            coherence_samples,
        } => (Law::Drawn, coherence_samples, u64::MAX),
        TapFading::Rayleigh {
            doppler,
            coherence_samples,
        } => {
            let step = (STEP_TURNS / doppler).floor().clamp(1.0, MAX_STEP_SAMPLES);
            let law = Law::Fading {
                doppler_turns: doppler * step,
            };
            (law, coherence_samples, step as u64)
        }
    }
}

/// The taps' kernels in a filter cut to what they use, and the filter's reach behind and ahead.
fn kernels(taps: &[Tap]) -> (Vec<Kernel>, usize, usize) {
    let whole = |tap: &Tap| tap.delay_samples.ceil() as usize;
    let longest = taps.iter().map(whole).max().unwrap_or(0);
    let mut kernels: Vec<_> = taps
        .iter()
        .map(|tap| kernel(tap, longest - whole(tap)))
        .collect();
    let now = longest + BEHIND;
    let first = kernels
        .iter()
        .map(|k| k.start)
        .min()
        .unwrap_or(now)
        .min(now);
    let last = kernels
        .iter()
        .map(|k| k.start + k.coefficients.len() - 1)
        .max()
        .unwrap_or(now)
        .max(now);
    for kernel in &mut kernels {
        kernel.start -= first;
    }
    (kernels, now - first, last - now)
}

/// Interpolation coefficients without the zeros at the ends: a tap at a whole sample has one coefficient.
fn kernel(tap: &Tap, start: usize) -> Kernel {
    let all = coefficients(tap.delay_samples.ceil() - tap.delay_samples);
    let first = all.iter().position(|c| *c != 0.0).unwrap_or(0);
    let last = all.iter().rposition(|c| *c != 0.0).unwrap_or(TAPS - 1);
    Kernel {
        start: start + first,
        coefficients: all[first..=last].to_vec(),
    }
}

#[cfg(test)]
mod tests;
