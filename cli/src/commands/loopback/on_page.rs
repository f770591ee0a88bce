//! A photo that crossed the channel, as the page shows it: first the picture, then its report's figures.

use heliograph::photo::Photo;
use heliograph_page::state::Stage;

use super::jobs::Job;
use super::journey::REPORT;
use crate::live::{Look, Page, figures};
use crate::report::{ModelInfo, Report};

/// Shows what was painted.
pub fn painted(
    page: &Page,
    id: u64,
    job: &Job,
    model: Option<&ModelInfo>,
    photo: &Photo,
    seconds: f64,
) {
    let album = page.album();
    album.name(id, &job.source.name());
    album.show(
        id,
        Look {
            stage: Stage::Painted,
            words: match model {
                Some(model) => format!("as it is kept, painter {}", model.painter),
                None => "as it is kept, least squares".to_owned(),
            },
            seconds,
            photo,
            figures: Vec::new(),
        },
    );
    page.say("measuring".to_owned());
}

/// Shows the figures of the report, and where the files are.
///
/// # Errors
/// None that a report could cause.
pub fn measured(page: &Page, id: u64, report: &Report) -> anyhow::Result<()> {
    let album = page.album();
    let json = serde_json::to_value(report)?;
    album.figures(id, figures::of_report(&json));
    // The files of the next round take the place of these: the page keeps both itself.
    album.report(id, REPORT, &json);
    page.say("waiting for the next".to_owned());
    Ok(())
}
