//! How much faster than the signal a radio runs.

use crate::error::RadioError;

/// Both numbers of a ratio, at most.
const MAX_TERM: u64 = 1000;
/// How much faster a radio may run.
const MAX_RATIO: u64 = 64;

/// `radio` samples of the radio last as long as `signal` samples of the signal; in lowest terms, `radio` > `signal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ratio {
    pub radio: usize,
    pub signal: usize,
}

impl Ratio {
    /// Of two rates in whole Hz; `None` where they are the same.
    ///
    /// # Errors
    /// [`RadioError::Setting`] with what is allowed beside this sample rate.
    pub fn of(radio_rate_hz: f64, sample_rate_hz: f64) -> Result<Option<Self>, RadioError> {
        if radio_rate_hz == sample_rate_hz {
            return Ok(None);
        }
        let found = whole(radio_rate_hz)
            .zip(whole(sample_rate_hz))
            .and_then(|(radio, signal)| Self::reduced(radio, signal));
        found.map(Some).ok_or_else(|| RadioError::Setting {
            field: "radio_rate_hz",
            found: radio_rate_hz.to_string(),
            allowed: format!(
                "1 to {MAX_RATIO} times the sample rate of {sample_rate_hz}, both whole numbers in a ratio of numbers up to {MAX_TERM}"
            ),
        })
    }

    fn reduced(radio: u64, signal: u64) -> Option<Self> {
        let common = greatest_common_divisor(radio, signal);
        let (radio, signal) = (radio / common, signal / common);
        let fits = radio > signal && radio <= MAX_TERM && radio <= MAX_RATIO * signal;
        fits.then_some(Self {
            radio: radio as usize,
            signal: signal as usize,
        })
    }

    /// The rate of a signal, when the radio makes this one.
    pub fn sample_rate_hz(self, radio_rate_hz: f64) -> f64 {
        radio_rate_hz * self.signal as f64 / self.radio as f64
    }
}

/// A positive whole number, or what a radio made of one: within 1 ppm, less than clocks are apart.
fn whole(hz: f64) -> Option<u64> {
    let fits = (1.0..=1e12).contains(&hz) && (hz.round() - hz).abs() <= 1e-6 * hz;
    fits.then_some(hz.round() as u64)
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
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
        assert_eq!(of(7_999_999.97, 2e6), ratio(4, 1));
        let wrong = [
            (1e6, 2e6),
            (2.000_001e6, 2e6),
            (2e6, 1e6 + 0.5),
            (1200.5, 600.0),
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
