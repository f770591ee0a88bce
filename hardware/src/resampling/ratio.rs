//! How much faster than the signal a radio runs.

use crate::error::RadioError;

/// Both numbers of a ratio, at most.
const MAX_TERM: usize = 1000;
/// How much faster a radio may run.
const MAX_RATIO: f64 = 64.0;
/// How far a ratio may be off: radios make rates in steps, and their clocks are further apart.
const TOLERANCE: f64 = 1e-6;

/// `radio` samples of the radio last as long as `signal` samples of the signal; in lowest terms, `radio` > `signal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ratio {
    pub radio: usize,
    pub signal: usize,
}

impl Ratio {
    /// Of two rates; `None` where they are the same, within what clocks are apart anyway.
    ///
    /// # Errors
    /// [`RadioError::Setting`] with what is allowed beside this sample rate.
    pub fn of(radio_rate_hz: f64, sample_rate_hz: f64) -> Result<Option<Self>, RadioError> {
        let wanted = radio_rate_hz / sample_rate_hz;
        match Self::near(wanted) {
            Some(ratio) if ratio.radio == ratio.signal => Ok(None),
            Some(ratio) if ratio.radio > ratio.signal && wanted <= MAX_RATIO => Ok(Some(ratio)),
            _ => Err(RadioError::Setting {
                field: "radio_rate_hz",
                found: radio_rate_hz.to_string(),
                allowed: format!(
                    "1 to {MAX_RATIO} times the sample rate of {sample_rate_hz}, in a ratio of whole numbers up to {MAX_TERM}"
                ),
            }),
        }
    }

    /// The one in lowest terms that is near enough.
    fn near(wanted: f64) -> Option<Self> {
        let all = (1..=MAX_TERM).map(|signal| Self {
            radio: (wanted * signal as f64).round() as usize,
            signal,
        });
        let mut near = all
            .take_while(|ratio| ratio.radio <= MAX_TERM)
            .filter(|ratio| (ratio.value() / wanted - 1.0).abs() <= TOLERANCE);
        near.next()
    }

    fn value(self) -> f64 {
        self.radio as f64 / self.signal as f64
    }

    /// The rate of a signal, when the radio makes this one.
    pub fn sample_rate_hz(self, radio_rate_hz: f64) -> f64 {
        radio_rate_hz / self.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_a_ratio_in_lowest_terms_or_refused_with_what_is_allowed() {
        let of = |radio_hz, signal_hz| Ratio::of(radio_hz, signal_hz);
        let ratio = |radio, signal| Ok(Some(Ratio { radio, signal }));
        assert_eq!(of(2e6, 2e6), Ok(None));
        assert_eq!(of(8e6, 500e3), ratio(16, 1));
        assert_eq!(of(2.4e6, 2e6), ratio(6, 5));
        assert_eq!(of(2.048e6, 2e6), ratio(128, 125));
        // As a radio makes them.
        assert_eq!(of(8_000_003.0, 2e6), ratio(4, 1));
        assert_eq!(of(2_000_001.0, 2e6), Ok(None));
        let wrong = [
            (1e6, 2e6),
            (2.000_01e6, 2e6),
            (1999.0, 1001.0),
            (65e6, 1e6),
            (f64::NAN, 1e6),
            (-2e6, 1e6),
        ];
        for (radio_hz, signal_hz) in wrong {
            let said = of(radio_hz, signal_hz).unwrap_err().to_string();
            assert!(said.starts_with("radio_rate_hz: found "), "{said}");
            assert!(said.contains("1 to 64 times the sample rate"), "{said}");
        }
    }
}
