//! FutureSDR blocks, one a file: adapters of the library's stages, without arithmetic of their own.
//!
//! Samples travel in stream buffers; bursts and pictures travel as messages with backpressure ([`crate::gate`]). A block
//! computes under a [`crate::supervisor::Supervisor`] only, so that a panic or error ends the graph with its cause.

mod picture_source;

mod modulator;

mod burst_dropper;

mod propagation;

mod radio_sink;

mod radio_source;

mod synchronizer;

mod demodulator;

mod assembler;

mod picture_sink;

pub use assembler::AssemblerBlock;
pub use burst_dropper::BurstDropper;
pub use demodulator::DemodulatorBlock;
pub use modulator::{BURST_TAG, ModulatorBlock, SamplePower};
pub use picture_sink::PictureSink;
pub use picture_source::{OnRefusal, PictureSource, Pictures};
pub use propagation::PropagationBlock;
pub use radio_sink::{Pause, RadioSink};
pub use radio_source::{RadioSource, UNKNOWN_GAP_SAMPLES};
pub use synchronizer::SynchronizerBlock;

/// Things found in a stream, and the stream's clock between them.
#[derive(Clone, Debug)]
pub enum Timed<T> {
    /// Something was found.
    Item(T),
    /// So many samples went by.
    Tick(i64),
}

impl<T> Timed<T> {
    /// Bytes it holds, with those of the item as `of_item` says.
    fn bytes(&self, of_item: impl Fn(&T) -> usize) -> usize {
        let own = std::mem::size_of::<Self>();
        match self {
            Self::Item(item) => own + of_item(item),
            Self::Tick(_) => own,
        }
    }
}
