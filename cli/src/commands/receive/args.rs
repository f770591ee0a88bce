//! The flags of `heliograph receive`, as typed, and those it shares with `replay`.

use std::path::PathBuf;

use clap::{Args, value_parser};
use heliograph::waveform::Numerology;
use heliograph_hardware::sigmf::Datatype;

use crate::args::{positive_seconds, seconds_or_never};
use crate::codec_args::{ModelArgs, PainterArgs};
use crate::commands::loopback::numerology;
use crate::live::PageArgs;
use crate::queue::PublishArgs;
use crate::radio_args::RadioArgs;
use crate::recording;

/// Receive pictures through a radio until Ctrl-C
///
/// Every picture is painted and written as it arrives, numbered: 0001.png and 0001.json (cli/RECEPTION.md explains the fields);
/// a picture whose bursts are lost in part is painted from the rest. summary.json and constellation.png are written at the end.
/// A radio that goes away is opened again. Missing samples are counted and said, never passed over.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReceiveArgs {
    #[command(flatten)]
    pub radio: RadioArgs,

    #[command(flatten)]
    pub reception: ReceptionArgs,

    /// Record what is received, as NAME.sigmf-meta and NAME.sigmf-data
    #[arg(long, value_name = "NAME.sigmf-meta", help_heading = "Recording")]
    pub record: Option<PathBuf>,

    /// Samples of the recording: cf32 (replays bit for bit) or ci8 (a quarter of the size)
    #[arg(long, value_name = "TYPE", default_value = "cf32", value_parser = recording::datatype(), help_heading = "Recording")]
    pub record_as: Datatype,

    /// Give up when the radio goes away, instead of opening it again
    #[arg(long, help_heading = "Radio")]
    pub no_reconnect: bool,

    /// Take a radio for gone that gives no samples for so long, since some drivers never say it (HackRF); 0: never [default: 10,
    /// and 0 for recordings and virtual radios, which may stand still]
    #[arg(long, value_name = "SECONDS", value_parser = seconds_or_never, conflicts_with = "no_reconnect", help_heading = "Radio")]
    pub gone_after: Option<f64>,
}

/// What becomes of pictures.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Pictures")]
pub struct ReceptionArgs {
    /// Folder of the pictures; made if it is not there, numbers go on behind those that are in it
    #[arg(short, long, value_name = "DIR", default_value = "heliograph-in")]
    pub out: PathBuf,

    /// End after so many pictures
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub pictures: Option<u64>,

    /// End after so many seconds; replay: of the recording
    #[arg(long, value_name = "S", value_parser = positive_seconds)]
    pub seconds: Option<f64>,

    /// Seconds on the air without a burst of it after which an incomplete picture is painted as it is
    #[arg(long, value_name = "S", default_value = "1", value_parser = positive_seconds)]
    pub timeout: f64,

    /// Refuse pictures of more than N million pixels: one burst can announce 268 million, which take minutes and some 19 GB to paint
    #[arg(long, value_name = "N", default_value = "64", value_parser = value_parser!(u16).range(1..=269))]
    pub max_megapixels: u16,

    /// Sizes of the OFDM symbol; must be the transmitter's
    #[arg(long, value_name = "NAME", default_value = "standard", value_parser = numerology())]
    pub numerology: Numerology,

    /// Also write every picture's symbols, as 0001.safetensors for heliograph decode (cli/LATENTS.md)
    #[arg(long)]
    pub symbols: bool,

    #[command(flatten)]
    pub painter: PainterArgs,

    #[command(flatten)]
    pub model: ModelArgs,

    #[command(flatten)]
    pub page: PageArgs,

    #[command(flatten)]
    pub publish: PublishArgs,

    /// Print each report to standard output as a line of JSON, and the summary as the last
    #[arg(long, help_heading = "Pictures")]
    pub json: bool,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph receive --radio usrp-b210 --frequency 433.92M --gain-db 40 --out pictures\n  \
    heliograph receive --radio hackrf --gain-element LNA=16 --gain-element VGA=20 --pictures 1\n  \
    heliograph receive --radio driver=uhd,serial=31A3 --frequency 2.45G --record bench.sigmf-meta";
