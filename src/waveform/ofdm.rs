//! OFDM symbols: carriers to samples and back, both ends side by side.
//!
//! The transform is unitary: unit power on a carrier is unit energy in the symbol, and noise of variance v a sample has
//! variance v on every carrier.

use std::sync::Arc;

use num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use super::numerology::{CarrierPlan, Numerology};

/// Used carriers to samples with a cyclic prefix.
pub struct OfdmModulator {
    numerology: Numerology,
    bins: Vec<usize>,
    inverse: Arc<dyn Fft<f32>>,
    buffer: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl OfdmModulator {
    /// A modulator of `numerology`.
    pub fn new(numerology: Numerology) -> Self {
        let inverse = FftPlanner::new().plan_fft_inverse(numerology.carriers());
        Self {
            numerology,
            bins: bins(numerology),
            buffer: vec![Complex32::default(); numerology.carriers()],
            scratch: vec![Complex32::default(); inverse.get_inplace_scratch_len()],
            inverse,
        }
    }

    /// Appends one symbol with `prefix_samples` of cyclic prefix to `out`; `carriers` are the used ones, ascending.
    ///
    /// # Panics
    /// If `carriers` does not hold exactly the used carriers.
    pub fn symbol(
        &mut self,
        carriers: &[Complex32],
        prefix_samples: usize,
        out: &mut Vec<Complex32>,
    ) {
        assert_eq!(carriers.len(), self.bins.len());
        self.buffer.fill(Complex32::default());
        for (&bin, &x) in self.bins.iter().zip(carriers) {
            self.buffer[bin] = x;
        }
        self.inverse
            .process_with_scratch(&mut self.buffer, &mut self.scratch);
        let n = self.numerology.carriers();
        let scale = 1.0 / (n as f32).sqrt();
        self.buffer.iter_mut().for_each(|x| *x *= scale);
        out.extend_from_slice(&self.buffer[n - prefix_samples..]);
        out.extend_from_slice(&self.buffer);
    }
}

/// Samples without prefix to used carriers.
pub struct OfdmDemodulator {
    bins: Vec<usize>,
    forward: Arc<dyn Fft<f32>>,
    buffer: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl OfdmDemodulator {
    /// A demodulator of `numerology`.
    pub fn new(numerology: Numerology) -> Self {
        let forward = FftPlanner::new().plan_fft_forward(numerology.carriers());
        Self {
            bins: bins(numerology),
            buffer: vec![Complex32::default(); numerology.carriers()],
            scratch: vec![Complex32::default(); forward.get_inplace_scratch_len()],
            forward,
        }
    }

    /// Appends the used carriers, ascending, of the symbol whose FFT window is `window`.
    ///
    /// # Panics
    /// If `window` is not one FFT long.
    pub fn symbol(&mut self, window: &[Complex32], out: &mut Vec<Complex32>) {
        self.buffer.copy_from_slice(window);
        self.forward
            .process_with_scratch(&mut self.buffer, &mut self.scratch);
        let scale = 1.0 / (self.buffer.len() as f32).sqrt();
        out.extend(self.bins.iter().map(|&bin| self.buffer[bin] * scale));
    }
}

fn bins(numerology: Numerology) -> Vec<usize> {
    let plan = CarrierPlan::new(numerology);
    plan.used
        .iter()
        .map(|&k| CarrierPlan::bin(k, numerology.carriers()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waveform::prbs;

    #[test]
    fn carriers_come_back_and_power_is_kept() {
        for n in Numerology::ALL {
            let carriers: Vec<Complex32> = (0..n.used_carriers())
                .map(|i| prbs::filler(3, i as u64))
                .collect();
            let mut samples = Vec::new();
            OfdmModulator::new(n).symbol(&carriers, n.prefix_samples(), &mut samples);
            assert_eq!(samples.len(), n.symbol_samples());
            let window = &samples[n.prefix_samples()..];
            let power = window.iter().map(|x| x.norm_sqr()).sum::<f32>() / n.carriers() as f32;
            assert!(
                (power as f64 - n.mean_sample_power()).abs() < 1e-4,
                "{power}"
            );
            let mut back = Vec::new();
            OfdmDemodulator::new(n).symbol(window, &mut back);
            let worst = back
                .iter()
                .zip(&carriers)
                .map(|(a, b)| (a - b).norm())
                .fold(0.0, f32::max);
            assert!(worst < 1e-5, "{worst}");
        }
    }

    #[test]
    fn the_transform_is_the_textbook_sum() {
        let n = Numerology::Narrow;
        let plan = CarrierPlan::new(n);
        let carriers: Vec<Complex32> = (0..n.used_carriers())
            .map(|i| prbs::filler(4, i as u64))
            .collect();
        let mut samples = Vec::new();
        OfdmModulator::new(n).symbol(&carriers, 0, &mut samples);
        for (t, x) in samples.iter().enumerate() {
            let slow: Complex32 = plan
                .used
                .iter()
                .zip(&carriers)
                .map(|(&k, &c)| {
                    c * Complex32::cis(std::f32::consts::TAU * k as f32 * t as f32 / 64.0) / 8.0
                })
                .sum();
            assert!((slow - x).norm() < 1e-5);
        }
    }
}
