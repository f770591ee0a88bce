//! Settings of a transmitting run.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use heliograph::codec::Codec;
use heliograph::link::TransmitterConfig;

use crate::blocks::{OnRefusal, Pause};
use crate::error::FlowgraphError;
use crate::supervisor::{HoldFlag, StopFlag};
use crate::window::Window;

/// Settings of one run.
#[derive(Clone)]
pub struct TransmitConfig {
    /// Numerology, ratio, repetitions, seed, peak limit.
    pub transmitter: TransmitterConfig,
    /// What makes symbols of photos.
    pub codec: Arc<dyn Codec>,
    /// Mean power of the samples, dB against full scale 1, -60 to 0. The peaks of OFDM lie 10 to 13 dB above it; what goes
    /// beyond full scale is clipped and counted.
    pub level_dbfs: f32,
    /// What follows each picture.
    pub pause: Pause,
    /// Hears why a photo cannot be encoded, which is then left out; without it the run ends with the cause.
    pub on_refusal: Option<OnRefusal>,
    /// Nothing is sent while it is set; the picture on the air is finished before.
    pub hold: HoldFlag,
    /// Ends the run early.
    pub stop: StopFlag,
    /// Where the control port listens, if at all; port 0 is any free one.
    pub control_port: Option<SocketAddr>,
    /// A window for those who look on, if anyone does.
    pub window: Option<Window>,
    /// Bytes of news that wait for the caller.
    pub queue_bytes: usize,
}

impl TransmitConfig {
    /// Standard numerology, ratio 1/24, 12 dB below full scale, 2,048 samples between pictures.
    pub fn new(codec: Arc<dyn Codec>) -> Self {
        Self {
            transmitter: TransmitterConfig::default(),
            codec,
            level_dbfs: -12.0,
            pause: Pause {
                samples: 2048,
                rest: Duration::ZERO,
            },
            on_refusal: None,
            hold: HoldFlag::default(),
            stop: StopFlag::default(),
            control_port: None,
            window: None,
            queue_bytes: 32 << 20,
        }
    }

    /// Factor from the modulator's samples to the radio's.
    pub(super) fn gain(&self) -> f32 {
        let power = self.transmitter.numerology.mean_sample_power() as f32;
        10f32.powf(self.level_dbfs / 20.0) / power.sqrt()
    }

    /// Checks what the transmitter does not check itself.
    pub(super) fn validate(&self) -> Result<(), FlowgraphError> {
        if (-60.0..=0.0).contains(&self.level_dbfs) {
            return Ok(());
        }
        Err(FlowgraphError::Setting {
            field: "level_dbfs",
            found: self.level_dbfs.to_string(),
            allowed: "-60 to 0",
        })
    }
}
