//! What viewers may turn: orders on their way to the program, through a bounded channel.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// Orders that wait for the program; further ones are refused.
pub const MAX_WAITING_ORDERS: usize = 16;

/// Something to turn, as `POST /api/control` takes it: `{"control": "perception", "value": 0.7}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "control", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Gain of the radio, dB.
    GainDb { value: f64 },
    /// Gain of one of its stages, dB.
    GainElementDb { name: String, value: f64 },
    /// Centre frequency, Hz.
    FrequencyHz { value: f64 },
    /// Records, or stops to.
    Record { on: bool },
    /// Another painter.
    Painter { name: String },
    /// Steps of painter diffusion.
    Steps { value: u8 },
    /// From least distortion (0) to best perception (1); paints the last picture again.
    Perception { value: f64 },
    /// Pauses, or goes on.
    Pause { on: bool },
}

impl Command {
    /// Does it change how pictures look?
    pub fn is_of_painter(&self) -> bool {
        matches!(
            self,
            Self::Painter { .. } | Self::Steps { .. } | Self::Perception { .. }
        )
    }
}

/// A command that waits for its answer.
pub struct Order {
    /// What to do.
    pub command: Command,
    answer: oneshot::Sender<Result<(), String>>,
}

impl Order {
    /// Says what became of it: done, or why not. A viewer that is gone does not hear it.
    pub fn answer(self, outcome: Result<(), String>) {
        let _ = self.answer.send(outcome);
    }
}

/// The program's end.
pub struct Orders(Receiver<Order>);

impl Orders {
    /// The next order; waits for it at most for `limit`.
    pub fn next(&self, limit: Duration) -> Option<Order> {
        self.0.recv_timeout(limit).ok()
    }
}

/// The server's end.
#[derive(Clone)]
pub(crate) struct Desk(SyncSender<Order>);

/// Why an order was not taken.
pub(crate) enum NotTaken {
    /// Too many wait.
    Busy,
    /// The program has ended.
    Closed,
}

pub(crate) fn desk() -> (Desk, Orders) {
    let (sender, receiver) = sync_channel(MAX_WAITING_ORDERS);
    (Desk(sender), Orders(receiver))
}

impl Desk {
    /// Leaves an order; the answer comes later.
    pub fn leave(
        &self,
        command: Command,
    ) -> Result<oneshot::Receiver<Result<(), String>>, NotTaken> {
        let (answer, heard) = oneshot::channel();
        match self.0.try_send(Order { command, answer }) {
            Ok(()) => Ok(heard),
            Err(TrySendError::Full(_)) => Err(NotTaken::Busy),
            Err(TrySendError::Disconnected(_)) => Err(NotTaken::Closed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_read_as_documented_and_unknown_fields_are_refused() {
        let read = |text: &str| serde_json::from_str::<Command>(text);
        let dial = read(r#"{"control": "perception", "value": 0.7}"#).unwrap();
        assert_eq!(dial, Command::Perception { value: 0.7 });
        assert!(read(r#"{"control": "record", "on": true}"#).is_ok());
        assert!(read(r#"{"control": "format_disk"}"#).is_err());
        assert!(read(r#"{"control": "pause", "on": true, "x": 1}"#).is_err());
    }

    #[test]
    fn orders_that_nobody_takes_do_not_pile_up() {
        let (desk, orders) = desk();
        let pause = Command::Pause { on: true };
        let taken = (0..100).filter(|_| desk.leave(pause.clone()).is_ok());
        assert_eq!(taken.count(), MAX_WAITING_ORDERS);
        drop(orders);
        assert!(matches!(desk.leave(pause), Err(NotTaken::Closed)));
    }
}
