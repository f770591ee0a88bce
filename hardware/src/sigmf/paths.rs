//! The two files of a recording.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

const META: &str = "sigmf-meta";
const DATA: &str = "sigmf-data";

/// Where a recording lies.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    pub meta: PathBuf,
    pub data: PathBuf,
}

impl Paths {
    /// The files of `NAME`, `NAME.sigmf-meta` or `NAME.sigmf-data`; `NAME` may have dots.
    pub fn of(path: &Path) -> Self {
        let known = path.extension().is_some_and(|e| e == META || e == DATA);
        let name = match known {
            true => path.with_extension(""),
            false => path.to_owned(),
        };
        Self {
            meta: with_suffix(&name, META),
            data: with_suffix(&name, DATA),
        }
    }

    /// Where new metadata are written before they take their place.
    pub fn temporary_meta(&self) -> PathBuf {
        with_suffix(&self.meta, "new")
    }
}

fn with_suffix(name: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(name);
    path.push(".");
    path.push(suffix);
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_file_or_the_name_finds_both() {
        for text in ["a/b.2", "a/b.2.sigmf-meta", "a/b.2.sigmf-data"] {
            let paths = Paths::of(Path::new(text));
            assert_eq!(paths.meta, Path::new("a/b.2.sigmf-meta"));
            assert_eq!(paths.data, Path::new("a/b.2.sigmf-data"));
        }
    }
}
