//! The flags of `heliograph spectrum`, as typed.

use std::path::PathBuf;

use clap::Args;
use heliograph::metrics::SPECTRUM_BINS;
use heliograph::waveform::Numerology;

use crate::args::{png, positive_seconds};
use crate::commands::loopback::numerology;
use crate::radio_args::RadioArgs;

/// Listen to the channel: is anything else there?
///
/// Draws the power density around the centre frequency, finds what stands out of the noise floor and says whether it lies where
/// Heliograph would send. Listen before you transmit, and again with your transmitter running: its band should be flat, its
/// edges steep, and nothing should stand in the gap at the centre but the oscillator's own leakage.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SpectrumArgs {
    #[command(flatten)]
    pub radio: RadioArgs,

    /// Seconds to listen
    #[arg(long, value_name = "S", default_value = "0.5", value_parser = positive_seconds, help_heading = "Listening")]
    pub seconds: f64,

    /// Bins of the spectrum, 16 to 65536
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = bins, help_heading = "Listening")]
    pub bins: usize,

    /// Sizes of the OFDM symbol, for the band that would be used
    #[arg(long, value_name = "NAME", default_value = "standard", value_parser = numerology(), help_heading = "Listening")]
    pub numerology: Numerology,

    /// Also draw it as a PNG
    #[arg(short, long, value_name = "FILE.png", value_parser = png, help_heading = "Listening")]
    pub out: Option<PathBuf>,

    /// Print what was found as a line of JSON, and nothing else
    #[arg(long, help_heading = "Listening")]
    pub json: bool,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph spectrum --radio usrp-b210 --frequency 433.92M\n  \
    heliograph spectrum --radio hackrf --frequency 2.45G --sample-rate 10M --out channel.png";

fn bins(text: &str) -> Result<usize, String> {
    let bins = text.parse().ok().filter(|n| SPECTRUM_BINS.contains(n));
    bins.ok_or_else(|| format!("found {text:?}, allowed 16 to 65536"))
}
