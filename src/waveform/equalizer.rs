//! Equalizer of one tap a carrier that hands on what it is worth: a noise variance for every symbol.
//!
//! Unbiased LMMSE: for one tap the LMMSE estimate without its bias is the received value over the gain, and all that the
//! "MMSE" adds lies in the variance, which the decoder uses. The error of the channel estimate counts as noise.

use num_complex::Complex32;

/// Beyond this noise variance a symbol counts as lost.
const LOST_VARIANCE: f32 = 1e4;

/// One equalized symbol and its noise variance; lost where the carrier is in a hole.
pub fn equalize(received: Complex32, gain: Complex32, noise_variance: f32) -> (Complex32, f32) {
    let power = gain.norm_sqr();
    let variance = noise_variance / power;
    // Not `>=`: a variance that is no number is lost as well.
    if variance < LOST_VARIANCE {
        (
            received * gain.conj() / power,
            variance.max(f32::MIN_POSITIVE),
        )
    } else {
        (Complex32::default(), f32::INFINITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_come_back_with_the_variance_of_their_carrier() {
        let h = Complex32::new(0.0, 2.0);
        let (x, v) = equalize(Complex32::new(1.0, 1.0) * h, h, 0.4);
        assert!((x - Complex32::new(1.0, 1.0)).norm() < 1e-6);
        assert!((v - 0.1).abs() < 1e-6);
    }

    #[test]
    fn a_carrier_in_a_hole_is_lost_not_enormous() {
        for h in [0.0, 1e-4, f32::NAN] {
            let (x, v) = equalize(Complex32::new(1.0, 1.0), Complex32::new(h, 0.0), 1.0);
            assert_eq!((x, v), (Complex32::default(), f32::INFINITY));
        }
    }
}
