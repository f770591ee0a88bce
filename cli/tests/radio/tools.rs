//! The tools at the bench: radios, spectrum, calibrate, rig.

use std::fs;
use std::thread;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::bench::{Bench, LIMIT, Program, WATCH};
use crate::common::{Run, explained};

const RIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../hardware/rigs/virtual.toml");

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out()).unwrap()
}

#[test]
fn virtual_radios_are_listed_and_probed() {
    let bench = Bench::new("radios");
    let listed = bench
        .folder
        .run(&["radios", "driver=heliograph", "--json"])
        .ok();
    assert_eq!(json(&listed)[0]["driver"], "heliograph");
    let radio = bench.radio("a", ",emulate=hackrf");
    let probe = json(
        &bench
            .folder
            .run(&["radios", &radio, "--probe", "--json"])
            .ok(),
    );
    explained("radios", &probe);
    assert_eq!(probe["information"]["id"], "a");
    for direction in ["receive", "transmit"] {
        let channel = &probe[direction][0];
        assert_eq!(
            (&channel["mtu_samples"], &channel["duplex"]),
            (&131_072.into(), &"half".into())
        );
    }
    let words = bench.folder.run(&["radios", &radio, "--probe"]).ok().out();
    assert!(
        words.contains("samples a transfer: 131072") && words.contains("duplex: half"),
        "{words}"
    );
}

#[test]
fn a_transmission_in_the_band_is_found_and_an_empty_channel_is_free() {
    let bench = Bench::new("spectrum");
    bench.folder.photo("a.png", 96, 64);
    // By the clock: a stranger is on the air most of the time, however long a listener takes to start.
    let radio = bench.radio("ear", ",noise_dbfs=-40");
    let listen = |more: &[&str]| {
        let words = [
            "spectrum",
            "--radio",
            &radio,
            "--frequency",
            "433M",
            "--seconds",
            "0.2",
        ];
        bench.folder.run(&[&words[..], more].concat()).ok()
    };
    let free = json(&listen(&["--json"]));
    assert_eq!(
        (&free["verdict"], &free["samples"]),
        (&"free".into(), &400_000.into())
    );
    assert!(
        (free["level_dbfs"].as_f64().unwrap() + 40.0).abs() < 0.2,
        "{free}"
    );

    // 0.33 MHz wide, 0.6 MHz above the centre.
    let radio = bench.radio("stranger", ",buffer=524288");
    let words = [
        "transmit",
        "a.png",
        "--radio",
        &radio,
        "--frequency",
        "433.6M",
    ];
    let how = [
        "--sample-rate",
        "400k",
        "--codec",
        "softcast",
        "--rounds",
        "0",
        "--json",
    ];
    let stranger = bench.start(&[&words[..], &how].concat());
    stranger.line();
    let occupied = json(&listen(&["--json", "--out", "spectrum.png"]));
    explained("spectrum", &occupied);
    assert_eq!(occupied["verdict"], "occupied");
    let emissions = occupied["emissions"].as_array().unwrap().iter();
    let power = |emission: &Value| emission["power_dbfs"].as_f64().unwrap();
    let strongest = emissions.max_by(|a, b| power(a).total_cmp(&power(b)));
    let emission = strongest.unwrap();
    let hz = |field: &str| emission[field].as_f64().unwrap();
    assert!(
        (hz("from_hz") - 433.437e6).abs() < 60e3 && (hz("to_hz") - 433.763e6).abs() < 60e3,
        "{emission}"
    );
    assert!(emission["in_band"].as_bool().unwrap());
    assert!(image::open(bench.folder.path("spectrum.png")).is_ok());
    let words = listen(&[]).out();
    assert!(
        words.lines().last().unwrap().contains("occupied"),
        "{words}"
    );
    stranger.interrupt();
    stranger.summary();
}

#[test]
fn calibrated_gains_clip_nothing_and_their_profiles_are_accepted() {
    // At transmitter gain 10 dB and above its own peaks are cut, plainly enough for every burst to be flagged.
    let bench = Bench::new("calibrate");
    let transmitter = bench.radio("roof", ",pace=free");
    let receiver = bench.radio(
        "lab",
        ",pace=free,emulate=hackrf,noise_dbfs=-60,gain_db=-30",
    );
    let words = [
        "calibrate",
        "--transmitter",
        &transmitter,
        "--receiver",
        &receiver,
    ];
    let band = [
        "--frequency",
        "433M",
        "--sample-rate",
        "2M",
        "--out",
        "gains",
        "--json",
    ];
    let sweep = [
        "--receiver-gains",
        "0",
        "45",
        "--transmitter-gains",
        "-10",
        "20",
        "--steps",
        "4",
        "--bursts",
        "2",
    ];
    let found = json(&bench.folder.run(&[&words[..], &band, &sweep].concat()).ok());
    explained("calibrate", &found);
    let db = |field: &str| found[field].as_f64().unwrap();
    assert!(db("evm_db") < -17.0, "{found}");
    assert_eq!(found["transmitter_gain_db"], 0.0, "{found}");
    let last = found["sweeps"][2]["points"].as_array().unwrap();
    let chosen = last
        .iter()
        .find(|point| point["gain_db"] == found["receiver_gain_db"])
        .unwrap();
    assert_eq!(
        (&chosen["bursts"], &chosen["bursts_clipped"]),
        (&2.into(), &0.into())
    );
    assert!(
        last.iter().any(|point| point["bursts_clipped"] != 0),
        "the sweep goes to the rails: {found}"
    );

    let words = [
        "receive",
        "--radio",
        "gains/receiver.toml",
        "--seconds",
        "0.1",
        "--json",
    ];
    let run = bench.folder.run(&words);
    assert_eq!(run.code(), 3, "{}", run.err());
    assert_eq!(run.reports()[0]["gain_db"], found["receiver_gain_db"]);
    bench.folder.photo("a.png", 96, 64);
    let words = [
        "transmit",
        "a.png",
        "--radio",
        "gains/transmitter.toml",
        "--codec",
        "softcast",
    ];
    bench.folder.run(&words).ok();
}

