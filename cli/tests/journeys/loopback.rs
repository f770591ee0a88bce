//! Photos through the loopback, as a user sends them.

use std::fs;

use crate::common::{Folder, size};
use serde_json::Value;

const ALL: [&str; 4] = [
    "constellation.png",
    "received.png",
    "report.json",
    "side-by-side.png",
];

#[test]
fn without_a_photo_the_shipped_one_crosses_and_all_four_files_are_there() {
    let folder = Folder::new("shipped");
    let run = folder.run(&["loopback"]).ok();
    assert_eq!(folder.names("heliograph-out"), ALL);
    assert_eq!(
        size(&folder.path("heliograph-out/received.png")),
        (600, 400)
    );
    let out = run.out();
    for said in [
        "espresso.jpg, 600x400",
        "PSNR",
        "An espresso in a red cup",
        "heliograph-out",
    ] {
        assert!(out.contains(said), "{said} in {out}");
    }
    assert_eq!(run.err(), "");
    let text = fs::read_to_string(folder.path("heliograph-out/report.json")).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["outcome"], "received");
    assert_eq!(report["caption_received"], report["caption_sent"]);
    assert!(report["psnr_db"].as_f64().unwrap() > 26.0, "{text}");
    let ms_ssim = report["ms_ssim"].as_f64().unwrap();
    assert!((0.9..1.0).contains(&ms_ssim), "{text}");
    let lpips = report["lpips_alex"].as_f64().unwrap();
    assert!((0.01..0.12).contains(&lpips), "{text}");
    let snr_db = report["snr_db_estimated"].as_f64().unwrap();
    assert!((snr_db - 20.0).abs() < 0.6, "{snr_db}");
}

#[test]
fn symbols_shared_for_least_distortion_give_more_decibels() {
    let folder = Folder::new("allocation");
    let words = [
        "loopback",
        "--json",
        "--perception",
        "0",
        "--cbr",
        "1/48",
        "--snr-db",
        "7",
        "--out",
        "o",
    ];
    let sent = |more: &[&str]| {
        let run = folder.run(&[&words[..], more].concat()).ok();
        run.reports().remove(0)
    };
    let (plain, shared) = (sent(&[]), sent(&["--allocation", "distortion"]));
    assert!(plain["model"]["allocation"].is_null());
    assert_eq!(shared["model"]["allocation"], "distortion");
    let [plain, shared] = [plain, shared].map(|report| report["psnr_db"].as_f64().unwrap());
    assert!(shared > plain + 0.1, "{shared} dB, balanced {plain} dB");
    let run = folder.run(&["loopback", "--codec", "softcast", "--allocation", "even"]);
    assert_eq!(run.code(), 2);
    let words = "--allocation: codec softcast has no choice; allowed with codec deepjscc";
    assert!(run.err().contains(words), "{}", run.err());
}

#[test]
fn json_is_all_there_is_on_standard_output_and_the_same_as_the_file() {
    let folder = Folder::new("json");
    folder.photo("a.png", 48, 32);
    let words = [
        "loopback",
        "a.png",
        "--json",
        "--out",
        "o",
        "--cfo-hz",
        "-31000",
        "--sfo-ppm",
        "-12",
    ];
    let run = folder.run(&words).ok();
    let reports = run.reports();
    assert_eq!(reports.len(), 1);
    let file = fs::read_to_string(folder.path("o/report.json")).unwrap();
    assert_eq!(reports[0], serde_json::from_str::<Value>(&file).unwrap());
    let cfo_hz = reports[0]["cfo_hz_estimated"].as_f64().unwrap();
    assert!((cfo_hz + 31_000.0).abs() < 50.0, "{cfo_hz}");
    assert_eq!(reports[0]["photo"]["path"], "a.png");
    assert_eq!(reports[0]["caption_state"], "not_sent");
    assert!(reports[0]["caption_received"].is_null());
    assert!(reports[0]["ms_ssim"].is_null() && reports[0]["lpips_alex"].is_f64());
}

#[test]
fn the_same_seed_gives_the_same_picture_and_another_seed_another() {
    let folder = Folder::new("seed");
    folder.photo("a.png", 64, 48);
    let picture = |out: &str, seed: &str| {
        folder
            .run(&[
                "loopback", "a.png", "--snr-db", "5", "--seed", seed, "--out", out,
            ])
            .ok();
        fs::read(folder.path(out).join("received.png")).unwrap()
    };
    assert_eq!(picture("one", "7"), picture("two", "7"));
    assert_ne!(picture("one", "7"), picture("three", "8"));
}

#[test]
fn several_photos_get_a_folder_each_and_the_results_they_get_alone() {
    let folder = Folder::new("several");
    folder.photo("a.png", 40, 30);
    fs::create_dir(folder.path("sub")).unwrap();
    folder.photo("sub/a.png", 30, 40);
    folder.photo("b.bmp", 25, 25);
    let run = folder
        .run(&[
            "loopback",
            "a.png",
            "sub/a.png",
            "b.bmp",
            "--json",
            "--out",
            "o",
        ])
        .ok();
    assert_eq!(folder.names("o"), ["a", "a-2", "b"]);
    assert_eq!(run.reports().len(), 3);
    assert_eq!(size(&folder.path("o/a-2/received.png")), (30, 40));
    folder
        .run(&["loopback", "sub/a.png", "--out", "alone"])
        .ok();
    let read = |name: &str| fs::read(folder.path(name)).unwrap();
    assert_eq!(read("o/a-2/received.png"), read("alone/received.png"));
}

