//! Which models are there.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::folder::{self, Kind, ModelFolder};
use crate::{Memory, ModelError};

/// Folders below a place where models are looked for: the cache of Hugging Face has them four deep.
const DEPTH: usize = 5;
/// Most folders that are looked into at one place.
const MOST_FOLDERS: usize = 4096;

/// Where models are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places(Vec<PathBuf>);

impl Places {
    /// These folders.
    pub fn new(folders: Vec<PathBuf>) -> Self {
        Self(folders)
    }

    /// `HELIOGRAPH_MODELS`, or what stands for it: `heliograph/models` in the user's folder of data; then what Hugging Face's
    /// programs fetched (`HF_HOME`). `variable` gives variables of the environment.
    pub fn of_environment(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |name: &str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let home = path("HOME");
        let in_home = |folder: &str| home.as_ref().map(|home| home.join(folder));
        let data = path("XDG_DATA_HOME").or_else(|| in_home(".local/share"));
        let own = path("HELIOGRAPH_MODELS").or_else(|| Some(data?.join("heliograph/models")));
        let fetched = path("HF_HOME").or_else(|| in_home(".cache/huggingface"));
        let fetched = fetched.map(|folder| folder.join("hub"));
        Self(own.into_iter().chain(fetched).collect())
    }

    /// The folders.
    pub fn folders(&self) -> &[PathBuf] {
        &self.0
    }
}

/// A folder that says it is a model that this program knows.
#[derive(Debug)]
pub struct Found {
    /// Under the place where it was found; of what Hugging Face's programs fetched, owner and name.
    pub name: String,
    pub path: PathBuf,
    pub kind: Kind,
    /// What it needs, or what is wrong with it.
    pub state: Result<Usable, ModelError>,
}

/// A model whose files are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usable {
    /// The file of weights.
    pub weights: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    pub memory: Memory,
}

/// Models at these places, in order, each once.
pub fn search(places: &Places) -> Vec<Found> {
    let mut seen = BTreeSet::new();
    let folders = |place: &PathBuf| {
        let named = |path: PathBuf| (name(place, &path), path);
        below(place).into_iter().map(named).collect::<Vec<_>>()
    };
    let folders = places.0.iter().flat_map(folders);
    let new = folders.filter(|(_, path)| seen.insert(path.canonicalize().unwrap_or(path.clone())));
    let found = |(name, path): (String, PathBuf)| {
        let kind = folder::kind(&path).ok()?;
        let state = usable(&path);
        Some(Found {
            name,
            path,
            kind,
            state,
        })
    };
    new.filter_map(found).collect()
}

/// The cache of Hugging Face has `models--OWNER--NAME/snapshots/REVISION`.
fn name(place: &Path, path: &Path) -> String {
    let below = path.strip_prefix(place).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    let fetched = parts.first().and_then(|part| part.strip_prefix("models--"));
    match (parts.as_slice(), fetched) {
        ([], _) => path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        ([_, _, _, rest @ ..], Some(model)) => [&[model.replacen("--", "/", 1).into()], rest]
            .concat()
            .join("/"),
        _ => parts.join("/"),
    }
}

fn usable(path: &Path) -> Result<Usable, ModelError> {
    let folder = ModelFolder::open(path)?;
    let weights = folder.weights().to_owned();
    let known = fs::metadata(&weights).map_err(|error| ModelError::file(&weights, error))?;
    Ok(Usable {
        bytes: known.len(),
        memory: Memory::of(&folder)?,
        weights,
    })
}

/// The folder and those below it that hold a description, by name; links are followed, and depth and number limited.
fn below(place: &Path) -> Vec<PathBuf> {
    let (mut found, mut level, mut left) = (Vec::new(), vec![place.to_owned()], MOST_FOLDERS);
    for _ in 0..=DEPTH {
        let mut next = Vec::new();
        for folder in level {
            if left == 0 {
                break;
            }
            left -= 1;
            let entries = fs::read_dir(&folder)
                .into_iter()
                .flatten()
                .filter_map(Result::ok);
            next.extend(
                entries
                    .map(|entry| entry.path())
                    .filter(|path| path.is_dir()),
            );
            if ModelFolder::is_one(&folder) {
                found.push(folder);
            }
        }
        next.sort();
        level = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_where_to_look() {
        let places = |given: &[(&str, &str)]| {
            let given: Vec<(String, String)> = given
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                .collect();
            let variable = |name: &str| {
                given
                    .iter()
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| value.into())
            };
            let places = Places::of_environment(variable);
            let words = places
                .folders()
                .iter()
                .map(|path| path.display().to_string());
            words.collect::<Vec<_>>()
        };
        assert_eq!(
            places(&[("HOME", "/h")]),
            [
                "/h/.local/share/heliograph/models",
                "/h/.cache/huggingface/hub"
            ]
        );
        assert_eq!(
            places(&[
                ("HOME", "/h"),
                ("HELIOGRAPH_MODELS", "/m"),
                ("HF_HOME", "/f")
            ]),
            ["/m", "/f/hub"]
        );
        assert!(places(&[]).is_empty());
    }

    #[test]
    fn broken_models_are_listed_with_what_is_wrong_and_strangers_left_out() {
        let root = format!("heliograph-search-{}", std::process::id());
        let root = std::env::temp_dir().join(root);
        for (folder, config) in [
            (
                "hub/models--a--b/snapshots/1/vae",
                r#"{"_class_name": "AutoencoderKLFlux2"}"#,
            ),
            ("stranger", r#"{"model_type": "llama"}"#),
            ("damaged", "{"),
        ] {
            fs::create_dir_all(root.join(folder)).unwrap();
            fs::write(root.join(folder).join("config.json"), config).unwrap();
        }
        let found = search(&Places::new(vec![root.clone(), root.join("hub")]));
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].kind, found[0].name.as_str()),
            (Kind::Autoencoder, "hub/models--a--b/snapshots/1/vae")
        );
        assert_eq!(name(&root.join("hub"), &found[0].path), "a/b/vae");
        let said = found[0].state.as_ref().unwrap_err().to_string();
        assert!(said.contains("vae: found no weights"), "{said}");
    }
}
