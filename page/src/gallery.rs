//! The pictures behind their addresses: the newest ones, in bounded memory.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;

use crate::image::Image;
use crate::state::{Download, Picture, Stage, StageView};

/// Pictures that are kept.
pub const MAX_PICTURES: usize = 16;
/// Bytes of their pixels that are kept; the newest picture always is.
const MAX_BYTES: usize = 64 << 20;

/// Bytes of a picture, encoded once when the first viewer asks.
pub struct Encoded {
    image: Image,
    png: OnceLock<Option<Bytes>>,
}

impl Encoded {
    fn new(image: Image) -> Arc<Self> {
        let png = OnceLock::new();
        Arc::new(Self { image, png })
    }

    /// The PNG; `None` if it cannot be encoded.
    pub fn png(&self) -> Option<Bytes> {
        let encode = || self.image.png().ok().map(Bytes::from);
        self.png.get_or_init(encode).clone()
    }

    fn bytes(&self) -> usize {
        let png = self.png.get().and_then(Option::as_ref);
        self.image.bytes() + png.map_or(0, Bytes::len)
    }
}

/// What lies behind an address.
#[derive(Clone)]
pub enum Content {
    /// A picture.
    Png(Arc<Encoded>),
    /// Text that is JSON.
    Json(Arc<String>),
    /// A file on the disk.
    File(PathBuf),
}

struct Entry {
    picture: Picture,
    images: BTreeMap<Stage, Arc<Encoded>>,
    thumbnail: Option<Arc<Encoded>>,
    report: Option<Arc<String>>,
    files: BTreeMap<String, PathBuf>,
}

/// The newest pictures.
#[derive(Default)]
pub struct Gallery {
    /// Newest first.
    entries: VecDeque<Entry>,
    /// Thumbnails of pictures that made room: viewers shown the last state may still be about to ask for them.
    gone: VecDeque<(u64, Arc<Encoded>)>,
}

impl Gallery {
    /// The pictures as the state shows them, newest first.
    pub fn pictures(&self) -> Vec<Picture> {
        self.entries.iter().map(|e| e.picture.clone()).collect()
    }

    /// The picture with this number, made if it is newer than all others; `None` for one that is gone.
    fn entry(&mut self, id: u64) -> Option<&mut Entry> {
        let newest = self.entries.front().map(|e| e.picture.id);
        if newest.is_none_or(|newest| id > newest) {
            self.entries.push_front(Entry {
                picture: Picture {
                    id,
                    ..Picture::default()
                },
                images: BTreeMap::new(),
                thumbnail: None,
                report: None,
                files: BTreeMap::new(),
            });
        }
        self.entries.iter_mut().find(|e| e.picture.id == id)
    }

    /// Changes what is known of a picture.
    pub fn change(&mut self, id: u64, change: impl FnOnce(&mut Picture)) {
        if let Some(entry) = self.entry(id) {
            change(&mut entry.picture);
            entry.picture.id = id;
        }
        self.make_room();
    }

    /// Puts a stage of a picture there, in the place of an earlier look at it.
    pub fn stage(&mut self, id: u64, mut view: StageView, image: Image) {
        let Some(entry) = self.entry(id) else {
            return;
        };
        let stages = &mut entry.picture.stages;
        let before = stages.iter().position(|s| s.stage == view.stage);
        view.revision = before.map_or(1, |i| stages[i].revision + 1);
        view.url = format!("/picture/{id}/{}.png?{}", view.stage.name(), view.revision);
        entry.picture.thumbnail = Some(format!(
            "/picture/{id}/thumbnail.png?{}-{}",
            view.stage.name(),
            view.revision
        ));
        entry.thumbnail = Some(Encoded::new(image.thumbnail()));
        entry.images.insert(view.stage, Encoded::new(image));
        match before {
            Some(i) => stages[i] = view,
            None => stages.push(view),
        }
        stages.sort_by_key(|s| s.stage);
        self.make_room();
    }

    /// The report of a picture, as JSON.
    pub fn report(&mut self, id: u64, name: &str, json: String) {
        if let Some(entry) = self.entry(id) {
            entry.report = Some(Arc::new(json));
            let url = format!("/picture/{id}/report.json");
            list(&mut entry.picture.downloads, "report", name, url);
        }
    }

