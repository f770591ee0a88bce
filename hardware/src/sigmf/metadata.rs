//! `NAME.sigmf-meta`: the fields that matter here; others are not looked at.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::marker::PhantomData;
use std::path::Path;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::error::SigmfError;

/// Longest metadata file, bytes.
pub const MAX_META_BYTES: u64 = 64 << 20;
/// Most captures, and most annotations, of a recording.
pub const MAX_SEGMENTS: usize = 1 << 18;

/// Metadata of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    pub global: Global,
    /// By sample; none is one from the first sample on.
    #[serde(default, deserialize_with = "bounded")]
    pub captures: Vec<Capture>,
    #[serde(default, deserialize_with = "bounded")]
    pub annotations: Vec<Annotation>,
}

/// What holds for all samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Global {
    #[serde(rename = "core:datatype")]
    pub datatype: String,
    /// Samples per second.
    #[serde(rename = "core:sample_rate", skip_serializing_if = "Option::is_none")]
    pub sample_rate_hz: Option<f64>,
    /// Of the specification.
    #[serde(rename = "core:version")]
    pub version: String,
    /// Of the data file, in hex.
    #[serde(rename = "core:sha512", skip_serializing_if = "Option::is_none")]
    pub sha512: Option<String>,
    /// The radio.
    #[serde(rename = "core:hw", skip_serializing_if = "Option::is_none")]
    pub hw: Option<String>,
    /// The program.
    #[serde(rename = "core:recorder", skip_serializing_if = "Option::is_none")]
    pub recorder: Option<String>,
    #[serde(rename = "core:description", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A data file of another name: not supported.
    #[serde(rename = "core:dataset", skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Metadata without data: not supported.
    #[serde(rename = "core:metadata_only", skip_serializing_if = "Option::is_none")]
    pub metadata_only: Option<bool>,
    /// Not supported but 1.
    #[serde(rename = "core:num_channels", skip_serializing_if = "Option::is_none")]
    pub num_channels: Option<u64>,
    /// Index of the first sample: not supported but 0.
    #[serde(rename = "core:offset", skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Not supported but 0.
    #[serde(
        rename = "core:trailing_bytes",
        skip_serializing_if = "Option::is_none"
    )]
    pub trailing_bytes: Option<u64>,
    #[serde(
        rename = "core:extensions",
        default,
        deserialize_with = "bounded",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub extensions: Vec<Extension>,
    /// Only in recordings of this program.
    #[serde(rename = "heliograph:state", skip_serializing_if = "Option::is_none")]
    pub state: Option<RecordingState>,
}

/// A namespace beside `core`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    pub name: String,
    pub version: String,
    /// Can the recording be understood without it?
    pub optional: bool,
}

/// How far a recording got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordingState {
    /// It goes on, or its program was killed: gaps of the last second or so may not be marked.
    Recording,
    /// It was finished.
    Complete,
}

/// Samples that follow each other without a gap.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Capture {
    #[serde(rename = "core:sample_start")]
    pub sample_start: u64,
    /// Samples that went by since the beginning, the lost ones too; `sample_start` if absent.
    #[serde(rename = "core:global_index", skip_serializing_if = "Option::is_none")]
    pub global_index: Option<u64>,
    /// Centre frequency, Hz.
    #[serde(rename = "core:frequency", skip_serializing_if = "Option::is_none")]
    pub frequency_hz: Option<f64>,
    /// RFC 3339 in UTC.
    #[serde(rename = "core:datetime", skip_serializing_if = "Option::is_none")]
    pub datetime: Option<String>,
    /// Not supported but 0.
    #[serde(rename = "core:header_bytes", skip_serializing_if = "Option::is_none")]
    pub header_bytes: Option<u64>,
    #[serde(rename = "heliograph:lost", skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostMark>,
    /// The radio's clock at the first sample, ns.
    #[serde(rename = "heliograph:time_ns", skip_serializing_if = "Option::is_none")]
    pub time_ns: Option<i64>,
}

/// What `core:global_index` cannot say about a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LostMark {
    /// Nobody knows its length.
    Unknown,
}

/// A remark about some samples.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    #[serde(rename = "core:sample_start")]
    pub sample_start: u64,
    /// To the end of the capture if absent.
    #[serde(rename = "core:sample_count", skip_serializing_if = "Option::is_none")]
    pub sample_count: Option<u64>,
    #[serde(rename = "core:label", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(rename = "core:comment", skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Metadata {
    /// Reads a file of at most [`MAX_META_BYTES`]; its values are not checked yet.
    ///
    /// # Errors
    /// [`SigmfError::Io`], or [`SigmfError::Field`] for what is too long, no JSON, or of the wrong kind.
    pub fn from_file(path: &Path) -> Result<Self, SigmfError> {
        let file = File::open(path).map_err(SigmfError::io(path, "open"))?;
        let mut text = Vec::new();
        let read = file.take(MAX_META_BYTES + 1).read_to_end(&mut text);
        if read.map_err(SigmfError::io(path, "read"))? as u64 > MAX_META_BYTES {
            let found = format!("more than {MAX_META_BYTES} bytes");
            return Err(SigmfError::field(path, "the whole", found, "at most these"));
        }
        Self::from_json(&text, path)
    }

    fn from_json(text: &[u8], path: &Path) -> Result<Self, SigmfError> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let read = serde_path_to_error::deserialize(&mut json);
        let metadata = read.map_err(|error| {
            let field = match error.path().to_string() {
                whole if whole == "." => "the whole".to_owned(),
                field => field,
            };
            SigmfError::field(path, field, error.inner(), "SigMF metadata")
        })?;
        json.end()
            .map_err(|error| SigmfError::field(path, "the whole", error, "one JSON object"))?;
        Ok(metadata)
    }
}

/// A list of at most [`MAX_SEGMENTS`].
fn bounded<'de, D: Deserializer<'de>, T: Deserialize<'de>>(list: D) -> Result<Vec<T>, D::Error> {
    list.deserialize_seq(Bounded(PhantomData))
}

struct Bounded<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Bounded<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX_SEGMENTS} objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            if items.len() == MAX_SEGMENTS {
                return Err(A::Error::invalid_length(MAX_SEGMENTS + 1, &self));
            }
            items.push(item);
        }
        Ok(items)
    }
}
