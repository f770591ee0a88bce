//! The flags of `heliograph calibrate`, as typed.

use std::path::PathBuf;

use clap::{Args, value_parser};

use crate::args::{hertz, level_dbfs, sample_rate_hz};

/// Find the gains of a link: no clipping, best EVM
///
/// Sends test bursts from the transmitter to the receiver, sweeps the receiver's gain, then the transmitter's, then the receiver's
/// again, and writes profiles with the gains that gave the least error vector. Wire or place both ends as they will be used; between
/// cabled ones there must be attenuation (60 dB and more). One radio can be both ends if it is full duplex.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CalibrateArgs {
    /// Radio that sends: a profile by name, a profile's TOML file, or SoapySDR device arguments
    #[arg(long, value_name = "PROFILE|FILE.toml|ARGS")]
    pub transmitter: String,

    /// Radio that receives [default: the same]
    #[arg(long, value_name = "PROFILE|FILE.toml|ARGS")]
    pub receiver: Option<String>,

    /// Folder of the profiles and calibration.json; made if it is not there
    #[arg(
        short,
        long,
        value_name = "DIR",
        default_value = "heliograph-calibration"
    )]
    pub out: PathBuf,

    /// Centre frequency of both in Hz [default: the profiles']
    #[arg(long, value_name = "HZ", value_parser = hertz)]
    pub frequency: Option<f64>,

    /// Samples per second of the signal [default: the profiles']
    #[arg(long, value_name = "HZ", value_parser = sample_rate_hz)]
    pub sample_rate: Option<f64>,

    /// Samples per second of both radios, up to 64 times those of the signal [default: the profiles', else the same]
    #[arg(long, value_name = "HZ", value_parser = sample_rate_hz)]
    pub radio_rate: Option<f64>,

    /// Gains of a sweep, 2 to 64
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = value_parser!(u8).range(2..=64))]
    pub steps: u8,

    /// Test bursts at each gain, 1 to 64
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = value_parser!(u8).range(1..=64))]
    pub bursts: u8,

    /// Lowest and highest gain of the receiver to try, dB [default: its range]
    #[arg(long, value_names = ["FROM", "TO"], num_args = 2, allow_negative_numbers = true)]
    pub receiver_gains: Option<Vec<f64>>,

    /// Lowest and highest gain of the transmitter to try, dB [default: its range]
    #[arg(long, value_names = ["FROM", "TO"], num_args = 2, allow_negative_numbers = true)]
    pub transmitter_gains: Option<Vec<f64>>,

    /// Mean power of the samples in dB against full scale, -60 to 0
    #[arg(long, value_name = "DB", default_value = "-12", allow_negative_numbers = true, value_parser = level_dbfs)]
    pub level_dbfs: f32,

    /// Print the calibration as JSON instead of words
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph calibrate --transmitter usrp-b210 --frequency 433.92M --out bench\n  \
    heliograph calibrate --transmitter driver=hackrf,serial=1 --receiver driver=hackrf,serial=2 --frequency 2.45G\n  \
    heliograph calibrate --transmitter usrp-b210 --transmitter-gains 0 60 --receiver-gains 0 60";
