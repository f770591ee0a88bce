//! What a person at the bench should know and turn, in words. The same table stands in `docs/guide/over-the-air.md`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use heliograph_flowgraphs::counters::RadioSinkCounters;
use heliograph_flowgraphs::receive::ReceiveCounters;

/// Bursts seen before anything is said of them.
const ENOUGH_BURSTS: u64 = 4;
/// Share of bursts from which on it is said.
const MANY: f64 = 0.1;
/// Samples heard before silence is worth a word.
const ENOUGH_SAMPLES: u64 = 10_000_000;
/// Samples without which a level says nothing.
const FEW_SAMPLES: u64 = 1_000_000;
/// Advice is on so long a time up to now: what was turned shows after it.
const RECENT: Duration = Duration::from_secs(20);
/// A receiver below this level wastes most of its converter's range, dBFS.
const WEAK_DBFS: f32 = -55.0;

/// What is wrong and what to turn: a row of the guide's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// In a sentence.
    pub words: &'static str,
    /// Why it is so.
    pub cause: &'static str,
    /// What else helps.
    pub remedy: &'static str,
}

const CLIPS: Advice = Advice {
    words: "samples clip: lower the receiver's gain by 6 dB, or the transmitter's if the level is low",
    cause: "the converter is at its rails; the SNR estimate flattens near 10 dB and hides it",
    remedy: "lower it until SNR falls; AMP off; more attenuation",
};
const LOSES_SAMPLES: Advice = Advice {
    words: "samples are lost: lower the sample rate, or stop what else runs on this machine",
    cause: "USB, disk or processor too slow: overruns",
    remedy: "`--sample-rate 2M`, a release build, `--painter linear`, a USB port of its own, no `--record`",
};
const TOO_WEAK: Advice = Advice {
    words: "bursts are there but too weak to read: raise gains, come closer, or look for interference",
    cause: "headers are lost: below about -3 dB, or the oscillators are more than 5 % of the rate apart",
    remedy: "gains, distance, antennas; `spectrum`; `--repeat 4`; move `--frequency` of one end",
};
const OTHER_KIND: Advice = Advice {
    words: "bursts of another numerology or version, or of pictures beyond --max-megapixels: give both ends the same --numerology",
    cause: "other sizes or another release at the far end, or pictures of more pixels than this end takes",
    remedy: "the same `--numerology` and release; `--max-megapixels`",
};
const NO_SIGNAL: Advice = Advice {
    words: "almost no signal: raise the receiver's gain, check antenna and frequency",
    cause: "the wrong connector, a gain of 0, another frequency",
    remedy: "`--antenna`, `--gain-db`, `--frequency` of both ends",
};
const NO_BURST: Advice = Advice {
    words: "no burst: is the transmitter on, with the same --frequency, --sample-rate and --numerology?",
    cause: "other sample rates or `--numerology` (often not a single burst is found), or an offset beyond 5 % of the rate",
    remedy: "the same at both ends; `spectrum` shows width and centre: tune there",
};

/// What was counted, over a run or a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    samples: u64,
    at_full_scale: u64,
    gaps: u64,
    lost: u64,
    detected: u64,
    headers_lost: u64,
    headers_refused: u64,
    bursts: u64,
    clipped: u64,
}

impl From<&ReceiveCounters> for Heard {
    fn from(now: &ReceiveCounters) -> Self {
        let (radio, search) = (&now.radio, &now.synchronizer);
        Self {
            samples: radio.samples.max(search.samples),
            at_full_scale: radio.samples_at_full_scale,
            gaps: radio.gaps,
            lost: radio.samples_lost,
            detected: search.detected,
            headers_lost: search.headers_lost,
            headers_refused: search.headers_refused,
            bursts: now.demodulator.bursts,
            clipped: now.demodulator.clipped,
        }
    }
}

impl Heard {
    fn since(self, before: Self) -> Self {
        Self {
            samples: self.samples.saturating_sub(before.samples),
            at_full_scale: self.at_full_scale.saturating_sub(before.at_full_scale),
            gaps: self.gaps.saturating_sub(before.gaps),
            lost: self.lost.saturating_sub(before.lost),
            detected: self.detected.saturating_sub(before.detected),
            headers_lost: self.headers_lost.saturating_sub(before.headers_lost),
            headers_refused: self.headers_refused.saturating_sub(before.headers_refused),
            bursts: self.bursts.saturating_sub(before.bursts),
            clipped: self.clipped.saturating_sub(before.clipped),
        }
    }
}

/// Remembers totals for a while, so that advice is on what is heard now.
#[derive(Debug, Default)]
pub struct Recently(VecDeque<(Instant, Heard)>);

impl Recently {
    /// What was heard lately, given the totals at `at`; times do not go back.
    pub fn heard(&mut self, totals: &ReceiveCounters, at: Instant) -> Heard {
        let totals = Heard::from(totals);
        let is_due = |(last, _): &(Instant, Heard)| at - *last >= RECENT / 20;
        if self.0.back().is_none_or(is_due) {
            // The first look stands for the beginning.
            let begun = if self.0.is_empty() {
                Heard::default()
            } else {
                totals
            };
            self.0.push_back((at, begun));
        }
        while self
            .0
            .get(1)
            .is_some_and(|(second, _)| at - *second >= RECENT)
        {
            self.0.pop_front();
        }
        totals.since(self.0.front().map_or(totals, |(_, first)| *first))
    }
}

