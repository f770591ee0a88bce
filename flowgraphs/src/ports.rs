//! Message ports with backpressure: what a block still has to post, and what it was sent and has not looked at.
//!
//! Handlers only queue; `work` computes. So a panic or an error has one place to be caught, and a block that waits for its
//! successor still answers the control port.

use std::collections::VecDeque;

use futuresdr::runtime::Pmt;
use futuresdr::runtime::dev::{MessageOutputs, WorkIo};

use crate::gate::{Gate, Parcel, Permit};

/// Results of a block on their way to the next.
pub(crate) struct Outlet<T> {
    port: &'static str,
    gate: Gate,
    weigh: fn(&T) -> usize,
    ready: VecDeque<T>,
}

/// What is left of an outlet's results.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flushed {
    /// All were posted.
    All,
    /// The successor has no room; `work` is called again when it has.
    Waiting,
}

impl<T: Send + 'static> Outlet<T> {
    /// An outlet to message output `port` through a gate of `capacity_bytes`; `weigh` gives the bytes of a result.
    pub fn new(port: &'static str, capacity_bytes: usize, weigh: fn(&T) -> usize) -> Self {
        Self {
            port,
            gate: Gate::new(capacity_bytes),
            weigh,
            ready: VecDeque::new(),
        }
    }

    pub fn push(&mut self, result: T) {
        self.ready.push_back(result);
    }

    pub fn extend(&mut self, results: impl IntoIterator<Item = T>) {
        self.ready.extend(results);
    }

    /// Posts as many results as the gate admits.
    pub async fn flush(
        &mut self,
        io: &mut WorkIo,
        mo: &mut MessageOutputs,
    ) -> anyhow::Result<Flushed> {
        while let Some(result) = self.ready.pop_front() {
            let bytes = (self.weigh)(&result);
            match self.gate.admit(bytes, result) {
                Ok(parcel) => mo.post(self.port, parcel.into_pmt()).await?,
                Err(result) => {
                    self.ready.push_front(result);
                    io.block_on(self.gate.opened(bytes));
                    return Ok(Flushed::Waiting);
                }
            }
        }
        Ok(Flushed::All)
    }
}

/// Messages of a block that wait for its `work`.
pub(crate) struct Inlet<T> {
    waiting: VecDeque<Parcel<T>>,
    ended: bool,
}

impl<T> Default for Inlet<T> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            ended: false,
        }
    }
}

impl<T: Send + 'static> Inlet<T> {
    /// Queues a message; the answer of its handler.
    pub fn accept(&mut self, message: Pmt) -> Pmt {
        if matches!(message, Pmt::Finished) {
            self.ended = true;
            return Pmt::Ok;
        }
        match Parcel::from_pmt(message) {
            Some(parcel) => {
                self.waiting.push_back(parcel);
                Pmt::Ok
            }
            None => Pmt::InvalidValue,
        }
    }

    /// The oldest load.
    pub fn next(&mut self) -> Option<(T, Permit)> {
        while let Some(parcel) = self.waiting.pop_front() {
            if let Some(load) = parcel.open() {
                return Some(load);
            }
        }
        None
    }

    /// The oldest parcel, closed.
    pub fn next_parcel(&mut self) -> Option<Parcel<T>> {
        self.waiting.pop_front()
    }

    /// Does nothing wait?
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Has the predecessor ended, and is all it sent taken?
    pub fn is_drained(&self) -> bool {
        self.ended && self.waiting.is_empty()
    }
}
