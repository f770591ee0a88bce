//! The command line: commands, and the parsers of single values.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use heliograph::bits::digital::MAX_CAPTION_BYTES;

use crate::commands::adapt::AdaptArgs;
use crate::commands::calibrate::CalibrateArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::decode::DecodeArgs;
use crate::commands::encode::EncodeArgs;
use crate::commands::evaluate::EvaluateArgs;
use crate::commands::inspect::InspectArgs;
use crate::commands::loopback::LoopbackArgs;
use crate::commands::man::ManArgs;
use crate::commands::metrics::MetricsArgs;
use crate::commands::models::ModelsArgs;
use crate::commands::paint::PaintArgs;
use crate::commands::plot::PlotArgs;
use crate::commands::quantize::QuantizeArgs;
use crate::commands::radios::RadiosArgs;
use crate::commands::receive::ReceiveArgs;
use crate::commands::record::RecordArgs;
use crate::commands::replay::ReplayArgs;
use crate::commands::rig::RigArgs;
use crate::commands::soak::SoakArgs;
use crate::commands::spectrum::SpectrumArgs;
use crate::commands::transmit::TransmitArgs;

/// Sends photos over the air as analog OFDM symbols, with a digital stream for the words.
#[derive(Debug, Parser)]
#[command(name = "heliograph", version, max_term_width = 100)]
#[command(after_help = "EXIT CODES\n  \
    0  done, losses on the air included\n  \
    1  something could not be read, written or computed\n  \
    2  the command line is wrong\n  \
    3  of some photo nothing arrived\n  \
    130  interrupted")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    Loopback(Box<LoopbackArgs>),
    Transmit(Box<TransmitArgs>),
    Receive(Box<ReceiveArgs>),
    Record(Box<RecordArgs>),
    Replay(Box<ReplayArgs>),
    Paint(Box<PaintArgs>),
    Radios(RadiosArgs),
    Spectrum(Box<SpectrumArgs>),
    Calibrate(CalibrateArgs),
    Rig(RigArgs),
    Encode(EncodeArgs),
    Decode(DecodeArgs),
    Inspect(Box<InspectArgs>),
    Soak(Box<SoakArgs>),
    Evaluate(Box<EvaluateArgs>),
    Metrics(MetricsArgs),
    Plot(PlotArgs),
    Adapt(AdaptArgs),
    Quantize(QuantizeArgs),
    Models(ModelsArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// A number of hertz; k, M and G at its end stand for thousands, millions and more.
pub fn hertz(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let scales = [('k', 1e3), ('M', 1e6), ('G', 1e9)];
    let scaled = scales
        .iter()
        .find_map(|(unit, scale)| Some((text.strip_suffix(*unit)?, *scale)));
    let (digits, scale) = scaled.unwrap_or((text, 1.0));
    match digits.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value * scale),
        _ => Err(format!(
            "found {text:?}, allowed a number of Hz like 868.3e6 or 868.3M"
        )),
    }
}

/// `NAME=DB`.
pub fn gain_element(text: &str) -> Result<(String, f64), String> {
    let pair = text.split_once('=');
    let pair = pair.and_then(|(name, db)| Some((name.trim().to_owned(), db.trim().parse().ok()?)));
    pair.filter(|(name, db): &(String, f64)| !name.is_empty() && db.is_finite())
        .ok_or_else(|| format!("found {text:?}, allowed STAGE=DB like LNA=16"))
}

/// A number above 0, of seconds.
pub fn positive_seconds(text: &str) -> Result<f64, String> {
    number(text, 1e-3..=1e9)
}

/// Extensions of pictures that are not written.
const OTHER_PICTURES: [&str; 9] = [
    "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "avif", "ppm",
];

/// A file for a picture, which becomes a PNG: any name but those of other formats.
pub fn png(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path
        .extension()
        .map(|extension| extension.to_ascii_lowercase())
    {
        Some(extension) if OTHER_PICTURES.iter().any(|other| extension == *other) => {
            Err(format!("found {text:?}, allowed NAME.png"))
        }
        _ => Ok(path),
    }
}

/// Seconds, or 0 for never.
pub fn seconds_or_never(text: &str) -> Result<f64, String> {
    number(text, 0.0..=1e9)
}

/// A number within `allowed`.
pub fn number(text: &str, allowed: std::ops::RangeInclusive<f64>) -> Result<f64, String> {
    let said = format!("allowed {} to {}", allowed.start(), allowed.end());
    match text.trim().parse::<f64>() {
        Ok(value) if allowed.contains(&value) => Ok(value),
        Ok(value) => Err(format!("found {value}, {said}")),
        Err(_) => Err(format!("found {text:?}, {said}")),
    }
}

