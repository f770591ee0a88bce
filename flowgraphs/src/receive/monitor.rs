//! What a receiving run shows while it goes on, to any thread.

use std::ops::AddAssign;

use heliograph::waveform::synchronizer::SynchronizerCounters;

use crate::constellation::Constellation;
use crate::counters::{AssemblerCounters, Board, DemodulatorCounters, RadioSourceCounters};

/// Counters of all blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReceiveCounters {
    /// Samples from the radio.
    pub radio: RadioSourceCounters,
    /// What the search found.
    pub synchronizer: SynchronizerCounters,
    /// Bursts demodulated.
    pub demodulator: DemodulatorCounters,
    /// Pictures assembled.
    pub assembler: AssemblerCounters,
}

impl AddAssign for ReceiveCounters {
    /// Those of two runs together.
    fn add_assign(&mut self, other: Self) {
        let (r, s) = (&mut self.radio, &mut self.synchronizer);
        r.samples += other.radio.samples;
        r.gaps += other.radio.gaps;
        r.samples_lost += other.radio.samples_lost;
        r.gaps_of_unknown_length += other.radio.gaps_of_unknown_length;
        r.timeouts += other.radio.timeouts;
        r.samples_at_full_scale += other.radio.samples_at_full_scale;
        s.samples += other.synchronizer.samples;
        s.suspected += other.synchronizer.suspected;
        s.detected += other.synchronizer.detected;
        s.headers_lost += other.synchronizer.headers_lost;
        s.headers_refused += other.synchronizer.headers_refused;
        s.bursts += other.synchronizer.bursts;
        self.demodulator.bursts += other.demodulator.bursts;
        self.demodulator.clipped += other.demodulator.clipped;
        self.demodulator.damaged_symbols += other.demodulator.damaged_symbols;
        self.assembler.bursts += other.assembler.bursts;
        self.assembler.refused += other.assembler.refused;
        self.assembler.pictures += other.assembler.pictures;
        self.assembler.incomplete += other.assembler.incomplete;
    }
}

/// A view of a run. Clones see the same run.
#[derive(Clone)]
pub struct Monitor {
    pub(crate) radio: Board<RadioSourceCounters>,
    pub(crate) level: Board<f32>,
    pub(crate) synchronizer: Board<SynchronizerCounters>,
    pub(crate) demodulator: Board<DemodulatorCounters>,
    pub(crate) points: Board<Constellation>,
    pub(crate) assembler: Board<AssemblerCounters>,
}

impl Monitor {
    /// The counters now.
    pub fn counters(&self) -> ReceiveCounters {
        ReceiveCounters {
            radio: self.radio.get(),
            synchronizer: self.synchronizer.get(),
            demodulator: self.demodulator.get(),
            assembler: self.assembler.get(),
        }
    }

    /// Mean power of the latest samples, dB below full scale; `None` before the first and in perfect silence.
    pub fn level_dbfs(&self) -> Option<f32> {
        let power = self.level.get();
        (power > 0.0).then(|| 10.0 * power.log10())
    }

    /// Equalized points of the latest bursts.
    pub fn constellation(&self) -> Constellation {
        self.points.get()
    }
}
