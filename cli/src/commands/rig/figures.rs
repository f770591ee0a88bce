//! From the lines of both ends to the figures of a scenario: pictures are matched by their number on the air and compared.

use std::path::{Path, PathBuf};

use heliograph::metrics;
use heliograph::photo::Photo;
use heliograph_hardware::rig::{Measured, PictureFigures, Scenario};
use serde_json::Value;

use super::bench::{Lines, RECEIVED};
use crate::output;
use crate::sample;

/// Largest photo whose LPIPS is taken, pixels.
const LPIPS_MAX_PIXELS: usize = 4 << 20;
/// Of so many pictures of a scenario the one that was sent lies beside the report.
const SHOWN: usize = 8;
const SENT: &str = "sent";

/// Lines of pictures among those of a receiver.
pub fn receptions(lines: &[Value]) -> impl Iterator<Item = &Value> {
    lines.iter().filter(|line| line.get("number").is_some())
}

/// Figures of a scenario whose results lie in `folder`.
///
/// # Errors
/// Pictures that were sent cannot be written beside the report.
pub fn measure(lines: &Lines, scenario: &Scenario, folder: &Path) -> anyhow::Result<Measured> {
    let sent: Vec<&Value> = lines
        .transmitter
        .iter()
        .filter(|line| line.get("picture_id").is_some())
        .collect();
    let summary = lines
        .receiver
        .iter()
        .find(|line| line.get("bursts_detected").is_some());
    let mut measured = Measured {
        pictures_sent: sent.len().max(scenario.photos.count()) as u64,
        bursts_sent: sent.iter().map(|line| line["bursts"].as_u64()).sum(),
        bursts_detected: summary.and_then(|s| s["bursts"].as_u64()),
        samples_lost: summary
            .filter(|s| s["gaps_of_unknown_length"] == 0)
            .and_then(|s| s["samples_lost"].as_u64()),
        notes: notes(lines),
        ..Measured::default()
    };
    let mut matched = vec![false; sent.len()];
    for reception in receptions(&lines.receiver) {
        let id = &reception["picture_id"];
        let place = (0..sent.len()).find(|&i| !matched[i] && sent[i]["picture_id"] == *id);
        let Some(place) = place else {
            measured
                .notes
                .push(format!("a picture {id} that was not sent was received"));
            continue;
        };
        matched[place] = true;
        let is_shown = measured.pictures.len() < SHOWN;
        measured
            .pictures
            .push(picture(sent[place], reception, folder, is_shown)?);
    }
    let captions = sent.iter().filter(|line| line["caption"].is_string());
    measured.captions_sent = captions.count() as u64;
    Ok(measured)
}

/// Figures of one picture.
fn picture(
    sent: &Value,
    reception: &Value,
    folder: &Path,
    is_shown: bool,
) -> anyhow::Result<PictureFigures> {
    let number = reception["number"].as_u64().unwrap_or_default();
    let file = format!("{number:04}.png");
    let original = original(sent);
    let painted = Photo::open(folder.join(RECEIVED).join(&file)).ok();
    let pair = original.as_ref().zip(painted.as_ref());
    let caption = reception["caption"].as_str().map(str::to_owned);
    let relative = |below: &str| {
        let scenario = folder.file_name().unwrap_or_default().to_string_lossy();
        format!("{scenario}/{below}/{file}")
    };
    if let Some(photo) = original.as_ref().filter(|_| is_shown) {
        let path = folder.join(SENT);
        output::make_folder(&path)?;
        let (width, height) = (photo.size().width(), photo.size().height());
        output::write_png(&path.join(&file), photo.rgb(), width, height)?;
    }
    Ok(PictureFigures {
        name: sent["photo"].as_str().unwrap_or_default().to_owned(),
        outcome: reception["outcome"].as_str().unwrap_or_default().to_owned(),
        snr_db: reception["snr_db_estimated"].as_f64(),
        evm_db: reception["evm_db"].as_f64(),
        // Pictures of other sizes have no figure.
        psnr_db: pair.and_then(|(a, b)| metrics::psnr_db(a, b).ok()),
        lpips_alex: pair
            .filter(|(a, _)| a.size().pixels() <= LPIPS_MAX_PIXELS)
            .and_then(|(a, b)| metrics::lpips_alex(a, b).ok()),
        caption_exact: sent["caption"]
            .as_str()
            .map(|s| caption.as_deref() == Some(s)),
        caption,
        sent: is_shown.then(|| relative(SENT)),
        received: is_shown.then(|| relative(RECEIVED)),
    })
}

