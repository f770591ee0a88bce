//! Channel bandwidth ratio: complex analog symbols per colour value of the picture.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::photo::PhotoSize;

/// Ratio `12 / code`, from 1/1 (code 12) down to 12/4095, about 1/341. Twelve bits in the header.
///
/// ```
/// use heliograph::codec::Cbr;
/// use heliograph::photo::PhotoSize;
///
/// let cbr: Cbr = "1/24".parse()?;
/// assert_eq!(cbr.symbols(PhotoSize::new(768, 512)?), 49_152);
/// assert_eq!("0.0417".parse::<Cbr>()?.to_string(), "1/24");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cbr(u16);

/// What can be wrong with a ratio.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CbrError {
    /// A code outside its range.
    #[error(
        "channel bandwidth ratio code {found}; allowed are {} to {}",
        Cbr::MIN_CODE,
        Cbr::MAX_CODE
    )]
    Code { found: u16 },
    /// A value outside the range of codes.
    #[error(
        "channel bandwidth ratio {found}; allowed are 12/{} to 1",
        Cbr::MAX_CODE
    )]
    Value { found: f64 },
    /// Text that is neither a fraction nor a number.
    #[error("channel bandwidth ratio {found:?}; write a fraction like 1/24 or a number like 0.04")]
    Text { found: String },
}

impl Cbr {
    /// Code of the largest ratio, 1.
    pub const MIN_CODE: u16 = 12;
    /// Code of the smallest ratio.
    pub const MAX_CODE: u16 = 4095;

    /// The ratio `12 / code`.
    ///
    /// # Errors
    /// [`CbrError::Code`] outside 12 to 4095.
    pub fn from_code(code: u16) -> Result<Self, CbrError> {
        if (Self::MIN_CODE..=Self::MAX_CODE).contains(&code) {
            Ok(Self(code))
        } else {
            Err(CbrError::Code { found: code })
        }
    }

    /// The ratio nearest to `value` that has a code.
    ///
    /// # Errors
    /// [`CbrError::Value`] when the nearest code lies outside 12 to 4095.
    pub fn from_value(value: f64) -> Result<Self, CbrError> {
        let code = (12.0 / value).round();
        let allowed = f64::from(Self::MIN_CODE)..=f64::from(Self::MAX_CODE);
        if value > 0.0 && allowed.contains(&code) {
            Ok(Self(code as u16))
        } else {
            Err(CbrError::Value { found: value })
        }
    }

    /// The code, 12 to 4095.
    pub fn code(self) -> u16 {
        self.0
    }

    /// The ratio as a number, above 0 and at most 1.
    pub fn value(self) -> f64 {
        12.0 / f64::from(self.0)
    }

    /// Complex symbols for a picture: `3 * width * height * value` rounded down, at least 1.
    pub fn symbols(self, size: PhotoSize) -> usize {
        (36 * size.pixels() / usize::from(self.0)).max(1)
    }
}

impl fmt::Display for Cbr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let divisor = (1..=12u16)
            .rev()
            .find(|d| 12 % d == 0 && self.0.is_multiple_of(*d));
        let divisor = divisor.unwrap_or(1);
        write!(f, "{}/{}", 12 / divisor, self.0 / divisor)
    }
}

impl FromStr for Cbr {
    type Err = CbrError;

    fn from_str(text: &str) -> Result<Self, CbrError> {
        let number = |text: &str| {
            text.trim().parse::<f64>().map_err(|_| CbrError::Text {
                found: text.to_owned(),
            })
        };
        let value = match text.split_once('/') {
            Some((numerator, denominator)) => number(numerator)? / number(denominator)?,
            None => number(text)?,
        };
        Self::from_value(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_survives_its_text() {
        for code in Cbr::MIN_CODE..=Cbr::MAX_CODE {
            let cbr = Cbr::from_code(code).unwrap();
            assert_eq!(cbr.to_string().parse::<Cbr>().unwrap(), cbr);
        }
    }

    #[test]
    fn ratios_outside_the_codes_are_refused_with_the_limits() {
        for text in ["0", "2", "1/1000", "-1/24", "1/0", "nan", "inf"] {
            let message = text.parse::<Cbr>().unwrap_err().to_string();
            assert!(message.contains("12/4095"), "{text}: {message}");
        }
        for text in ["", "a/b", "1/2/3", "1 24"] {
            let message = text.parse::<Cbr>().unwrap_err().to_string();
            assert!(message.contains("fraction"), "{text}: {message}");
        }
        assert!(Cbr::from_code(11).is_err() && Cbr::from_code(4096).is_err());
    }

    #[test]
    fn a_picture_of_one_pixel_gets_one_symbol() {
        let one = PhotoSize::new(1, 1).unwrap();
        assert_eq!(Cbr::from_value(1.0 / 48.0).unwrap().symbols(one), 1);
        let largest = PhotoSize::new(16_384, 16_384).unwrap();
        assert_eq!(Cbr::from_code(12).unwrap().symbols(largest), 3 << 28);
    }
}
