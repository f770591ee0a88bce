//! Settings of the loopback.

use std::net::SocketAddr;
use std::sync::Arc;

use heliograph::codec::{Cbr, Codec};
use heliograph::link::{ReceiverConfig, TransmitterConfig};
use heliograph::propagation::PropagationConfig;
use heliograph::waveform::Numerology;

use crate::error::FlowgraphError;
use crate::idle::Idle;
use crate::supervisor::StopFlag;
use crate::window::Window;

/// Largest stream buffer, samples.
const MAX_BUFFER_SAMPLES: usize = 1 << 24;

/// Settings of one run.
#[derive(Clone)]
pub struct LoopbackConfig {
    /// The transmitter; its own seed makes picture ids and interleavers.
    pub transmitter: TransmitterConfig,
    /// The receiver; it must have the transmitter's numerology to receive anything.
    pub receiver: ReceiverConfig,
    /// The channel.
    pub propagation: PropagationConfig,
    /// Samples per second; gives the channel's offsets and delays their scale.
    pub sample_rate_hz: f64,
    /// Probability of each burst to be lost whole, 0 to 1.
    pub drop_probability: f64,
    /// Seed of the channel, of lost bursts and of the lead-in.
    pub seed: u64,
    /// Silence around bursts.
    pub idle: Idle,
    /// What makes symbols of photos.
    pub codec: Arc<dyn Codec>,
    /// Ends the run early.
    pub stop: StopFlag,
    /// Where the control port listens, if at all; port 0 is any free one.
    pub control_port: Option<SocketAddr>,
    /// A window for those who look on, if anyone does.
    pub window: Option<Window>,
    /// Samples of a stream buffer.
    pub buffer_samples: usize,
    /// Bytes that wait between two blocks that exchange messages.
    pub queue_bytes: usize,
}

impl LoopbackConfig {
    /// Standard numerology, ratio 1/24, no repetitions, an ideal channel at 2 MS/s, seed 0.
    pub fn new(codec: Arc<dyn Codec>) -> Self {
        Self {
            transmitter: TransmitterConfig {
                numerology: Numerology::default(),
                cbr: Cbr::from_code(288).expect("within 12 to 4095"),
                repeats: 1,
                seed: 0,
                peak_limit_db: None,
            },
            receiver: ReceiverConfig::default(),
            propagation: PropagationConfig::default(),
            sample_rate_hz: 2e6,
            drop_probability: 0.0,
            seed: 0,
            idle: Idle::default(),
            codec,
            stop: StopFlag::default(),
            control_port: None,
            window: None,
            buffer_samples: 1 << 15,
            queue_bytes: 32 << 20,
        }
    }

    /// Checks what transmitter and channel do not check themselves.
    pub(super) fn validate(&self) -> Result<(), FlowgraphError> {
        let setting = |field, found: String, allowed| {
            Err(FlowgraphError::Setting {
                field,
                found,
                allowed,
            })
        };
        let Self {
            sample_rate_hz,
            drop_probability,
            buffer_samples,
            ..
        } = self;
        if !(sample_rate_hz.is_finite() && *sample_rate_hz > 0.0) {
            return setting("sample_rate_hz", sample_rate_hz.to_string(), "above 0");
        }
        if !(0.0..=1.0).contains(drop_probability) {
            return setting("drop_probability", drop_probability.to_string(), "0 to 1");
        }
        if !(1..=MAX_BUFFER_SAMPLES).contains(buffer_samples) {
            return setting(
                "buffer_samples",
                buffer_samples.to_string(),
                "1 to 16777216",
            );
        }
        Ok(())
    }
}
