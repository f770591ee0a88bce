use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;

use super::*;
use crate::settings::Duplex;

const PLAIN: &str = r#"
name = "bench <1> & \"2\""
wiring = "60 dB\n<never without>"
[transmitter]
radio = "usrp-b210"
gain_db = 50
[receiver]
radio = "hackrf"
gain_elements_db = { LNA = 32 }
[[scenario]]
name = "near"
photos = 3
caption = "a boat"
[scenario.receiver]
gain_elements_db = { VGA = 8 }
[scenario.limits]
snr_db_min = 10
snr_db_max = 20
pictures_min = 2
psnr_db_min = 25.5
captions_exact_min = 0.5
samples_lost_max = 0
[[scenario]]
name = "far"
photos = ["a.png", "b/c.jpg"]
quarantine = "rain & wind"
[scenario.limits]
pictures_lost_max = 1
"#;

fn rig() -> Rig {
    Rig::from_toml_str(PLAIN, "bench.toml").unwrap()
}

fn picture(name: &str, snr_db: f64, psnr_db: f64) -> PictureFigures {
    PictureFigures {
        name: name.to_owned(),
        outcome: "received".to_owned(),
        snr_db: Some(snr_db),
        psnr_db: Some(psnr_db),
        caption_exact: Some(snr_db > 12.0),
        caption: Some("<b>a boat</b>\u{1}".to_owned()),
        received: Some("near/0001 \"x\".png".to_owned()),
        ..PictureFigures::default()
    }
}

fn measured() -> Measured {
    Measured {
        pictures_sent: 3,
        pictures: vec![picture("one", 11.0, 26.0), picture("two", 14.0, 26.0)],
        captions_sent: 2,
        samples_lost: Some(0),
        seconds: 12.5,
        ..Measured::default()
    }
}

fn report(near: Measured, far: Measured) -> RigReport {
    let rig = rig();
    let started = UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    let mut report = RigReport::new(&rig, "heliograph 1", started);
    report.add(&rig.scenarios[0], near);
    report.add(&rig.scenarios[1], far);
    report
}

fn lost() -> Measured {
    Measured {
        pictures_sent: 2,
        error: Some("no answer within 120 s <radio>".to_owned()),
        notes: vec!["underflows: 3".to_owned()],
        ..Measured::default()
    }
}

#[test]
fn the_shipped_rigs_load() {
    for name in ["virtual", "cabled-b210", "two-hackrf"] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rigs");
        let path = std::path::Path::new(folder)
            .join(name)
            .with_extension("toml");
        let rig = Rig::from_file(&path).unwrap();
        assert_eq!(rig.name, name);
        assert!(!rig.wiring.is_empty());
        assert!(rig.scenarios.iter().all(|s| s.limits.iter().count() > 0));
    }
}

#[test]
fn scenarios_set_radios_on_top_of_rig_and_profile() {
    let rig = rig();
    let receiver = rig.profile(Direction::Receive, &rig.scenarios[0]).unwrap();
    let gains = receiver.receive.unwrap().gain_elements_db;
    let gains: Vec<_> = gains
        .iter()
        .map(|(name, gain)| (name.as_str(), *gain))
        .collect();
    assert_eq!(gains, [("AMP", 0.0), ("LNA", 32.0), ("VGA", 8.0)]);
    let transmitter = rig.profile(Direction::Transmit, &rig.scenarios[1]).unwrap();
    assert_eq!(transmitter.transmit.unwrap().gain_db, Some(50.0));

    let text = PLAIN.replace("\"hackrf\"", "\"driver=heliograph,id=a\"");
    let text = text.replace("gain_elements_db = { LNA = 32 }", "");
    let text = text.replace(
        "photos = 3",
        "photos = 3\nreceiver_args = \"emulate=hackrf,id=b\"",
    );
    let rig = Rig::from_toml_str(&text, "bench.toml").unwrap();
    let receiver = rig.profile(Direction::Receive, &rig.scenarios[0]).unwrap();
    assert_eq!(receiver.device, "driver=heliograph,emulate=hackrf,id=b");
    assert_eq!(receiver.traits.duplex, Duplex::Half);
}

