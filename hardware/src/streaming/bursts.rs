//! What became of bursts: reports of the radio matched with what was handed over.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::radio::{TxReport, TxStart};
use crate::time::RadioTime;

/// Bursts that wait for their report; the oldest are forgotten first.
const MAX_WAITING: usize = 1024;

/// Who says that a burst is out?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// The radio.
    Radio,
    /// Nobody (HackRF, LimeSDR, Pluto): a burst is out when its time on the air has passed, and so much more for what is
    /// on the way to the radio's antenna.
    Clock { in_flight: Duration },
}

/// What the radio says about its transmission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A burst is out.
    End(Option<RadioTime>),
    /// It ran out of samples.
    Underflow(Option<RadioTime>),
    /// A burst came after its time.
    Late(Option<RadioTime>),
}

/// A burst that was handed over, or the one that is.
#[derive(Clone, Copy)]
struct Burst {
    wanted: Option<RadioTime>,
    fate: Fate,
    /// Its time on the air has passed.
    over_at: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Sent,
    Late,
}

/// All bursts that were not reported yet.
pub(crate) struct Bursts {
    rate_hz: f64,
    confirmation: Confirmation,
    open: Option<Burst>,
    waiting: VecDeque<Burst>,
    /// When the radio has no samples any more, at the earliest.
    busy_until: Option<Instant>,
}

impl Bursts {
    pub fn new(rate_hz: f64, confirmation: Confirmation) -> Self {
        Self {
            rate_hz,
            confirmation,
            open: None,
            waiting: VecDeque::new(),
            busy_until: None,
        }
    }

    /// A burst begins, its first sample `lead` from `now`.
    pub fn begin(&mut self, start: TxStart, now: Instant, lead: Duration) {
        let wanted = match start {
            TxStart::Now => None,
            TxStart::At(time) => Some(time),
        };
        self.extend(now, lead);
        self.open = Some(Burst {
            wanted,
            fate: Fate::Sent,
            over_at: now,
        });
    }

    /// The radio took so many samples of the burst, silence included.
    pub fn took(&mut self, samples: usize, now: Instant) {
        let air_time = Duration::from_secs_f64(samples as f64 / self.rate_hz);
        self.extend(now, Duration::ZERO);
        self.busy_until = self.busy_until.and_then(|end| end.checked_add(air_time));
    }

    fn extend(&mut self, now: Instant, lead: Duration) {
        let earliest = now.checked_add(lead);
        self.busy_until = self.busy_until.max(earliest);
    }

    /// The burst has ended.
    pub fn end(&mut self) {
        let Some(burst) = self.open.take() else {
            return;
        };
        if burst.fate == Fate::Late {
            return;
        }
        if self.waiting.len() == MAX_WAITING {
            self.waiting.pop_front();
        }
        let over_at = self.silent_at().unwrap_or(burst.over_at);
        self.waiting.push_back(Burst { over_at, ..burst });
    }

    /// Nothing is on the air from here on.
    pub fn silent_at(&self) -> Option<Instant> {
        let in_flight = match self.confirmation {
            Confirmation::Radio => Duration::ZERO,
            Confirmation::Clock { in_flight } => in_flight,
        };
        self.busy_until.and_then(|end| end.checked_add(in_flight))
    }

