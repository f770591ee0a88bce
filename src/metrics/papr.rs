//! Peak-to-average power ratio of samples.

use num_complex::Complex32;

/// `10 log10(max |x|^2 / mean |x|^2)` in dB; `None` when there is no power (or no sample).
pub fn papr_db(samples: &[Complex32]) -> Option<f64> {
    let powers = samples.iter().map(|x| f64::from(x.norm_sqr()));
    let peak = powers.clone().fold(0.0, f64::max);
    let mean = powers.sum::<f64>() / samples.len() as f64;
    (mean > 0.0).then(|| 10.0 * (peak / mean).log10())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pulse_in_a_hundred_samples_is_twenty_db() {
        let mut samples = vec![Complex32::ZERO; 100];
        samples[42] = Complex32::new(0.0, 3.0);
        assert!((papr_db(&samples).unwrap() - 20.0).abs() < 1e-9);
        assert_eq!(papr_db(&samples[..40]), None);
        assert_eq!(papr_db(&[]), None);
    }
}