#[test]
fn files_of_profiles_and_photos_lie_beside_the_rig() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::named("hackrf").unwrap().to_toml();
    std::fs::write(
        folder.path().join("left.toml"),
        profile.replace("HackRF One", "left"),
    )
    .unwrap();
    let path = folder.path().join("rig.toml");
    std::fs::write(&path, PLAIN.replace("\"hackrf\"", "\"left.toml\"")).unwrap();
    let rig = Rig::from_file(&path).unwrap();
    let receiver = rig.profile(Direction::Receive, &rig.scenarios[0]).unwrap();
    assert_eq!(receiver.name, "left");
    let Photos::Files(files) = &rig.scenarios[1].photos else {
        panic!("files");
    };
    assert_eq!(files[1], folder.path().join("b/c.jpg"));
    assert_eq!(rig.scenarios[0].photos, Photos::Count(3));
}

#[test]
fn errors_name_file_field_found_and_allowed() {
    for (from, to, part) in [
        (
            "name = \"near\"",
            "name = \"a/b\"",
            "scenario[0].name: found \"a/b\", allowed letters",
        ),
        (
            "name = \"near\"",
            "name = \"..\"",
            "scenario[0].name: found \"..\"",
        ),
        (
            "name = \"near\"",
            "name = \"far\"",
            "scenario[1].name: found \"far\" again, allowed a name that is free",
        ),
        (
            "photos = 3",
            "photos = 0",
            "scenario[0].photos: found 0, allowed a whole number, 1 to 100000",
        ),
        (
            "photos = 3",
            "",
            "scenario[0].photos: found nothing, allowed a number of photos or a list",
        ),
        (
            "photos = 3",
            "photos = []",
            "scenario[0].photos: found an empty list",
        ),
        (
            "photos = 3",
            "photos = [3]",
            "scenario[0].photos[0]: found 3, allowed a text",
        ),
        (
            "photos = 3",
            "photos = 3\nsnr = 4",
            "scenario[0].snr: found an unknown field, allowed one of name, photos",
        ),
        (
            "photos = 3",
            "photos = 3\nrepeat = 9",
            "scenario[0].repeat: found 9, allowed a whole number, 1 to 8",
        ),
        (
            "photos = 3",
            "photos = 3\ntimeout_s = 0",
            "scenario[0].timeout_s: found 0, allowed 1 to 86400",
        ),
        (
            "photos = 3",
            "photos = 3\nreceiver_args = \"fast\"",
            "device arguments: found \"fast\"",
        ),
        (
            "snr_db_min = 10",
            "snr_db_min = 21",
            "scenario[0].limits.snr_db_max: found 20, allowed at least snr_db_min, 21",
        ),
        (
            "snr_db_min = 10",
            "snr_min = 10",
            "scenario[0].limits.snr_min: found an unknown field, allowed one of snr_db_min, snr_db_max",
        ),
        (
            "captions_exact_min = 0.5",
            "captions_exact_min = 3",
            "scenario[0].limits.captions_exact_min: found 3, allowed 0 to 1",
        ),
        (
            "[scenario.limits]\npictures_lost_max = 1",
            "",
            "scenario[1].limits: found nothing",
        ),
        (
            "radio = \"usrp-b210\"",
            "",
            "transmitter.radio: found nothing",
        ),
        (
            "gain_db = 50",
            "gain_db = 99",
            "bench.toml: transmit.gain_db: found 99, allowed 0 to 89.75 by the limits",
        ),
        (
            "VGA = 8",
            "IF = 8",
            "bench.toml: receive.gain_elements_db.IF: found an unknown stage, allowed one of AMP, LNA, VGA",
        ),
        (
            "\"usrp-b210\"",
            "\"b210\"",
            "radio \"b210\" is not known, allowed: usrp-b210",
        ),
    ] {
        let text = PLAIN.replacen(from, to, 1);
        assert_ne!(text, PLAIN, "{from}");
        let error = Rig::from_toml_str(&text, "bench.toml")
            .unwrap_err()
            .to_string();
        assert!(error.contains(part), "{error}: {part}");
    }
    let none = &PLAIN[..PLAIN.find("[[scenario]]").unwrap()];
    let error = Rig::from_toml_str(none, "bench.toml")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("scenario: found none, allowed at least one"),
        "{error}"
    );
}