/// `--snr-db`: a number, or `none` for a channel without noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Snr {
    Noiseless,
    Db(f64),
}

pub fn snr_db(text: &str) -> Result<Snr, String> {
    match text {
        "none" | "inf" => Ok(Snr::Noiseless),
        _ => number(text, -100.0..=200.0)
            .map(Snr::Db)
            .map_err(|e| format!("{e} dB, or none")),
    }
}

/// Either way of the carrier, Hz; the sample rate bounds it further.
pub fn cfo_hz(text: &str) -> Result<f64, String> {
    number(text, -1e9..=1e9)
}

pub fn sfo_ppm(text: &str) -> Result<f64, String> {
    number(text, -1000.0..=1000.0)
}

pub fn sample_rate_hz(text: &str) -> Result<f64, String> {
    match hertz(text) {
        Ok(value) => number(&value.to_string(), 1e3..=1e9),
        Err(_) => number(text, 1e3..=1e9),
    }
}

/// Power relative to full scale, for a transmitter.
pub fn level_dbfs(text: &str) -> Result<f32, String> {
    number(text, -60.0..=0.0).map(|db| db as f32)
}

pub fn peak_limit_db(text: &str) -> Result<f32, String> {
    number(text, 0.0..=30.0).map(|db| db as f32)
}

/// The dial of the learned codec.
pub fn perception(text: &str) -> Result<f32, String> {
    number(text, 0.0..=1.0).map(|p| p as f32)
}

/// `cpu` or `cuda:N`.
pub fn device(text: &str) -> Result<String, String> {
    let number = text.strip_prefix("cuda:").map(str::parse::<u8>);
    if text == "cpu" || matches!(number, Some(Ok(_))) {
        Ok(text.to_owned())
    } else {
        Err(format!("found {text:?}, allowed cpu or cuda:0 to cuda:255"))
    }
}

/// 0.1 or 10%.
pub fn probability(text: &str) -> Result<f64, String> {
    match text.strip_suffix('%') {
        Some(percent) => number(percent, 0.0..=100.0).map(|p| p / 100.0),
        None => number(text, 0.0..=1.0),
    }
}

pub fn caption(text: &str) -> Result<String, String> {
    if text.len() > MAX_CAPTION_BYTES {
        let found = text.len();
        return Err(format!(
            "found {found} bytes, allowed at most {MAX_CAPTION_BYTES}"
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn numbers_out_of_range_are_answered_with_the_range() {
        assert_eq!(sfo_ppm("-40"), Ok(-40.0));
        let message = sfo_ppm("2000").unwrap_err();
        assert!(
            message.contains("2000") && message.contains("-1000 to 1000"),
            "{message}"
        );
        assert!(cfo_hz("NaN").is_err() && cfo_hz("fast").is_err());
    }

    #[test]
    fn a_picture_is_not_written_under_the_name_of_another_format() {
        assert_eq!(png("a/b.PNG"), Ok(PathBuf::from("a/b.PNG")));
        assert_eq!(png("/dev/null"), Ok(PathBuf::from("/dev/null")));
        assert!(png("b.jpg").unwrap_err().contains("b.jpg"));
    }

    #[test]
    fn hertz_may_be_written_with_units() {
        assert_eq!(hertz("868.3M"), Ok(868.3e6));
        assert_eq!(hertz("-35k"), Ok(-35e3));
        assert_eq!(sample_rate_hz("2M"), Ok(2e6));
        assert!(hertz("fast").unwrap_err().contains("868.3M"));
        assert!(sample_rate_hz("1").unwrap_err().contains("1000"));
        assert_eq!(gain_element("LNA=16"), Ok(("LNA".to_owned(), 16.0)));
        assert!(gain_element("LNA").is_err() && gain_element("=3").is_err());
    }

    #[test]
    fn a_probability_may_be_written_in_percent() {
        assert_eq!(probability("0.25"), Ok(0.25));
        assert_eq!(probability("25%"), Ok(0.25));
        assert!(probability("25").is_err() && probability("-1%").is_err());
    }

    #[test]
    fn noise_can_be_left_out() {
        assert_eq!(snr_db("none"), Ok(Snr::Noiseless));
        assert_eq!(snr_db("-3.5"), Ok(Snr::Db(-3.5)));
        assert!(snr_db("loud").unwrap_err().contains("none"));
    }

    #[test]
    fn a_caption_is_measured_in_bytes() {
        assert!(caption(&"ü".repeat(512)).is_ok());
        let message = caption(&"ü".repeat(513)).unwrap_err();
        assert!(
            message.contains("1026") && message.contains("1024"),
            "{message}"
        );
    }
}
