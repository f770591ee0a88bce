//! A folder with a model, as Hugging Face's packages write it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::ModelError;

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// BLIP for captions: `--captioner`.
    Blip,
    /// Segment Anything: `--segmenter`.
    Sam,
    /// An autoencoder of FLUX.2's latent space: `--synthesis`.
    Autoencoder,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Blip, Self::Sam, Self::Autoencoder];

    /// As `config.json` says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blip => "blip",
            Self::Sam => "sam",
            Self::Autoencoder => "AutoencoderKLFlux2",
        }
    }

    /// The flag that takes it.
    pub fn flag(self) -> &'static str {
        match self {
            Self::Blip => "--captioner",
            Self::Sam => "--segmenter",
            Self::Autoencoder => "--synthesis",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A folder whose `config.json` names a kind that this program knows, and which has one file of weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFolder {
    path: PathBuf,
    kind: Kind,
    weights: PathBuf,
}

/// Largest `config.json` that is read, in bytes.
const MAX_CONFIG_BYTES: u64 = 1 << 20;
/// The name of every model's description.
const CONFIG: &str = "config.json";

/// What says which model it is.
#[derive(Deserialize)]
struct Names {
    model_type: Option<String>,
    #[serde(rename = "_class_name")]
    class_name: Option<String>,
}

impl ModelFolder {
    /// Does the folder claim to hold a model of this form? Another captioner's has no `config.json`.
    pub fn is_one(path: &Path) -> bool {
        path.join(CONFIG).is_file()
    }

    /// Looks at a folder.
    ///
    /// # Errors
    /// [`ModelError::File`] for a file that is missing or one too many; [`ModelError::Field`] for a model of another kind.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let kind = kind(path)?;
        Ok(Self {
            path: path.to_owned(),
            kind,
            weights: weights(path)?,
        })
    }

    /// The same, which has to be of one kind.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn of_kind(path: &Path, kind: Kind) -> Result<Self, ModelError> {
        let folder = Self::open(path)?;
        if folder.kind == kind {
            return Ok(folder);
        }
        Err(ModelError::Field {
            path: folder.config(),
            field: "model_type or _class_name",
            found: format!("{} (a model for {})", folder.kind, folder.kind.flag()),
            allowed: kind.name().to_owned(),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The file of weights.
    pub fn weights(&self) -> &Path {
        &self.weights
    }

    /// Whether the weights are GGUF.
    pub fn is_quantized(&self) -> bool {
        self.weights.extension().is_some_and(|end| end == "gguf")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path.join(CONFIG)
    }

    /// The description, as the network needs it.
    pub(crate) fn parsed<T: DeserializeOwned>(&self) -> Result<T, ModelError> {
        parse(&self.config())
    }
}

/// What a folder's `config.json` says that it is.
pub(crate) fn kind(folder: &Path) -> Result<Kind, ModelError> {
    let config = folder.join(CONFIG);
    let names: Names = parse(&config)?;
    let name = names.model_type.or(names.class_name).unwrap_or_default();
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    kind.ok_or_else(|| ModelError::Field {
        path: config,
        field: "model_type or _class_name",
        found: format!("{:?}", heliograph::shortened(&name)),
        allowed: Kind::ALL.map(Kind::name).join(", "),
    })
}

fn parse<T: DeserializeOwned>(path: &Path) -> Result<T, ModelError> {
    serde_json::from_slice(&read(path, MAX_CONFIG_BYTES)?)
        .map_err(|error| ModelError::file(path, error))
}

/// A file of at most `most` bytes.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>, ModelError> {
    // Asked before it is opened: a pipe would wait for a writer.
    let known = fs::metadata(path).map_err(|error| ModelError::file(path, error))?;
    if !known.is_file() {
        return Err(ModelError::file(path, "found no file, allowed is one"));
    }
    if known.len() > most {
        let found = known.len();
        let reason = format!("found {found} bytes; a file of at most {most} is read");
        return Err(ModelError::file(path, reason));
    }
    fs::read(path).map_err(|error| ModelError::file(path, error))
}

/// The one file of weights.
fn weights(folder: &Path) -> Result<PathBuf, ModelError> {
    let entries = fs::read_dir(folder).map_err(|error| ModelError::file(folder, error))?;
    let is_weights = |path: &PathBuf| {
        let end = path.extension().and_then(|end| end.to_str());
        matches!(end, Some("safetensors" | "gguf"))
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut found: Vec<PathBuf> = paths.filter(is_weights).collect();
    found.sort();
    match found.as_slice() {
        // A pipe would wait for a writer.
        [one] if !one.is_file() => Err(ModelError::file(
            one,
            "found no file, allowed is one file of weights",
        )),
        [one] => Ok(one.clone()),
        [] => Err(ModelError::file(
            folder,
            "found no weights, allowed is one file *.safetensors or *.gguf (others, such as pytorch_model.bin, can run code and are not read; from_pretrained and save_pretrained of transformers make model.safetensors of one)",
        )),
        [first, second, ..] => Err(ModelError::file(
            folder,
            format!(
                "found {} and {}, allowed is one file of weights",
                first.file_name().unwrap_or_default().display(),
                second.file_name().unwrap_or_default().display()
            ),
        )),
    }
}
