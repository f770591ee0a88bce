//! The flags of `heliograph loopback`, as typed.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, value_parser};
use heliograph::codec::Cbr;
use heliograph::waveform::Numerology;

use crate::args::{
    Snr, caption, cfo_hz, peak_limit_db, positive_seconds, probability, sample_rate_hz, sfo_ppm,
    snr_db,
};
use crate::captioners::CaptionerArgs;
use crate::codec_args::CodecArgs;
use crate::live::PageArgs;

/// Send photos through a simulated channel and paint what arrives
///
/// Each photo becomes bursts of analog OFDM symbols, crosses the channel as a stream of samples and is received without any
/// knowledge of what was sent. Written are received.png, side-by-side.png, constellation.png and report.json; several photos
/// get a folder each, named after the file. Without a photo a shipped one is sent.
///
/// Losses are results: a picture with lost bursts is painted from the rest and says so. If not one burst arrives there is
/// no received.png, and the exit code is 3.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct LoopbackArgs {
    /// Photos to send: PNG, JPEG, WebP, GIF, BMP, TIFF or PNM
    #[arg(value_name = "PHOTO")]
    pub photos: Vec<PathBuf>,

    /// Folder of the results; made if it is not there
    #[arg(short, long, value_name = "DIR", default_value = "heliograph-out")]
    pub out: PathBuf,

    /// Words that travel beside the photo, at most 1,024 bytes of UTF-8
    #[arg(long, value_name = "TEXT", value_parser = caption)]
    pub caption: Option<String>,

    #[command(flatten)]
    pub captioner: CaptionerArgs,

    #[command(flatten)]
    pub codec: CodecArgs,

    /// Channel bandwidth ratio: analog symbols per colour value, 1/341 to 1
    #[arg(long, value_name = "RATIO", default_value = "1/24")]
    pub cbr: Cbr,

    /// The channel: ideal, awgn, indoor, tdl-a, tdl-b, tdl-c, usrp, hackrf, harsh, or a TOML file
    #[arg(
        long,
        value_name = "NAME|FILE.toml",
        default_value = "awgn",
        help_heading = "Channel"
    )]
    pub channel: String,

    /// Es/N0 on an occupied carrier in dB, or none for no noise [default: the channel's]
    #[arg(long, value_name = "DB", value_parser = snr_db, allow_negative_numbers = true, help_heading = "Channel")]
    pub snr_db: Option<Snr>,

    /// Carrier frequency offset in Hz [default: the channel's]
    #[arg(long, value_name = "HZ", value_parser = cfo_hz, allow_negative_numbers = true, help_heading = "Channel")]
    pub cfo_hz: Option<f64>,

    /// Offset of the sampling clocks in parts per million [default: the channel's]
    #[arg(long, value_name = "PPM", value_parser = sfo_ppm, allow_negative_numbers = true, help_heading = "Channel")]
    pub sfo_ppm: Option<f64>,

    /// Probability that a burst is lost whole, like 0.1 or 10%
    #[arg(long, value_name = "P", allow_negative_numbers = true, default_value = "0", value_parser = probability, help_heading = "Channel")]
    pub drop_bursts: f64,

    /// How often every burst is sent, 1 to 8; the receiver combines what arrives
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 1, value_parser = value_parser!(u8).range(1..=8), help_heading = "Waveform")]
    pub repeat: u8,

    /// Sizes of the OFDM symbol
    #[arg(long, value_name = "NAME", default_value = "standard", value_parser = numerology(), help_heading = "Waveform")]
    pub numerology: Numerology,

    /// Samples per second
    #[arg(long, value_name = "HZ", allow_negative_numbers = true, default_value = "2e6", value_parser = sample_rate_hz, help_heading = "Waveform")]
    pub sample_rate: f64,

    /// Limit the samples' magnitude to so many dB over their mean power, 0 to 30 [default: no limit]
    #[arg(long, value_name = "DB", allow_negative_numbers = true, value_parser = peak_limit_db, help_heading = "Waveform")]
    pub peak_limit_db: Option<f32>,

    /// Seed of everything random: the same seed gives the same pictures
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        default_value_t = 1
    )]
    pub seed: u64,

    /// Send the photos again and again with new seeds, until Ctrl-C
    #[arg(long = "loop", help_heading = "Page")]
    pub again: bool,

    /// Seconds between two photos of --loop
    #[arg(long, value_name = "S", value_parser = positive_seconds, default_value = "2", help_heading = "Page")]
    pub pause: f64,

    #[command(flatten)]
    pub page: PageArgs,

    /// Print the reports to standard output, one line of JSON a photo, and nothing else there
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph loopback\n  \
    heliograph loopback boat.jpg --snr-db 7 --caption 'A boat at dawn' --out boat\n  \
    heliograph loopback *.png --channel tdl-c --cbr 1/12 --repeat 2\n  \
    heliograph loopback boat.jpg --channel bench.toml --cfo-hz -35e3 --sfo-ppm 20\n  \
    heliograph loopback boat.jpg --drop-bursts 20% --json | jq .psnr_db\n  \
    heliograph loopback *.jpg --channel indoor --loop --page\n\n\
    The fields of report.json are explained in cli/REPORT.md.";

/// The name of a numerology.
pub fn numerology() -> impl TypedValueParser<Value = Numerology> {
    PossibleValuesParser::new(Numerology::ALL.map(Numerology::name)).map(|name| {
        let known = Numerology::ALL.into_iter().find(|n| n.name() == name);
        known.expect("only known names pass")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph::propagation::NAMES;

    #[test]
    fn the_help_names_every_channel() {
        let mut command = LoopbackArgs::augment_args(clap::Command::new("loopback"));
        let help = command.render_long_help().to_string();
        for name in NAMES {
            assert!(help.contains(name), "{name}");
        }
    }
}
