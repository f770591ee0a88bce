//! The burst: what stands where, and the modulator that builds it.
//!
//! ramp 64 | preamble 336 | training (double prefix, twice the symbol) | header | digital | analog (at most 64 symbols)

use num_complex::Complex32;

use super::numerology::{CarrierPlan, Numerology};
use super::ofdm::OfdmModulator;
use super::prbs;
use super::preamble::{PREAMBLE_SAMPLES, RAMP_SAMPLES, preamble, ramp, training, training_samples};

/// Analog OFDM symbols of a burst, at most.
pub const MAX_ANALOG_SYMBOLS: usize = 64;
/// Digital OFDM symbols of a burst, at most (six bits in the header).
pub const MAX_DIGITAL_SYMBOLS: usize = 63;

/// Lengths of one burst; answers every question about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BurstLayout {
    numerology: Numerology,
    digital_symbols: usize,
    analog_symbols: usize,
}

impl BurstLayout {
    /// A burst with so many OFDM symbols behind its header.
    ///
    /// # Panics
    /// Beyond [`MAX_DIGITAL_SYMBOLS`] or [`MAX_ANALOG_SYMBOLS`]: headers are checked before.
    pub fn new(numerology: Numerology, digital_symbols: usize, analog_symbols: usize) -> Self {
        assert!(digital_symbols <= MAX_DIGITAL_SYMBOLS && analog_symbols <= MAX_ANALOG_SYMBOLS);
        Self {
            numerology,
            digital_symbols,
            analog_symbols,
        }
    }

    /// Its numerology.
    pub fn numerology(self) -> Numerology {
        self.numerology
    }

    /// OFDM symbols of the header part.
    pub fn header_symbols(self) -> usize {
        self.numerology.header_symbols()
    }

    /// OFDM symbols of the digital part.
    pub fn digital_symbols(self) -> usize {
        self.digital_symbols
    }

    /// OFDM symbols of the analog part.
    pub fn analog_symbols(self) -> usize {
        self.analog_symbols
    }

    /// OFDM symbols behind the training part.
    pub fn body_symbols(self) -> usize {
        self.header_symbols() + self.digital_symbols + self.analog_symbols
    }

    /// Coded bits of the header part.
    pub fn header_bits(self) -> usize {
        2 * self.header_symbols() * self.numerology.data_carriers()
    }

    /// Complex symbols of the analog part.
    pub fn analog_slots(self) -> usize {
        self.analog_symbols * self.numerology.data_carriers()
    }

    /// Samples from the first of the preamble to the last of the burst.
    pub fn samples_from_preamble(self) -> usize {
        PREAMBLE_SAMPLES
            + training_samples(self.numerology)
            + self.body_symbols() * self.numerology.symbol_samples()
    }

    /// Samples of the whole burst, the ramp included.
    pub fn samples(self) -> usize {
        RAMP_SAMPLES + self.samples_from_preamble()
    }
}

/// Builds bursts.
pub struct BurstModulator {
    plan: CarrierPlan,
    numerology: Numerology,
    ofdm: OfdmModulator,
    preface: Vec<Complex32>,
    carriers: Vec<Complex32>,
}

impl BurstModulator {
    /// A modulator of `numerology`.
    pub fn new(numerology: Numerology) -> Self {
        let mut preface = ramp();
        preface.extend(preamble());
        preface.extend(training(numerology));
        Self {
            plan: CarrierPlan::new(numerology),
            numerology,
            ofdm: OfdmModulator::new(numerology),
            preface,
            carriers: vec![Complex32::default(); numerology.used_carriers()],
        }
    }

    /// The samples of one burst whose data carriers are, symbol after symbol, `data`: header, digital, analog.
    ///
    /// # Panics
    /// If `data` is not whole OFDM symbols.
    pub fn burst(&mut self, data: &[Complex32]) -> Vec<Complex32> {
        let per_symbol = self.numerology.data_carriers();
        assert_eq!(data.len() % per_symbol, 0);
        let symbols = data.len() / per_symbol;
        let mut out =
            Vec::with_capacity(self.preface.len() + symbols * self.numerology.symbol_samples());
        out.extend_from_slice(&self.preface);
        for (t, data) in data.chunks_exact(per_symbol).enumerate() {
            for (p, &i) in self.plan.pilots.iter().enumerate() {
                self.carriers[i] = prbs::pilot(t, p).into();
            }
            for (&i, &x) in self.plan.data.iter().zip(data) {
                self.carriers[i] = x;
            }
            self.ofdm
                .symbol(&self.carriers, self.numerology.prefix_samples(), &mut out);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_are_as_long_as_their_layout_says() {
        for n in Numerology::ALL {
            let layout = BurstLayout::new(n, 4, 64);
            let data = vec![Complex32::new(1.0, 0.0); layout.body_symbols() * n.data_carriers()];
            assert_eq!(BurstModulator::new(n).burst(&data).len(), layout.samples());
        }
    }

    #[test]
    fn the_standard_burst_spends_seven_tenths_on_the_picture() {
        let layout = BurstLayout::new(Numerology::Standard, 4, 64);
        let uses = layout.samples() as f64 * 209.0 / 256.0;
        assert!(layout.analog_slots() as f64 / uses > 0.70);
    }
}