/// All there is to say of what was heard, the most pressing first.
pub fn all(heard: &Heard, level_dbfs: Option<f32>) -> impl Iterator<Item = Advice> {
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    let bursts = heard.bursts;
    let clips = share(heard.at_full_scale, heard.samples) > 1e-3
        || (bursts >= ENOUGH_BURSTS && share(heard.clipped, bursts) > MANY);
    let loses = heard.gaps > 0 && share(heard.lost, heard.samples) > 1e-4;
    let too_weak =
        heard.headers_lost > ENOUGH_BURSTS && share(heard.headers_lost, heard.detected) > 0.5;
    let other_kind = heard.headers_refused > 0 && bursts == 0;
    let is_quiet = level_dbfs.is_none_or(|level| level < WEAK_DBFS);
    let no_signal = bursts == 0 && is_quiet && heard.samples > FEW_SAMPLES;
    let no_burst = bursts == 0 && !is_quiet && heard.samples > ENOUGH_SAMPLES;
    [
        (clips, CLIPS),
        (loses, LOSES_SAMPLES),
        (too_weak, TOO_WEAK),
        (other_kind, OTHER_KIND),
        (no_signal, NO_SIGNAL),
        (no_burst, NO_BURST),
    ]
    .into_iter()
    .filter_map(|(applies, advice)| applies.then_some(advice))
}

const SENT_CLIPS: Advice = Advice {
    words: "samples were clipped: lower --level-dbfs, or set --peak-limit-db",
    cause: "the transmitter clips",
    remedy: "lower its gain or `--level-dbfs`",
};
const UNDERFLOWS: Advice = Advice {
    words: "underflows: the radio ran out of samples",
    cause: "the transmitter's computer is too slow for its radio",
    remedy: "lower `--sample-rate`; nothing else on that USB hub",
};
const LATE: Advice = Advice {
    words: "late transmissions",
    cause: "samples came after their time and were not sent",
    remedy: "on the virtual radio a larger `tx_latency_ms`",
};

/// All there is to say of a transmitter now.
pub fn of_transmitter(now: &RadioSinkCounters) -> impl Iterator<Item = Advice> {
    [
        (now.samples_clipped * 1000 > now.samples, SENT_CLIPS),
        (now.underflows > 0, UNDERFLOWS),
        (now.late > 0, LATE),
    ]
    .into_iter()
    .filter_map(|(applies, advice)| applies.then_some(advice))
}

/// The most pressing advice, if there is any.
pub fn advice(heard: &Heard, level_dbfs: Option<f32>) -> Option<&'static str> {
    all(heard, level_dbfs).next().map(|advice| advice.words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_pressing_comes_first() {
        let mut heard = Heard::default();
        assert_eq!(advice(&heard, None), None, "nothing was heard yet");
        heard.samples = 2_000_000;
        let says = |heard: &Heard, level, words: &str| {
            let said = advice(heard, Some(level)).unwrap_or_default();
            assert!(said.contains(words), "{words}: {said}");
        };
        says(&heard, -70.0, "almost no signal");
        assert_eq!(advice(&heard, Some(-30.0)), None);
        (heard.gaps, heard.lost) = (3, 10_000);
        says(&heard, -30.0, "samples are lost");
        (heard.bursts, heard.clipped) = (10, 2);
        says(&heard, -30.0, "6 dB");
    }

    #[test]
    fn advice_goes_when_what_it_is_on_has_gone_and_silence_is_noticed() {
        let (mut recently, mut now, start) = (
            Recently::default(),
            ReceiveCounters::default(),
            Instant::now(),
        );
        let mut after = |seconds: u64, change: fn(&mut ReceiveCounters)| {
            change(&mut now);
            now.radio.samples = 2_000_000 * seconds;
            let heard = recently.heard(&now, start + Duration::from_secs(seconds));
            advice(&heard, Some(-30.0)).unwrap_or_default()
        };
        for second in 1..=8 {
            let said = after(second, |now| {
                now.demodulator.bursts += 3;
                now.demodulator.clipped += 3;
            });
            assert!(second < 2 || said.contains("clip"), "{second}: {said}");
        }
        for second in 9..=40 {
            let said = after(second, |now| now.demodulator.bursts += 3);
            assert!(second < 32 || said.is_empty(), "{second}: {said}");
        }
        for second in 41..=62 {
            let said = after(second, |_| ());
            assert!(second < 62 || said.contains("no burst"), "{second}: {said}");
        }
        assert!(recently.0.len() < 25, "it does not grow");
    }

    #[test]
    fn the_guide_has_every_word_of_it() {
        let guide = include_str!("../../../docs/guide/over-the-air.md");
        for advice in [
            CLIPS,
            LOSES_SAMPLES,
            TOO_WEAK,
            OTHER_KIND,
            NO_SIGNAL,
            NO_BURST,
            SENT_CLIPS,
            UNDERFLOWS,
            LATE,
        ] {
            for words in [advice.words, advice.cause, advice.remedy] {
                assert!(guide.contains(words), "{words}");
            }
        }
    }
}
