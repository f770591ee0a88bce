//! The flags of `heliograph evaluate`, as typed.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, RangedU64ValueParser};

use super::contender::Contender;
use super::grid::{Cbrs, Shard, SnrsDb};
use super::settings::SEEDS;
use crate::args::sample_rate_hz;

/// Measure codecs over the whole waveform on a folder of photos
///
/// Every photo crosses every channel at every SNR and ratio with every codec: preamble, training, pilots, header and digital
/// stream cross it too, and the receiver knows nothing that did not come over the air. All codecs get the same total channel
/// uses, everything counted. Written are rows.csv (one row a photo, channel, ratio, SNR, codec and seed), run.json,
/// skipped.csv, pictures, plots and report.html. A run that was cut off goes on where it was when it is given the same flags;
/// results depend neither on threads nor on interruptions nor on shards.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EvaluateArgs {
    /// Folder of photos: PNG, JPEG, WebP, GIF, BMP, TIFF or PNM
    #[arg(long, value_name = "DIR", required_unless_present = "merge")]
    pub pictures: Option<PathBuf>,

    /// Folder of the results
    #[arg(
        short,
        long,
        value_name = "DIR",
        default_value = "heliograph-evaluation"
    )]
    pub out: PathBuf,

    /// Es/N0 on an occupied carrier, dB: first:step:last or a list
    #[arg(
        long,
        value_name = "LIST",
        default_value = "0:2:20",
        allow_hyphen_values = true
    )]
    pub snr_db: SnrsDb,

    /// Total channel uses per colour value, everything counted
    #[arg(long, value_name = "LIST", default_value = "1/48,1/24,1/12")]
    pub cbr: Cbrs,

    /// Codecs: softcast; learned ones with their dial behind a hyphen: restored-1, latent-0.5, deepjscc-0; deepjscc with its
    /// allocation: deepjscc-0-distortion; latent with its painter: latent-diffusion, latent-1-linear; digital (at each SNR the
    /// fastest scheme that decodes), digital-16qam-1/2 (always this one); external, also with a dial: the program of --external, by its name
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "softcast,restored,deepjscc-0,deepjscc,deepjscc-1"
    )]
    pub codecs: Vec<Contender>,

    /// Channels: names (awgn, tdl-a, ...) or TOML files; ideal-awgn is noise on the symbols alone, without the waveform
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "awgn"
    )]
    pub channels: Vec<String>,

    /// Draws of noise and fading for each photo
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(*SEEDS.start()..=*SEEDS.end()))]
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

    /// Earlier results: rows of the same photo, channel, codec and weights are taken over instead of measured again. For another
    /// codec or more points beside what there is; pictures that --keep keeps come along, those that are not there are painted again
    #[arg(long, value_name = "DIR", conflicts_with_all = ["merge", "shard"])]
    pub rows_from: Vec<PathBuf>,

    /// Weights of EfficientNet-Lite0: semantic consistency as two more figures. training/README.md says how to get the file
    #[arg(long, value_name = "FILE")]
    pub semantic: Option<PathBuf>,

    /// Sample rate, Hz
    #[arg(long, default_value_t = 2e6, value_name = "HZ", value_parser = sample_rate_hz)]
    pub sample_rate: f64,

    /// Folder with other weights
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,

    /// Adapter of codec deepjscc that heliograph adapt wrote
    #[arg(long, value_name = "FILE.safetensors")]
    pub adapter: Option<PathBuf>,

    /// Command of the program that is codec external (docs/guide/your-codec.md)
    #[arg(long, value_name = "COMMAND", value_parser = NonEmptyStringValueParser::new())]
    pub external: Option<String>,

    /// Threads [default: one a core]; the results do not depend on them
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    pub threads: Option<usize>,

    /// Print a summary as one line of JSON, and nothing else there
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph evaluate --pictures kodak --out results\n  \
    heliograph evaluate --pictures kodak --snr-db 1,7,13 --cbr 1/24 --codecs softcast,deepjscc-0,digital --channels awgn,tdl-a --out results\n  \
    heliograph evaluate --pictures kodak --codecs external,deepjscc --external 'python3 my_codec.py' --out results\n  \
    heliograph evaluate --pictures kodak --out results --shard 3/64\n  \
    heliograph evaluate --merge --out results\n\n\
    Job arrays: docs/guide/cluster.md. Plots and report again, from the rows alone: heliograph plot results.";