#[test]
fn limits_are_kept_up_to_themselves_and_what_is_not_measured_is_broken() {
    let limits = &rig().scenarios[0].limits;
    let results = |measured: &Measured| -> Vec<_> {
        let verdict = Verdict::of(limits, measured);
        verdict.checks.iter().map(|c| (c.limit, c.result)).collect()
    };
    use CheckResult::{Failed, Missing, Passed};
    let names = [
        "snr_db_min",
        "snr_db_max",
        "pictures_min",
        "captions_exact_min",
        "psnr_db_min",
        "samples_lost_max",
    ];
    let with = |values: [CheckResult; 6]| names.into_iter().zip(values).collect::<Vec<_>>();
    assert_eq!(results(&measured()), with([Passed; 6]));

    let mut worse = measured();
    worse.pictures[0].snr_db = Some(9.9);
    worse.pictures[1].psnr_db = Some(24.9);
    worse.pictures[1].caption_exact = Some(false);
    worse.samples_lost = None;
    assert_eq!(
        results(&worse),
        with([Failed, Passed, Passed, Failed, Failed, Missing])
    );

    worse.pictures[0].psnr_db = Some(f64::INFINITY);
    worse.pictures[1].snr_db = Some(f64::NAN);
    worse.samples_lost = Some(1);
    assert_eq!(
        results(&worse),
        with([Failed, Passed, Passed, Failed, Passed, Failed])
    );

    let nothing = Measured::default();
    assert_eq!(
        results(&nothing),
        with([Missing, Missing, Failed, Missing, Missing, Missing])
    );
    let text = Verdict::of(limits, &nothing).checks[0].to_string();
    assert_eq!(text, "snr_db_min: found nothing, allowed at least 10");

    let mut late = measured();
    late.error = Some("timeout".to_owned());
    assert_eq!(Verdict::of(limits, &late).outcome(), Outcome::Failed);
}

#[test]
fn quarantine_does_not_fail_a_rig_but_a_rig_without_a_run_does() {
    assert_eq!(report(measured(), lost()).outcome(), Outcome::Passed);
    assert_eq!(report(lost(), lost()).outcome(), Outcome::Failed);
    assert_eq!(
        RigReport::new(&rig(), "", UNIX_EPOCH).outcome(),
        Outcome::Failed
    );
}

/// Elements and attributes of the JUnit schema that Jenkins publishes (`junit-10.xsd`).
const JUNIT: [(&str, &[&str], &[&str]); 7] = [
    (
        "testsuites",
        &["name", "tests", "failures", "errors", "time", "disabled"],
        &["testsuite"],
    ),
    (
        "testsuite",
        &[
            "name",
            "id",
            "tests",
            "failures",
            "errors",
            "skipped",
            "time",
            "timestamp",
            "hostname",
            "package",
        ],
        &["testcase", "system-out"],
    ),
    (
        "testcase",
        &["classname", "name", "time"],
        &["skipped", "error", "failure"],
    ),
    ("skipped", &["message", "type"], &[]),
    ("error", &["message", "type"], &[]),
    ("failure", &["message", "type"], &[]),
    ("system-out", &[], &[]),
];

