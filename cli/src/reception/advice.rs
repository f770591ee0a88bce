//! What a person at the bench should know and turn, in words. The same table stands in `docs/guide/over-the-air.md`.

use heliograph_flowgraphs::counters::RadioSinkCounters;
use heliograph_flowgraphs::receive::ReceiveCounters;

/// Bursts seen before anything is said of them.
const ENOUGH_BURSTS: u64 = 4;
/// Share of bursts from which on it is said.
const MANY: f64 = 0.1;
/// Samples heard before silence is worth a word.
const ENOUGH_SAMPLES: u64 = 10_000_000;
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
    words: "bursts of another numerology or version: give both ends the same --numerology",
    cause: "other sizes or another release at the far end",
    remedy: "the same `--numerology` and release",
};
const NO_SIGNAL: Advice = Advice {
    words: "almost no signal: raise the receiver's gain, check antenna and frequency",
    cause: "the wrong connector, a gain of 0, another frequency",
    remedy: "`--antenna`, `--gain-db`, `--frequency` of both ends",
};
const NO_BURST: Advice = Advice {
    words: "no burst yet: is the transmitter on, with the same --frequency, --sample-rate and --numerology?",
    cause: "other sample rates or `--numerology` (often not a single burst is found), or an offset beyond 5 % of the rate",
    remedy: "the same at both ends; `spectrum` shows width and centre: tune there",
};

/// All there is to say now, the most pressing first.
pub fn all(now: &ReceiveCounters, level_dbfs: Option<f32>) -> impl Iterator<Item = Advice> {
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    let (radio, search) = (&now.radio, &now.synchronizer);
    let bursts = now.demodulator.bursts;
    let clips = share(radio.samples_at_full_scale, radio.samples) > 1e-3
        || (bursts >= ENOUGH_BURSTS && share(now.demodulator.clipped, bursts) > MANY);
    let loses = radio.gaps > 0 && share(radio.samples_lost, radio.samples) > 1e-4;
    let too_weak =
        search.headers_lost > ENOUGH_BURSTS && share(search.headers_lost, search.detected) > 0.5;
    let other_kind = search.headers_refused > 0 && bursts == 0;
    let no_signal = bursts == 0 && level_dbfs.is_none_or(|level| level < WEAK_DBFS);
    let no_burst = bursts == 0 && !no_signal && radio.samples > ENOUGH_SAMPLES;
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
pub fn advice(now: &ReceiveCounters, level_dbfs: Option<f32>) -> Option<&'static str> {
    all(now, level_dbfs).next().map(|advice| advice.words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_pressing_comes_first() {
        let mut now = ReceiveCounters::default();
        assert!(advice(&now, Some(-70.0)).unwrap().contains("no signal"));
        assert_eq!(advice(&now, Some(-30.0)), None);
        now.radio.samples = 1_000_000;
        now.radio.gaps = 3;
        now.radio.samples_lost = 10_000;
        assert!(
            advice(&now, Some(-30.0))
                .unwrap()
                .contains("samples are lost")
        );
        now.demodulator.bursts = 10;
        now.demodulator.clipped = 2;
        assert!(advice(&now, Some(-30.0)).unwrap().contains("6 dB"));
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
