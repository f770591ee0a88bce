//! Error vector magnitude of symbols.

use num_complex::Complex32;

use super::MetricError;

/// `10 log10(sum |received - reference|^2 / sum |reference|^2)` in dB; `-inf` for equal runs,
/// `NaN` for empty ones.
///
/// # Errors
/// [`MetricError::LengthsDiffer`].
pub fn evm_db(reference: &[Complex32], received: &[Complex32]) -> Result<f64, MetricError> {
    if reference.len() != received.len() {
        return Err(MetricError::LengthsDiffer {
            reference: reference.len(),
            received: received.len(),
        });
    }
    let error: f64 = reference
        .iter()
        .zip(received)
        .map(|(a, b)| f64::from((a - b).norm_sqr()))
        .sum();
    let power: f64 = reference.iter().map(|a| f64::from(a.norm_sqr())).sum();
    Ok(10.0 * (error / power).log10())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_the_amplitude_as_error_is_minus_twenty_db() {
        let reference = vec![Complex32::new(0.6, -0.8); 5];
        let received: Vec<_> = reference.iter().map(|x| x * 1.1).collect();
        assert!((evm_db(&reference, &received).unwrap() + 20.0).abs() < 1e-4);
        assert!(evm_db(&reference, &received[1..]).is_err());
    }
}
