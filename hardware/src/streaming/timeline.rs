//! Lost samples, from timestamps and overflow reports.

use crate::radio::Lost;
use crate::time::RadioTime;

/// Follows a stream of received samples. Each gap is measured from the timestamp before it, so that neither the rounding
/// of times to nanoseconds nor a rate that is a little off adds up.
pub(crate) struct Timeline {
    rate_hz: f64,
    mark: Option<Mark>,
    trouble: Trouble,
}

/// A timestamp, and how many samples came from there on.
#[derive(Clone, Copy)]
struct Mark {
    time: RadioTime,
    samples: u64,
}

/// What was said about samples that did not come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Nothing,
    /// Some are missing; timestamps tell how many.
    Overflow,
    /// Some are missing; nothing tells how many.
    Interruption,
}

impl Timeline {
    pub fn new(rate_hz: f64) -> Self {
        Self {
            rate_hz,
            mark: None,
            trouble: Trouble::Nothing,
        }
    }

    /// The radio says that it lost samples, the first of them at `time`.
    pub fn overflowed(&mut self, time: Option<RadioTime>) {
        if self.trouble == Trouble::Nothing {
            self.trouble = Trouble::Overflow;
        }
        self.mark = self.mark.or(time.map(|time| Mark { time, samples: 0 }));
    }

    /// The stream stood still, or its clock was set: times before and after have nothing in common.
    pub fn interrupted(&mut self) {
        self.trouble = Trouble::Interruption;
        self.mark = None;
    }

    /// Samples have come, the first at `time`: what is missing right before them?
    pub fn received(&mut self, samples: u64, time: Option<RadioTime>) -> Lost {
        let gap = match (self.mark, time) {
            (Some(mark), Some(time)) => Some(self.gap(mark, time)),
            _ => None,
        };
        let trouble = std::mem::replace(&mut self.trouble, Trouble::Nothing);
        self.mark = match (time, self.mark, trouble) {
            (Some(time), ..) => Some(Mark { time, samples }),
            (None, Some(mark), Trouble::Nothing) => Some(Mark {
                samples: mark.samples + samples,
                ..mark
            }),
            _ => None,
        };
        match (trouble, gap) {
            (Trouble::Interruption, _) | (Trouble::Overflow, None) => Lost::Unknown,
            (Trouble::Nothing, None) | (_, Some(0)) => Lost::Nothing,
            (_, Some(gap)) => u64::try_from(gap).map_or(Lost::Unknown, Lost::Samples),
        }
    }

    /// Samples between the end of those after `mark` and `time`; negative where time went back.
    fn gap(&self, mark: Mark, time: RadioTime) -> i64 {
        let span_ns = i128::from(time.nanoseconds) - i128::from(mark.time.nanoseconds);
        let passed = (span_ns as f64 * self.rate_hz / 1e9).round();
        (passed - mark.samples as f64) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 2e6;

    fn at(sample: u64) -> Option<RadioTime> {
        Some(RadioTime::of_sample(sample, RATE_HZ))
    }

    #[test]
    fn gaps_are_exact_with_and_without_a_report() {
        let mut timeline = Timeline::new(RATE_HZ);
        assert_eq!(timeline.received(100, at(1000)), Lost::Nothing);
        assert_eq!(timeline.received(50, at(1100)), Lost::Nothing);
        assert_eq!(timeline.received(10, at(1157)), Lost::Samples(7));
        timeline.overflowed(at(1167));
        assert_eq!(timeline.received(10, at(2167)), Lost::Samples(1000));
        timeline.overflowed(None);
        assert_eq!(timeline.received(10, at(2177)), Lost::Nothing);
    }

    #[test]
    fn an_overflow_before_the_first_sample_counts_from_its_own_time() {
        let mut timeline = Timeline::new(RATE_HZ);
        timeline.overflowed(at(5));
        assert_eq!(timeline.received(10, at(12)), Lost::Samples(7));
    }

    #[test]
    fn without_times_a_loss_is_known_but_not_its_length() {
        let mut timeline = Timeline::new(RATE_HZ);
        assert_eq!(timeline.received(100, None), Lost::Nothing);
        timeline.overflowed(None);
        assert_eq!(timeline.received(100, None), Lost::Unknown);
        assert_eq!(timeline.received(100, None), Lost::Nothing);
    }

    #[test]
    fn reads_without_a_time_count_on_from_the_last_one() {
        let mut timeline = Timeline::new(RATE_HZ);
        assert_eq!(timeline.received(100, at(0)), Lost::Nothing);
        assert_eq!(timeline.received(100, None), Lost::Nothing);
        assert_eq!(timeline.received(100, at(203)), Lost::Samples(3));
    }

    #[test]
    fn an_interruption_is_a_loss_of_unknown_length_whatever_the_times_say() {
        let mut timeline = Timeline::new(RATE_HZ);
        timeline.received(100, at(0));
        timeline.interrupted();
        timeline.overflowed(at(7));
        assert_eq!(timeline.received(100, at(9)), Lost::Unknown);
        assert_eq!(timeline.received(100, at(109)), Lost::Nothing);
    }

    #[test]
    fn time_that_goes_back_is_a_loss_of_unknown_length() {
        let mut timeline = Timeline::new(RATE_HZ);
        timeline.received(100, at(1000));
        assert_eq!(timeline.received(100, at(1099)), Lost::Unknown);
        assert_eq!(timeline.received(100, at(1199)), Lost::Nothing);
    }

    #[test]
    fn rounding_to_nanoseconds_never_adds_up_to_a_sample() {
        let rate_hz = 61.44e6;
        let mut timeline = Timeline::new(rate_hz);
        let time = |sample| Some(RadioTime::of_sample(sample, rate_hz));
        timeline.received(1, time(0));
        for n in 1..100_000 {
            assert_eq!(timeline.received(1, time(n)), Lost::Nothing);
        }
        let hours = 200_000_000_000;
        assert_eq!(
            timeline.received(1, time(hours)),
            Lost::Samples(hours - 100_000)
        );
    }
}
