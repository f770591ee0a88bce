//! Pictures on the page: their numbers, and what is said of each.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use heliograph::bits::digital::Section;
use heliograph::codec::CodecId;
use heliograph::link::{Ledger, PictureKey, ReceivedPicture};
use heliograph::photo::Photo;
use heliograph_page::state::{Figure, Picture, Stage, StageView};
use heliograph_page::{Image, Publisher};
use serde_json::Value;

use super::figures;

/// Pictures whose numbers are remembered.
const REMEMBERED: usize = 64;

/// Numbers pictures and publishes them. Clones share it.
#[derive(Clone)]
pub struct Album {
    publisher: Publisher,
    numbers: Arc<Mutex<Numbers>>,
}

#[derive(Default)]
struct Numbers {
    last: u64,
    of: VecDeque<(PictureKey, u64)>,
}

/// A look at a picture.
pub struct Look<'a> {
    pub stage: Stage,
    pub words: String,
    pub seconds: f64,
    pub photo: &'a Photo,
    pub figures: Vec<Figure>,
}

/// A photo that went out.
pub struct SentPhoto<'a> {
    pub name: &'a str,
    pub photo: &'a Photo,
    pub caption: Option<&'a str>,
    pub codec: &'a str,
    pub bursts: u64,
    pub bursts_planned: u64,
    pub ledger: &'a Ledger,
}

impl Album {
    /// Does anybody look?
    pub fn is_watched(&self) -> bool {
        self.publisher.viewers() > 0
    }

    pub fn new(publisher: Publisher) -> Self {
        Self {
            publisher,
            numbers: Arc::default(),
        }
    }

    /// The picture's number; a new one for a picture that was not seen before.
    pub fn number(&self, key: PictureKey) -> u64 {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, number)) = numbers.of.iter().find(|(known, _)| *known == key) {
            return *number;
        }
        numbers.last += 1;
        let number = numbers.last;
        numbers.of.push_back((key, number));
        if numbers.of.len() > REMEMBERED {
            numbers.of.pop_front();
        }
        number
    }

    /// A picture that still comes.
    pub fn coming(&self, picture: &ReceivedPicture) -> u64 {
        let id = self.number(picture.key());
        self.publisher.picture(id, |shown| {
            // It may have arrived while this look at it was made.
            if shown.outcome.is_empty() || shown.outcome == "coming" {
                describe(shown, picture);
                shown.outcome = "coming".to_owned();
                if shown.caption.is_none() {
                    shown.caption_state = "coming".to_owned();
                }
            }
        });
        id
    }

    /// A picture of which no more will come.
    pub fn arrived(&self, picture: &ReceivedPicture) -> u64 {
        let id = self.number(picture.key());
        self.publisher.picture(id, |shown| describe(shown, picture));
        id
    }

    /// A photo that went out.
    pub fn sent(&self, sent: &SentPhoto<'_>) {
        let id = {
            let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
            numbers.last += 1;
            numbers.last
        };
        let size = sent.photo.size();
        self.publisher.picture(id, |shown| {
            shown.name = sent.name.to_owned();
            (shown.width, shown.height) = (size.width(), size.height());
            shown.caption = sent.caption.map(figures::one_line);
            shown.caption_state = "not_sent".to_owned();
            shown.outcome = "sent".to_owned();
            shown.bursts_expected = sent.bursts_planned;
            shown.bursts_received = sent.bursts;
            shown.codec = sent.codec.to_owned();
        });
        self.show(
            id,
            Look {
                stage: Stage::Painted,
                words: "as it was read".to_owned(),
                seconds: 0.0,
                photo: sent.photo,
                figures: Vec::new(),
            },
        );
    }

    /// Shows a look at a picture.
    pub fn show(&self, id: u64, look: Look<'_>) {
        let size = look.photo.size();
        let Some(image) = Image::new(size.width(), size.height(), look.photo.rgb()) else {
            return;
        };
        let view = StageView {
            stage: look.stage,
            revision: 0,
            words: look.words,
            url: String::new(),
            seconds: look.seconds,
            figures: look.figures,
        };
        self.publisher.stage(id, view, image);
    }

    /// Figures of the picture as it is kept; one that was painted again meanwhile has its own.
    pub fn figures(&self, id: u64, figures: Vec<Figure>) {
        self.publisher.picture(id, |shown| {
            let kept = |view: &&mut StageView| view.stage == Stage::Painted && view.revision == 1;
            if let Some(view) = shown.stages.iter_mut().find(kept) {
                view.figures = figures;
            }
        });
    }

    /// The report of a picture and the name of its file.
    pub fn report(&self, id: u64, name: &str, report: &Value) {
        self.publisher.report(id, name, report.to_string());
        self.publisher.picture(id, |shown| {
            if let Some(outcome) = report["outcome"].as_str() {
                shown.outcome = outcome.to_owned();
            }
            if let Some(state) = report["caption_state"].as_str() {
                shown.caption_state = state.to_owned();
            }
        });
    }

    /// A file of a picture.
    pub fn file(&self, id: u64, kind: &str, path: &Path) {
        self.publisher.file(id, kind, path.to_owned());
    }

    /// Names a picture.
    pub fn name(&self, id: u64, name: &str) {
        self.publisher
            .picture(id, |shown| shown.name = name.to_owned());
    }
}

fn describe(shown: &mut Picture, picture: &ReceivedPicture) {
    let fields = picture.header.fields();
    if shown.name.is_empty() {
        shown.name = format!("picture {:04x}", fields.picture_id);
    }
    (shown.width, shown.height) = (fields.width, fields.height);
    shown.caption = picture.caption.received().map(|c| figures::one_line(c));
    shown.caption_state = match picture.caption {
        Section::Received(_) => "received",
        Section::Lost => "lost",
        Section::Absent => "not_sent",
    }
    .to_owned();
    shown.outcome = match (&picture.side_information, picture.bursts_missing) {
        (Section::Lost, _) => "painted_blind",
        (_, 0) => "received",
        _ => "received_with_losses",
    }
    .to_owned();
    shown.bursts_expected = picture.bursts_expected as u64;
    shown.bursts_received = picture.bursts_received as u64;
    shown.bursts_missing = picture.bursts_missing as u64;
    shown.snr_db = figures::finite(picture.link.snr.db);
    shown.snr_standard_error_db = figures::finite(picture.link.snr.standard_error_db);
    shown.codec = CodecId::try_from(fields.codec)
        .map_or_else(|_| format!("number {}", fields.codec), |id| id.to_string());
}