#[test]
fn a_photo_that_cannot_be_read_does_not_keep_the_others_from_their_way() {
    let folder = Folder::new("others");
    folder.photo("good.png", 20, 20);
    fs::write(folder.path("empty.png"), b"").unwrap();
    let run = folder.run(&["loopback", "empty.png", "good.png", "--out", "o"]);
    assert_eq!(run.code(), 1);
    assert!(
        run.err().contains("empty.png") && run.err().contains("empty"),
        "{}",
        run.err()
    );
    assert_eq!(folder.names("o/good"), ALL);
}

#[test]
fn lost_bursts_leave_a_picture_that_says_so() {
    let folder = Folder::new("lost");
    folder.photo("a.png", 400, 300);
    let words = [
        "loopback",
        "a.png",
        "--cbr",
        "1/3",
        "--drop-bursts",
        "50%",
        "--seed",
        "3",
        "--out",
        "o",
    ];
    let run = folder.run(&words).ok();
    assert!(
        run.out()
            .contains("lost: the picture is painted from the rest"),
        "{}",
        run.out()
    );
    let report: Value =
        serde_json::from_slice(&fs::read(folder.path("o/report.json")).unwrap()).unwrap();
    assert_eq!(report["outcome"], "received_with_losses");
    let count = |name: &str| report[name].as_u64().unwrap();
    assert!(count("bursts_dropped") > 0);
    assert_eq!(
        count("bursts_received") + count("bursts_dropped"),
        count("bursts_sent")
    );
    assert_eq!(folder.names("o"), ALL);
}

#[test]
fn when_nothing_arrives_no_picture_is_made_up_and_the_exit_code_says_so() {
    let folder = Folder::new("nothing");
    folder.photo("a.png", 40, 30);
    folder.run(&["loopback", "a.png", "--out", "o"]).ok();
    let words = [
        "loopback",
        "a.png",
        "--caption",
        "Hello",
        "--drop-bursts",
        "1",
        "--json",
        "--out",
        "o",
    ];
    let run = folder.run(&words);
    assert_eq!(run.code(), 3, "{}", run.err());
    // The picture of the run before is gone too: it would be taken for this one's.
    assert_eq!(folder.names("o"), ["report.json", "side-by-side.png"]);
    let report = &run.reports()[0];
    assert_eq!(report["outcome"], "nothing_received");
    assert_eq!(report["caption_state"], "lost");
    assert!(report["psnr_db"].is_null() && report["snr_db_estimated"].is_null());
}

#[test]
fn a_caption_that_noise_has_drowned_is_lost_and_never_garbage() {
    let folder = Folder::new("caption");
    folder.photo("a.png", 200, 150);
    let caption = "Ünïcödé 😀 ".repeat(20);
    let run = folder.run(&[
        "loopback",
        "a.png",
        "--caption",
        &caption,
        "--snr-db",
        "-4",
        "--seed",
        "5",
        "--json",
        "--out",
        "o",
    ]);
    let report = &run.reports()[0];
    match report["caption_state"].as_str().unwrap() {
        "lost" => assert!(report["caption_received"].is_null()),
        state => assert_eq!(
            (state, report["caption_received"].as_str()),
            ("received", Some(caption.as_str()))
        ),
    }
    let run = folder
        .run(&[
            "loopback",
            "a.png",
            "--caption",
            &caption,
            "--json",
            "--out",
            "o",
        ])
        .ok();
    assert_eq!(run.reports()[0]["caption_received"], caption.as_str());
}

#[test]
fn without_noise_the_report_has_null_where_there_is_no_number() {
    let folder = Folder::new("noiseless");
    folder.photo("a.png", 48, 32);
    let run = folder
        .run(&[
            "loopback", "a.png", "--snr-db", "none", "--json", "--cbr", "1", "--out", "o",
        ])
        .ok();
    let report = &run.reports()[0];
    assert!(report["snr_db_true"].is_null());
    assert!(
        report["evm_db"].as_f64().unwrap() < -38.0,
        "{}",
        report["evm_db"]
    );
}

#[test]
fn every_numerology_and_repetitions_come_through() {
    let folder = Folder::new("numerology");
    folder.photo("a.png", 48, 32);
    for name in ["standard", "narrow", "wide"] {
        let words = [
            "loopback",
            "a.png",
            "--numerology",
            name,
            "--repeat",
            "2",
            "--json",
            "--out",
            "o",
        ];
        let run = folder.run(&words).ok();
        let report = &run.reports()[0];
        assert_eq!(report["outcome"], "received", "{name}");
        assert_eq!(report["bursts_sent"], report["bursts_received"], "{name}");
        assert_eq!(report["repeats"], 2);
    }
}

#[test]
fn a_channel_file_is_read_and_laid_down_in_the_report() {
    let folder = Folder::new("channel");
    folder.photo("a.png", 48, 32);
    let toml = "snr_db = 15.0\ncfo_hz = 2500.0\n[dc_offset]\nlevel_db = -20.0\n";
    fs::write(folder.path("bench.toml"), toml).unwrap();
    let words = [
        "loopback",
        "a.png",
        "--channel",
        "bench.toml",
        "--cfo-hz",
        "100",
        "--json",
        "--out",
        "o",
    ];
    let run = folder.run(&words).ok();
    let channel = &run.reports()[0]["channel"];
    assert_eq!(channel["name"], "bench.toml");
    assert_eq!(channel["config"]["cfo_hz"], 100.0);
    assert_eq!(channel["config"]["dc_offset"]["level_db"], -20.0);
    fs::write(folder.path("bench.toml"), "snr_db = 15.0\nsnr = 3\n").unwrap();
    let run = folder.run(&words);
    assert_eq!(run.code(), 1);
    assert!(
        run.err().contains("bench.toml") && run.err().contains("snr"),
        "{}",
        run.err()
    );
}
