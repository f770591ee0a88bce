//! The photos of a command, each with its words and its folder.

use std::collections::HashSet;
use std::path::PathBuf;

use heliograph::photo::{Photo, PhotoError};

use super::args::LoopbackArgs;
use super::words::Words;
use crate::captioners::Found;
use crate::sample;

/// One photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub source: Source,
    pub words: Words,
    pub folder: PathBuf,
}

/// Where a photo comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Shipped,
    File(PathBuf),
}

impl Source {
    /// File name of the photo.
    pub fn name(&self) -> String {
        match self {
            Self::Shipped => sample::NAME.to_owned(),
            Self::File(path) => {
                let name = path.file_name().unwrap_or(path.as_os_str());
                name.to_string_lossy().into_owned()
            }
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`PhotoError`] names the file.
    pub fn open(&self) -> Result<Photo, PhotoError> {
        match self {
            Self::Shipped => sample::photo(),
            Self::File(path) => Photo::open(path),
        }
    }
}

/// One photo goes straight into the folder, of several each into its own.
pub fn jobs(args: &LoopbackArgs, found: Option<&Found>) -> Vec<Job> {
    let job = |source: Source, caption: Option<&str>, folder: PathBuf| Job {
        source,
        words: match found {
            Some(found) => Words::Found(found.clone()),
            None => Words::given(caption),
        },
        folder,
    };
    let caption = args.caption.as_deref();
    match args.photos.as_slice() {
        [] => {
            let caption = caption.or(Some(sample::CAPTION));
            vec![job(Source::Shipped, caption, args.out.clone())]
        }
        [photo] => vec![job(Source::File(photo.clone()), caption, args.out.clone())],
        photos => {
            let folders = unique_names(photos).into_iter().map(|n| args.out.join(n));
            let sources = photos.iter().cloned().map(Source::File);
            sources
                .zip(folders)
                .map(|(source, folder)| job(source, caption, folder))
                .collect()
        }
    }
}

/// File names without extension, numbered where they meet; upper and lower case count as one, as some file systems see it.
fn unique_names(photos: &[PathBuf]) -> Vec<String> {
    let mut taken = HashSet::new();
    let name = |photo: &PathBuf| {
        let stem = photo.file_stem().unwrap_or("photo".as_ref());
        let stem = stem.to_string_lossy().into_owned();
        let numbered = (2..).map(|i| format!("{stem}-{i}"));
        std::iter::once(stem.clone())
            .chain(numbered)
            .find(|name| taken.insert(name.to_lowercase()))
            .expect("numbers do not end")
    };
    photos.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_several_photos_are_unique() {
        let paths = ["a/x.png", "b/x.jpg", "X.gif", "x-2.png"].map(PathBuf::from);
        assert_eq!(unique_names(&paths), ["x", "x-2", "X-3", "x-2-2"]);
    }
}
