//! Links between two programs: noise, offsets, echoes, a HackRF's limits, recordings.

use std::fs;

use serde_json::Value;

use crate::bench::{Bench, transmission};

/// Sends three photos; all must come, with captions that are right to the letter.
fn three_photos(name: &str, transmitter: &str, receiver: &str) -> Vec<Value> {
    three_photos_at("2M", name, transmitter, receiver)
}

fn three_photos_at(rate: &str, name: &str, transmitter: &str, receiver: &str) -> Vec<Value> {
    let bench = Bench::new(name);
    let photos = ["a.png", "b.png", "c.png"];
    for photo in photos {
        bench.folder.photo(photo, 96, 64);
    }
    let rate = ["--sample-rate", rate];
    let receiver = bench.receive(receiver, &[&rate[..], &["--pictures", "3"]].concat());
    let caption = "„{name}“ – 日の出, 5 °C\nsecond line";
    let radio = bench.radio("roof", transmitter);
    let words = [&photos[..], &rate, &["--caption", caption]].concat();
    bench.folder.run(&transmission(&radio, &words)).ok();
    let pictures: Vec<Value> = photos.iter().map(|_| receiver.line()).collect();
    for (picture, photo) in pictures.iter().zip(photos) {
        assert_eq!(picture["caption"], caption.replace("{name}", photo));
        assert_eq!(
            (&picture["outcome"], &picture["bursts_missing"]),
            (&"received".into(), &0.into())
        );
    }
    let summary = receiver.summary();
    for nothing in [
        "samples_lost",
        "pictures_incomplete",
        "bursts_refused",
        "reconnections",
    ] {
        assert_eq!(summary[nothing], 0, "{nothing}");
    }
    assert_eq!(
        crate::common::size(&bench.folder.path("in/0003.png")),
        (96, 64)
    );
    pictures
}

fn near(picture: &Value, field: &str, expected: f64, tolerance: f64) {
    let found = picture[field].as_f64().unwrap();
    assert!((found - expected).abs() <= tolerance, "{field} {found}");
}

#[test]
fn three_photos_arrive_at_15_db_with_their_captions_to_the_letter() {
    for picture in three_photos("three", ",pace=free", ",pace=free,noise_dbfs=-26") {
        near(&picture, "snr_db_estimated", 15.0, 0.7);
        near(&picture, "cfo_hz_estimated", 0.0, 10.0);
    }
}

#[test]
fn three_photos_arrive_with_20_khz_20_ppm_and_an_echo() {
    let link = ",pace=free,noise_dbfs=-26,cfo_hz=20000,sfo_ppm=20,multipath=0:0:0;7:-6:90";
    for picture in three_photos("offsets", ",pace=free", link) {
        near(&picture, "cfo_hz_estimated", 20_000.0, 20.0);
        assert!(
            picture["snr_db_estimated"].as_f64().unwrap() > 12.0,
            "{picture}"
        );
    }
}

#[test]
fn pictures_between_two_hackrfs_are_whole() {
    let link = ",pace=free,emulate=hackrf,noise_dbfs=-26";
    for picture in three_photos("hackrf", ",pace=free,emulate=hackrf", link) {
        near(&picture, "snr_db_estimated", 15.0, 1.0);
    }
}

#[test]
fn three_photos_arrive_by_the_clock() {
    // Two seconds in hand: programs start and compute meanwhile, on a busy machine too.
    three_photos_at(
        "200k",
        "clock",
        ",tx_latency_ms=500",
        ",noise_dbfs=-26,buffer=524288",
    );
}

#[test]
fn a_recorded_run_is_received_again_byte_for_byte() {
    let bench = Bench::new("replay");
    bench.folder.photo("a.png", 96, 64);
    bench.folder.photo("b.png", 256, 192);
    let link = ",pace=free,noise_dbfs=-26,cfo_hz=-7000,drops=1e-6:100:1000";
    let receiver = bench.receive(link, &["--record", "air", "--symbols"]);
    bench.transmit(&["a.png", "b.png", "--caption", "{name}", "--repeat", "2"]);
    receiver.picture("a.png");
    receiver.picture("b.png");
    receiver.interrupt();
    assert_eq!(receiver.summary()["pictures"], 2);
    let words = [
        "replay",
        "air.sigmf-meta",
        "--verify",
        "--symbols",
        "--out",
        "again",
    ];
    bench.folder.run(&words).ok();
    let names = bench.folder.names("in");
    assert_eq!(names, bench.folder.names("again"));
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        let [live, again] = ["in", "again"].map(|f| fs::read(bench.folder.path(f).join(&name)));
        assert!(live.unwrap() == again.unwrap(), "{name} differs");
    }
}

#[test]
fn a_recording_alone_is_received_from_later() {
    let bench = Bench::new("record");
    bench.folder.photo("a.png", 96, 64);
    let radio = bench.radio("lab", ",pace=free,noise_dbfs=-26");
    let words = ["record", "air", "--radio", &radio, "--frequency", "433M"];
    let how = ["--seconds", "0.2", "--datatype", "ci8"];
    // Behind what the recorder may hear alone, all of it is pictures: so many are handed over before it can go on.
    let ear = bench.ear();
    let recorder = bench.start(&[&words[..], &how].concat());
    bench.wait_for_file("air.sigmf-data");
    let transmitter = bench.start_transmitter(&["a.png", "--rounds", "0", "--json"]);
    transmitter.wait_for_samples(400_000);
    drop(ear);
    let said = recorder.end().ok().out();
    assert!(said.contains("400,000 samples, 0.200 s"), "{said}");
    assert_eq!(
        fs::metadata(bench.folder.path("air.sigmf-data"))
            .unwrap()
            .len(),
        800_000
    );
    let again = bench.folder.run(&[&words[..], &how].concat());
    assert!(
        again.code() == 1 && again.err().contains("air.sigmf-"),
        "{}",
        again.err()
    );
    transmitter.interrupt();
    assert!(transmitter.summary()["pictures"].as_u64().unwrap() > 0);
    let run = bench
        .folder
        .run(&["replay", "air.sigmf-meta", "--json"])
        .ok();
    assert!(run.reports().last().unwrap()["pictures"].as_u64().unwrap() > 10);
}
