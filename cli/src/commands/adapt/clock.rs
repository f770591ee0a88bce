//! The time a training has, and when to measure.

use std::time::{Duration, Instant};

/// So many measurements, which cost some seconds each, but one in ten minutes at least.
const MEASUREMENTS: u32 = 10;
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// The time since training began.
pub struct Clock {
    began: Instant,
    length: Duration,
    next: Duration,
}

impl Clock {
    /// Begins now.
    pub fn new(minutes: f64) -> Self {
        let length = Duration::from_secs_f64(60.0 * minutes);
        let mut clock = Self {
            began: Instant::now(),
            length,
            next: Duration::ZERO,
        };
        clock.measured();
        clock
    }

    /// Share of the time that is over, 0 to 1.
    pub fn progress(&self) -> f64 {
        (self.seconds() / self.length.as_secs_f64()).min(1.0)
    }

    /// Seconds since it began.
    pub fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// Whether the time is over.
    pub fn is_over(&self) -> bool {
        self.began.elapsed() >= self.length
    }

    /// Whether to measure.
    pub fn is_due(&self) -> bool {
        self.is_over() || self.began.elapsed() >= self.next
    }

    /// A measurement is done.
    pub fn measured(&mut self) {
        let pause = (self.length / MEASUREMENTS).min(LONGEST_PAUSE);
        self.next = self.began.elapsed() + pause;
    }
}
