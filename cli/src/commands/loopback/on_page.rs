//! A photo that crossed the channel, as the page shows it: with its report's figures.

use heliograph::photo::Photo;
use heliograph_page::state::Stage;

use super::journey::{RECEIVED, REPORT};
use super::settings::Job;
use crate::live::{Look, Page, figures};
use crate::report::Report;

/// Shows what came of a photo.
///
/// # Errors
/// None that a report could cause.
pub fn show(page: &Page, id: u64, job: &Job, report: &Report, photo: &Photo) -> anyhow::Result<()> {
    let album = page.album();
    let json = serde_json::to_value(report)?;
    let painter = report.model.as_ref().map(|model| model.painter);
    album.show(
        id,
        Look {
            stage: Stage::Painted,
            words: match painter {
                Some(painter) => format!("as it is kept, painter {painter}"),
                None => "as it is kept, least squares".to_owned(),
            },
            seconds: report.seconds.get("paint").copied().unwrap_or_default(),
            photo,
            figures: figures::of_report(&json),
        },
    );
    album.name(id, &job.source.name());
    album.report(id, REPORT, &json);
    album.file(id, "picture", &job.folder.join(RECEIVED));
    Ok(())
}
