//! Gray-mapped QPSK, 16-QAM and 64-QAM of 3GPP TS 38.211 sections 5.1.3 to 5.1.5, and their exact log-likelihood ratios.
//!
//! The even bits of a symbol choose its real value, the odd ones its imaginary value, in the same way; symbols have unit mean
//! power; a variance is that of the complex noise, half of it on each real value.
//!
//! ```
//! use heliograph_baselines::Modulation;
//! let symbols = Modulation::Qam16.modulate(&[0, 0, 1, 0]);
//! assert!((symbols[0].re - 3.0 * 0.1f32.sqrt()).abs() < 1e-6);
//! assert!((symbols[0].im - 0.1f32.sqrt()).abs() < 1e-6);
//! let llrs = Modulation::Qam16.demodulate(&symbols, &[0.01]);
//! assert!(llrs[0].0 > 0.0 && llrs[2].0 < 0.0);
//! ```

use std::fmt;

use heliograph::bits::llr::Llr;
use num_complex::Complex32;

/// Bits of a symbol on one axis, at most.
const MAX_AXIS_BITS: usize = 3;

/// A set of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Modulation {
    /// 2 bits a symbol.
    Qpsk,
    /// 4 bits a symbol.
    Qam16,
    /// 6 bits a symbol.
    Qam64,
}

impl Modulation {
    /// All of them, fewest bits first.
    pub const ALL: [Self; 3] = [Self::Qpsk, Self::Qam16, Self::Qam64];

    /// Q_m: bits a symbol.
    pub const fn bits(self) -> usize {
        match self {
            Self::Qpsk => 2,
            Self::Qam16 => 4,
            Self::Qam64 => 6,
        }
    }

    /// Name in labels and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qpsk => "qpsk",
            Self::Qam16 => "16qam",
            Self::Qam64 => "64qam",
        }
    }

    /// Symbols of whole groups of Q_m bits; bits that fill no symbol are left out.
    pub fn modulate(self, bits: &[u8]) -> Vec<Complex32> {
        let axis = |bits: &[u8], first: usize| {
            let own = bits.iter().skip(first).step_by(2);
            self.level(own.fold(0, |index, bit| 2 * index + usize::from(bit & 1)))
        };
        bits.chunks_exact(self.bits())
            .map(|bits| Complex32::new(axis(bits, 0), axis(bits, 1)))
            .collect()
    }

    /// Exact LLRs, Q_m a symbol, each symbol with its own noise variance; a symbol without one, or whose value or
    /// variance is no finite number, says nothing.
    pub fn demodulate(self, symbols: &[Complex32], variances: &[f32]) -> Vec<Llr> {
        let mut llrs = vec![Llr::ERASED; symbols.len() * self.bits()];
        let places = llrs.chunks_exact_mut(self.bits());
        for ((symbol, variance), llrs) in symbols.iter().zip(variances).zip(places) {
            if !(symbol.is_finite() && variance.is_finite()) {
                continue;
            }
            for (axis, value) in [symbol.re, symbol.im].into_iter().enumerate() {
                let found = self.axis_llrs(value, variance.max(f32::MIN_POSITIVE));
                for (bit, llr) in found.into_iter().take(self.bits() / 2).enumerate() {
                    llrs[2 * bit + axis] = Llr::new(llr);
                }
            }
        }
        llrs
    }

    /// Value of the axis bits b0 b1 b2 read as the binary number `index`.
    fn level(self, index: usize) -> f32 {
        let bits = self.bits() / 2;
        let sign = |bit: usize| 1.0 - 2.0 * ((index >> (bits - 1 - bit)) & 1) as f32;
        match self {
            Self::Qpsk => sign(0) / 2f32.sqrt(),
            Self::Qam16 => sign(0) * (2.0 - sign(1)) / 10f32.sqrt(),
            Self::Qam64 => sign(0) * (4.0 - sign(1) * (2.0 - sign(2))) / 42f32.sqrt(),
        }
    }

    /// ln of the sum of exp(-(y - a)^2 / v) over the levels with bit 0, less that over those with bit 1.
    fn axis_llrs(self, value: f32, variance: f32) -> [f32; MAX_AXIS_BITS] {
        let bits = self.bits() / 2;
        let mut metrics = [f32::NEG_INFINITY; 1 << MAX_AXIS_BITS];
        for (index, metric) in metrics.iter_mut().enumerate().take(1 << bits) {
            *metric = -(value - self.level(index)).powi(2) / variance;
        }
        std::array::from_fn(|bit| {
            let of = |wanted: usize| {
                let own =
                    move |index: &usize| bit < bits && (index >> (bits - 1 - bit)) & 1 == wanted;
                log_sum_exp((0..1 << bits).filter(own).map(|index| metrics[index]))
            };
            of(0) - of(1)
        })
    }
}

