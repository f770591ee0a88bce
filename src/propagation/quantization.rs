//! Quantization by the receiver's converter, 8 bits of I and of Q on a HackRF.
//!
//! Two's complement as in the ci8 files of HackRF: codes -2^(bits-1) to 2^(bits-1) - 1, steps of equal width, zero a
//! code of its own. Inside full scale the error is that of a uniform quantizer, step^2 / 12 for I and for Q.

use multiversion::multiversion;
use num_complex::Complex32;

use super::clipping::amplitude;
use super::{Impairment, PropagationStatistics};

/// Adding and subtracting 1.5 * 2^23 rounds an f32 below 2^22 to the nearest integer, ties to even.
const ROUNDER: f32 = 12_582_912.0;

/// Rounds I and Q to the nearest code and limits them to the codes there are.
#[derive(Debug, Clone)]
pub struct Quantization {
    step: f32,
    lowest: f32,
    highest: f32,
    saturated: u64,
}

impl Quantization {
    /// `bits`: 2 to 16 of I and of Q; `full_scale_db`: amplitude of the lowest code, in dB above the nominal rms of
    /// the complex signal (not of I or Q alone, which is 3 dB lower).
    pub fn new(bits: u32, full_scale_db: f64) -> Self {
        let codes = 2f32.powi(bits as i32 - 1);
        Self {
            step: amplitude(full_scale_db) / codes,
            lowest: -codes,
            highest: codes - 1.0,
            saturated: 0,
        }
    }
}

impl Impairment for Quantization {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        self.saturated += quantize(samples, self.step, self.lowest, self.highest);
    }

    fn count(&self, statistics: &mut PropagationStatistics) {
        statistics.samples_saturated += self.saturated;
    }
}

/// Quantizes in place; returns how many samples had a part outside the codes.
#[multiversion(targets("x86_64+avx2"))]
fn quantize(samples: &mut [Complex32], step: f32, lowest: f32, highest: f32) -> u64 {
    let per_step = 1.0 / step;
    let mut saturated = 0;
    for sample in samples {
        let (re, im) = (sample.re * per_step, sample.im * per_step);
        let low = re.min(im) < lowest - 0.5;
        let high = re.max(im) > highest + 0.5;
        saturated += u64::from(low | high);
        let code = |value: f32| (value.clamp(lowest, highest) + ROUNDER) - ROUNDER;
        *sample = Complex32::new(code(re) * step, code(im) * step);
    }
    saturated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propagation::NOMINAL_POWER;
    use crate::propagation::awgn::Awgn;

    #[test]
    fn the_quantizer_s_snr_is_that_of_a_uniform_one() {
        let mut sent = vec![Complex32::ZERO; 200_000];
        Awgn::new(-10.0 * NOMINAL_POWER.log10(), 1).process(&mut sent);
        for (bits, full_scale_db) in [(8, 12.0), (6, 12.0), (12, 15.0)] {
            let mut quantized = sent.clone();
            Quantization::new(bits, full_scale_db).process(&mut quantized);
            let power = |values: &mut dyn Iterator<Item = Complex32>| {
                values.map(|x| f64::from(x.norm_sqr())).sum::<f64>()
            };
            let error = power(&mut sent.iter().zip(&quantized).map(|(a, b)| a - b));
            let snr_db = 10.0 * (power(&mut sent.iter().copied()) / error).log10();
            // step = A 2^(1-bits), error 2 step^2 / 12, A = rms 10^(db/20).
            let theory_db =
                20.0 * f64::from(bits) * 2f64.log10() + 10.0 * 1.5f64.log10() - full_scale_db;
            assert!(
                (snr_db - theory_db).abs() < 0.1,
                "{bits} bits: {snr_db} dB, theory {theory_db} dB"
            );
        }
    }

    #[test]
    fn every_output_is_a_code_of_two_s_complement() {
        let mut quantization = Quantization::new(8, 0.0);
        let step = quantization.step;
        let mut samples = vec![
            Complex32::new(500.0 * step, -500.0 * step),
            Complex32::new(2.4 * step, -2.6 * step),
            Complex32::new(127.3 * step, -128.3 * step),
        ];
        quantization.process(&mut samples);
        let codes: Vec<_> = samples.iter().map(|x| x / step).collect();
        assert_eq!(codes[0], Complex32::new(127.0, -128.0));
        assert_eq!(codes[1], Complex32::new(2.0, -3.0));
        assert_eq!(codes[2], Complex32::new(127.0, -128.0));
        assert_eq!(quantization.saturated, 1);
    }
}