/// Writes the shipped rig in an ether of its own, changed.
fn write_rig(bench: &Bench, from: &str, to: &str) {
    let text = fs::read_to_string(RIG).unwrap();
    assert!(text.contains(from) && text.contains("ether=rig,"));
    let ether = format!("ether=rig-{},", std::process::id());
    let text = text.replace("ether=rig,", &ether).replacen(from, to, 1);
    fs::write(bench.folder.path("rig.toml"), text).unwrap();
}

/// The first scenario with one photo, and a caption that looks like a flag.
fn rig(bench: &Bench, from: &str, to: &str) -> Run {
    write_rig(bench, from, to);
    let path = bench.folder.path("rig.toml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text
        .replacen("photos = 4", "photos = 1", 1)
        .replacen("pictures_min = 4", "pictures_min = 1", 1)
        .replacen("caption = \"{name}", "caption = \"--{name}", 1);
    fs::write(path, text).unwrap();
    bench.folder.run(&[
        "rig",
        "run",
        "rig.toml",
        "--scenario",
        "15-db",
        "--out",
        "out",
    ])
}

#[test]
fn the_rig_passes_with_its_limits_and_fails_with_a_broken_one() {
    let bench = Bench::new("rig");
    let passed = rig(&bench, "", "").ok();
    assert!(
        passed.out().starts_with("15-db: passed (1 of 1 pictures"),
        "{}",
        passed.out()
    );
    let read = |name: &str| fs::read_to_string(bench.folder.path("out").join(name)).unwrap();
    assert!(
        read("junit.xml").contains("failures=\"0\""),
        "{}",
        read("junit.xml")
    );
    let report: Value = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(report["schema_version"], 1);
    assert!(read("report.html").contains("data:image/png;base64,"));

    let failed = rig(&bench, "psnr_db_min = 2", "psnr_db_min = 9");
    assert_eq!(failed.code(), 1);
    assert!(
        failed.out().contains("15-db: FAILED") && failed.out().contains("psnr_db_min"),
        "{}",
        failed.out()
    );
    assert!(
        read("junit.xml").contains("failures=\"1\""),
        "{}",
        read("junit.xml")
    );
}

/// Starts a rig whose first scenario takes hours; gives its children.
fn endless_rig(bench: &Bench) -> (Program, Vec<Pid>) {
    write_rig(bench, "photos = 4", "photos = 100000\ntimeout_s = 86400");
    let program = bench.start(&["rig", "run", "rig.toml", "--out", "out"]);
    let children = format!("/proc/{0}/task/{0}/children", program.id());
    loop {
        let found = fs::read_to_string(&children).unwrap();
        let found: Vec<Pid> = found
            .split_whitespace()
            .map(|id| Pid::from_raw(id.parse().unwrap()))
            .collect();
        if found.first().is_some_and(|&child| is_receiver(child)) {
            return (program, found);
        }
        thread::sleep(WATCH);
    }
}

#[test]
fn a_rig_that_is_interrupted_begins_nothing_more_and_reports_what_was_done() {
    let bench = Bench::new("rig-interrupted");
    let old = bench.folder.path("out/5-db/received");
    fs::create_dir_all(&old).unwrap();
    let (program, _) = endless_rig(&bench);
    program.interrupt();
    let run = program.end();
    assert_eq!(run.code(), 130, "{}", run.err());
    let said = run.out();
    assert!(
        said.starts_with("15-db: FAILED") && said.contains("interrupted"),
        "{said}"
    );
    assert_eq!(said.matches("FAILED").count(), 1, "{said}");
    assert!(old.exists(), "old results of what was not run stay");
    let report = fs::read(bench.folder.path("out/report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let scenarios = report["scenarios"].as_array().unwrap();
    assert!(
        scenarios.len() > 1 && report["outcome"] == "failed",
        "{report}"
    );
    for scenario in scenarios {
        assert_eq!(scenario["measured"]["error"], "interrupted", "{report}");
    }
}

/// A child is a copy of its parent for a moment.
fn is_receiver(process: Pid) -> bool {
    let words = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    words.split(|byte| *byte == 0).nth(1) == Some(b"receive")
}

/// Nobody may have waited for one that ended.
fn is_there(process: Pid) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat"));
    state.is_ok_and(|state| !state.contains(") Z "))
}

#[test]
fn the_second_interruption_of_a_rig_leaves_no_process_behind() {
    let bench = Bench::new("rig-interrupted-twice");
    let (mut program, children) = endless_rig(&bench);
    // It cannot do what it is asked to.
    kill(children[0], Signal::SIGSTOP).unwrap();
    program.interrupt_until_it_ends();
    assert_eq!(program.end().code(), 130);
    for child in children {
        let start = Instant::now();
        while is_there(child) {
            assert!(start.elapsed() < LIMIT, "{child} is still there");
            thread::sleep(WATCH);
        }
    }
}