    /// A file of a picture.
    pub fn file(&mut self, id: u64, kind: &str, path: PathBuf) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return;
        };
        let name = name.to_owned();
        if let Some(entry) = self.entry(id) {
            let url = format!("/picture/{id}/file/{}", encoded(&name));
            list(&mut entry.picture.downloads, kind, &name, url);
            entry.files.insert(name, path);
        }
    }

    /// What `part` of a picture is: `linear.png`, `thumbnail.png`, `report.json`.
    pub fn content(&self, id: u64, part: &str) -> Option<Content> {
        let Some(entry) = self.entries.iter().find(|e| e.picture.id == id) else {
            let mut gone = self.gone.iter();
            let thumbnail = gone.find(|(of, _)| *of == id && part == "thumbnail.png");
            return thumbnail.map(|(_, image)| Content::Png(image.clone()));
        };
        match part {
            "thumbnail.png" => entry.thumbnail.clone().map(Content::Png),
            "report.json" => entry.report.clone().map(Content::Json),
            _ => {
                let stage = Stage::ALL.into_iter().find(|s| {
                    part.strip_suffix(".png")
                        .is_some_and(|name| name == s.name())
                })?;
                entry.images.get(&stage).cloned().map(Content::Png)
            }
        }
    }

    /// A file of a picture by its name.
    pub fn file_content(&self, id: u64, name: &str) -> Option<Content> {
        let entry = self.entries.iter().find(|e| e.picture.id == id)?;
        entry.files.get(name).cloned().map(Content::File)
    }

    fn bytes(&self) -> usize {
        let of = |e: &Entry| e.images.values().map(|i| i.bytes()).sum::<usize>();
        self.entries.iter().map(of).sum()
    }

    fn make_room(&mut self) {
        while self.entries.len() > MAX_PICTURES
            || (self.entries.len() > 1 && self.bytes() > MAX_BYTES)
        {
            let entry = self.entries.pop_back();
            let last = entry.and_then(|e| Some((e.picture.id, e.thumbnail?)));
            self.gone.extend(last);
        }
        let older = self.gone.len().saturating_sub(MAX_PICTURES);
        self.gone.drain(..older);
    }
}

/// In the place of one of the same kind.
fn list(downloads: &mut Vec<Download>, kind: &str, name: &str, url: String) {
    downloads.retain(|d| d.kind != kind);
    downloads.push(Download {
        kind: kind.to_owned(),
        name: name.to_owned(),
        url,
    });
}

/// A file's name as a part of an address.
pub fn encoded(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    name.bytes()
        .map(|b| match plain(b) {
            true => char::from(b).to_string(),
            false => format!("%{b:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(stage: Stage) -> StageView {
        StageView {
            stage,
            revision: 0,
            words: String::new(),
            url: String::new(),
            seconds: 0.0,
            figures: Vec::new(),
        }
    }

    fn image(side: u32) -> Image {
        Image::new(side, side, &vec![9; 3 * (side * side) as usize]).unwrap()
    }

    #[test]
    fn only_the_newest_pictures_are_kept() {
        let mut gallery = Gallery::default();
        for id in 1..=100 {
            gallery.stage(id, view(Stage::Fast), image(8));
        }
        let ids: Vec<u64> = gallery.pictures().iter().map(|p| p.id).collect();
        assert_eq!(ids, (85..=100).rev().collect::<Vec<_>>());
        gallery.change(3, |p| p.width = 1);
        assert!(gallery.content(3, "fast.png").is_none());
        // What a viewer was just shown is there for it, and no more than that.
        let thumbnail = |id| gallery.content(id, "thumbnail.png").is_some();
        assert!(thumbnail(84) && thumbnail(69) && !thumbnail(68));
        assert!(gallery.content(84, "fast.png").is_none());
        for id in 101..=110 {
            gallery.stage(id, view(Stage::Painted), image(2048));
        }
        assert!(gallery.bytes() <= MAX_BYTES && gallery.entries.len() == 5);
    }

    #[test]
    fn a_stage_that_is_painted_again_has_another_address() {
        let mut gallery = Gallery::default();
        gallery.stage(1, view(Stage::Painted), image(8));
        gallery.stage(1, view(Stage::Linear), image(8));
        gallery.stage(1, view(Stage::Painted), image(8));
        let stages = gallery.pictures()[0].stages.clone();
        let urls: Vec<_> = stages.iter().map(|s| s.url.as_str()).collect();
        assert_eq!(
            urls,
            ["/picture/1/linear.png?1", "/picture/1/painted.png?2"]
        );
        assert!(matches!(
            gallery.content(1, "painted.png"),
            Some(Content::Png(_))
        ));
        assert!(gallery.content(1, "../painted.png").is_none());
    }

    #[test]
    fn files_are_found_by_their_names_alone() {
        let mut gallery = Gallery::default();
        gallery.file(1, "picture", PathBuf::from("in/a b.png"));
        let url = gallery.pictures()[0].downloads[0].url.clone();
        assert_eq!(url, "/picture/1/file/a%20b.png");
        assert!(gallery.file_content(1, "a b.png").is_some());
        assert!(gallery.file_content(1, "../a b.png").is_none());
    }
}
