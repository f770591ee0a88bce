//! The way of one photo: read, sent, painted, measured, drawn, written.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use heliograph::photo::Photo;

use super::jobs::{Job, Source};
use super::measure;
use super::on_page;
use super::pages;
use super::regions::Regions;
use super::settings::Settings;
use crate::chain::{self, Crossing};
use crate::exit::UsageError;
use crate::live::Page;
use crate::output;
use crate::progress::Progress;
use crate::render::{constellation, side_by_side};
use crate::report::Report;

pub const RECEIVED: &str = "received.png";
pub const SIDE_BY_SIDE: &str = "side-by-side.png";
pub const CONSTELLATION: &str = "constellation.png";
pub const REPORT: &str = "report.json";

/// Seconds by stage, in the order they were spent.
pub struct Clock {
    start: Instant,
    last: Instant,
    stages: Vec<(&'static str, f64)>,
}

impl Clock {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            start: now,
            last: now,
            stages: Vec::new(),
        }
    }

    /// Ends a stage.
    fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.stages.push((stage, (now - self.last).as_secs_f64()));
        self.last = now;
    }

    /// Seconds of the latest stage.
    fn latest(&self) -> f64 {
        self.stages.last().map_or(0.0, |(_, seconds)| *seconds)
    }

    /// All stages and the total so far.
    pub fn stages(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let total = ("total", self.start.elapsed().as_secs_f64());
        self.stages.iter().copied().chain([total])
    }
}

/// Sends one photo and writes what came of it.
///
/// # Errors
/// Names the file that cannot be read or written.
pub fn run(settings: &Settings, job: &Job, page: Option<&Page>) -> anyhow::Result<Report> {
    let progress = Arc::new(Progress::new(job.source.name()));
    settings.progress.follow(&progress);
    let report = cross(settings, job, &progress, page);
    settings.progress.leave();
    report
}

fn cross(
    settings: &Settings,
    job: &Job,
    progress: &Progress,
    page: Option<&Page>,
) -> anyhow::Result<Report> {
    let mut clock = Clock::new();
    progress.busy("reading");
    let sent = job.source.open()?;
    output::make_folder(&job.folder)?;
    clock.lap("read");
    if let Some(page) = page {
        page.expects(Arc::new(sent.clone()));
        page.say(format!("sending {}", job.source.name()));
    }
    let caption = job.words.about(&sent);
    let crossing = chain::cross(&settings.chain, &sent, caption.as_deref(), progress, page)
        .with_context(|| job.source.name())?;
    clock.lap("graph");
    let shown = crossing.picture.as_ref().zip(page);
    let shown = shown.map(|(picture, page)| (page, page.arrived(picture)));
    progress.busy("painting");
    let received = paint(settings, &crossing).with_context(|| job.source.name())?;
    clock.lap("paint");
    if let (Some((page, id)), Some(photo)) = (shown, &received) {
        on_page::painted(
            page,
            id,
            job,
            settings.model.as_ref(),
            photo,
            clock.latest(),
        );
    }
    progress.busy("measuring");
    let picture = crossing.picture.as_deref();
    let interest = settings.interest.as_ref();
    let regions = Regions::of(&sent, interest, &*settings.chain.codec, picture)?;
    let mut report = measure::report(settings, job, &sent, received.as_ref(), &crossing, &regions)?;
    clock.lap("measure");
    progress.busy("drawing");
    let page = pages::side_by_side(&report, &sent, received.as_ref(), regions.maps());
    write_pictures(&job.folder, &report, &page, received.as_ref(), &crossing)?;
    clock.lap("draw");
    report.seconds.extend(clock.stages());
    output::write_text(&job.folder.join(REPORT), &report.text()?)?;
    if let Some((page, id)) = shown {
        on_page::measured(page, id, &report)?;
    }
    Ok(report)
}

fn paint(settings: &Settings, crossing: &Crossing) -> anyhow::Result<Option<Photo>> {
    let paint = |p: &heliograph::link::ReceivedPicture| p.paint(&*settings.chain.codec);
    Ok(crossing.picture.as_deref().map(paint).transpose()?)
}

/// Writes what there is, and removes what an earlier run left where there is nothing now.
fn write_pictures(
    folder: &Path,
    report: &Report,
    page: &side_by_side::Contents<'_>,
    received: Option<&Photo>,
    crossing: &Crossing,
) -> anyhow::Result<()> {
    let path = folder.join(RECEIVED);
    match received {
        Some(photo) => {
            let size = photo.size();
            output::write_png(&path, photo.rgb(), size.width(), size.height())?;
        }
        None => output::remove_stale(&path)?,
    }
    let page = side_by_side::draw(page);
    output::write_png(
        &folder.join(SIDE_BY_SIDE),
        &page,
        page.width(),
        page.height(),
    )?;
    let path = folder.join(CONSTELLATION);
    match crossing.picture.as_deref() {
        Some(picture) => {
            let analog = pages::received_symbols(picture);
            let plot = constellation::draw(&pages::constellation(report, &crossing.qpsk, &analog));
            output::write_png(&path, &plot, plot.width(), plot.height())
        }
        None => output::remove_stale(&path),
    }
}

/// Files that are written for a photo of which something arrived, or nothing.
pub fn files(arrived: bool) -> Vec<&'static str> {
    if arrived {
        vec![RECEIVED, SIDE_BY_SIDE, CONSTELLATION, REPORT]
    } else {
        vec![SIDE_BY_SIDE, REPORT]
    }
}

impl Job {
    /// Refuses to write over the photo that is to be sent.
    ///
    /// # Errors
    /// [`UsageError`] naming the photo.
    pub fn protect_photo(&self) -> anyhow::Result<()> {
        let Source::File(photo) = &self.source else {
            return Ok(());
        };
        let Ok(real) = photo.canonicalize() else {
            // It will be said when it is opened.
            return Ok(());
        };
        for name in files(true) {
            if self
                .folder
                .join(name)
                .canonicalize()
                .is_ok_and(|f| f == real)
            {
                let (photo, folder) = (photo.display(), self.folder.display());
                return Err(UsageError(format!(
                    "{photo}: would be overwritten by the results in {folder}; choose another --out"
                ))
                .into());
            }
        }
        Ok(())
    }
}
