//! Radios that come and go, on a clock that only sleeping moves.

use std::collections::VecDeque;

use super::*;

/// A clock for tests: sleeping is what moves it.
#[derive(Clone)]
struct Slept {
    start: Instant,
    slept: Arc<Mutex<Duration>>,
}

impl Slept {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            slept: Arc::default(),
        }
    }

    fn total(&self) -> Duration {
        *self.slept.lock().unwrap()
    }
}

impl Clock for Slept {
    fn now(&self) -> Instant {
        self.start + self.total()
    }

    fn sleep(&mut self, span: Duration) {
        *self.slept.lock().unwrap() += span;
    }
}

/// Reads as they were planned, those that run out of time with their time; then the radio is gone.
struct Planned {
    reads: VecDeque<Result<Reception, RadioError>>,
    clock: Slept,
}

impl RxStream for Planned {
    fn read(&mut self, _: &mut [Complex32], limit: Duration) -> Result<Reception, RadioError> {
        let read = self.reads.pop_front().unwrap_or_else(|| Err(gone()));
        if matches!(read, Err(RadioError::Timeout { .. })) {
            self.clock.sleep(limit);
        }
        read
    }
}

fn gone() -> RadioError {
    RadioError::Gone {
        radio: "mock".to_owned(),
        reason: "unplugged".to_owned(),
    }
}

fn absent() -> RadioError {
    RadioError::NotFound {
        arguments: "driver=mock".to_owned(),
        drivers: "none".to_owned(),
    }
}

fn reception() -> Reception {
    Reception {
        samples: 1,
        time: None,
        lost: Lost::Nothing,
    }
}

type Opened = Result<Vec<Result<Reception, RadioError>>, RadioError>;

/// One plan for each time that the radio is opened.
fn reconnecting(plans: impl IntoIterator<Item = Opened>) -> (Reconnecting, Slept) {
    let mut plans: VecDeque<Opened> = plans.into_iter().collect();
    let clock = Slept::new();
    let same = clock.clone();
    let open = move || -> Result<Box<dyn RxStream>, RadioError> {
        let reads = plans.pop_front().unwrap_or_else(|| Err(absent()))?.into();
        let clock = same.clone();
        Ok(Box::new(Planned { reads, clock }))
    };
    let reconnecting = Reconnecting::with_clock(open, clock.clone()).unwrap();
    (reconnecting, clock)
}

fn read(rx: &mut Reconnecting, limit: Duration) -> Result<Reception, RadioError> {
    rx.read(&mut [Complex32::ZERO], limit)
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn after_a_loss_the_first_reception_says_so_and_only_that() {
    let heard = || Ok(vec![Ok(reception()), Ok(reception())]);
    let (mut rx, _) = reconnecting([heard(), heard()]);
    let connection = rx.connection();
    for lost in [Lost::Nothing, Lost::Nothing, Lost::Unknown, Lost::Nothing] {
        assert_eq!(read(&mut rx, SECOND).unwrap().lost, lost);
    }
    assert_eq!(connection.reconnections(), 1);
    let reason = connection.reason().unwrap();
    assert_eq!(reason, "mock does not answer any more: unplugged");
    assert!(connection.is_up());
}

#[test]
fn pauses_double_up_to_five_seconds_and_no_read_is_longer_than_its_limit() {
    let away = std::iter::repeat_with(|| Err(absent())).take(8);
    let plans = [Ok(vec![])].into_iter().chain(away);
    let (mut rx, clock) = reconnecting(plans.chain([Ok(vec![Ok(reception())])]));
    let connection = rx.connection();
    let limit = Duration::from_millis(700);
    let mut reads = 0;
    while let Err(error) = read(&mut rx, limit) {
        let timeout = RadioError::Timeout {
            limit,
            done: 0,
            wanted: 1,
        };
        assert_eq!(error, timeout);
        assert!(!connection.is_up());
        assert!(connection.reason().unwrap().contains("no radio fits"));
        reads += 1;
        assert_eq!(clock.total(), limit * reads);
    }
    // 0.2 + 0.4 + 0.8 + 1.6 + 3.2 and four times 5.
    assert_eq!(clock.total(), Duration::from_millis(26_200));
    assert_eq!(connection.reconnections(), 1);
}

#[test]
fn a_failing_driver_is_as_good_as_gone_and_a_timeout_is_not() {
    let failed = || RadioError::Driver {
        radio: "mock".to_owned(),
        call: "readStream",
        reason: "NOT_SUPPORTED (-5)".to_owned(),
    };
    let (mut rx, _) = reconnecting([
        Ok(vec![Err(timeout()), Err(failed())]),
        Ok(vec![Ok(reception())]),
    ]);
    assert_eq!(read(&mut rx, SECOND), Err(timeout()));
    assert_eq!(rx.connection().reconnections(), 0);
    assert_eq!(read(&mut rx, SECOND).unwrap().lost, Lost::Unknown);
}

fn timeout() -> RadioError {
    RadioError::Timeout {
        limit: SECOND,
        done: 0,
        wanted: 1,
    }
}

#[test]
fn a_radio_that_falls_silent_is_gone_after_a_while_if_so_wished() {
    let silent = |reads| (0..reads).map(|_| Err(timeout()));
    let heard = silent(2).chain([Ok(reception())]).chain(silent(3));
    let plans = [Ok(heard.collect()), Ok(vec![Ok(reception())])];
    let (rx, _) = reconnecting(plans);
    let mut rx = rx.with_patience(3 * SECOND);
    let mut read = || read(&mut rx, SECOND);
    for expected in [Err(timeout()), Err(timeout()), Ok(reception())] {
        assert_eq!(read(), expected);
    }
    for _ in 0..3 {
        assert_eq!(read(), Err(timeout()));
    }
    assert_eq!(read().unwrap().lost, Lost::Unknown);
    let reason = rx.connection().reason().unwrap();
    assert!(reason.ends_with("no samples for 3s"), "{reason}");
}

#[test]
fn time_in_which_nobody_reads_is_no_silence() {
    let reads = vec![Err(timeout()), Err(timeout())];
    let (rx, mut clock) = reconnecting([Ok(reads)]);
    let mut rx = rx.with_patience(3 * SECOND);
    for _ in 0..2 {
        clock.sleep(10 * SECOND);
        assert_eq!(read(&mut rx, SECOND), Err(timeout()));
    }
    assert!(rx.connection().is_up());
}

#[test]
fn a_radio_that_was_never_there_is_an_error_at_once() {
    let open = || -> Result<Box<dyn RxStream>, RadioError> { Err(absent()) };
    assert_eq!(Reconnecting::new(open).err(), Some(absent()));
}
