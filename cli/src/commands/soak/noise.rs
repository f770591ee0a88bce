//! What the receiver believes to find where nothing was sent.

use heliograph::propagation::Propagation;
use num_complex::Complex32;
use rand::RngExt;

use super::settings::Settings;
use super::stream::{ChunkedReceiver, StreamResult, random};

/// Samples of one stream.
pub const STREAM_SAMPLES: u64 = 10_000_000;
/// Samples made at a time.
const BLOCK_SAMPLES: usize = 65_536;

/// Stream number `index` of `samples` samples of noise.
///
/// # Errors
/// Settings that no channel can be made of.
pub fn run(settings: &Settings, index: u64, samples: u64) -> anyhow::Result<StreamResult> {
    let mut rng = random(settings.seed, index, 0);
    let config = &settings.propagation;
    let mut channel = Propagation::new(config, settings.sample_rate_hz, rng.random())?;
    let mut receiver = ChunkedReceiver::new(settings, index);
    let silence = vec![Complex32::ZERO; BLOCK_SAMPLES];
    let (mut left, mut false_bursts) = (samples, 0);
    while left > 0 {
        let count = left.min(BLOCK_SAMPLES as u64) as usize;
        left -= count as u64;
        false_bursts += receiver.push(&channel.push(&silence[..count])).len();
    }
    false_bursts += receiver.finish().len();
    Ok(StreamResult {
        false_bursts: false_bursts as u64,
        counters: receiver.counters(),
        ..Default::default()
    })
}
