//! QPSK of TS 38.211 section 5.1.3 and its exact log-likelihood ratios.
//!
//! Symbols have unit power; a variance is that of the complex noise, half of it on each real value.
//!
//! ```
//! use heliograph::bits::qpsk;
//! let symbols = qpsk::modulate(&[0, 1]);
//! assert!((symbols[0].re - 0.5f32.sqrt()).abs() < 1e-6 && symbols[0].im < 0.0);
//! let llrs = qpsk::demodulate(&symbols, &[f32::INFINITY]);
//! assert_eq!(llrs[0].0, 0.0); // a lost symbol says nothing
//! ```

use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

use num_complex::Complex32;

use super::llr::Llr;

/// Maps bit pairs b0, b1 to ((1 - 2 b0) + j (1 - 2 b1)) / sqrt 2; an odd last bit is paired with a 0.
pub fn modulate(bits: &[u8]) -> Vec<Complex32> {
    bits.chunks(2)
        .map(|pair| Complex32::new(level(pair[0]), level(pair.get(1).copied().unwrap_or(0))))
        .collect()
}

/// Exact LLRs of `symbols`, two a symbol, each with its own noise variance (`f32::INFINITY`: lost).
///
/// Where `variances` is the shorter of the two, the symbols without a variance count as lost.
pub fn demodulate(symbols: &[Complex32], variances: &[f32]) -> Vec<Llr> {
    let lost = std::iter::repeat(&f32::INFINITY);
    symbols
        .iter()
        .zip(variances.iter().chain(lost))
        .flat_map(|(&symbol, &variance)| symbol_llrs(symbol, variance))
        .collect()
}

fn level(bit: u8) -> f32 {
    FRAC_1_SQRT_2 * (1.0 - 2.0 * f32::from(bit & 1))
}

/// ln of exp(-(y-a)^2 / v) / exp(-(y+a)^2 / v) with a = 1/sqrt 2 and v the complex variance: 2 sqrt 2 y / v.
fn symbol_llrs(symbol: Complex32, variance: f32) -> [Llr; 2] {
    let lost = variance.is_nan() || variance == f32::INFINITY;
    let gain = if lost {
        0.0
    } else {
        2.0 * SQRT_2 / variance.max(f32::MIN_POSITIVE)
    };
    [Llr::new(gain * symbol.re), Llr::new(gain * symbol.im)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_llr_is_the_log_ratio_of_the_two_gaussian_densities() {
        let (symbol, variance) = (Complex32::new(0.3, -0.9), 0.4f32);
        let density = |y: f32, a: f32| (-(y - a).powi(2) / variance).exp();
        let expected = |y| (density(y, FRAC_1_SQRT_2) / density(y, -FRAC_1_SQRT_2)).ln();
        let llrs = demodulate(&[symbol], &[variance]);
        assert!((llrs[0].0 - expected(symbol.re)).abs() < 1e-4);
        assert!((llrs[1].0 - expected(symbol.im)).abs() < 1e-4);
    }

    #[test]
    fn every_bit_pair_survives_and_has_unit_power() {
        for bits in [[0, 0], [0, 1], [1, 0], [1, 1]] {
            let symbols = modulate(&bits);
            assert!((symbols[0].norm_sqr() - 1.0).abs() < 1e-6);
            let decided: Vec<u8> = demodulate(&symbols, &[0.5])
                .iter()
                .map(|llr| llr.hard_decision())
                .collect();
            assert_eq!(decided, bits);
        }
    }

    #[test]
    fn odd_input_gives_finite_llrs() {
        let symbols = [
            Complex32::new(f32::NAN, f32::INFINITY),
            Complex32::new(1.0, 1.0),
        ];
        for variances in [[0.0, -1.0], [f32::NAN, f32::INFINITY], [1e-38, 1e38]] {
            assert!(
                demodulate(&symbols, &variances)
                    .iter()
                    .all(|llr| llr.0.is_finite())
            );
        }
        assert_eq!(demodulate(&symbols, &[]).len(), 4);
    }
}
