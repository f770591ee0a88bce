//! News on their way from a graph to the thread that runs it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::event::Event;
use crate::gate::{Parcel, Permit};

/// A pair of ends. What lies between them is bounded by the gates that the parcels came through.
pub fn mailbox() -> (Outbox, Mailbox) {
    let (sender, receiver) = channel();
    (Outbox(sender), Mailbox(receiver))
}

/// The graph's end.
pub struct Outbox(Sender<Note>);

/// The caller's end.
pub struct Mailbox(Receiver<Note>);

enum Note {
    News(Parcel<Event>),
    End,
}

/// What came.
pub enum Mail {
    /// News; the permit is to be held until they are dealt with.
    News(Event, Permit),
    /// The last was taken.
    End,
    /// Nothing yet.
    Nothing,
}

impl Outbox {
    /// Leaves news; without a caller they are dropped.
    pub fn deliver(&self, parcel: Parcel<Event>) {
        let _ = self.0.send(Note::News(parcel));
    }

    /// Says that no more will come.
    pub fn close(&self) {
        let _ = self.0.send(Note::End);
    }
}

impl Mailbox {
    /// Waits for mail, at most for `limit`.
    pub fn wait(&self, limit: Duration) -> Mail {
        match self.0.recv_timeout(limit) {
            Ok(Note::News(parcel)) => match parcel.open() {
                Some((news, permit)) => Mail::News(news, permit),
                None => Mail::Nothing,
            },
            Ok(Note::End) | Err(RecvTimeoutError::Disconnected) => Mail::End,
            Err(RecvTimeoutError::Timeout) => Mail::Nothing,
        }
    }
}
