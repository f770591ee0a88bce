//! Arguments as they are meant.

use std::path::Path;

use heliograph::bits::digital::MAX_CAPTION_BYTES;
use heliograph::propagation::{DcOffsetConfig, NAMES, Propagation, PropagationConfig};
use heliograph::waveform::Numerology;
use heliograph::waveform::framing::MAX_ANALOG_SYMBOLS;
use serde::Serialize;

use super::args::SoakArgs;
use super::chunk::Chunk;
use crate::args::Snr;
use crate::exit::UsageError;

/// Most bursts: each leaves 0.4 kB of figures in memory till the end, 4 GB in all.
const MAX_BURSTS: u64 = 10_000_000;
/// Further bounds of what a run may ask for: days of work, and buffers of some ten MiB.
const MAX_NOISE_SAMPLES: u64 = 1_000_000_000_000;
const MAX_GAP_SAMPLES: u64 = 1_000_000;
const MAX_THREADS: u64 = 1024;

/// What is to be measured, every choice made.
#[derive(Clone, Debug, Serialize)]
pub struct Settings {
    pub bursts: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise_only_samples: Option<u64>,
    pub channel: String,
    pub propagation: PropagationConfig,
    pub cfo_hz_max: f64,
    pub sfo_ppm_max: f64,
    pub sample_rate_hz: f64,
    #[serde(serialize_with = "displayed")]
    pub numerology: Numerology,
    pub analog_symbols: usize,
    pub caption_bytes: usize,
    #[serde(serialize_with = "displayed")]
    pub chunk: Chunk,
    pub gap_samples_max: usize,
    pub seed: u64,
    #[serde(skip)]
    pub threads: usize,
}

fn displayed<T: std::fmt::Display, S: serde::Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

impl Settings {
    /// The settings that the arguments mean.
    ///
    /// # Errors
    /// A field out of range, with what was found and what is allowed; a channel that cannot be read.
    pub fn resolve(args: &SoakArgs) -> anyhow::Result<Self> {
        let noise = args.noise_only.unwrap_or(1);
        for (flag, found, allowed) in [
            ("--bursts", args.bursts as u64, 1..=MAX_BURSTS),
            ("--noise-only", noise, 1..=MAX_NOISE_SAMPLES),
            (
                "--analog-symbols",
                args.analog_symbols as u64,
                1..=MAX_ANALOG_SYMBOLS as u64,
            ),
            (
                "--caption-bytes",
                args.caption_bytes as u64,
                0..=MAX_CAPTION_BYTES as u64,
            ),
            (
                "--gap-samples",
                args.gap_samples as u64,
                0..=MAX_GAP_SAMPLES,
            ),
            (
                "--threads",
                args.threads.unwrap_or(1) as u64,
                1..=MAX_THREADS,
            ),
        ] {
            if !allowed.contains(&found) {
                let (low, high) = (allowed.start(), allowed.end());
                return usage(format!("{flag}: found {found}, allowed {low} to {high}"));
            }
        }
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let settings = Self {
            bursts: args.bursts,
            noise_only_samples: args.noise_only,
            channel: label(&args.channel),
            propagation: propagation(args)?,
            cfo_hz_max: args.cfo_hz_max.abs(),
            sfo_ppm_max: args.sfo_ppm_max.abs(),
            sample_rate_hz: args.sample_rate,
            numerology: args.numerology,
            analog_symbols: args.analog_symbols,
            caption_bytes: args.caption_bytes,
            chunk: args.chunk,
            gap_samples_max: args.gap_samples,
            seed: args.seed,
            threads: args.threads.unwrap_or(cores).max(1),
        };
        settings.check_offsets()?;
        Ok(settings)
    }

    /// The largest offsets must be such that the channel accepts them.
    fn check_offsets(&self) -> anyhow::Result<()> {
        let mut worst = self.propagation.clone();
        worst.cfo_hz += self.cfo_hz_max.copysign(worst.cfo_hz);
        worst.sfo_ppm += self.sfo_ppm_max.copysign(worst.sfo_ppm);
        worst.delay_samples += 1.0;
        Propagation::new(&worst, self.sample_rate_hz, 0)?;
        Ok(())
    }
}

/// The channel by name, or the file without its folder.
fn label(channel: &str) -> String {
    let path = Path::new(channel);
    let stem = path.file_stem().filter(|_| path.extension().is_some());
    stem.map_or(channel.to_owned(), |stem| {
        stem.to_string_lossy().into_owned()
    })
}

fn propagation(args: &SoakArgs) -> anyhow::Result<PropagationConfig> {
    let mut config = named_or_read(&args.channel)?;
    match args.snr_db {
        Some(Snr::Db(db)) => config.snr_db = Some(db),
        Some(Snr::Noiseless) => config.snr_db = None,
        None if args.noise_only.is_some() => config.snr_db = config.snr_db.or(Some(0.0)),
        None => {}
    }
    if let Some(dc_db) = args.dc_db {
        let Some(snr_db) = config.snr_db else {
            return usage(
                "--dc-db: found no noise, allowed with --snr-db or --noise-only".to_owned(),
            );
        };
        config.dc_offset = Some(DcOffsetConfig {
            level_db: dc_db - snr_db,
            ..Default::default()
        });
    }
    Ok(config)
}

fn named_or_read(channel: &str) -> anyhow::Result<PropagationConfig> {
    if NAMES.contains(&channel) {
        return Ok(PropagationConfig::named(channel)?);
    }
    let path = Path::new(channel);
    if !path.exists() {
        let names = NAMES.join(", ");
        return usage(format!(
            "--channel: found {channel}, allowed {names} or an existing TOML file"
        ));
    }
    Ok(PropagationConfig::from_file(path)?)
}

fn usage<T>(words: String) -> anyhow::Result<T> {
    Err(UsageError(words).into())
}
