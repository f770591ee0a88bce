//! `summary.json`: what a whole run received and lost.

use heliograph_flowgraphs::receive::ReceiveCounters;
use serde::Serialize;

use super::report::SCHEMA_VERSION;
use crate::figures::{counted, grouped};
use crate::report::Program;

/// The summary of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub schema_version: u32,
    pub program: Program,
    pub pictures: u64,
    pub pictures_incomplete: u64,
    pub pictures_not_painted: u64,
    pub pictures_published: u64,
    pub bursts: u64,
    pub bursts_clipped: u64,
    pub bursts_refused: u64,
    pub bursts_detected: u64,
    pub headers_lost: u64,
    pub headers_refused: u64,
    pub symbols_damaged: u64,
    pub samples: u64,
    pub samples_lost: u64,
    pub gaps: u64,
    pub gaps_of_unknown_length: u64,
    pub samples_at_full_scale: u64,
    pub reconnections: u64,
}

/// Pictures that were given out; where a limit ended the run, the blocks may have had more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenOut {
    pub pictures: u64,
    pub incomplete: u64,
    pub not_painted: u64,
    /// Put in line for others to paint.
    pub published: u64,
}

impl Summary {
    /// From what was given out and the counters of the blocks.
    pub fn new(given: GivenOut, now: &ReceiveCounters, reconnections: u64) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            program: Program::THIS,
            pictures: given.pictures,
            pictures_incomplete: given.incomplete,
            pictures_not_painted: given.not_painted,
            pictures_published: given.published,
            bursts: now.demodulator.bursts,
            bursts_clipped: now.demodulator.clipped,
            bursts_refused: now.assembler.refused,
            bursts_detected: now.synchronizer.detected,
            headers_lost: now.synchronizer.headers_lost,
            headers_refused: now.synchronizer.headers_refused,
            symbols_damaged: now.demodulator.damaged_symbols,
            samples: now.radio.samples,
            samples_lost: now.radio.samples_lost,
            gaps: now.radio.gaps,
            gaps_of_unknown_length: now.radio.gaps_of_unknown_length,
            samples_at_full_scale: now.radio.samples_at_full_scale,
            reconnections,
        }
    }

    /// In words, a sentence for each kind of loss.
    pub fn words(&self) -> String {
        let mut words = vec![format!(
            "{} of {} in {} samples",
            counted(self.pictures, "picture"),
            counted(self.bursts, "burst"),
            grouped(self.samples)
        )];
        let mut say = |count: u64, one: &str, many: &str| {
            if count > 0 {
                let what = if count == 1 { one } else { many };
                words.push(format!("{} {what}", grouped(count)));
            }
        };
        say(
            self.pictures_incomplete,
            "picture lacks bursts",
            "pictures lack bursts",
        );
        say(
            self.pictures_not_painted,
            "picture not painted",
            "pictures not painted",
        );
        say(
            self.pictures_published,
            "picture for the queue",
            "pictures for the queue",
        );
        say(
            self.headers_lost,
            "burst detected but not readable",
            "bursts detected but not readable",
        );
        say(self.headers_refused, "header refused", "headers refused");
        say(self.bursts_refused, "burst refused", "bursts refused");
        say(self.bursts_clipped, "burst clipped", "bursts clipped");
        say(self.samples_lost, "sample lost", "samples lost");
        say(
            self.gaps_of_unknown_length,
            "gap of unknown length",
            "gaps of unknown length",
        );
        say(self.reconnections, "reconnection", "reconnections");
        words.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_said_and_nothing_else() {
        let given = GivenOut {
            pictures: 1,
            ..GivenOut::default()
        };
        let mut now = ReceiveCounters::default();
        now.demodulator.bursts = 4;
        now.radio.samples = 100_000;
        assert_eq!(
            Summary::new(given, &now, 0).words(),
            "1 picture of 4 bursts in 100,000 samples"
        );
        now.radio.samples_lost = 1234;
        assert!(
            Summary::new(given, &now, 2)
                .words()
                .ends_with("1,234 samples lost; 2 reconnections")
        );
    }

    #[test]
    fn every_field_is_explained_to_users() {
        let text = include_str!("../../RECEPTION.md");
        let json = serde_json::to_value(Summary::new(
            GivenOut::default(),
            &ReceiveCounters::default(),
            0,
        ))
        .unwrap();
        for name in json.as_object().unwrap().keys() {
            assert!(
                text.contains(&format!("`{name}`")),
                "{name} is not in RECEPTION.md"
            );
        }
    }
}
