//! The photos to send, read one after the other while the radio sends.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use heliograph::photo::{Photo, PhotoError};

use super::args::TransmitArgs;
use crate::args;
use crate::captioners::Found;
use crate::exit;
use crate::sample;

/// A photo on its way.
#[derive(Clone, Debug, Default)]
pub struct OnItsWay {
    pub name: String,
    /// `None` for the shipped one.
    pub path: Option<PathBuf>,
    pub caption: Option<String>,
    /// For those who look on, if anyone does.
    pub look: Option<Arc<Photo>>,
}

/// The photos that are on their way, in the order of the radio; and what was read before.
#[derive(Clone, Default)]
pub struct Queue(Arc<Mutex<Contents>>);

#[derive(Default)]
struct Contents {
    waiting: VecDeque<OnItsWay>,
    read: u64,
    unread: u64,
}

impl Queue {
    /// Takes out the oldest photo.
    pub fn next(&self) -> OnItsWay {
        self.with(|contents| contents.waiting.pop_front())
            .unwrap_or_default()
    }

    /// Photos that could not be read or encoded.
    pub fn unread(&self) -> u64 {
        self.with(|contents| contents.unread)
    }

    fn read(&self) -> u64 {
        self.with(|contents| contents.read)
    }

    fn note(&self, photo: OnItsWay) {
        self.with(|contents| {
            contents.read += 1;
            contents.waiting.push_back(photo);
        });
    }

    /// The photo that was read last is left out: it could not be encoded.
    pub fn refuse(&self, cause: anyhow::Error) {
        let photo = self.with(|contents| {
            contents.read -= 1;
            contents.waiting.pop_back()
        });
        let name = photo.map(|photo| photo.name).unwrap_or_default();
        self.note_unread(&cause.context(name));
    }

    /// Of a photo that is left out.
    fn note_unread(&self, error: &anyhow::Error) {
        self.with(|contents| contents.unread += 1);
        exit::say(error);
    }

    fn with<T>(&self, look: impl FnOnce(&mut Contents) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// All photos, `rounds` times; one that cannot be read is said and left out. The next is read when the last was encoded.
pub fn photos(
    args: &TransmitArgs,
    captioner: Option<Found>,
    queue: Queue,
    is_watched: bool,
) -> impl Iterator<Item = (Photo, Option<String>)> + Send + 'static {
    let (files, caption) = (args.photos.clone(), args.caption.clone());
    let rounds = match args.rounds {
        0 => u64::MAX,
        rounds => rounds,
    };
    // A round in which nothing could be read is the last.
    let (of_rounds, mut read_before) = (queue.clone(), None);
    (0..rounds)
        .take_while(move |_| {
            let read = of_rounds.read();
            read_before.replace(read) != Some(read)
        })
        .flat_map(move |_| sources(&files))
        .filter_map(move |path| {
            let (name, photo) = read(path.as_deref());
            let left_out = |error| queue.note_unread(&error);
            let photo = photo.map_err(|error| left_out(error.into())).ok()?;
            let words = if let Some(captioner) = &captioner {
                captioner.about(&photo)
            } else {
                let words = caption.clone().or_else(|| own_caption(path.as_deref()));
                let words = words.map(|text| with_name(&text, &name)).transpose();
                words.map_err(left_out).ok()?
            };
            let caption = words.filter(|text| !text.is_empty());
            queue.note(OnItsWay {
                name,
                path,
                caption: caption.clone(),
                look: is_watched.then(|| Arc::new(photo.clone())),
            });
            Some((photo, caption))
        })
}

/// `None` is the shipped photo.
fn sources(files: &[PathBuf]) -> Vec<Option<PathBuf>> {
    match files {
        [] => vec![None],
        files => files.iter().cloned().map(Some).collect(),
    }
}

fn read(path: Option<&Path>) -> (String, Result<Photo, PhotoError>) {
    match path {
        None => (sample::NAME.to_owned(), sample::photo()),
        Some(path) => {
            let name = path.file_name().unwrap_or(path.as_os_str());
            (name.to_string_lossy().into_owned(), Photo::open(path))
        }
    }
}

/// The caption of one photo; its name may make it too long.
fn with_name(caption: &str, name: &str) -> anyhow::Result<String> {
    let words = caption.replace("{name}", name);
    args::caption(&words)
        .map_err(|reason| anyhow::anyhow!("{name}: --caption with its name: {reason}"))
}

fn own_caption(path: Option<&Path>) -> Option<String> {
    path.is_none().then(|| sample::CAPTION.to_owned())
}
