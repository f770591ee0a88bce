//! Arguments as typed and as they are meant.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use heliograph::propagation::{DcOffsetConfig, NAMES, PropagationConfig};
use heliograph::waveform::Numerology;
use heliograph::waveform::framing::MAX_ANALOG_SYMBOLS;
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;

/// Sends bursts without pictures through a channel and measures the link.
///
/// Bursts carry random headers, captions and analog symbols. Each has its own carrier and clock offset, fractional delay and
/// draw of the fading; they follow each other in streams of 64, each through a synchronizer of its own. Rates come with exact
/// (Clopper-Pearson) and means with Student 95 % intervals.
#[derive(Args, Clone, Debug)]
pub struct SoakArgs {
    /// Bursts to send
    #[arg(long, default_value_t = 1000, value_name = "N")]
    bursts: usize,
    /// Es/N0 on an occupied carrier, dB; without it that of the channel
    #[arg(long, allow_negative_numbers = true, value_name = "X")]
    snr_db: Option<f64>,
    /// Channel: a name (ideal, awgn, tdl-a, ...) or a TOML file
    #[arg(long, default_value = "ideal", value_name = "NAME|FILE")]
    channel: String,
    /// Carrier offset of each burst: uniform within plus or minus this, Hz
    #[arg(long, default_value_t = 0.0, value_name = "F")]
    cfo_hz_max: f64,
    /// Clock offset of each burst: uniform within plus or minus this, ppm
    #[arg(long, default_value_t = 0.0, value_name = "P")]
    sfo_ppm_max: f64,
    /// Sample rate, Hz
    #[arg(long, default_value_t = 2e6, value_name = "HZ")]
    sample_rate: f64,
    /// Sizes of the OFDM symbol: standard, narrow or wide
    #[arg(long, default_value = "standard")]
    numerology: Numerology,
    /// Analog OFDM symbols of a burst, 1 to 64
    #[arg(long, default_value_t = 64, value_name = "N")]
    analog_symbols: usize,
    /// Bytes of the caption in each burst; 0 leaves the digital part out
    #[arg(long, default_value_t = 64, value_name = "N")]
    caption_bytes: usize,
    /// Samples pushed at a time: a number, or random (1 to 65,536)
    #[arg(long, default_value = "random", value_name = "random|N")]
    chunk: Chunk,
    /// Longest gap between bursts, samples; each is drawn between 0 and this
    #[arg(long, default_value_t = 2000, value_name = "N")]
    gap_samples: usize,
    /// Count what is found in this many samples of noise instead (at 0 dB unless --snr-db says otherwise)
    #[arg(long, value_name = "SAMPLES")]
    noise_only: Option<u64>,
    /// Spike at the centre, dB above the noise; needs a noise level
    #[arg(long, allow_negative_numbers = true, value_name = "DB")]
    dc_db: Option<f64>,
    /// Seed of everything random
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Threads; the results do not depend on them
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
    /// Also write the JSON here
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Samples pushed at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// 1 to 65,536, drawn anew for each push; short and long ones alike.
    Random,
    Fixed(usize),
}

impl Chunk {
    const LONGEST: usize = 65_536;

    /// Size of the next chunk; logarithmically uniform when random.
    pub fn draw(self, rng: &mut Xoshiro256PlusPlus) -> usize {
        match self {
            Self::Random => {
                let power = rng.random_range(0.0..(Self::LONGEST as f64 + 1.0).ln());
                (power.exp() as usize).clamp(1, Self::LONGEST)
            }
            Self::Fixed(samples) => samples,
        }
    }
}

impl std::str::FromStr for Chunk {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(samples) if samples > 0 => Ok(Self::Fixed(samples)),
            _ if text == "random" => Ok(Self::Random),
            _ => Err(format!(
                "found {text}, allowed `random` or a number of samples from 1"
            )),
        }
    }
}

impl std::fmt::Display for Chunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Random => f.write_str("random"),
            Self::Fixed(samples) => samples.fmt(f),
        }
    }
}

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

impl SoakArgs {
    /// The settings that the arguments mean.
    ///
    /// # Errors
    /// A field out of range, with what was found and what is allowed; a channel that cannot be read.
    pub fn resolve(&self) -> anyhow::Result<Settings> {
        ensure!(
            (1..=MAX_ANALOG_SYMBOLS).contains(&self.analog_symbols),
            "--analog-symbols: found {}, allowed 1 to {MAX_ANALOG_SYMBOLS}",
            self.analog_symbols
        );
        ensure!(
            self.cfo_hz_max >= 0.0 && self.sfo_ppm_max >= 0.0,
            "--cfo-hz-max and --sfo-ppm-max: found {} and {}, allowed 0 and above",
            self.cfo_hz_max,
            self.sfo_ppm_max
        );
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let settings = Settings {
            bursts: self.bursts,
            noise_only_samples: self.noise_only,
            channel: self.channel_label(),
            propagation: self.propagation()?,
            cfo_hz_max: self.cfo_hz_max,
            sfo_ppm_max: self.sfo_ppm_max,
            sample_rate_hz: self.sample_rate,
            numerology: self.numerology,
            analog_symbols: self.analog_symbols,
            caption_bytes: self.caption_bytes,
            chunk: self.chunk,
            gap_samples_max: self.gap_samples,
            seed: self.seed,
            threads: self.threads.unwrap_or(cores).max(1),
        };
        settings.check_offsets()?;
        Ok(settings)
    }

    /// The channel by name, or the file without its folder.
    fn channel_label(&self) -> String {
        let path = Path::new(&self.channel);
        let label = path.file_stem().filter(|_| path.extension().is_some());
        label.map_or(self.channel.clone(), |l| l.to_string_lossy().into_owned())
    }

    fn propagation(&self) -> anyhow::Result<PropagationConfig> {
        let mut config = if NAMES.contains(&self.channel.as_str()) {
            PropagationConfig::named(&self.channel)?
        } else {
            let path = Path::new(&self.channel);
            ensure!(
                path.exists(),
                "--channel: found {}, allowed {} or an existing TOML file",
                self.channel,
                NAMES.join(", ")
            );
            PropagationConfig::from_file(path).context("--channel")?
        };
        config.snr_db = self.snr_db.or(config.snr_db);
        if self.noise_only.is_some() {
            config.snr_db = config.snr_db.or(Some(0.0));
        }
        if let Some(dc_db) = self.dc_db {
            let snr_db = config
                .snr_db
                .context("--dc-db: needs --snr-db for the noise level")?;
            config.dc_offset = Some(DcOffsetConfig {
                level_db: dc_db - snr_db,
                ..Default::default()
            });
        }
        Ok(config)
    }
}

impl Settings {
    /// The largest offsets must be such that the channel accepts them.
    fn check_offsets(&self) -> anyhow::Result<()> {
        let mut worst = self.propagation.clone();
        worst.cfo_hz += self.cfo_hz_max * worst.cfo_hz.signum();
        worst.sfo_ppm += self.sfo_ppm_max * worst.sfo_ppm.signum();
        worst.delay_samples += 1.0;
        heliograph::propagation::Propagation::new(&worst, self.sample_rate_hz, 0)?;
        Ok(())
    }
}
