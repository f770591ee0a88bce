//! Pictures that a worker has in hand, and those that it has done: how many more it may take.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes of messages in hand, twice (as they came and as they were read); a picture alone may have more.
const MOST_BYTES: usize = 1 << 30;

/// What is in hand.
#[derive(Debug, Default)]
pub struct InHand {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    /// Bytes of each by its name.
    pictures: HashMap<String, usize>,
    done: u64,
}

impl InHand {
    /// Takes a picture in hand, unless it is there already.
    pub fn begin(&self, id: &str, bytes: usize) -> bool {
        let mut counts = self.counts();
        let is_new = !counts.pictures.contains_key(id);
        if is_new {
            counts.pictures.insert(id.to_owned(), bytes);
        }
        is_new
    }

    /// It is in hand no more, and maybe done.
    pub fn end(&self, id: &str, is_done: bool) {
        let mut counts = self.counts();
        counts.pictures.remove(id);
        counts.done += u64::from(is_done);
    }

    /// Whether one more picture is not more than `wanted`, if all in hand succeed, and not more than memory should hold.
    pub fn has_room(&self, wanted: Option<u64>) -> bool {
        let counts = self.counts();
        let begun = counts.done + counts.pictures.len() as u64;
        let bytes: usize = counts.pictures.values().sum();
        wanted.is_none_or(|wanted| begun < wanted) && 2 * bytes < MOST_BYTES
    }

    pub fn is_empty(&self) -> bool {
        self.counts().pictures.is_empty()
    }

    pub fn done(&self) -> u64 {
        self.counts().done
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_hand_counts_until_it_is_done_or_given_back() {
        let hand = InHand::default();
        assert!(hand.begin("a", 10) && hand.begin("b", 10));
        assert!(!hand.begin("a", 10));
        assert!(hand.has_room(Some(3)) && !hand.has_room(Some(2)) && hand.has_room(None));
        hand.end("a", false);
        assert!(hand.has_room(Some(2)));
        hand.end("b", true);
        assert!(hand.is_empty());
        assert_eq!(hand.done(), 1);
        assert!(!hand.has_room(Some(1)));
    }

    #[test]
    fn large_pictures_are_taken_one_after_the_other() {
        let hand = InHand::default();
        assert!(hand.begin("large", MOST_BYTES));
        assert!(!hand.has_room(None));
        hand.end("large", true);
        assert!(hand.has_room(None));
    }
}
