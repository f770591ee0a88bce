//! What a worker did, and how fast.

use serde::Serialize;

use crate::figures::{counted, number};

/// The last line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    pub pictures: u64,
    /// Of these: no codec or weights for them here.
    pub not_painted: u64,
    /// Came once more although they were done.
    pub known: u64,
    pub rejected: u64,
    /// Left to workers with other weights or of another version.
    pub handed_back: u64,
    /// Of the messages.
    pub bytes: u64,
    /// From the first picture on.
    pub seconds: f64,
}

impl Summary {
    /// What two threads counted.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            pictures: self.pictures + other.pictures,
            not_painted: self.not_painted + other.not_painted,
            known: self.known + other.known,
            rejected: self.rejected + other.rejected,
            handed_back: self.handed_back + other.handed_back,
            bytes: self.bytes + other.bytes,
            seconds: self.seconds.max(other.seconds),
        }
    }

    pub fn words(&self) -> String {
        let pictures = counted(self.pictures, "picture");
        let mut words = vec![pictures];
        if self.pictures > 0 && self.seconds > 0.0 {
            let a_second = self.pictures as f64 / self.seconds;
            let kilobytes = self.bytes as f64 / self.pictures as f64 / 1e3;
            words.push(format!("{} a second", number(a_second, 2)));
            words.push(format!("{} kB each on the queue", number(kilobytes, 0)));
        }
        let kinds = [
            (self.not_painted, "not painted"),
            (self.known, "done before"),
            (self.rejected, "rejected"),
            (self.handed_back, "times left to others"),
        ];
        let found = kinds.iter().filter(|(count, _)| *count > 0);
        words.extend(found.map(|(count, what)| format!("{count} {what}")));
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_there_is_to_say() {
        assert_eq!(Summary::default().words(), "0 pictures");
        let summary = Summary {
            pictures: 10,
            known: 1,
            bytes: 5_900_000,
            seconds: 4.0,
            ..Summary::default()
        };
        let words = "10 pictures, 2.50 a second, 590 kB each on the queue, 1 done before";
        assert_eq!(summary.words(), words);
    }
}
