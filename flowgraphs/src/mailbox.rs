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
    /// News that are here already.
    pub fn rest(&self) -> impl Iterator<Item = (Event, Permit)> {
        self.0.try_iter().filter_map(|note| match note {
            Note::News(parcel) => parcel.open(),
            Note::End => None,
        })
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Gate;

    #[test]
    fn what_lies_there_is_taken_without_waiting_for_more() {
        let (outbox, mailbox) = mailbox();
        assert_eq!(mailbox.rest().count(), 0);
        let gate = Gate::new(2);
        for _ in 0..2 {
            let started = Event::Started { control_port: None };
            let parcel = gate.admit(1, started).unwrap_or_else(|_| unreachable!());
            outbox.deliver(parcel);
        }
        outbox.close();
        assert_eq!(mailbox.rest().count(), 2);
        assert_eq!(gate.used_bytes(), 0);
    }
}
