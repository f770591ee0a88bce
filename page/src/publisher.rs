//! The program's end: cheap, never waits for a viewer, the newest state wins.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde::Serialize;
use tokio::sync::watch;

use crate::gallery::{Content, Gallery, encoded};
use crate::image::Image;
use crate::state::{Download, Live, Picture, Recording, StageView, State};

/// What viewers are shown: made once, encoded once however many look.
pub struct Snapshot {
    /// What changes many times a second.
    pub live: Live,
    live_json: OnceLock<Arc<str>>,
}

/// The pictures, which change seldom.
pub struct Pictures {
    /// Counts up with every change.
    pub revision: u64,
    /// Newest first.
    pub pictures: Vec<Picture>,
    json: OnceLock<Arc<str>>,
}

impl Snapshot {
    fn new(live: Live) -> Arc<Self> {
        let live_json = OnceLock::new();
        Arc::new(Self { live, live_json })
    }

    /// As JSON.
    pub fn json(&self) -> Arc<str> {
        self.live_json.get_or_init(|| json(&self.live)).clone()
    }
}

impl Pictures {
    /// As a JSON list.
    pub fn json(&self) -> Arc<str> {
        self.json.get_or_init(|| json(&self.pictures)).clone()
    }
}

/// A state holds nothing that JSON could not.
fn json(value: &impl Serialize) -> Arc<str> {
    serde_json::to_string(value).unwrap_or_default().into()
}

/// Fills the state. Clones fill the same one.
#[derive(Clone)]
pub struct Publisher(Arc<Shared>);

struct Shared {
    draft: Mutex<Live>,
    gallery: Mutex<Gallery>,
    recording: Mutex<BTreeMap<String, PathBuf>>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    pictures: watch::Sender<Arc<Pictures>>,
    viewers: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Publisher {
    /// Of a run of `command`.
    pub fn new(command: &str) -> Self {
        let live = Live::new(command);
        let pictures = Pictures {
            revision: 0,
            pictures: Vec::new(),
            json: OnceLock::new(),
        };
        Self(Arc::new(Shared {
            snapshots: watch::Sender::new(Snapshot::new(live.clone())),
            draft: Mutex::new(live),
            pictures: watch::Sender::new(Arc::new(pictures)),
            gallery: Mutex::default(),
            recording: Mutex::default(),
            viewers: AtomicU64::new(0),
        }))
    }

    /// Changes the state and publishes a copy of it. What no viewer has taken yet is replaced.
    pub fn update(&self, change: impl FnOnce(&mut Live)) {
        let mut draft = lock(&self.0.draft);
        change(&mut draft);
        draft.sequence += 1;
        draft.viewers = self.viewers();
        self.0.snapshots.send_replace(Snapshot::new(draft.clone()));
    }

    /// Changes what is known of picture `id`. A number higher than any before begins a picture; one that is no longer kept is
    /// passed over.
    pub fn picture(&self, id: u64, change: impl FnOnce(&mut Picture)) {
        self.in_gallery(|gallery| gallery.change(id, change));
    }

    /// Shows a stage of picture `id`; its address and revision are made here.
    pub fn stage(&self, id: u64, view: StageView, image: Image) {
        self.in_gallery(|gallery| gallery.stage(id, view, image));
    }

    /// The report of picture `id`, as JSON, downloaded as `name`.
    pub fn report(&self, id: u64, name: &str, json: String) {
        self.in_gallery(|gallery| gallery.report(id, name, json));
    }

    /// A file of picture `id`: whoever knows its name may download it.
    pub fn file(&self, id: u64, kind: &str, path: PathBuf) {
        self.in_gallery(|gallery| gallery.file(id, kind, path));
    }

    /// A recording that goes on or has ended, and its files.
    pub fn recording(&self, mut recording: Recording, files: &[PathBuf]) {
        let named = |path: &PathBuf| Some((path.file_name()?.to_str()?.to_owned(), path.clone()));
        let files: BTreeMap<String, PathBuf> = files.iter().filter_map(named).collect();
        recording.files = files
            .keys()
            .map(|name| Download {
                kind: "recording".to_owned(),
                name: name.clone(),
                url: format!("/recording/{}", encoded(name)),
            })
            .collect();
        *lock(&self.0.recording) = files;
        self.update(|live| {
            // It may have ended by itself.
            if let Some(running) = &mut live.controls.recording {
                *running = recording.running;
            }
            live.recording = Some(recording);
        });
    }

    /// Pages that look on.
    pub fn viewers(&self) -> u64 {
        self.0.viewers.load(Ordering::Relaxed)
    }

    /// The state now.
    pub fn state(&self) -> State {
        State {
            live: self.snapshot().live.clone(),
            pictures: self.pictures().pictures.clone(),
        }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.0.snapshots.borrow().clone()
    }

    pub(crate) fn pictures(&self) -> Arc<Pictures> {
        self.0.pictures.borrow().clone()
    }

    pub(crate) fn follow(
        &self,
    ) -> (
        watch::Receiver<Arc<Snapshot>>,
        watch::Receiver<Arc<Pictures>>,
    ) {
        (self.0.snapshots.subscribe(), self.0.pictures.subscribe())
    }

    pub(crate) fn content(&self, id: u64, part: &str) -> Option<Content> {
        lock(&self.0.gallery).content(id, part)
    }

    pub(crate) fn picture_file(&self, id: u64, name: &str) -> Option<Content> {
        lock(&self.0.gallery).file_content(id, name)
    }

    pub(crate) fn recording_file(&self, name: &str) -> Option<Content> {
        let path = lock(&self.0.recording).get(name).cloned();
        path.map(Content::File)
    }

    /// Counts a viewer while the guard lives.
    pub(crate) fn view(&self) -> Viewing {
        self.0.viewers.fetch_add(1, Ordering::Relaxed);
        Viewing(self.clone())
    }

    fn in_gallery(&self, change: impl FnOnce(&mut Gallery)) {
        let mut gallery = lock(&self.0.gallery);
        change(&mut gallery);
        let pictures = gallery.pictures();
        self.0.pictures.send_modify(|now| {
            *now = Arc::new(Pictures {
                revision: now.revision + 1,
                pictures,
                json: OnceLock::new(),
            });
        });
    }
}

/// A page that looks on.
pub(crate) struct Viewing(Publisher);

impl Drop for Viewing {
    fn drop(&mut self) {
        self.0.0.viewers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_state_wins_and_nobody_is_waited_for() {
        let publisher = Publisher::new("receive");
        let (mut slow, _) = publisher.follow();
        for _ in 0..1000 {
            publisher.update(|live| live.bursts.received += 1);
        }
        assert_eq!(slow.borrow_and_update().live.bursts.received, 1000);
        assert!(!slow.has_changed().unwrap());
    }

    #[test]
    fn files_of_a_recording_have_addresses_and_no_others_have() {
        let publisher = Publisher::new("receive");
        let files = ["in/bench.sigmf-meta", "in/bench.sigmf-data"].map(PathBuf::from);
        publisher.recording(Recording::default(), &files);
        let recording = publisher.state().live.recording.unwrap();
        assert_eq!(recording.files[1].url, "/recording/bench.sigmf-meta");
        assert!(publisher.recording_file("bench.sigmf-data").is_some());
        assert!(publisher.recording_file("../bench.sigmf-data").is_none());
    }
}
