//! The filter between two rates: a Kaiser-windowed low-pass in polyphase form ([Harris 2021], chapters 6 and 7).
//!
//! [Harris 2021]: https://doi.org/10.1201/9781003337102

use futuredsp::prelude::*;
use futuredsp::{PolyphaseResamplingFir, firdes, windows};
use num_complex::Complex32;

use super::Ratio;

/// Half of the filter's length, in samples of the signal: 60 dB of attenuation 0.05 of the sample rate beside its edge.
const HALF_LENGTH: usize = 18;
/// Shape of the window for 60 dB (Kaiser's formula).
const BETA: f64 = 5.65;
/// Where the filter has fallen by 6 dB, in sample rates of the signal.
const EDGE: f64 = 0.5;

/// Makes `interpolation` samples of `decimation`. Each comes out in the middle of what it is made from, `delay` samples late.
pub(super) struct Polyphase {
    filter: PolyphaseResamplingFir<Complex32, Complex32, Vec<f32>>,
    pub interpolation: usize,
    pub decimation: usize,
    /// Samples of the input on each side of the one that comes out.
    pub delay: usize,
    held: Vec<Complex32>,
}

impl Polyphase {
    /// From the radio's rate to the signal's.
    pub fn down(ratio: Ratio) -> Self {
        Self::new(ratio.signal, ratio.radio, ratio)
    }

    /// From the signal's rate to the radio's.
    pub fn up(ratio: Ratio) -> Self {
        Self::new(ratio.radio, ratio.signal, ratio)
    }

    fn new(interpolation: usize, decimation: usize, ratio: Ratio) -> Self {
        // At the common multiple of both rates a sample of the signal has `radio` parts.
        let delay = (HALF_LENGTH * ratio.radio).div_ceil(interpolation);
        let window = windows::kaiser(2 * delay * interpolation + 1, BETA);
        let mut taps: Vec<f32> = firdes::lowpass(EDGE / ratio.radio as f64, &window);
        let gain = interpolation as f32 / taps.iter().sum::<f32>();
        taps.iter_mut().for_each(|tap| *tap *= gain);
        // All phases have equally many.
        taps.resize((2 * delay + 1) * interpolation, 0.0);
        Self {
            filter: PolyphaseResamplingFir::new(interpolation, decimation, taps),
            interpolation,
            decimation,
            delay,
            held: Vec::new(),
        }
    }

    /// Forgets what came before; the first sample that comes out will be `early` samples before the first that goes in.
    pub fn restart(&mut self, early: usize) {
        self.held.clear();
        self.held.resize(self.delay + early, Complex32::ZERO);
    }

    /// Takes samples and gives those that are complete, a multiple of `interpolation`; `finish` sees each of them with those of the
    /// input that lie between it and the next.
    pub fn push(
        &mut self,
        input: &[Complex32],
        output: &mut Vec<Complex32>,
        finish: impl Fn(&[Complex32], &mut Complex32),
    ) {
        self.held.extend_from_slice(input);
        let start = output.len();
        let most = (self.held.len() / self.decimation + 1) * self.interpolation;
        output.resize(start + most, Complex32::ZERO);
        let (taken, made, _) = self.filter.filter(&self.held, &mut output[start..]);
        output.truncate(start + made);
        let place = |sample: usize| self.delay + sample * self.decimation / self.interpolation;
        for (sample, out) in output[start..].iter_mut().enumerate() {
            finish(&self.held[place(sample)..place(sample + 1)], out);
        }
        self.held.drain(..taken);
    }
}
