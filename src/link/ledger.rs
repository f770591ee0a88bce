//! The ledger: where the channel went. Nothing is free.
//!
//! A channel use is one complex degree of freedom: occupied bandwidth x air time. With `carriers` the FFT length and
//! `occupied` the carriers from edge to edge, n samples are n x occupied / carriers uses; an OFDM symbol without its prefix
//! is exactly `occupied` uses, one for each carrier from edge to edge, the empty centre included.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::waveform::Numerology;
use crate::waveform::framing::BurstLayout;
use crate::waveform::preamble::{PREAMBLE_SAMPLES, RAMP_SAMPLES, training_samples};

/// Channel uses by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// Silence and ramp before each burst.
    pub ramp: f64,
    /// Preambles.
    pub preamble: f64,
    /// Training symbols with their prefix.
    pub training: f64,
    /// Cyclic prefixes of header, digital and analog symbols.
    pub prefix: f64,
    /// Pilot carriers.
    pub pilots: f64,
    /// Empty carriers around the centre.
    pub empty_centre: f64,
    /// Header.
    pub header: f64,
    /// Digital stream: caption, rate map, side information, with their code.
    pub digital: f64,
    /// Analog symbols of the picture, repetitions included.
    pub analog: f64,
    /// Carriers of the analog part that no symbol was left for.
    pub padding: f64,
    /// Samples on the air.
    pub samples: u64,
}

impl Ledger {
    /// What one burst costs; `filled` of its analog slots carry symbols of the picture.
    pub fn of_burst(layout: BurstLayout, filled: usize) -> Self {
        let n = layout.numerology();
        let uses = |samples: usize| samples as f64 * per_sample(n);
        let symbols = layout.body_symbols();
        let data = |symbols: usize| (symbols * n.data_carriers()) as f64;
        Self {
            ramp: uses(RAMP_SAMPLES),
            preamble: uses(PREAMBLE_SAMPLES),
            training: uses(training_samples(n)),
            prefix: uses(symbols * n.prefix_samples()),
            pilots: (symbols * n.pilots()) as f64,
            empty_centre: (symbols * n.empty_centre_carriers()) as f64,
            header: data(layout.header_symbols()),
            digital: data(layout.digital_symbols()),
            analog: filled as f64,
            padding: (layout.analog_slots() - filled) as f64,
            samples: layout.samples() as u64,
        }
    }

    /// All kinds with their names, in the order of the burst.
    pub fn kinds(&self) -> [(&'static str, f64); 10] {
        [
            ("ramp", self.ramp),
            ("preamble", self.preamble),
            ("training", self.training),
            ("prefix", self.prefix),
            ("pilots", self.pilots),
            ("empty_centre", self.empty_centre),
            ("header", self.header),
            ("digital", self.digital),
            ("analog", self.analog),
            ("padding", self.padding),
        ]
    }

    /// All channel uses.
    pub fn total(&self) -> f64 {
        self.kinds().iter().map(|(_, uses)| uses).sum()
    }

    /// Share of the analog symbols, 0..1.
    pub fn analog_share(&self) -> f64 {
        self.analog / self.total().max(1.0)
    }
}

impl AddAssign for Ledger {
    fn add_assign(&mut self, other: Self) {
        self.ramp += other.ramp;
        self.preamble += other.preamble;
        self.training += other.training;
        self.prefix += other.prefix;
        self.pilots += other.pilots;
        self.empty_centre += other.empty_centre;
        self.header += other.header;
        self.digital += other.digital;
        self.analog += other.analog;
        self.padding += other.padding;
        self.samples += other.samples;
    }
}

fn per_sample(n: Numerology) -> f64 {
    n.occupied_carriers() as f64 / n.carriers() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_add_up_to_bandwidth_times_time() {
        for n in Numerology::ALL {
            let layout = BurstLayout::new(n, 3, 60);
            let ledger = Ledger::of_burst(layout, 1000);
            let product = layout.samples() as f64 * per_sample(n);
            assert!((ledger.total() - product).abs() < 1e-6, "{n}");
        }
    }
}
