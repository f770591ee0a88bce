//! A received picture on its way to files, with those who look on.

use std::sync::Arc;
use std::time::Instant;

use heliograph::link::ReceivedPicture;
use heliograph_page::state::Stage;

use super::picture_files::Taken;
use super::pictures::Pictures;
use crate::live::{Look, Page, figures};

/// Paints and writes a picture as the dials stand, and shows it.
///
/// # Errors
/// Names the file that cannot be written.
pub fn take(
    page: &Page,
    pictures: &mut Pictures,
    picture: &Arc<ReceivedPicture>,
) -> anyhow::Result<Taken> {
    let id = page.arrived(picture);
    pictures.set_painter(page.dials().painter());
    let start = Instant::now();
    let taken = pictures.take(picture)?;
    let seconds = start.elapsed().as_secs_f64();
    let album = page.album();
    let (reception, photo) = (&taken.reception, &taken.photo);
    let report = serde_json::to_value(reception)?;
    if let Some(photo) = photo {
        let words = match &reception.model {
            Some(model) => format!("painter {}", model.painter),
            None => "least squares".to_owned(),
        };
        album.show(
            id,
            Look {
                stage: Stage::Painted,
                words: format!("as it is kept, {words}"),
                seconds,
                photo,
                figures: figures::of_report(&report),
            },
        );
    }
    album.name(id, &format!("{:04}", reception.number));
    album.report(id, &format!("{:04}.json", reception.number), &report);
    for name in &reception.files {
        if name.ends_with(".png") {
            album.file(id, "picture", &pictures.file(name));
        }
    }
    if let Some(reason) = &reception.not_painted {
        page.say(format!("not painted: {reason}"));
    }
    Ok(taken)
}
