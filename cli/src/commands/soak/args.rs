//! The flags of `heliograph soak`, as typed.

use std::path::PathBuf;

use clap::Args;
use heliograph::waveform::Numerology;

use super::chunk::Chunk;
use crate::args::{Snr, cfo_hz, sample_rate_hz, sfo_ppm, snr_db};

/// Send bursts without pictures through a simulated channel and measure the link
///
/// Bursts carry random headers, captions and analog symbols. Each has its own carrier and clock offset, fractional delay and
/// draw of the fading; they follow each other in streams of 64, each through a synchronizer of its own. Rates come with exact
/// (Clopper-Pearson) and means with Student 95 % intervals.
#[derive(Args, Clone, Debug)]
pub struct SoakArgs {
    /// Bursts to send, 1 to 10,000,000; each takes 0.4 kB of memory
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub bursts: usize,
    /// Es/N0 on an occupied carrier, dB; or none; without it that of the channel
    #[arg(long, allow_hyphen_values = true, value_name = "DB", value_parser = snr_db)]
    pub snr_db: Option<Snr>,
    /// Channel: a name (ideal, awgn, tdl-a, ...) or a TOML file
    #[arg(long, default_value = "ideal", value_name = "NAME|FILE")]
    pub channel: String,
    /// Carrier offset of each burst: uniform within plus or minus this, Hz
    #[arg(long, default_value_t = 0.0, value_name = "HZ", value_parser = cfo_hz)]
    pub cfo_hz_max: f64,
    /// Clock offset of each burst: uniform within plus or minus this, ppm
    #[arg(long, default_value_t = 0.0, value_name = "PPM", value_parser = sfo_ppm)]
    pub sfo_ppm_max: f64,
    /// Sample rate, Hz
    #[arg(long, default_value_t = 2e6, value_name = "HZ", value_parser = sample_rate_hz)]
    pub sample_rate: f64,
    /// Sizes of the OFDM symbol: standard, narrow or wide
    #[arg(long, default_value = "standard")]
    pub numerology: Numerology,
    /// Analog OFDM symbols of a burst, 1 to 64
    #[arg(long, default_value_t = 64, value_name = "N")]
    pub analog_symbols: usize,
    /// Bytes of the caption in each burst; 0 leaves the digital part out
    #[arg(long, default_value_t = 64, value_name = "N")]
    pub caption_bytes: usize,
    /// Samples pushed at a time: a number, or random (1 to 65,536)
    #[arg(long, default_value = "random", value_name = "random|N")]
    pub chunk: Chunk,
    /// Longest gap between bursts, samples; each is drawn between 0 and this
    #[arg(long, default_value_t = 2000, value_name = "N")]
    pub gap_samples: usize,
    /// Count what is found in this many samples of noise instead (at 0 dB unless --snr-db says otherwise)
    #[arg(long, value_name = "SAMPLES")]
    pub noise_only: Option<u64>,
    /// Spike at the centre, dB above the noise; needs a noise level
    #[arg(long, allow_negative_numbers = true, value_name = "DB")]
    pub dc_db: Option<f64>,
    /// Seed of everything random
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Threads; the results do not depend on them
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
    /// Also write the JSON here
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
