//! `report.json`: all figures of one photo, units in the names. `REPORT.md` explains every field to users.
//!
//! What is not finite (the PSNR of equal pictures, the SNR without noise) or does not exist becomes `null`: JSON has no
//! other word for it.

use std::collections::BTreeMap;

use heliograph::link::Ledger;
use heliograph::propagation::PropagationConfig;
use serde::Serialize;

use crate::json;

/// Version of the schema: raised when a field changes its meaning or goes; new fields may come without.
pub const SCHEMA_VERSION: u32 = 1;

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub schema_version: u32,
    pub program: Program,
    pub photo: PhotoInfo,
    pub outcome: Outcome,
    pub psnr_db: Option<f64>,
    pub ssim: Option<f64>,
    pub ms_ssim: Option<f64>,
    pub lpips_alex: Option<f64>,
    pub snr_db_true: Option<f64>,
    pub snr_db_estimated: Option<f64>,
    pub snr_db_standard_error: Option<f64>,
    pub cfo_hz_true: f64,
    pub cfo_hz_estimated: Option<f64>,
    pub sfo_ppm_true: f64,
    pub sfo_ppm_estimated: Option<f64>,
    pub evm_db: Option<f64>,
    pub papr_db: Option<f64>,
    pub cbr: String,
    pub cbr_analog: f64,
    pub cbr_total: f64,
    pub ledger: LedgerInfo,
    pub caption_sent: Option<String>,
    pub caption_received: Option<String>,
    pub caption_state: SectionState,
    pub side_information_state: SectionState,
    pub bursts_sent: u64,
    pub bursts_dropped: u64,
    pub bursts_received: u64,
    pub bursts_missing: u64,
    pub bursts_clipped: u64,
    pub symbols_damaged: u64,
    pub air_time_seconds: f64,
    pub occupied_bandwidth_hz: f64,
    pub seconds: BTreeMap<&'static str, f64>,
    pub seed: u64,
    pub codec: String,
    pub weights_hash: Option<String>,
    pub model: Option<ModelInfo>,
    pub numerology: String,
    pub sample_rate_hz: f64,
    pub repeats: u8,
    pub drop_probability: f64,
    pub peak_limit_db: Option<f32>,
    pub channel: ChannelInfo,
    pub regions: Option<RegionsInfo>,
    pub files: Vec<&'static str>,
}

/// What made the report.
#[derive(Clone, Debug, Serialize)]
pub struct Program {
    pub name: &'static str,
    pub version: &'static str,
}

impl Program {
    /// This program.
    pub const THIS: Self = Self {
        name: "heliograph",
        version: env!("CARGO_PKG_VERSION"),
    };
}

/// The photo that was sent.
#[derive(Clone, Debug, Serialize)]
pub struct PhotoInfo {
    /// `None`: the shipped one.
    pub path: Option<String>,
    pub name: String,
    pub width: u32,
    pub height: u32,
}

/// What became of the photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every burst arrived at least once, and the side information.
    Received,
    /// Painted although bursts are missing.
    ReceivedWithLosses,
    /// Bursts arrived, the codec's side information did not: a grey picture.
    PaintedBlind,
    /// Not one burst: no picture.
    NothingReceived,
}

/// What became of a section of the digital stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionState {
    Received,
    Lost,
    NotSent,
}

/// Channel uses by kind.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerInfo {
    #[serde(flatten)]
    pub uses: Ledger,
    pub total: f64,
    pub analog_share: f64,
}

impl From<Ledger> for LedgerInfo {
    fn from(uses: Ledger) -> Self {
        Self {
            total: uses.total(),
            analog_share: uses.analog_share(),
            uses,
        }
    }
}

/// How the networks were set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelInfo {
    pub painter: &'static str,
    pub steps: Option<usize>,
    pub painter_hash: Option<String>,
    pub inpainter_hash: Option<String>,
    /// What paints in place of the codec's own synthesis network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synthesis: Option<String>,
    /// Name that the program of codec external gave itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// How the sender was asked to share the symbols among the blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocation: Option<&'static str>,
    pub perception: f32,
    pub device: String,
}

/// What was asked to matter, beside the rest, by blocks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RegionsInfo {
    pub key_share: f64,
    pub key_psnr_db: Option<f64>,
    pub rest_psnr_db: Option<f64>,
    pub key_symbols_per_block: Option<f64>,
    pub rest_symbols_per_block: Option<f64>,
}

