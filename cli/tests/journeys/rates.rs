//! Rates of the radio and of the signal, with recordings in the place of radios.

use std::fs;

use crate::common::Folder;
use crate::radio_files::on_the_air;

#[test]
fn samples_without_metadata_need_a_rate_and_metadata_have_their_own() {
    let folder = on_the_air("rate");
    fs::copy(folder.path("air.sigmf-data"), folder.path("air.cf32")).unwrap();
    let bare = folder.run(&["replay", "air.cf32"]);
    let rates = ["--sample-rate", "2M", "--radio-rate", "2M"];
    let both = folder.run(&[&["replay", "air.sigmf-meta"], &rates[..]].concat());
    assert_eq!((bare.code(), both.code()), (2, 2));
    for (run, flag) in [(bare, "--sample-rate"), (both, "--radio-rate")] {
        let said = run.err();
        assert!(said.contains(flag) && said.contains("air."), "{said}");
    }
    let slow = folder.run(&["replay", "air.sigmf-meta", "--sample-rate", "3M"]);
    assert_eq!(slow.code(), 2);
    let words = "--sample-rate: found 3000000, allowed is up to the 2000000 of air.sigmf-meta";
    assert!(slow.err().contains(words), "{}", slow.err());
    let odd = folder.run(&["replay", "air.sigmf-meta", "--sample-rate", "1999"]);
    let words = "radio_rate_hz: found 2000000, allowed 1 to 64 times the sample rate of 1999";
    assert!(
        odd.code() == 1 && odd.err().contains(words),
        "{}",
        odd.err()
    );
}

#[test]
fn a_radio_may_run_faster_than_the_signal() {
    let folder = Folder::new("faster");
    folder.photo("a.png", 96, 64);
    let radio = ["--radio", "file:wide.sigmf-meta", "--frequency", "868.3M"];
    let rates = ["--sample-rate", "500k", "--radio-rate", "2M"];
    let sent = [
        "transmit",
        "a.png",
        "--codec",
        "softcast",
        "--caption",
        "four times as fast",
    ];
    folder.run(&[&sent[..], &radio, &rates].concat()).ok();
    let meta = fs::read_to_string(folder.path("wide.sigmf-meta")).unwrap();
    assert!(meta.contains("\"core:sample_rate\": 2000000"), "{meta}");
    let received = [
        &["receive", "--out", "live", "--json", "--record", "narrow"],
        &radio[..],
        &rates,
    ];
    let live = folder.run(&received.concat()).ok().reports();
    assert_eq!(live[0]["radio_rate_hz"], 2e6);
    assert_eq!(live[1]["caption"], "four times as fast");
    assert!(
        live[1]["snr_db_estimated"].as_f64() > Some(50.0),
        "{}",
        live[1]
    );
    fs::copy(folder.path("wide.sigmf-data"), folder.path("wide.cf32")).unwrap();
    let replays: [&[&str]; 3] = [
        &["wide.sigmf-meta", "--sample-rate", "500k"],
        &["wide.cf32", "--sample-rate", "500k", "--radio-rate", "2M"],
        &["narrow.sigmf-meta"],
    ];
    for words in replays {
        folder
            .run(&[&["replay", "--out", "again"], words].concat())
            .ok();
        let picture = |name: &str| fs::read(folder.path(name).join("0001.png")).unwrap();
        assert_eq!(picture("live"), picture("again"), "{words:?}");
        fs::remove_dir_all(folder.path("again")).unwrap();
    }
}