#[test]
fn junit_is_well_formed_and_uses_the_schema_only() {
    let mut near = measured();
    near.pictures.truncate(1);
    let xml = to_junit(&report(near, lost()));
    let document = roxmltree::Document::parse(&xml).unwrap();
    for element in document.descendants().filter(|node| node.is_element()) {
        let name = element.tag_name().name();
        let (_, attributes, children) = JUNIT.iter().find(|(n, ..)| *n == name).unwrap();
        for attribute in element.attributes() {
            assert!(
                attributes.contains(&attribute.name()),
                "{name}: {}",
                attribute.name()
            );
        }
        for child in element.children().filter(|node| node.is_element()) {
            assert!(children.contains(&child.tag_name().name()), "{name}");
        }
    }
    let root = document.root_element();
    assert_eq!(root.attribute("name"), Some("bench <1> & \"2\""));
    let numbers = ["tests", "failures", "errors"].map(|n| root.attribute(n).unwrap());
    assert_eq!(numbers, ["9", "2", "0"]);
    let message = |tag: &str| {
        let found = document
            .descendants()
            .find(|n| n.has_tag_name(tag))
            .unwrap();
        found.attribute("message").unwrap().to_owned()
    };
    assert_eq!(
        message("failure"),
        "pictures_min: found 1, allowed at least 2"
    );
    assert_eq!(
        message("skipped"),
        "in quarantine (rain & wind): no answer within 120 s <radio>"
    );
    let suite = document
        .descendants()
        .find(|n| n.has_tag_name("testsuite"))
        .unwrap();
    assert_eq!(
        suite.attribute("timestamp"),
        Some("2020-09-13T12:26:40.000Z")
    );

    let xml = to_junit(&report(lost(), measured()));
    let document = roxmltree::Document::parse(&xml).unwrap();
    assert_eq!(document.root_element().attribute("errors"), Some("1"));
}

#[test]
fn json_has_a_version_and_null_for_what_is_not_finite() {
    let mut near = measured();
    near.pictures[0].psnr_db = Some(f64::INFINITY);
    let json: Value = serde_json::from_str(&to_json(&report(near, lost())).unwrap()).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["outcome"], "passed");
    assert_eq!(json["started"], "2020-09-13T12:26:40.000Z");
    let near = &json["scenarios"][0];
    assert_eq!(near["checks"][0]["limit"], "snr_db_min");
    assert_eq!(near["checks"][0]["result"], "passed");
    assert_eq!(near["measured"]["pictures"][1]["psnr_db"], 26.0);
    assert!(near["measured"]["pictures"][0]["psnr_db"].is_null());
    assert_eq!(json["scenarios"][1]["quarantine"], "rain & wind");
}

#[test]
fn the_page_is_one_file_without_scripts_and_nothing_gets_out_of_its_place() {
    let report = report(measured(), lost());
    let page = to_html(&report, &|_| PictureSource::Png(vec![1, 2, 3]));
    assert!(page.contains("src=\"data:image/png;base64,AQID\""));
    assert!(!page.contains("<script") && !page.contains("<b>") && !page.contains("http"));
    assert!(page.contains("&lt;b&gt;a boat&lt;/b&gt;\u{fffd}"));
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("width=device-width"));
    assert_eq!(page.matches("<svg").count(), 2, "far has no pictures");
    assert_eq!(page.matches("class=\"limit\"").count(), 3);
    for word in ["section", "table", "figure", "svg", "div", "p", "span"] {
        let open =
            page.matches(&format!("<{word}>")).count() + page.matches(&format!("<{word} ")).count();
        assert_eq!(open, page.matches(&format!("</{word}>")).count(), "{word}");
    }
    let linked = to_html(&report, &|_| PictureSource::Link);
    assert!(linked.contains("src=\"near/0001%20%22x%22.png\""));
    assert!(!to_html(&report, &|_| PictureSource::Absent).contains("<img"));
    if let Ok(path) = std::env::var("HELIOGRAPH_RIG_PAGE") {
        std::fs::write(path, page).unwrap();
    }
}