/// The channel that was simulated.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelInfo {
    pub name: String,
    pub config: PropagationConfig,
}

impl Report {
    /// On one line, for pipes.
    ///
    /// # Errors
    /// None that a report could cause.
    pub fn line(&self) -> anyhow::Result<String> {
        json::line(self)
    }

    /// Indented, for files.
    ///
    /// # Errors
    /// None that a report could cause.
    pub fn text(&self) -> anyhow::Result<String> {
        json::text(self)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A report with every field filled.
    pub fn example() -> Report {
        Report {
            schema_version: SCHEMA_VERSION,
            program: Program::THIS,
            photo: PhotoInfo {
                path: Some("photos/boat.png".to_owned()),
                name: "boat.png".to_owned(),
                width: 768,
                height: 512,
            },
            outcome: Outcome::ReceivedWithLosses,
            psnr_db: Some(31.4),
            ssim: Some(0.9),
            ms_ssim: Some(0.95),
            lpips_alex: Some(0.12),
            snr_db_true: Some(10.0),
            snr_db_estimated: Some(9.9),
            snr_db_standard_error: Some(0.1),
            cfo_hz_true: 500.0,
            cfo_hz_estimated: Some(501.0),
            sfo_ppm_true: 0.0,
            sfo_ppm_estimated: Some(0.1),
            evm_db: Some(-10.0),
            papr_db: Some(11.0),
            cbr: "1/24".to_owned(),
            cbr_analog: 1.0 / 24.0,
            cbr_total: 0.06,
            ledger: Ledger::default().into(),
            caption_sent: Some("A boat".to_owned()),
            caption_received: None,
            caption_state: SectionState::Lost,
            side_information_state: SectionState::Received,
            bursts_sent: 4,
            bursts_dropped: 1,
            bursts_received: 3,
            bursts_missing: 1,
            bursts_clipped: 0,
            symbols_damaged: 0,
            air_time_seconds: 0.04,
            occupied_bandwidth_hz: 1.6e6,
            seconds: BTreeMap::from([("encode", 0.1)]),
            seed: 1,
            codec: "latent".to_owned(),
            weights_hash: Some("00c0ffee".to_owned()),
            model: Some(ModelInfo {
                painter: "diffusion",
                steps: Some(1),
                painter_hash: Some("0badcafe".to_owned()),
                inpainter_hash: None,
                synthesis: Some("a-vae".to_owned()),
                program: None,
                allocation: None,
                perception: 0.5,
                device: "cpu".to_owned(),
            }),
            numerology: "standard".to_owned(),
            sample_rate_hz: 2e6,
            repeats: 1,
            drop_probability: 0.25,
            peak_limit_db: None,
            channel: ChannelInfo {
                name: "awgn".to_owned(),
                config: PropagationConfig::default(),
            },
            regions: Some(RegionsInfo {
                key_share: 0.25,
                key_psnr_db: Some(33.0),
                rest_psnr_db: Some(27.0),
                key_symbols_per_block: Some(80.0),
                rest_symbols_per_block: Some(20.0),
            }),
            files: vec!["received.png"],
        }
    }

    #[test]
    fn numbers_that_are_not_finite_become_null() {
        let mut report = example();
        report.psnr_db = Some(f64::INFINITY);
        report.evm_db = Some(f64::NAN);
        let json: serde_json::Value = serde_json::from_str(&report.line().unwrap()).unwrap();
        assert!(json["psnr_db"].is_null() && json["evm_db"].is_null());
        assert_eq!(json["caption_state"], "lost");
        assert!(json["caption_received"].is_null());
    }

    #[test]
    fn every_field_is_explained_to_users() {
        let text = include_str!("../REPORT.md");
        let json = serde_json::to_value(example()).unwrap();
        let mut names: Vec<&String> = json.as_object().unwrap().keys().collect();
        names.extend(json["ledger"].as_object().unwrap().keys());
        names.extend(json["model"].as_object().unwrap().keys());
        names.extend(json["regions"].as_object().unwrap().keys());
        names.extend(json["photo"].as_object().unwrap().keys());
        for name in names {
            assert!(
                text.contains(&format!("`{name}`")),
                "{name} is not in REPORT.md"
            );
        }
        assert!(text.contains(&format!("version {SCHEMA_VERSION}")));
    }
}
