//! Gain of the receiver ahead of its converter: lifts or lowers signal and noise alike.

use num_complex::Complex32;

use super::Impairment;

/// Multiplies every sample by one real factor.
#[derive(Debug, Clone)]
pub struct Gain {
    factor: f32,
}

impl Gain {
    /// `gain_db` of power.
    pub fn new(gain_db: f64) -> Self {
        Self {
            factor: 10f64.powf(gain_db / 20.0) as f32,
        }
    }
}

impl Impairment for Gain {
    fn process(&mut self, samples: &mut Vec<Complex32>) {
        for sample in samples {
            *sample *= self.factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_db_are_ten_times_the_amplitude() {
        let mut samples = vec![Complex32::new(1.0, -2.0)];
        Gain::new(20.0).process(&mut samples);
        assert_eq!(samples, [Complex32::new(10.0, -20.0)]);
    }
}
