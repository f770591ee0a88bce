//! What a run counted.

use std::time::Duration;

use heliograph::propagation::PropagationStatistics;
use heliograph::waveform::synchronizer::SynchronizerCounters;

use crate::blocks::SamplePower;
use crate::constellation::Constellation;
use crate::counters::{
    AssemblerCounters, Board, DemodulatorCounters, DropperCounters, ModulatorCounters,
    SourceCounters,
};
use crate::receive::Monitor;
use crate::supervisor::{Stage, Supervisor};

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All pictures were sent.
    Complete,
    /// It was stopped; pictures may not have been sent, or not whole.
    Stopped,
}

/// Counters, times and points of a whole run.
#[derive(Clone, Debug)]
pub struct LoopbackSummary {
    /// Why it ended.
    pub ending: Ending,
    /// Pictures encoded.
    pub source: SourceCounters,
    /// Bursts and samples sent.
    pub modulator: ModulatorCounters,
    /// Peak-to-average power ratio of the bursts' samples, dB; `None` without a burst.
    pub papr_db: Option<f64>,
    /// Bursts lost on purpose.
    pub dropper: DropperCounters,
    /// What the channel did.
    pub propagation: PropagationStatistics,
    /// What the search found.
    pub synchronizer: SynchronizerCounters,
    /// Bursts demodulated.
    pub demodulator: DemodulatorCounters,
    /// Pictures assembled.
    pub assembler: AssemblerCounters,
    /// Points of the latest bursts.
    pub constellation: Constellation,
    /// Seconds that each stage computed. Stages run beside each other: their sum may exceed `wall_seconds`.
    pub seconds: Vec<(Stage, f64)>,
    /// Seconds from start to end.
    pub wall_seconds: f64,
}

/// The blocks' counters while they run.
pub(super) struct Boards {
    pub source: Board<SourceCounters>,
    pub modulator: Board<ModulatorCounters>,
    pub power: Board<SamplePower>,
    pub dropper: Board<DropperCounters>,
    pub propagation: Board<PropagationStatistics>,
    pub synchronizer: Board<SynchronizerCounters>,
    pub demodulator: Board<DemodulatorCounters>,
    pub points: Board<Constellation>,
    pub assembler: Board<AssemblerCounters>,
}

impl Boards {
    /// A view of the receiving blocks; there is no radio.
    pub fn monitor(&self) -> Monitor {
        Monitor {
            radio: Board::default(),
            level: Board::default(),
            synchronizer: self.synchronizer.clone(),
            demodulator: self.demodulator.clone(),
            points: self.points.clone(),
            assembler: self.assembler.clone(),
        }
    }

    pub fn summary(&self, supervisor: &Supervisor, wall: Duration) -> LoopbackSummary {
        let seconds = |stage: Stage| (stage, supervisor.time(stage).as_secs_f64());
        LoopbackSummary {
            ending: match supervisor.is_stopping() {
                true => Ending::Stopped,
                false => Ending::Complete,
            },
            source: self.source.get(),
            modulator: self.modulator.get(),
            papr_db: self.power.get().papr_db(),
            dropper: self.dropper.get(),
            propagation: self.propagation.get(),
            synchronizer: self.synchronizer.get(),
            demodulator: self.demodulator.get(),
            assembler: self.assembler.get(),
            constellation: self.points.get(),
            seconds: Stage::of_loopback().map(seconds).collect(),
            wall_seconds: wall.as_secs_f64(),
        }
    }
}
