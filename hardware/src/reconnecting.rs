//! A receiver that comes back after its radio was unplugged.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use num_complex::Complex32;

use crate::error::RadioError;
use crate::radio::{Lost, Reception, RxStream};

/// Pause before the first attempt; it doubles with each one that fails.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// An [`RxStream`] that opens its radio again when that is [`RadioError::Gone`] or its driver fails.
///
/// Attempts are made within [`RxStream::read`] and its limit, 0.2 s after the failure, then after twice the pause each
/// time, up to 5 s; opening a radio can take longer than the limit. Until then reads run into [`RadioError::Timeout`].
/// The first reception after it says [`Lost::Unknown`], and its times are those of a clock that may have started anew.
///
/// The old stream is dropped before the first attempt. SoapySDR gives all of a program the same device for the same
/// arguments as long as anyone has it: a transmitter on the same radio has to be dropped too.
///
/// ```
/// use std::time::Duration;
/// use heliograph_hardware::{Direction, Loopback, Radio, RadioSettings, Reconnecting, RxStream};
///
/// let mut reconnecting = Reconnecting::new(|| {
///     let mut radio = Loopback::new(1000);
///     radio.configure(Direction::Receive, &RadioSettings::new(433e6, 2e6))?;
///     radio.receive()
/// })?;
/// let connection = reconnecting.connection();
/// let mut samples = [Default::default(); 100];
/// reconnecting.read(&mut samples, Duration::from_millis(10))?;
/// assert_eq!((connection.reconnections(), connection.reason()), (0, None));
/// # Ok::<(), heliograph_hardware::RadioError>(())
/// ```
pub struct Reconnecting {
    open: Box<dyn FnMut() -> Result<Box<dyn RxStream>, RadioError> + Send>,
    state: State,
    connection: Connection,
    clock: Box<dyn Clock>,
    patience: Option<Duration>,
    /// Time spent in reads in vain since samples came last, or the radio did.
    in_vain: Duration,
}

enum State {
    Connected(Box<dyn RxStream>, Continuity),
    Away { pause: Duration, next: Instant },
}

/// Has the stream been read since it was opened again?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Continuity {
    Unbroken,
    Broken,
}

/// How the connection is, for a status line in any thread.
#[derive(Clone, Debug, Default)]
pub struct Connection(Arc<Mutex<Account>>);

#[derive(Debug, Default)]
struct Account {
    reconnections: u64,
    reason: Option<String>,
    radio: Presence,
}

/// Is the radio there?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Presence {
    #[default]
    There,
    Away,
}

/// Waiting; tests have a clock of their own.
trait Clock: Send {
    fn now(&self) -> Instant;
    fn sleep(&mut self, span: Duration);
}

struct Monotonic;

impl Clock for Monotonic {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&mut self, span: Duration) {
        thread::sleep(span);
    }
}

impl Connection {
    /// How often the radio was opened again.
    pub fn reconnections(&self) -> u64 {
        self.with(|account| account.reconnections)
    }

    /// Why the radio was lost, or could not be opened, the last time; `None` if it never was.
    pub fn reason(&self) -> Option<String> {
        self.with(|account| account.reason.clone())
    }

    /// Is the radio there?
    pub fn is_up(&self) -> bool {
        self.with(|account| account.radio == Presence::There)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Account) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Reconnecting {
    /// Opens the radio for the first time.
    ///
    /// # Errors
    /// That of `open`: a radio that was never there is not waited for.
    pub fn new(
        open: impl FnMut() -> Result<Box<dyn RxStream>, RadioError> + Send + 'static,
    ) -> Result<Self, RadioError> {
        Self::with_clock(open, Monotonic)
    }

    fn with_clock(
        mut open: impl FnMut() -> Result<Box<dyn RxStream>, RadioError> + Send + 'static,
        clock: impl Clock + 'static,
    ) -> Result<Self, RadioError> {
        let stream = open()?;
        Ok(Self {
            open: Box::new(open),
            state: State::Connected(stream, Continuity::Unbroken),
            connection: Connection::default(),
            clock: Box::new(clock),
            patience: None,
            in_vain: Duration::ZERO,
        })
    }

    /// Takes a radio for gone that was silent for so long while it was read: some drivers never say that it was unplugged (HackRF).
    /// Not for radios that stand still at times: half duplex, or in lock-step with others.
    pub fn with_patience(mut self, silence: Duration) -> Self {
        self.patience = Some(silence);
        self
    }

    /// For status lines.
    pub fn connection(&self) -> Connection {
        self.connection.clone()
    }

    /// The radio is away: next attempt after `pause`.
    fn retry(&mut self, pause: Duration, error: &RadioError) {
        self.connection.with(|account| {
            account.reason = Some(error.to_string());
            account.radio = Presence::Away;
        });
        let next = self.clock.now() + pause;
        // The old stream is dropped here, before another is opened.
        self.state = State::Away { pause, next };
    }

    fn connect(&mut self, pause: Duration) {
        match (self.open)() {
            Ok(stream) => {
                self.connection.with(|account| {
                    account.reconnections += 1;
                    account.radio = Presence::There;
                });
                self.state = State::Connected(stream, Continuity::Broken);
                self.in_vain = Duration::ZERO;
            }
            Err(error) => self.retry((pause * 2).min(LONGEST_PAUSE), &error),
        }
    }
}

impl Reconnecting {
    /// What a read that waited in vain comes to: is the radio as good as gone?
    fn fell_silent(&mut self, waited: Duration) -> Option<RadioError> {
        self.in_vain += waited;
        let patience = self.patience.filter(|&patience| self.in_vain >= patience)?;
        Some(RadioError::Gone {
            radio: "the radio".to_owned(),
            reason: format!("no samples for {patience:?}"),
        })
    }
}

impl RxStream for Reconnecting {
    fn read(
        &mut self,
        samples: &mut [Complex32],
        limit: Duration,
    ) -> Result<Reception, RadioError> {
        let begun = self.clock.now();
        loop {
            let now = self.clock.now();
            let left = limit.saturating_sub(now - begun);
            match &mut self.state {
                State::Connected(stream, continuity) => match stream.read(samples, left) {
                    Err(error @ (RadioError::Gone { .. } | RadioError::Driver { .. })) => {
                        self.retry(FIRST_PAUSE, &error);
                    }
                    Err(error @ RadioError::Timeout { .. }) => {
                        let waited = self.clock.now() - now;
                        match self.fell_silent(waited.min(left)) {
                            Some(silent) => self.retry(FIRST_PAUSE, &silent),
                            None => return Err(error),
                        }
                    }
                    Err(error) => return Err(error),
                    Ok(mut reception) => {
                        self.in_vain = Duration::ZERO;
                        if *continuity == Continuity::Broken {
                            reception.lost = Lost::Unknown;
                            *continuity = Continuity::Unbroken;
                        }
                        return Ok(reception);
                    }
                },
                State::Away { pause, next } => {
                    let (pause, wait) = (*pause, *next - now);
                    if wait.is_zero() {
                        self.connect(pause);
                    } else if left.is_zero() {
                        return Err(RadioError::Timeout {
                            limit,
                            done: 0,
                            wanted: samples.len(),
                        });
                    } else {
                        self.clock.sleep(wait.min(left));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
