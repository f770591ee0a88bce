//! The flags of `heliograph evaluate`, as typed.

use std::path::PathBuf;

use clap::Args;

use super::contender::Contender;
use super::grid::{Cbrs, Shard, SnrsDb};
use crate::args::sample_rate_hz;

/// Measure codecs over the whole waveform on a folder of photos
///
/// Every photo crosses every channel at every SNR and ratio with every codec: preamble, training, pilots, header and digital
/// stream cross it too, and the receiver knows nothing that did not come over the air. All codecs get the same total channel
/// uses, everything counted. Written are rows.csv (one row a photo, channel, ratio, SNR, codec and seed), run.json,
/// skipped.csv, pictures, plots and report.html. A run that was cut off goes on where it was when it is given the same flags;
/// results depend neither on threads nor on interruptions nor on shards.
#[derive(Args, Clone, Debug)]
pub struct EvaluateArgs {
    /// Folder of photos: PNG, JPEG, WebP, GIF, BMP, TIFF or PNM
    #[arg(long, value_name = "DIR", required_unless_present = "merge")]
    pub pictures: Option<PathBuf>,

    /// Folder of the results
    #[arg(short, long, value_name = "DIR", default_value = "heliograph-evaluation")]
    pub out: PathBuf,

    /// Es/N0 on an occupied carrier, dB: first:step:last or a list
    #[arg(long, value_name = "LIST", default_value = "0:2:20", allow_hyphen_values = true)]
    pub snr_db: SnrsDb,

    /// Total channel uses per colour value, everything counted
    #[arg(long, value_name = "LIST", default_value = "1/48,1/24,1/12")]
    pub cbr: Cbrs,

    /// Codecs, learned ones with their dial behind a hyphen: softcast, restored-1, latent-0.5, deepjscc-0 ...
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "softcast,restored,deepjscc-0,deepjscc,deepjscc-1"
    )]
    pub codecs: Vec<Contender>,

    /// Channels: names (awgn, tdl-a, ...) or TOML files
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "awgn")]
    pub channels: Vec<String>,

    /// Draws of noise and fading for each photo
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub seeds: u64,

    /// Photos whose painted pictures are kept, for the picture grid
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub keep: usize,

    /// Only part I of N of the work, for job arrays; then --merge
    #[arg(long, value_name = "I/N", conflicts_with = "merge")]
    pub shard: Option<Shard>,

    /// Join what the shards wrote in --out; gaps and contradictions are named
    #[arg(long)]
    pub merge: bool,

    /// Sample rate, Hz
    #[arg(long, default_value_t = 2e6, value_name = "HZ", value_parser = sample_rate_hz)]
    pub sample_rate: f64,

    /// Folder with other weights
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,

    /// Threads; the results do not depend on them
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}