impl fmt::Display for Modulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn log_sum_exp(values: impl Iterator<Item = f32> + Clone) -> f32 {
    // The floor keeps a metric beyond the range of f32 from becoming infinity less infinity.
    let largest = values.clone().fold(f32::MIN, f32::max);
    largest
        + values
            .map(|value| (value - largest).exp())
            .sum::<f32>()
            .ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_groups(modulation: Modulation) -> impl Iterator<Item = Vec<u8>> {
        let bits = modulation.bits();
        (0..1u32 << bits).map(move |word| (0..bits).map(|bit| (word >> bit & 1) as u8).collect())
    }

    /// The formulas of TS 38.211 as they are printed there.
    fn as_printed(modulation: Modulation, b: &[u8]) -> Complex32 {
        let s = |i: usize| 1.0 - 2.0 * f32::from(b[i]);
        match modulation {
            Modulation::Qpsk => Complex32::new(s(0), s(1)) / 2f32.sqrt(),
            Modulation::Qam16 => {
                Complex32::new(s(0) * (2.0 - s(2)), s(1) * (2.0 - s(3))) / 10f32.sqrt()
            }
            Modulation::Qam64 => {
                let re = s(0) * (4.0 - s(2) * (2.0 - s(4)));
                Complex32::new(re, s(1) * (4.0 - s(3) * (2.0 - s(5)))) / 42f32.sqrt()
            }
        }
    }

    #[test]
    fn the_points_are_those_of_the_standard_with_unit_mean_power() {
        for modulation in Modulation::ALL {
            let mut power = 0.0;
            for bits in all_groups(modulation) {
                let point = modulation.modulate(&bits)[0];
                assert!((point - as_printed(modulation, &bits)).norm() < 1e-6);
                power += point.norm_sqr() / (1 << modulation.bits()) as f32;
            }
            assert!((power - 1.0).abs() < 1e-5, "{modulation}: {power}");
        }
    }

    #[test]
    fn llrs_are_the_log_ratio_of_the_densities_summed_over_all_points() {
        for modulation in Modulation::ALL {
            for (value, variance) in [
                ((0.3, -0.9), 0.4f32),
                ((1.2, 0.05), 0.1),
                ((-0.4, 0.7), 1.5),
            ] {
                let symbol = Complex32::new(value.0, value.1);
                let llrs = modulation.demodulate(&[symbol], &[variance]);
                for (bit, llr) in llrs.iter().enumerate() {
                    let mut density = [0.0f64; 2];
                    for bits in all_groups(modulation) {
                        let distance = (symbol - as_printed(modulation, &bits)).norm_sqr();
                        density[usize::from(bits[bit])] += f64::from(-distance / variance).exp();
                    }
                    let expected = (density[0] / density[1]).ln() as f32;
                    assert!(
                        (llr.0 - expected).abs() < 2e-3,
                        "{modulation} {bit}: {llr:?} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_group_of_bits_survives_with_hardly_any_noise() {
        for modulation in Modulation::ALL {
            for bits in all_groups(modulation) {
                let symbols = modulation.modulate(&bits);
                let llrs = modulation.demodulate(&symbols, &[1e-3]);
                let decided: Vec<u8> = llrs.iter().map(|llr| llr.hard_decision()).collect();
                assert_eq!(decided, bits);
            }
        }
    }

    #[test]
    fn symbols_that_are_no_numbers_or_lost_say_nothing_and_odd_ones_stay_finite() {
        let odd = [
            f32::NAN,
            f32::INFINITY,
            -1.0,
            0.0,
            1e-38,
            1e38,
            f32::MAX,
            f32::MIN,
        ];
        for modulation in Modulation::ALL {
            for value in odd {
                for variance in odd {
                    let llrs = modulation.demodulate(&[Complex32::new(value, 0.1)], &[variance]);
                    assert!(
                        llrs.iter().all(|llr| llr.0.is_finite()),
                        "{value} {variance}"
                    );
                }
            }
            let lost = modulation.demodulate(&[Complex32::ZERO; 2], &[f32::INFINITY]);
            assert_eq!(lost, vec![Llr::ERASED; 2 * modulation.bits()]);
        }
    }
}
