//! Settings of a receiving run.

use std::net::SocketAddr;

use heliograph::link::ReceiverConfig;

use crate::supervisor::StopFlag;
use crate::window::Window;

/// Settings of one run.
#[derive(Clone, Debug)]
pub struct ReceiveConfig {
    /// Numerology, limits, and after how many samples an incomplete picture is given out.
    pub receiver: ReceiverConfig,
    /// Ends the run: pictures in progress are given out as they are.
    pub stop: StopFlag,
    /// Where the control port listens, if at all; port 0 is any free one.
    pub control_port: Option<SocketAddr>,
    /// A window for those who look on, if anyone does.
    pub window: Option<Window>,
    /// Samples of the stream buffer between radio and search.
    pub buffer_samples: usize,
    /// Bytes that wait between two blocks that exchange messages. Beyond it the radio has to wait, and loses samples.
    pub queue_bytes: usize,
}

impl Default for ReceiveConfig {
    /// Standard numerology, a buffer of half a second at 2 MS/s, 256 MiB of pictures that wait to be painted.
    fn default() -> Self {
        Self {
            receiver: ReceiverConfig::default(),
            stop: StopFlag::default(),
            control_port: None,
            window: None,
            buffer_samples: 1 << 20,
            queue_bytes: 256 << 20,
        }
    }
}
