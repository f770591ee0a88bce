//! The soft bit: one log-likelihood ratio, its sign and its saturation written once.
//!
//! ```
//! use heliograph::bits::llr::Llr;
//! assert_eq!(Llr(3.2).hard_decision(), 0);
//! assert_eq!((Llr(3.2) + Llr(-4.0)).hard_decision(), 1);
//! assert_eq!(Llr::new(f32::NAN), Llr::ERASED);
//! ```

use std::ops::{Add, AddAssign};

/// Log-likelihood ratio ln P(bit = 0) / P(bit = 1): positive means 0, its size is the confidence, 0 knows nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
#[repr(transparent)]
pub struct Llr(pub f32);

impl Llr {
    /// Nothing is known of the bit (a lost burst, a punctured bit).
    pub const ERASED: Llr = Llr(0.0);

    /// Largest magnitude [`Llr::new`] gives; a bit error at this confidence does not happen.
    pub const SATURATION: f32 = 1.0e4;

    /// Saturates `value` at ±[`Llr::SATURATION`]; a NaN is an erasure.
    pub fn new(value: f32) -> Self {
        if value.is_nan() {
            return Llr::ERASED;
        }
        Llr(value.clamp(-Llr::SATURATION, Llr::SATURATION))
    }

    /// 0 or 1; an erasure is read as 0.
    pub fn hard_decision(self) -> u8 {
        u8::from(self.0 < 0.0)
    }

    /// The soft bit of `bit ^ mask`: undoes scrambling by `mask` (0 or 1).
    pub fn descrambled(self, mask: u8) -> Self {
        if mask == 0 { self } else { Llr(-self.0) }
    }
}

impl Add for Llr {
    type Output = Llr;

    fn add(self, other: Llr) -> Llr {
        Llr(self.0 + other.0)
    }
}

impl AddAssign for Llr {
    fn add_assign(&mut self, other: Llr) {
        self.0 += other.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_llr_is_finite_whatever_comes_in() {
        for value in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e30, -1e30] {
            assert!(Llr::new(value).0.abs() <= Llr::SATURATION);
        }
    }

    #[test]
    fn descrambling_by_one_turns_the_sign() {
        assert_eq!(Llr(2.0).descrambled(1), Llr(-2.0));
        assert_eq!(Llr(2.0).descrambled(0), Llr(2.0));
    }
}
