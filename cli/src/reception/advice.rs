//! What a person at the bench should know and turn, in words. The same table stands in `docs/guide/over-the-air.md`.

use heliograph_flowgraphs::receive::ReceiveCounters;

/// Bursts seen before anything is said of them.
const ENOUGH_BURSTS: u64 = 4;
/// Share of bursts from which on it is said.
const MANY: f64 = 0.1;
/// Samples heard before silence is worth a word.
const ENOUGH_SAMPLES: u64 = 10_000_000;
/// A receiver below this level wastes most of its converter's range, dBFS.
const WEAK_DBFS: f32 = -55.0;

/// The most pressing advice, if there is any.
pub fn advice(now: &ReceiveCounters, level_dbfs: Option<f32>) -> Option<&'static str> {
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    let (radio, search) = (&now.radio, &now.synchronizer);
    let bursts = now.demodulator.bursts;
    if share(radio.samples_at_full_scale, radio.samples) > 1e-3
        || (bursts >= ENOUGH_BURSTS && share(now.demodulator.clipped, bursts) > MANY)
    {
        Some(
            "samples clip: lower the receiver's gain by 6 dB, or the transmitter's if the level is low",
        )
    } else if radio.gaps > 0 && share(radio.samples_lost, radio.samples) > 1e-4 {
        Some("samples are lost: lower the sample rate, or stop what else runs on this machine")
    } else if search.headers_lost > ENOUGH_BURSTS
        && share(search.headers_lost, search.detected) > 0.5
    {
        Some(
            "bursts are there but too weak to read: raise gains, come closer, or look for interference",
        )
    } else if search.headers_refused > 0 && bursts == 0 {
        Some("bursts of another numerology or version: give both ends the same --numerology")
    } else if bursts == 0 && level_dbfs.is_none_or(|level| level < WEAK_DBFS) {
        Some("almost no signal: raise the receiver's gain, check antenna and frequency")
    } else if bursts == 0 && radio.samples > ENOUGH_SAMPLES {
        Some(
            "no burst yet: is the transmitter on, with the same --frequency, --sample-rate and --numerology?",
        )
    } else {
        None
    }
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
}
