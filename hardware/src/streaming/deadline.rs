//! The end of waiting.

use std::time::{Duration, Instant};

/// A moment until which a call may wait; for limits beyond all clocks, never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub fn after(limit: Duration) -> Self {
        Self(Instant::now().checked_add(limit))
    }

    pub fn has_passed(self) -> bool {
        self.left().is_zero()
    }

    /// Time left.
    pub fn left(self) -> Duration {
        self.0.map_or(Duration::MAX, |end| {
            end.saturating_duration_since(Instant::now())
        })
    }

    /// Time left, at most `most`.
    pub fn left_or(self, most: Duration) -> Duration {
        self.left().min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_beyond_the_clock_never_pass_and_zero_has_passed() {
        let second = Duration::from_secs(1);
        assert_eq!(Deadline::after(Duration::MAX).left_or(second), second);
        assert!(Deadline::after(Duration::ZERO).has_passed());
        assert!(!Deadline::after(second * 1000).has_passed());
    }
}