    /// Is every burst that ended reported?
    pub fn settled(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The radio says something.
    pub fn hear(&mut self, event: Event) -> Option<TxReport> {
        match event {
            Event::End(end) => {
                self.waiting.pop_front();
                Some(TxReport::Sent { end })
            }
            // The natural end of a burst, for a radio that knows no other.
            Event::Underflow(_) if self.runs_dry_at_the_end() => None,
            Event::Underflow(time) => Some(TxReport::Underflow { time }),
            Event::Late(found) => {
                let wanted = self.late(found).or(found).unwrap_or_default();
                Some(TxReport::Late { wanted, found })
            }
        }
    }

    fn runs_dry_at_the_end(&self) -> bool {
        self.open.is_none() && self.confirmation != Confirmation::Radio
    }

    /// Which burst is it that was late? The first whose time had passed, else the last that had one.
    fn late(&mut self, found: Option<RadioTime>) -> Option<RadioTime> {
        let wanted = |burst: &Burst| burst.wanted.filter(|_| burst.fate == Fate::Sent);
        let all = || self.waiting.iter().chain(&self.open).enumerate();
        let passed = all().find(|(_, b)| wanted(b).is_some_and(|w| Some(w) < found));
        let (index, _) = passed.or_else(|| all().filter(|(_, b)| wanted(b).is_some()).last())?;
        match self.waiting.remove(index) {
            Some(burst) => burst.wanted,
            None => {
                let open = self.open.as_mut()?;
                open.fate = Fate::Late;
                open.wanted
            }
        }
    }

    /// A burst that must be out by now, where only the clock tells.
    pub fn overdue(&mut self, now: Instant) -> Option<TxReport> {
        if self.next_overdue()? > now {
            return None;
        }
        self.waiting.pop_front();
        Some(TxReport::Sent { end: None })
    }

    /// When the next burst will be overdue.
    pub fn next_overdue(&self) -> Option<Instant> {
        match self.confirmation {
            Confirmation::Radio => None,
            Confirmation::Clock { .. } => self.waiting.front().map(|burst| burst.over_at),
        }
    }

    /// From here on the clock tells.
    pub fn believe_the_clock(&mut self, in_flight: Duration) {
        if self.confirmation == Confirmation::Radio {
            self.confirmation = Confirmation::Clock { in_flight };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 1e6;
    const MILLISECOND: Duration = Duration::from_millis(1);

    fn at(nanoseconds: i64) -> RadioTime {
        RadioTime { nanoseconds }
    }

    fn timed(bursts: &mut Bursts, start_ns: i64) {
        let now = Instant::now();
        bursts.begin(TxStart::At(at(start_ns)), now, Duration::ZERO);
        bursts.took(1000, now);
        bursts.end();
    }

    #[test]
    fn a_radio_that_reports_is_believed() {
        let mut bursts = Bursts::new(RATE_HZ, Confirmation::Radio);
        timed(&mut bursts, 0);
        assert!(!bursts.settled());
        let long_after = Instant::now() + Duration::from_secs(100);
        assert_eq!(bursts.overdue(long_after), None);
        let end = Some(at(7));
        assert_eq!(bursts.hear(Event::End(end)), Some(TxReport::Sent { end }));
        assert!(bursts.settled());
        let time = Some(at(9));
        let dry = bursts.hear(Event::Underflow(time));
        assert_eq!(dry, Some(TxReport::Underflow { time }));
    }

    #[test]
    fn the_late_burst_is_the_one_whose_time_had_passed() {
        let mut bursts = Bursts::new(RATE_HZ, Confirmation::Radio);
        timed(&mut bursts, 100);
        timed(&mut bursts, 50);
        timed(&mut bursts, 200);
        let found = Some(at(60));
        let late = |wanted| Some(TxReport::Late { wanted, found });
        assert_eq!(bursts.hear(Event::Late(found)), late(at(50)));
        // It overlaps with another: only the radio knows why.
        assert_eq!(bursts.hear(Event::Late(found)), late(at(200)));
        assert_eq!(bursts.hear(Event::Late(found)), late(at(100)));
        assert_eq!(bursts.hear(Event::Late(found)), late(at(60)));
    }

    #[test]
    fn a_burst_that_was_late_at_its_start_is_not_waited_for() {
        let mut bursts = Bursts::new(RATE_HZ, Confirmation::Radio);
        bursts.begin(TxStart::At(at(5)), Instant::now(), Duration::ZERO);
        let (wanted, found) = (at(5), Some(at(6)));
        let report = bursts.hear(Event::Late(found));
        assert_eq!(report, Some(TxReport::Late { wanted, found }));
        bursts.end();
        assert!(bursts.settled());
    }

    #[test]
    fn without_reports_bursts_are_out_when_their_time_has_passed() {
        let in_flight = 10 * MILLISECOND;
        let mut bursts = Bursts::new(RATE_HZ, Confirmation::Clock { in_flight });
        let now = Instant::now();
        for _ in 0..2 {
            bursts.begin(TxStart::Now, now, Duration::ZERO);
            bursts.took(1000, now);
            bursts.end();
        }
        assert_eq!(bursts.silent_at(), Some(now + 12 * MILLISECOND));
        assert_eq!(bursts.next_overdue(), Some(now + 11 * MILLISECOND));
        assert_eq!(bursts.hear(Event::Underflow(None)), None);
        let sent = Some(TxReport::Sent { end: None });
        assert_eq!(bursts.overdue(now + 11 * MILLISECOND), sent);
        assert_eq!(bursts.overdue(now + 11 * MILLISECOND), None);
        assert_eq!(bursts.overdue(now + 12 * MILLISECOND), sent);
        assert!(bursts.settled());
    }

    #[test]
    fn a_radio_that_has_no_reports_at_all_leaves_it_to_the_clock() {
        let mut bursts = Bursts::new(RATE_HZ, Confirmation::Radio);
        timed(&mut bursts, 0);
        let long_after = Instant::now() + Duration::from_secs(100);
        assert_eq!(bursts.overdue(long_after), None);
        bursts.believe_the_clock(MILLISECOND);
        let sent = Some(TxReport::Sent { end: None });
        assert_eq!(bursts.overdue(long_after), sent);
    }

    #[test]
    fn an_underflow_within_a_burst_is_one_whoever_confirms() {
        let in_flight = Duration::ZERO;
        let mut bursts = Bursts::new(RATE_HZ, Confirmation::Clock { in_flight });
        bursts.begin(TxStart::Now, Instant::now(), Duration::ZERO);
        let dry = bursts.hear(Event::Underflow(None));
        assert_eq!(dry, Some(TxReport::Underflow { time: None }));
    }

    #[test]
    fn a_lead_moves_the_end_and_idle_time_is_not_air_time() {
        let mut bursts = Bursts::new(RATE_HZ, Confirmation::Radio);
        let now = Instant::now();
        bursts.begin(TxStart::Now, now, 5 * MILLISECOND);
        bursts.took(1000, now);
        assert_eq!(bursts.silent_at(), Some(now + 6 * MILLISECOND));
        bursts.took(1000, now + 20 * MILLISECOND);
        assert_eq!(bursts.silent_at(), Some(now + 21 * MILLISECOND));
    }
}
