//! DC offset: local-oscillator leakage of a direct-conversion receiver, the spike at 0 Hz.

use num_complex::{Complex32, Complex64};

use super::Impairment;

/// Adds one complex constant to every sample.
#[derive(Debug, Clone)]
pub struct DcOffset {
    offset: Complex32,
}

impl DcOffset {
    /// `level_db`: power of the constant relative to unit power, the power of an occupied carrier. The noise has
    /// power `-snr_db` on this scale, so a spike 20 dB above the noise is `level_db = 20 - snr_db`.
    pub fn new(level_db: f64, phase_deg: f64) -> Self {
        let offset = Complex64::from_polar(10f64.powf(level_db / 20.0), phase_deg.to_radians());
        Self {
            offset: Complex32::new(offset.re as f32, offset.im as f32),
        }
    }
}

impl Impairment for DcOffset {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        for sample in samples {
            *sample += self.offset;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constant_has_its_level_and_phase() {
        let mut samples = vec![Complex32::new(1.0, 0.0); 2];
        DcOffset::new(-20.0, 90.0).process(&mut samples);
        for sample in samples {
            assert!(
                (sample - Complex32::new(1.0, 0.1)).norm() < 1e-6,
                "{sample}"
            );
        }
    }
}
