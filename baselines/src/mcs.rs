//! Modulation and coding schemes: each modulation at each code rate, with the SNR it needs on this waveform.
//!
//! ```
//! use heliograph_baselines::Mcs;
//! let mcs: Mcs = "16qam-1/2".parse()?;
//! assert_eq!(mcs.bits_per_symbol(), 2.0);
//! let likely = Mcs::likely_to_decode(10.0);
//! assert!(likely.contains(&mcs));
//! assert!(likely.windows(2).all(|pair| pair[0].bits_per_symbol() >= pair[1].bits_per_symbol()));
//! # Ok::<(), heliograph_baselines::McsError>(())
//! ```

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Modulation;

/// Name of no scheme, or its number.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum McsError {
    /// Text that names none.
    #[error(
        "modulation and code rate {found:?}; allowed are qpsk, 16qam and 64qam with -1/3, -2/5, -1/2, -3/5, -2/3, -3/4 or -5/6"
    )]
    Name { found: String },
    /// A number on the air that counts none.
    #[error("scheme number {found}; allowed are 0 to {}", Mcs::COUNT - 1)]
    Index { found: u8 },
}

/// Information bits a coded bit, CRCs counted as information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodeRate {
    numerator: u8,
    denominator: u8,
}

impl CodeRate {
    /// All of them, strongest code first.
    pub const ALL: [Self; 7] = [
        Self::new(1, 3),
        Self::new(2, 5),
        Self::new(1, 2),
        Self::new(3, 5),
        Self::new(2, 3),
        Self::new(3, 4),
        Self::new(5, 6),
    ];

    const fn new(numerator: u8, denominator: u8) -> Self {
        Self {
            numerator,
            denominator,
        }
    }

    /// The rate, 0..1.
    pub fn value(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// Information bits in `coded_bits`, rounded down.
    pub fn information_bits(self, coded_bits: usize) -> usize {
        (coded_bits as u64 * u64::from(self.numerator) / u64::from(self.denominator)) as usize
    }
}

/// A modulation at a code rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mcs {
    modulation: Modulation,
    rate: CodeRate,
}

/// SNR (Es/N0 of the air, dB) at which 90 % of 20 pictures arrive whole, by modulation and rate in the order of `ALL`:
/// `cargo run --release -p heliograph-baselines --example thresholds`, AWGN over the whole waveform, 24,576 channel uses of
/// analog symbols (Kodak at 1/48).
const THRESHOLDS_DB: [[f64; 7]; 3] = [
    [-1.5, -0.5, 1.0, 2.3, 3.0, 4.1, 5.4],
    [3.2, 4.5, 6.1, 7.8, 8.8, 10.2, 11.8],
    [6.7, 8.2, 10.4, 12.4, 13.8, 15.5, 17.2],
];

/// Schemes that need up to this much more than the SNR are tried too, dB: the SNR of a draw is not exactly its nominal one.
const LIKELY_MARGIN_DB: f64 = 0.3;

impl Mcs {
    /// Number of schemes.
    pub const COUNT: usize = Modulation::ALL.len() * CodeRate::ALL.len();

    /// All schemes, in the order of their numbers on the air.
    pub fn all() -> impl Iterator<Item = Self> {
        let with = |modulation| CodeRate::ALL.map(move |rate| Self { modulation, rate });
        Modulation::ALL.into_iter().flat_map(with)
    }

    /// The points.
    pub fn modulation(self) -> Modulation {
        self.modulation
    }

    /// The code rate.
    pub fn rate(self) -> CodeRate {
        self.rate
    }

    /// Information bits a symbol, CRCs counted as information.
    pub fn bits_per_symbol(self) -> f64 {
        self.modulation.bits() as f64 * self.rate.value()
    }

    /// SNR at which 90 % of pictures arrive whole, dB (Es/N0).
    pub fn threshold_db(self) -> f64 {
        THRESHOLDS_DB[self.modulation as usize][usize::from(self.index()) % CodeRate::ALL.len()]
    }

    /// The schemes that may decode at an SNR in dB, most bits first: what a genie tries in turn.
    pub fn likely_to_decode(snr_db: f64) -> Vec<Self> {
        let fits = |mcs: &Self| mcs.threshold_db() <= snr_db + LIKELY_MARGIN_DB;
        let mut likely: Vec<Self> = Self::all().filter(fits).collect();
        // The more robust first where bits are equal: the other cannot be better.
        likely.sort_by(|a, b| {
            let bits = b.bits_per_symbol().total_cmp(&a.bits_per_symbol());
            bits.then(a.threshold_db().total_cmp(&b.threshold_db()))
        });
        likely
    }

    /// Its number on the air.
    pub fn index(self) -> u8 {
        Self::all().position(|mcs| mcs == self).unwrap_or(0) as u8
    }
}

impl TryFrom<u8> for Mcs {
    type Error = McsError;

    fn try_from(found: u8) -> Result<Self, McsError> {
        let known = Self::all().nth(usize::from(found));
        known.ok_or(McsError::Index { found })
    }
}

impl fmt::Display for Mcs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CodeRate {
            numerator,
            denominator,
        } = self.rate;
        write!(f, "{}-{numerator}/{denominator}", self.modulation)
    }
}

impl FromStr for Mcs {
    type Err = McsError;

    fn from_str(text: &str) -> Result<Self, McsError> {
        let known = Self::all().find(|mcs| mcs.to_string() == text);
        known.ok_or_else(|| McsError::Name {
            found: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_survive_and_others_are_refused() {
        for mcs in Mcs::all() {
            assert_eq!(mcs.to_string().parse::<Mcs>(), Ok(mcs));
            assert_eq!(Mcs::try_from(mcs.index()), Ok(mcs));
        }
        assert!(Mcs::try_from(Mcs::COUNT as u8).is_err());
        assert!("16qam".parse::<Mcs>().is_err() && "8psk-1/2".parse::<Mcs>().is_err());
    }

    #[test]
    fn more_rate_needs_more_snr_and_never_less_than_capacity() {
        for row in THRESHOLDS_DB {
            assert!(row.windows(2).all(|pair| pair[0] < pair[1]), "{row:?}");
        }
        for mcs in Mcs::all() {
            let shannon_db = 10.0 * (2f64.powf(mcs.bits_per_symbol()) - 1.0).log10();
            assert!(mcs.threshold_db() > shannon_db, "{mcs}: {shannon_db}");
        }
    }

    #[test]
    fn nothing_is_likely_where_nothing_decodes() {
        assert!(Mcs::likely_to_decode(-10.0).is_empty());
        assert_eq!(Mcs::likely_to_decode(40.0).len(), Mcs::COUNT);
    }
}
