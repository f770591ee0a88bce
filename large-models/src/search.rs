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
/// Longest name of a revision that is read, in bytes.
const MAX_REVISION_BYTES: u64 = 256;

/// Where models are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places(Vec<PathBuf>);

impl Places {
    /// These folders.
    pub fn new(folders: Vec<PathBuf>) -> Self {
        Self(folders)
    }

    /// `HELIOGRAPH_MODELS`, or what stands for it: `heliograph/models` in the user's folder of data; then what Hugging Face's
    /// programs fetched (`HF_HUB_CACHE`, `HF_HOME`). `variable` gives variables of the environment.
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
        // As huggingface_hub looks for it.
        let cache = path("XDG_CACHE_HOME").or_else(|| in_home(".cache"));
        let theirs = path("HF_HOME").or_else(|| Some(cache?.join("huggingface")));
        let fetched = path("HF_HUB_CACHE").or_else(|| Some(theirs?.join("hub")));
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
    let folders = described(places).into_iter();
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

/// Where a model of this name is: the first at these places that can be used, or else the first.
///
/// Nothing is read of models of other names.
pub fn named(places: &Places, wanted: &Path) -> Option<PathBuf> {
    let folders = described(places).into_iter();
    let folders = folders.filter(|(name, path)| Path::new(name) == wanted && is_known(path));
    let models: Vec<PathBuf> = folders.map(|(_, path)| path).collect();
    let whole = models.iter().find(|path| usable(path).is_ok());
    whole.or(models.first()).cloned()
}

fn is_known(folder: &Path) -> bool {
    folder::kind(folder).is_ok()
}

/// Names and paths of the folders at these places that hold a description, in order.
fn described(places: &Places) -> Vec<(String, PathBuf)> {
    let at = |place: &PathBuf| {
        let with_name = |path: PathBuf| (name(place, &path), path);
        below(place).into_iter().map(with_name).collect::<Vec<_>>()
    };
    places.0.iter().flat_map(at).collect()
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

/// The folder and those below it that hold a description, by name, current snapshots first.
///
/// Links are followed; depth and number are limited.
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
            let paths = entries.map(|entry| entry.path());
            let mut inside: Vec<PathBuf> = paths.filter(|path| path.is_dir()).collect();
            inside.sort_by_cached_key(|path| (!is_current(path), path.clone()));
            next.extend(inside);
            if ModelFolder::is_one(&folder) {
                found.push(folder);
            }
        }
        level = next;
    }
    found
}

/// Is this the snapshot in the cache of Hugging Face that `refs/main` names?
fn is_current(path: &Path) -> bool {
    let (Some(revision), Some(snapshots)) = (path.file_name(), path.parent()) else {
        return false;
    };
    if !snapshots.ends_with("snapshots") {
        return false;
    }
    let main = snapshots.with_file_name("refs").join("main");
    folder::read(&main, MAX_REVISION_BYTES)
        .is_ok_and(|named| named.trim_ascii() == revision.as_encoded_bytes())
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
        let cache = ("XDG_CACHE_HOME", "/c");
        assert_eq!(places(&[cache]), ["/c/huggingface/hub"]);
        assert_eq!(places(&[cache, ("HF_HUB_CACHE", "/u")]), ["/u"]);
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

    #[test]
    fn of_several_snapshots_the_current_one_is_taken_unless_it_is_broken() {
        let root = format!("heliograph-snapshots-{}", std::process::id());
        let root = std::env::temp_dir().join(root);
        let model = root.join("models--a--b");
        for revision in ["1", "2", "3"] {
            let folder = model.join("snapshots").join(revision);
            fs::create_dir_all(&folder).unwrap();
            let config = r#"{"_class_name": "AutoencoderKLFlux2"}"#;
            fs::write(folder.join("config.json"), config).unwrap();
        }
        fs::create_dir_all(model.join("refs")).unwrap();
        fs::write(model.join("refs/main"), "2\n").unwrap();
        let places = Places::new(vec![root.clone()]);
        let found: Vec<PathBuf> = search(&places).into_iter().map(|one| one.path).collect();
        let broken = named(&places, Path::new("a/b"));
        let weights = model.join("snapshots/3/model.safetensors");
        fs::write(weights, b"\x02\0\0\0\0\0\0\0{}").unwrap();
        let whole = named(&places, Path::new("a/b"));
        let stranger = named(&places, Path::new("a/c"));
        fs::remove_dir_all(&root).unwrap();
        let snapshot = |revision: &str| model.join("snapshots").join(revision);
        assert_eq!(found, ["2", "1", "3"].map(snapshot));
        assert_eq!(broken, Some(snapshot("2")));
        assert_eq!(whole, Some(snapshot("3")));
        assert_eq!(stranger, None);
    }
}
