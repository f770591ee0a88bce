//! The flags of `heliograph transmit`, as typed.

use std::path::PathBuf;

use clap::{Args, value_parser};
use heliograph::codec::Cbr;
use heliograph::waveform::Numerology;

use crate::args::{caption, level_dbfs, peak_limit_db, positive_seconds};
use crate::captioners::CaptionerArgs;
use crate::codec_args::CodecArgs;
use crate::commands::loopback::numerology;
use crate::live::PageArgs;
use crate::radio_args::RadioArgs;

/// Send photos through a radio
///
/// Each photo goes out as one transmission of several bursts, while the next one is encoded. What the radio reports (samples that
/// came too late, peaks beyond full scale) is said. Mind the law of the place: frequency, power and duty cycle.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TransmitArgs {
    /// Photos to send: PNG, JPEG, WebP, GIF, BMP, TIFF or PNM; without any the shipped one
    #[arg(value_name = "PHOTO")]
    pub photos: Vec<PathBuf>,

    #[command(flatten)]
    pub radio: RadioArgs,

    /// Words that travel beside each photo, at most 1,024 bytes of UTF-8; {name} stands for the file's name
    #[arg(long, value_name = "TEXT", value_parser = caption, help_heading = "Photos")]
    pub caption: Option<String>,

    #[command(flatten)]
    pub captioner: CaptionerArgs,

    /// Channel bandwidth ratio: analog symbols per colour value, 1/341 to 1
    #[arg(
        long,
        value_name = "RATIO",
        default_value = "1/24",
        help_heading = "Photos"
    )]
    pub cbr: Cbr,

    /// Send all photos so often; 0 until Ctrl-C
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Photos")]
    pub rounds: u64,

    /// Seconds of silence after each photo; with --radio file:NAME they are written, at most 60, within the photo's annotation
    #[arg(long, value_name = "S", value_parser = positive_seconds, help_heading = "Photos")]
    pub pause: Option<f64>,

    #[command(flatten)]
    pub codec: CodecArgs,

    /// How often every burst is sent, 1 to 8; the receiver combines what arrives
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u8).range(1..=8), help_heading = "Waveform")]
    pub repeat: u8,

    /// Sizes of the OFDM symbol
    #[arg(long, value_name = "NAME", default_value = "standard", value_parser = numerology(), help_heading = "Waveform")]
    pub numerology: Numerology,

    /// Mean power of the samples in dB against full scale, -60 to 0
    #[arg(long, value_name = "DB", default_value = "-12", allow_negative_numbers = true, value_parser = level_dbfs, help_heading = "Waveform")]
    pub level_dbfs: f32,

    /// Limit the samples' magnitude to so many dB over their mean power, 0 to 30 [default: no limit]
    #[arg(long, value_name = "DB", value_parser = peak_limit_db, help_heading = "Waveform")]
    pub peak_limit_db: Option<f32>,

    /// Seed of picture numbers and interleavers [default: from the clock, so that two transmitters differ]
    #[arg(long, value_name = "N", help_heading = "Photos")]
    pub seed: Option<u64>,

    #[command(flatten)]
    pub page: PageArgs,

    /// Print a line of JSON for each photo, and the summary as the last
    #[arg(long, help_heading = "Photos")]
    pub json: bool,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph transmit boat.jpg --radio hackrf --frequency 433.92M --caption 'A boat at dawn'\n  \
    heliograph transmit *.jpg --radio usrp-b210 --gain-db 50 --rounds 0 --pause 1\n  \
    heliograph transmit boat.jpg --radio driver=heliograph,ether=bench --frequency 100M";
