//! The whole receiver in one call: samples in, bursts and pictures out.

use num_complex::Complex32;

use super::assembler::{Assembler, AssemblerConfig};
use super::picture::ReceivedPicture;
use crate::bits::header::HeaderLimits;
use crate::waveform::Numerology;
use crate::waveform::demodulator::{DemodulatedBurst, Demodulator};
use crate::waveform::synchronizer::{AcquiredBurst, Synchronizer, SynchronizerCounters};

/// Time-outs are looked at this often.
pub const TICK_SAMPLES: usize = 16_384;

/// Settings of a receiver.
#[derive(Clone, Debug, Default)]
pub struct ReceiverConfig {
    /// Sizes of the OFDM symbol.
    pub numerology: Numerology,
    /// What headers may announce.
    pub limits: HeaderLimits,
    /// Bounds of what is kept.
    pub assembler: AssemblerConfig,
}

/// What a receiver has to say.
#[derive(Clone, Debug)]
pub enum ReceiverEvent {
    /// A burst was received.
    Burst(Box<DemodulatedBurst>),
    /// A picture is complete, or will not get more complete.
    Picture(Box<ReceivedPicture>),
}

/// Samples to pictures, without a runtime, in chunks of any size.
pub struct Receiver {
    synchronizer: Synchronizer,
    demodulator: Demodulator,
    assembler: Assembler,
}

impl Receiver {
    /// A receiver.
    pub fn new(config: ReceiverConfig) -> Self {
        Self {
            synchronizer: Synchronizer::new(config.numerology, config.limits),
            demodulator: Demodulator::new(config.numerology),
            assembler: Assembler::new(config.numerology, config.assembler),
        }
    }

    /// Takes the next samples.
    pub fn push(&mut self, samples: &[Complex32]) -> Vec<ReceiverEvent> {
        let mut events = Vec::new();
        let mut rest = samples;
        while !rest.is_empty() {
            // Time passes at fixed positions of the stream, so that chunk sizes do not move a time-out.
            let position = self.synchronizer.counters().samples as usize;
            let (now, later) =
                rest.split_at(rest.len().min(TICK_SAMPLES - position % TICK_SAMPLES));
            let acquired = self.synchronizer.push(now);
            events.extend(self.take(acquired));
            let position = position + now.len();
            if position.is_multiple_of(TICK_SAMPLES) {
                events.extend(pictures(self.assembler.advance(position as i64)));
            }
            rest = later;
        }
        events
    }

    /// Ends the stream; gives what is left.
    pub fn finish(&mut self) -> Vec<ReceiverEvent> {
        let acquired = self.synchronizer.finish();
        let mut events = self.take(acquired);
        events.extend(pictures(self.assembler.finish()));
        events
    }

    /// Counters of the search.
    pub fn counters(&self) -> SynchronizerCounters {
        self.synchronizer.counters()
    }

    fn take(&mut self, acquired: Vec<AcquiredBurst>) -> Vec<ReceiverEvent> {
        let mut events = Vec::new();
        for burst in &acquired {
            let burst = self.demodulator.demodulate(burst);
            events.push(ReceiverEvent::Burst(Box::new(burst.clone())));
            events.extend(pictures(self.assembler.push(burst)));
        }
        events
    }
}

fn pictures(pictures: Vec<ReceivedPicture>) -> impl Iterator<Item = ReceiverEvent> {
    pictures
        .into_iter()
        .map(|p| ReceiverEvent::Picture(Box::new(p)))
}
