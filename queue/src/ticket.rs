//! What stands in line for a picture: its name and how much it is.

use heliograph::link::PictureMessage;
use heliograph::link::message::MAX_MESSAGE_BYTES;
use serde::{Deserialize, Serialize};

use crate::QueueError;

const VERSION: u32 = 1;
/// Longest ticket that is read.
const MAX_BYTES: usize = 1024;
/// Most pieces of a picture: of 16 KiB each for the largest.
const MAX_PIECES: u32 = (MAX_MESSAGE_BYTES >> 14) as u32;

/// A picture in line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    version: u32,
    /// What tells the picture from all others; letters, digits, `-` and `_`.
    pub id: String,
    /// Of all pieces.
    pub bytes: usize,
    pub pieces: u32,
}

impl Ticket {
    pub(crate) fn new(id: &str, bytes: usize, pieces: u32) -> Result<Self, QueueError> {
        let ticket = Self {
            version: VERSION,
            id: id.to_owned(),
            bytes,
            pieces,
        };
        ticket.check().map(|()| ticket)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("names and numbers are JSON")
    }

    /// Reads bytes of anywhere.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, QueueError> {
        let wrong = |reason: String| QueueError::ticket(reason);
        if bytes.len() > MAX_BYTES {
            let found = bytes.len();
            return Err(wrong(format!(
                "found {found} bytes, allowed at most {MAX_BYTES}"
            )));
        }
        let read: Result<Self, _> = serde_json::from_slice(bytes);
        let ticket = read.map_err(|error| wrong(error.to_string()))?;
        ticket.check().map(|()| ticket)
    }

    fn check(&self) -> Result<(), QueueError> {
        let wrong = |reason: String| Err(QueueError::ticket(reason));
        if self.version != VERSION {
            return Err(QueueError::Version {
                found: self.version,
                allowed: VERSION,
            });
        }
        if !PictureMessage::is_name(&self.id) {
            return wrong("id: allowed are 1 to 48 letters, digits, - and _".to_owned());
        }
        if !(1..=MAX_MESSAGE_BYTES).contains(&self.bytes) {
            let found = self.bytes;
            return wrong(format!(
                "bytes: found {found}, allowed 1 to {MAX_MESSAGE_BYTES}"
            ));
        }
        if !(1..=MAX_PIECES).contains(&self.pieces) || self.pieces as usize > self.bytes {
            let found = self.pieces;
            return wrong(format!("pieces: found {found} for {} bytes", self.bytes));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_comes_back_and_a_hostile_one_is_refused() {
        let ticket = Ticket::new("roof-1", 70_000, 2).unwrap();
        assert_eq!(Ticket::from_bytes(&ticket.to_bytes()).unwrap(), ticket);
        let text = String::from_utf8(ticket.to_bytes()).unwrap();
        for (from, to, what) in [
            ("\"version\":1", "\"version\":2", "ticket version: found 2"),
            ("roof-1", "../roof", "id: "),
            ("roof-1", "a.>", "id: "),
            ("70000", "0", "bytes: found 0"),
            ("70000", "99999999999", "bytes: found"),
            ("\"pieces\":2", "\"pieces\":0", "pieces: found 0"),
            ("\"pieces\":2", "\"pieces\":80000", "pieces: found 80000"),
            ("{", "{\"more\":1,", "unknown field"),
            ("{", "", "ticket: "),
            ("{", "{\"\\u001b[2J\":1,", "unknown field `\u{fffd}[2J`"),
            ("{", &" ".repeat(2000), "found 2"),
        ] {
            let said = Ticket::from_bytes(text.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(said.to_string().contains(what), "{from} to {to}: {said}");
        }
    }
}
