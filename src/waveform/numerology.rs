//! Sizes of the OFDM symbol: carriers, prefix, pilots.
//!
//! One [`Numerology`] answers every question of size; nothing else in the waveform knows a number of its own.
//! Carrier indices are signed: 0 is the centre, where HackRF and Pluto leave a spike, so five carriers there stay empty.
//!
//! ```
//! use heliograph::waveform::Numerology;
//! let n = Numerology::Standard;
//! assert_eq!((n.carriers(), n.prefix_samples(), n.data_carriers()), (256, 32, 192));
//! assert_eq!(n.occupied_bandwidth_hz(2e6), 209.0 / 256.0 * 2e6);
//! ```

/// Half-width of the empty centre: carriers -2..=2 carry nothing.
const EMPTY_HALF_WIDTH: usize = 2;

/// QPSK symbols of the header part, at least: 1,152 coded bits, enough for -3 dB.
const HEADER_QPSK_SYMBOLS: usize = 576;

/// Sizes of one OFDM symbol, named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Numerology {
    /// 256 carriers, prefix 32: the default.
    #[default]
    Standard,
    /// 64 carriers, prefix 16: short symbols for fast fading and phase noise.
    Narrow,
    /// 1,024 carriers, prefix 128: long echoes.
    Wide,
}

impl Numerology {
    /// Every numerology, in the order of its code on the air.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Narrow, Self::Wide];

    /// Code in the header.
    pub const fn code(self) -> u8 {
        match self {
            Self::Standard => 0,
            Self::Narrow => 1,
            Self::Wide => 2,
        }
    }

    /// Name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Narrow => "narrow",
            Self::Wide => "wide",
        }
    }

    /// Length of the FFT, samples.
    pub const fn carriers(self) -> usize {
        match self {
            Self::Standard => 256,
            Self::Narrow => 64,
            Self::Wide => 1024,
        }
    }

    /// Cyclic prefix, samples.
    pub const fn prefix_samples(self) -> usize {
        match self {
            Self::Standard => 32,
            Self::Narrow => 16,
            Self::Wide => 128,
        }
    }

    /// Highest carrier index in use.
    pub const fn edge(self) -> usize {
        self.carriers() / 32 * 13
    }

    /// Continuous pilots a symbol.
    pub const fn pilots(self) -> usize {
        match self {
            Self::Standard => 12,
            Self::Narrow => 4,
            Self::Wide => 28,
        }
    }

    /// Carriers that are not empty: pilots and data.
    pub const fn used_carriers(self) -> usize {
        2 * (self.edge() - EMPTY_HALF_WIDTH)
    }

    /// Carriers that carry data.
    pub const fn data_carriers(self) -> usize {
        self.used_carriers() - self.pilots()
    }

    /// Empty carriers around the centre.
    pub const fn empty_centre_carriers(self) -> usize {
        2 * EMPTY_HALF_WIDTH + 1
    }

    /// One OFDM symbol with its prefix, samples.
    pub const fn symbol_samples(self) -> usize {
        self.carriers() + self.prefix_samples()
    }

    /// OFDM symbols of the header part.
    pub const fn header_symbols(self) -> usize {
        HEADER_QPSK_SYMBOLS.div_ceil(self.data_carriers())
    }

    /// Carriers from edge to edge, the empty centre included: the occupied bandwidth in carrier spacings.
    pub const fn occupied_carriers(self) -> usize {
        2 * self.edge() + 1
    }

    /// Occupied bandwidth, Hz.
    pub fn occupied_bandwidth_hz(self, sample_rate_hz: f64) -> f64 {
        sample_rate_hz * self.occupied_carriers() as f64 / self.carriers() as f64
    }

    /// Carrier spacing, Hz.
    pub fn carrier_spacing_hz(self, sample_rate_hz: f64) -> f64 {
        sample_rate_hz / self.carriers() as f64
    }

    /// Mean power of a sample when every used carrier has unit power and the FFT is unitary.
    pub fn mean_sample_power(self) -> f64 {
        self.used_carriers() as f64 / self.carriers() as f64
    }
}

/// Which carrier carries what; carrier indices ascending, from `-edge` to `edge`.
#[derive(Clone, Debug)]
pub struct CarrierPlan {
    /// All carriers in use.
    pub used: Vec<i32>,
    /// Positions of the pilots within `used`.
    pub pilots: Vec<usize>,
    /// Positions of the data carriers within `used`.
    pub data: Vec<usize>,
}

impl CarrierPlan {
    /// The plan of `numerology`: pilots evenly spread over the used carriers.
    pub fn new(numerology: Numerology) -> Self {
        let edge = numerology.edge() as i32;
        let empty = EMPTY_HALF_WIDTH as i32;
        let used: Vec<i32> = (-edge..=edge).filter(|k| k.abs() > empty).collect();
        let spacing = used.len() as f64 / numerology.pilots() as f64;
        let pilots: Vec<usize> = (0..numerology.pilots())
            .map(|i| ((i as f64 + 0.5) * spacing) as usize)
            .collect();
        let data = (0..used.len()).filter(|i| !pilots.contains(i)).collect();
        Self { used, pilots, data }
    }

    /// FFT bin of a signed carrier index.
    pub fn bin(carrier: i32, carriers: usize) -> usize {
        carrier.rem_euclid(carriers as i32) as usize
    }
}

impl std::str::FromStr for Numerology {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|n| n.name() == name)
            .ok_or_else(|| {
                format!("numerology `{name}` is not known: standard, narrow or wide are allowed")
            })
    }
}

impl TryFrom<u8> for Numerology {
    type Error = u8;

    /// The numerology of a code on the air, or the code back.
    fn try_from(code: u8) -> Result<Self, u8> {
        Self::ALL.into_iter().find(|n| n.code() == code).ok_or(code)
    }
}

impl std::fmt::Display for Numerology {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_numerology_is_that_of_the_design() {
        let n = Numerology::Standard;
        assert_eq!(
            (n.edge(), n.used_carriers(), n.occupied_carriers()),
            (104, 204, 209)
        );
        assert_eq!((n.pilots(), n.header_symbols()), (12, 3));
    }

    #[test]
    fn every_used_carrier_is_either_pilot_or_data_and_the_centre_is_empty() {
        for n in Numerology::ALL {
            let plan = CarrierPlan::new(n);
            assert_eq!(plan.used.len(), n.used_carriers());
            assert_eq!(plan.data.len(), n.data_carriers());
            assert_eq!(plan.pilots.len() + plan.data.len(), plan.used.len());
            assert!(
                plan.used
                    .iter()
                    .all(|k| k.abs() > 2 && k.unsigned_abs() as usize <= n.edge())
            );
            assert!(
                plan.pilots
                    .iter()
                    .sum::<usize>()
                    .abs_diff(plan.used.len() * plan.pilots.len() / 2 - plan.pilots.len() / 2)
                    <= plan.pilots.len(),
                "pilots lie symmetric"
            );
        }
    }

    #[test]
    fn names_and_codes_come_back() {
        for n in Numerology::ALL {
            assert_eq!(n.name().parse(), Ok(n));
            assert_eq!(Numerology::try_from(n.code()), Ok(n));
        }
        assert!(
            "thin"
                .parse::<Numerology>()
                .unwrap_err()
                .contains("standard, narrow or wide")
        );
        assert_eq!(Numerology::try_from(3), Err(3));
    }
}
