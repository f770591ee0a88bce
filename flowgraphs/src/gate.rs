//! Backpressure between blocks that exchange messages.
//!
//! A FutureSDR message port waits only when the receiver's inbox of thousands of messages is full, and it waits for ever if
//! that receiver has ended. A [`Gate`] counts bytes instead: the sender asks for admission before it posts, and while there
//! is none its `work` returns and is called again once bytes were released, so that it still hears stop and control calls.
//!
//! ```
//! use heliograph_flowgraphs::gate::Gate;
//!
//! let gate = Gate::new(100);
//! let parcel = gate.admit(80, "first").unwrap();
//! assert_eq!(gate.admit(40, "second").err(), Some("second"));
//! let Some((load, permit)) = parcel.open() else { unreachable!() };
//! assert_eq!((load, gate.used_bytes()), ("first", 80));
//! drop(permit);
//! assert!(gate.admit(40, "second").is_ok());
//! ```

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use futuresdr::runtime::Pmt;

/// Bytes that may be on their way between two blocks.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    capacity_bytes: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    used_bytes: usize,
    waiting: Vec<Waker>,
}

impl Gate {
    /// A gate that lets `capacity_bytes` be on their way. A single larger load passes when nothing else does.
    pub fn new(capacity_bytes: usize) -> Self {
        Self(Arc::new(Inner {
            capacity_bytes,
            state: Mutex::default(),
        }))
    }

    /// Wraps `load`, or gives it back while there is no room for it.
    pub fn admit<T>(&self, bytes: usize, load: T) -> Result<Parcel<T>, T> {
        let mut state = self.state();
        if !self.has_room(&state, bytes) {
            return Err(load);
        }
        state.used_bytes += bytes;
        let permit = Permit {
            gate: self.clone(),
            bytes,
        };
        Ok(Parcel(Arc::new(Mutex::new(Some((load, permit))))))
    }

    /// Resolves when there may be room for `bytes`.
    pub fn opened(&self, bytes: usize) -> Opened {
        Opened {
            gate: self.clone(),
            bytes,
        }
    }

    /// Bytes on their way now.
    pub fn used_bytes(&self) -> usize {
        self.state().used_bytes
    }

    fn has_room(&self, state: &State, bytes: usize) -> bool {
        state.used_bytes == 0 || state.used_bytes + bytes <= self.0.capacity_bytes
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room in a gate; given back when dropped.
pub struct Permit {
    gate: Gate,
    bytes: usize,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.gate.state();
            state.used_bytes -= self.bytes;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// See [`Gate::opened`].
pub struct Opened {
    gate: Gate,
    bytes: usize,
}

impl Future for Opened {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.gate.state();
        if self.gate.has_room(&state, self.bytes) {
            return Poll::Ready(());
        }
        if !state.waiting.iter().any(|w| w.will_wake(context.waker())) {
            state.waiting.push(context.waker().clone());
        }
        Poll::Pending
    }
}

/// A load on its way through a gate, fit for [`Pmt::Any`]. Clones share the load: the first to open has it.
pub struct Parcel<T>(Arc<Mutex<Option<(T, Permit)>>>);

impl<T> Clone for Parcel<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Parcel<T> {
    /// The load, with its permit; `None` if a clone was opened before.
    pub fn open(self) -> Option<(T, Permit)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T: Send + 'static> Parcel<T> {
    /// The parcel as a message.
    pub fn into_pmt(self) -> Pmt {
        Pmt::Any(Box::new(self))
    }

    /// The parcel in a message, if there is one of this type.
    pub fn from_pmt(message: Pmt) -> Option<Self> {
        match message {
            Pmt::Any(any) => any.take::<Self>().map(|parcel| *parcel),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futuresdr::futures::FutureExt;

    #[test]
    fn a_load_larger_than_the_gate_passes_alone() {
        let gate = Gate::new(10);
        let large = gate.admit(1000, ()).unwrap();
        assert!(gate.admit(1, ()).is_err());
        drop(large.open());
        assert!(gate.admit(1, ()).is_ok());
    }

    #[test]
    fn a_waiting_sender_wakes_when_room_is_released() {
        let gate = Gate::new(10);
        let parcel = gate.admit(10, ()).unwrap();
        assert!(gate.opened(1).now_or_never().is_none());
        let waiting = std::thread::spawn({
            let gate = gate.clone();
            move || futuresdr::runtime::Runtime::block_on(gate.opened(1))
        });
        drop(parcel);
        waiting.join().unwrap();
    }

    #[test]
    fn a_parcel_survives_the_trip_as_a_message_and_opens_once() {
        let gate = Gate::new(10);
        let message = gate.admit(3, vec![1, 2, 3]).unwrap().into_pmt();
        let copy = message.clone();
        let (load, _permit) = Parcel::<Vec<i32>>::from_pmt(message)
            .unwrap()
            .open()
            .unwrap();
        assert_eq!(load, [1, 2, 3]);
        assert!(Parcel::<Vec<i32>>::from_pmt(copy).unwrap().open().is_none());
        assert!(Parcel::<String>::from_pmt(Pmt::Null).is_none());
    }
}
