//! Who may use the radio: one stream each way, and where the radio is half duplex, one way at a time.
//!
//! On a half-duplex radio both streams may exist. The first part of a burst takes the radio from the receiver, which
//! stands still until the burst is out; then the next read takes it back. Whatever is set on such a radio (frequency,
//! rate, gains) is set on the hardware both ways share, whichever direction was named: SoapyHackRF transmits with the
//! receiver's amplifier if nobody cares. So at every turn the settings of the direction are applied again.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::settings::Tuning;
use super::stream::Stream;
use crate::error::RadioError;
use crate::settings::{Direction, Duplex};
use crate::streaming::deadline::Deadline;

/// Longest wait in one go, so that no clock overflows.
const LONG: Duration = Duration::from_secs(3600);
/// How long a reader may keep the radio from a sender that waits.
const SLICE: Duration = Duration::from_millis(20);

/// Shared by a radio and its streams.
pub(super) struct Switch {
    duplex: Duplex,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    claimed: [bool; 2],
    entered: [Option<Entry>; 2],
    turn: Turn,
    reader: Presence,
    sender: Presence,
}

/// A stream, and what its direction is set to.
struct Entry {
    stream: Arc<Stream>,
    tuning: Tuning,
}

/// Whose the radio is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Nobody,
    Receiver,
    /// From `free_at` on it is free again; within a burst that is not known yet.
    Transmitter {
        free_at: Option<Instant>,
    },
}

/// Is anybody in a call?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Away,
    There,
}

/// May the receiver read?
pub(super) enum Hearing<'a> {
    /// Yes, without a break.
    On(Reading<'a>),
    /// Yes, after the radio was elsewhere.
    Again(Reading<'a>),
    /// Not before the deadline.
    TimedOut,
}

/// May the transmitter send?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaking {
    Now,
    TimedOut,
}

/// Keeps the radio for a read.
pub(super) struct Reading<'a>(Option<&'a Switch>);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if let Some(switch) = self.0 {
            switch.state().reader = Presence::Away;
            switch.changed.notify_all();
        }
    }
}

/// A direction in use; free again when dropped.
pub(super) struct Claim {
    switch: Arc<Switch>,
    direction: Direction,
}

impl Switch {
    pub fn new(duplex: Duplex) -> Arc<Self> {
        Arc::new(Self {
            duplex,
            state: Mutex::new(State {
                claimed: [false; 2],
                entered: [None, None],
                turn: Turn::Nobody,
                reader: Presence::Away,
                sender: Presence::Away,
            }),
            changed: Condvar::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, limit: Duration) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, limit.min(LONG));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Does `direction` not stream?
    pub fn check_idle(&self, direction: Direction) -> Result<(), RadioError> {
        self.state().check_idle(direction)
    }

    /// Takes `direction` for a stream.
    pub fn claim(self: &Arc<Self>, direction: Direction) -> Result<Claim, RadioError> {
        let mut state = self.state();
        state.check_idle(direction)?;
        state.claimed[direction as usize] = true;
        Ok(Claim {
            switch: self.clone(),
            direction,
        })
    }
}

impl Claim {
    /// Brings the stream. It is active from now on; on a half-duplex radio when its turn comes.
    pub fn enter(&self, stream: Arc<Stream>, tuning: Tuning) -> Result<(), RadioError> {
        if self.switch.duplex == Duplex::Full {
            stream.activate()?;
        }
        self.switch.state().entered[self.direction as usize] = Some(Entry { stream, tuning });
        Ok(())
    }

    /// How long a single call of the driver may last.
    pub fn slice(&self, deadline: Deadline) -> Duration {
        match self.switch.duplex {
            Duplex::Full => deadline.left_or(LONG),
            Duplex::Half => deadline.left_or(SLICE),
        }
    }

    /// Waits for the receiver's turn.
    pub fn listen(&self, deadline: Deadline) -> Result<Hearing<'_>, RadioError> {
        if self.switch.duplex == Duplex::Full {
            return Ok(Hearing::On(Reading(None)));
        }
        let mut state = self.switch.state();
        loop {
            let now = Instant::now();
            let wait = match (state.sender, state.turn) {
                (Presence::There, _) => LONG,
                (_, Turn::Receiver) => {
                    state.reader = Presence::There;
                    return Ok(Hearing::On(Reading(Some(&self.switch))));
                }
                (_, Turn::Transmitter { free_at: None }) => LONG,
                (_, Turn::Transmitter { free_at: Some(at) }) if at > now => at - now,
                (_, Turn::Transmitter { .. } | Turn::Nobody) => {
                    state.give_to(Direction::Receive)?;
                    state.turn = Turn::Receiver;
                    state.reader = Presence::There;
                    return Ok(Hearing::Again(Reading(Some(&self.switch))));
                }
            };
            if deadline.has_passed() {
                return Ok(Hearing::TimedOut);
            }
            state = self.switch.wait(state, deadline.left_or(wait));
        }
    }

    /// Waits for the transmitter's turn; it lasts until [`Claim::spoken`].
    pub fn speak(&self, deadline: Deadline) -> Result<Speaking, RadioError> {
        if self.switch.duplex == Duplex::Full {
            return Ok(Speaking::Now);
        }
        let mut state = self.switch.state();
        state.sender = Presence::There;
        while state.reader == Presence::There && !deadline.has_passed() {
            state = self.switch.wait(state, deadline.left());
        }
        state.sender = Presence::Away;
        self.switch.changed.notify_all();
        if state.reader == Presence::There {
            return Ok(Speaking::TimedOut);
        }
        if !matches!(state.turn, Turn::Transmitter { .. }) {
            state.give_to(Direction::Transmit)?;
        }
        state.turn = Turn::Transmitter { free_at: None };
        Ok(Speaking::Now)
    }

    /// The burst is with the radio, and off the air at `free_at`.
    pub fn spoken(&self, free_at: Option<Instant>) {
        let free_at = Some(free_at.unwrap_or_else(Instant::now));
        self.switch.state().turn = Turn::Transmitter { free_at };
        self.switch.changed.notify_all();
    }
}

impl State {
    fn check_idle(&self, direction: Direction) -> Result<(), RadioError> {
        match self.claimed[direction as usize] {
            true => Err(RadioError::Busy {
                direction,
                busy: direction,
            }),
            false => Ok(()),
        }
    }

    /// Turns the radio round. On an error it is nobody's.
    fn give_to(&mut self, direction: Direction) -> Result<(), RadioError> {
        self.turn = Turn::Nobody;
        let other = self.entered[1 - direction as usize].as_ref();
        if let Some(other) = other {
            other.stream.deactivate()?;
        }
        let Some(entry) = &self.entered[direction as usize] else {
            return Ok(());
        };
        entry.stream.activate()?;
        entry.tuning.apply_again(entry.stream.device(), direction)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut state = self.switch.state();
        let mine = match self.direction {
            Direction::Receive => state.turn == Turn::Receiver,
            Direction::Transmit => matches!(state.turn, Turn::Transmitter { .. }),
        };
        if mine {
            state.turn = Turn::Nobody;
        }
        let entry = state.entered[self.direction as usize].take();
        state.claimed[self.direction as usize] = false;
        drop(state);
        // The last owner of the stream closes it, without the lock.
        drop(entry);
        self.switch.changed.notify_all();
    }
}
