//! The receiver against stored recordings: tests/recordings/README.md.

use std::fs;

use serde_json::Value;

use crate::common::Folder;

const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/recordings");

/// Fields that are estimated, and how far they may be from what was expected.
const TOLERANCES: [(&str, f64); 3] = [
    ("snr_db_estimated", 0.5),
    ("cfo_hz_estimated", 20.0),
    ("sfo_ppm_estimated", 3.0),
];
/// Between the picture painted here and the expected one; one step of 255 off everywhere is 48 dB.
const LEAST_PSNR_DB: f64 = 50.0;

fn replay(name: &str) {
    let folder = Folder::new(&format!("recording-{name}"));
    let recording = format!("{RECORDINGS}/{name}.sigmf-meta");
    let run = folder.run(&["replay", &recording, "--verify", "--out", "in", "--json"]);
    let lines = run.ok().reports();
    let [report, summary] = &lines[..] else {
        panic!("one picture and a summary: {lines:?}");
    };
    let expected = fs::read(format!("{RECORDINGS}/{name}.expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    for (field, expected) in expected.as_object().unwrap() {
        let found = report.get(field).unwrap_or(&summary[field]);
        let tolerance = TOLERANCES.iter().find(|(name, _)| name == field);
        match tolerance {
            Some((_, tolerance)) => {
                let off = found.as_f64().unwrap() - expected.as_f64().unwrap();
                assert!(off.abs() <= *tolerance, "{field}: {found}, not {expected}");
            }
            None => assert_eq!(found, expected, "{field}"),
        }
    }
    let read = |path| image::open(path).unwrap().to_rgb8();
    let found = read(folder.path("in/0001.png"));
    let expected = read(format!("{RECORDINGS}/{name}.expected.png").into());
    assert_eq!(found.dimensions(), expected.dimensions());
    let pairs = found.as_raw().iter().zip(expected.as_raw());
    let square: f64 = pairs.map(|(x, y)| f64::from(x.abs_diff(*y)).powi(2)).sum();
    let psnr_db = 10.0 * (255f64.powi(2) * found.as_raw().len() as f64 / square).log10();
    assert!(psnr_db >= LEAST_PSNR_DB, "PSNR {psnr_db}");
}

#[test]
fn a_clean_recording_gives_the_picture_it_gave_before() {
    replay("clean");
}

#[test]
fn a_recording_with_offsets_and_an_echo_gives_the_picture_it_gave_before() {
    replay("offsets-and-echo");
}

#[test]
fn a_recording_with_gaps_gives_the_picture_it_gave_before() {
    replay("gap");
}

#[test]
fn every_recording_here_is_tested() {
    let names = fs::read_dir(RECORDINGS).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let recordings = names.filter(|name| name.ends_with(".sigmf-meta"));
    assert_eq!(recordings.count(), 3);
}
