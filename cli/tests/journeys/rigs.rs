//! Rig files without radios: the plan, and what is wrong with a file.

use std::fs;

use crate::common::Folder;

const RIGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../hardware/rigs");

#[test]
fn every_shipped_rig_has_a_plan_and_touches_no_radio() {
    let folder = Folder::new("plans");
    let mut rigs = 0;
    for entry in fs::read_dir(RIGS).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        rigs += 1;
        let plan = folder
            .run(&["rig", "run", path.to_str().unwrap(), "--dry-run"])
            .ok()
            .out();
        for word in [
            "transmitter: driver=",
            "receiver: driver=",
            "pictures_lost_max",
        ] {
            assert!(plan.contains(word), "{}: {plan}", path.display());
        }
    }
    assert!(rigs >= 3, "{rigs} rigs");
    assert!(folder.names("").is_empty(), "{:?}", folder.names(""));
}

#[test]
fn a_rig_with_a_wrong_field_is_refused_with_file_field_and_what_is_allowed() {
    let folder = Folder::new("wrong-rig");
    let good = fs::read_to_string(format!("{RIGS}/virtual.toml")).unwrap();
    let cases = [
        (
            "photos = 4",
            "photoes = 4",
            "scenario[0].photoes",
            "photos, transmitter_args",
        ),
        ("photos = 4", "photos = -4", "scenario[0].photos", "-4"),
        (
            "detection_min = 1.0",
            "detection_min = 1.5",
            "detection_min",
            "1.5",
        ),
        (
            "sample_rate_hz = 2e6",
            "sample_rate_hz = 2e9",
            "sample_rate_hz",
            "20000000",
        ),
    ];
    for (from, to, field, allowed) in cases {
        assert!(good.contains(from), "{from}");
        fs::write(folder.path("wrong.toml"), good.replacen(from, to, 1)).unwrap();
        let run = folder.run(&["rig", "run", "wrong.toml", "--dry-run"]);
        assert_eq!(run.code(), 1, "{to}");
        for word in ["wrong.toml", field, allowed] {
            assert!(run.err().contains(word), "{to}: {}", run.err());
        }
    }
}

#[test]
fn a_caption_that_transmit_cannot_take_is_refused_with_the_plan() {
    let folder = Folder::new("rig-caption");
    let good = fs::read_to_string(format!("{RIGS}/virtual.toml")).unwrap();
    let caption = "caption = \"{name}, over a virtual ether\"";
    assert!(good.contains(caption));
    for (bytes, code) in [(1024, 0), (1025, 2)] {
        let long = format!("caption = \"-{}\"", "x".repeat(bytes - 1));
        fs::write(folder.path("long.toml"), good.replacen(caption, &long, 1)).unwrap();
        let run = folder.run(&["rig", "run", "long.toml", "--dry-run"]);
        assert_eq!(run.code(), code, "{}", run.err());
        let words = "scenario 15-db: caption: found 1025 bytes, allowed at most 1024";
        assert_eq!(run.err().contains(words), code != 0, "{}", run.err());
    }
}

#[test]
fn an_unknown_scenario_is_answered_with_those_of_the_rig() {
    let folder = Folder::new("scenario");
    let rig = format!("{RIGS}/virtual.toml");
    let run = folder.run(&["rig", "run", &rig, "--scenario", "storm", "--dry-run"]);
    assert_eq!(run.code(), 2);
    assert!(
        run.err().contains("storm") && run.err().contains("15-db"),
        "{}",
        run.err()
    );
}
