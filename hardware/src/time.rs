//! Time on a radio's own clock.

use std::ops::{Add, Sub};
use std::time::Duration;

/// Nanoseconds on the clock of a radio; only differences on the same radio mean anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RadioTime {
    /// Nanoseconds since the clock's zero.
    pub nanoseconds: i64,
}

impl RadioTime {
    /// The time of sample `index` at `sample_rate_hz`, to the nearest nanosecond.
    pub fn of_sample(index: u64, sample_rate_hz: f64) -> Self {
        Self {
            nanoseconds: (index as f64 * 1e9 / sample_rate_hz).round() as i64,
        }
    }

    /// The sample that is nearest at `sample_rate_hz`; 0 for times before zero.
    pub fn to_sample(self, sample_rate_hz: f64) -> u64 {
        // `as` saturates at 0.
        (self.nanoseconds as f64 * sample_rate_hz / 1e9).round() as u64
    }
}

impl Add<Duration> for RadioTime {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        let span = i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
        Self {
            nanoseconds: self.nanoseconds.saturating_add(span),
        }
    }
}

impl Sub for RadioTime {
    type Output = Duration;

    /// Time since `earlier`; zero if that is later.
    fn sub(self, earlier: Self) -> Duration {
        let span = self.nanoseconds.saturating_sub(earlier.nanoseconds);
        Duration::from_nanos(u64::try_from(span).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_survive_the_way_through_nanoseconds_at_odd_rates() {
        for rate_hz in [0.5e6, 3.84e6, 7.68e6, 20e6, 61.44e6] {
            for index in [0, 1, 12_345, 20_000_000_000] {
                let time = RadioTime::of_sample(index, rate_hz);
                assert_eq!(time.to_sample(rate_hz), index, "{rate_hz}");
            }
        }
    }

    #[test]
    fn times_before_zero_are_sample_zero_and_spans_are_never_negative() {
        let early = RadioTime { nanoseconds: -5 };
        assert_eq!(early.to_sample(1e6), 0);
        assert_eq!(early - RadioTime::default(), Duration::ZERO);
        assert_eq!((early + Duration::from_nanos(7)).nanoseconds, 2);
    }
}
