//! What a receiving run shows while it goes on, to any thread.

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

/// A view of a run. Clones see the same run.
#[derive(Clone)]
pub struct Monitor {
    pub(super) radio: Board<RadioSourceCounters>,
    pub(super) level: Board<f32>,
    pub(super) synchronizer: Board<SynchronizerCounters>,
    pub(super) demodulator: Board<DemodulatorCounters>,
    pub(super) points: Board<Constellation>,
    pub(super) assembler: Board<AssemblerCounters>,
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