/// The photo that was sent; it could be read a moment ago.
fn original(sent: &Value) -> Option<Photo> {
    match sent["path"].as_str() {
        Some(path) => Photo::open(PathBuf::from(path)).ok(),
        None => sample::photo().ok(),
    }
}

/// What people should know beside the figures.
fn notes(lines: &Lines) -> Vec<String> {
    let mut notes = Vec::new();
    let number = |value: &Value, field: &str| value[field].as_u64().unwrap_or_default();
    if let Some(line) = lines
        .receiver
        .iter()
        .find(|line| line.get("receiving").is_some())
    {
        let of_radio = line["radio_rate_hz"].as_f64();
        notes.push(format!(
            "{} received at {} Hz, {} samples per second{}",
            line["receiving"].as_str().unwrap_or_default(),
            line["frequency_hz"],
            line["sample_rate_hz"],
            of_radio.map_or_else(String::new, |hz| format!(" of the radio's {hz}"))
        ));
    }
    for line in lines
        .transmitter
        .iter()
        .filter(|line| line.get("underflows").is_some())
    {
        for field in ["underflows", "late", "samples_clipped", "pictures_not_read"] {
            let count = number(line, field);
            if count > 0 {
                notes.push(format!("transmitter: {field} {count}"));
            }
        }
    }
    for line in lines
        .receiver
        .iter()
        .filter(|line| line.get("gaps").is_some())
    {
        for field in [
            "samples_lost",
            "gaps",
            "reconnections",
            "headers_lost",
            "bursts_clipped",
        ] {
            let count = number(line, field);
            if count > 0 {
                notes.push(format!("receiver: {field} {count}"));
            }
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_hardware::rig::Rig;
    use serde_json::json;

    fn scenario() -> Scenario {
        let text = "name = \"x\"\n[transmitter]\nradio = \"virtual\"\n[receiver]\nradio = \"virtual\"\n\
            [[scenario]]\nname = \"one\"\nphotos = 2\n[scenario.limits]\npictures_min = 1\n";
        Rig::from_toml_str(text, "x.toml")
            .unwrap()
            .scenarios
            .remove(0)
    }

    #[test]
    fn pictures_are_matched_by_their_number_on_the_air_and_strangers_are_noted() {
        let name = format!("heliograph-rig-figures-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let received = folder.join(RECEIVED);
        std::fs::create_dir_all(&received).unwrap();
        let photo = sample::photo().unwrap();
        output::write_png(&received.join("0001.png"), photo.rgb(), 600, 400).unwrap();
        let lines = Lines {
            transmitter: vec![
                json!({"photo": "a.png", "path": null, "picture_id": 7, "bursts": 4, "caption": "A"}),
                json!({"photo": "a.png", "path": null, "picture_id": 8, "bursts": 4, "caption": "A"}),
            ],
            receiver: vec![
                json!({"number": 1, "picture_id": 8, "outcome": "received", "caption": "A",
                    "snr_db_estimated": 12.5, "evm_db": -13.0}),
                json!({"number": 2, "picture_id": 99, "outcome": "received"}),
                json!({"bursts": 7, "bursts_detected": 9, "samples_lost": 3, "gaps": 1,
                    "gaps_of_unknown_length": 0}),
            ],
        };
        let measured = measure(&lines, &scenario(), &folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!((measured.pictures_sent, measured.pictures.len()), (2, 1));
        assert_eq!(
            (measured.bursts_sent, measured.bursts_detected),
            (Some(8), Some(7))
        );
        assert_eq!(
            (measured.samples_lost, measured.captions_sent),
            (Some(3), 2)
        );
        let picture = &measured.pictures[0];
        assert_eq!(
            (picture.caption_exact, picture.snr_db),
            (Some(true), Some(12.5))
        );
        assert_eq!(
            (picture.psnr_db, picture.lpips_alex),
            (Some(f64::INFINITY), Some(0.0))
        );
        assert!(measured.notes.iter().any(|note| note.contains("99")));
    }
}
