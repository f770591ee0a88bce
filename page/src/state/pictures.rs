//! Pictures as they come: first from the bursts so far, then fast, then painted.

use serde::{Deserialize, Serialize};

/// How far a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// From the bursts so far.
    Linear,
    /// All bursts, one quick look.
    Fast,
    /// As the painter is set.
    Painted,
}

impl Stage {
    /// All, in the order in which they come.
    pub const ALL: [Self; 3] = [Self::Linear, Self::Fast, Self::Painted];

    /// Name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Fast => "fast",
            Self::Painted => "painted",
        }
    }
}

/// A picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Its number in this run; newer ones are higher.
    pub id: u64,
    /// Name of its files or of the photo that was sent.
    pub name: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The words beside it.
    pub caption: Option<String>,
    /// What became of them: `received`, `lost`, `not_sent`, `coming`.
    pub caption_state: String,
    /// What became of the picture: `coming`, `received`, `received_with_losses`, `painted_blind`, `sent`.
    pub outcome: String,
    /// Bursts that were announced, repetitions included.
    pub bursts_expected: u64,
    /// Bursts that arrived, repetitions included.
    pub bursts_received: u64,
    /// Bursts of which not one repetition arrived.
    pub bursts_missing: u64,
    /// Es/N0 over its bursts.
    pub snr_db: Option<f64>,
    /// Its standard error.
    pub snr_standard_error_db: Option<f64>,
    /// Name of the codec.
    pub codec: String,
    /// How far it is, in the order in which it came.
    pub stages: Vec<StageView>,
    /// Address of a small picture.
    pub thumbnail: Option<String>,
    /// What can be downloaded: picture, report.
    pub downloads: Vec<Download>,
}

/// A stage of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageView {
    /// Which.
    pub stage: Stage,
    /// Counts up when it is painted again.
    pub revision: u64,
    /// What it is made of, in words.
    pub words: String,
    /// Address of the picture.
    pub url: String,
    /// Seconds that it took to compute.
    pub seconds: f64,
    /// Figures of it, by the names that the report has for them.
    pub figures: Vec<Figure>,
}

/// A figure by the name that the report has for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// `psnr_db`, `perception`, ...
    pub name: String,
    /// `None`: not finite, or there is none.
    pub value: Option<f64>,
}

/// Something to download.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Download {
    /// `picture`, `report`, `recording`, ...
    pub kind: String,
    /// Name of the file.
    pub name: String,
    /// Its address.
    pub url: String,
}
