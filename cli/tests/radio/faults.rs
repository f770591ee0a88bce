//! Programs that are killed, samples that are lost, a radio that is unplugged: the next picture comes, every loss is reported.

use crate::bench::{Bench, Ear, RATE_HZ};

const NOISE: &str = ",pace=free,noise_dbfs=-26";

#[test]
fn a_receiver_that_was_killed_receives_the_next_picture_when_it_is_started_again() {
    let bench = Bench::new("receiver-killed");
    bench.folder.photo("a.png", 96, 64);
    let first = bench.receive(NOISE, &[]);
    let transmitter =
        bench.start_transmitter(&["a.png", "--rounds", "0", "--caption", "on and on", "--json"]);
    first.picture("on and on");
    first.kill();
    let second = bench.receive(NOISE, &["--pictures", "1"]);
    let picture = second.picture("on and on");
    assert!(
        picture["number"].as_u64().unwrap() >= 2,
        "numbers go on: {picture}"
    );
    assert_eq!(second.summary()["pictures"], 1);
    transmitter.interrupt();
    transmitter.summary();
}

#[test]
fn after_a_transmitter_that_was_killed_the_next_one_is_received_and_the_partial_picture_kept() {
    // Samples of the long picture: on the air, and heard before the transmitter is killed. What it has sent then lies between
    // these, and what it can be ahead of a listener.
    const LONG: usize = 3_900_000;
    const HEARD: usize = 2_000_000;
    const { assert!(HEARD + Ear::RECEIVERS_AHEAD + Ear::TRANSMITTERS_AHEAD < LONG * 9 / 10) };
    let bench = Bench::new("transmitter-killed");
    bench.folder.photo("long.ppm", 1024, 768);
    bench.folder.photo("next.png", 96, 64);
    let mut ear = bench.ear();
    let receiver = bench.receive(NOISE, &["--timeout", "0.5"]);
    let transmitter = bench.start_transmitter(&["long.ppm", "--cbr", "1", "--caption", "cut off"]);
    ear.hear(HEARD);
    transmitter.kill();
    drop(ear);
    let partial = receiver.line();
    assert_eq!(
        (&partial["outcome"], &partial["completion"]),
        (&"received_with_losses".into(), &"timed_out".into())
    );
    assert_eq!(partial["caption"], "cut off");
    assert!(partial["bursts_missing"].as_u64().unwrap() > 0, "{partial}");
    let air_time = partial["air_time_seconds"].as_f64().unwrap();
    assert!(air_time * RATE_HZ > LONG as f64, "{partial}");
    let file = format!("in/{:04}.png", partial["number"].as_u64().unwrap());
    assert_eq!(crate::common::size(&bench.folder.path(&file)), (1024, 768));
    bench.transmit(&["next.png", "--caption", "next"]);
    assert_eq!(receiver.line()["caption"], "next");
    receiver.interrupt();
    assert_eq!(receiver.summary()["pictures_incomplete"], 1);
}

#[test]
fn gaps_are_reported_with_every_sample_and_pictures_come_nevertheless() {
    let bench = Bench::new("gaps");
    bench.folder.photo("a.png", 96, 64);
    let link = format!("{NOISE},drops=1e-5:100:1000");
    let receiver = bench.receive(&link, &["--record", "air"]);
    let through = ["a.png", "--caption", "through gaps", "--repeat", "4"];
    let transmitter =
        bench.start_transmitter(&[&through[..], &["--rounds", "0", "--json"]].concat());
    // The seed of the gaps is fixed: five of them lie before this place.
    while receiver.picture("through gaps")["start_sample"]
        .as_i64()
        .unwrap()
        < 1_000_000
    {}
    transmitter.interrupt();
    transmitter.summary();
    receiver.interrupt();
    let summary = receiver.summary();
    let count = |field: &str| summary[field].as_u64().unwrap();
    assert!(
        count("gaps") > 0 && count("gaps_of_unknown_length") == 0,
        "{summary}"
    );
    // The recording begins a capture segment behind each gap and says where it lies in the stream.
    let meta = std::fs::read(bench.folder.path("air.sigmf-meta")).unwrap();
    let meta: serde_json::Value = serde_json::from_slice(&meta).unwrap();
    let last = meta["captures"].as_array().unwrap().last().unwrap();
    let place = |field: &str| last[field].as_u64().unwrap();
    let missing = place("core:global_index") - place("core:sample_start");
    assert_eq!(missing, count("samples_lost"));
}

#[test]
fn an_overflow_is_reported_to_the_sample() {
    let bench = Bench::new("overflow");
    bench.folder.photo("a.png", 96, 64);
    let link = format!("{NOISE},fault=overflow@1000:4321");
    let receiver = bench.receive(&link, &[]);
    // The first may be hit by it.
    bench.transmit(&["a.png", "--caption", "after it", "--rounds", "2"]);
    receiver.picture("after it");
    receiver.interrupt();
    let summary = receiver.summary();
    assert_eq!(
        (&summary["samples_lost"], &summary["gaps"]),
        (&4321.into(), &1.into())
    );
}

#[test]
fn a_radio_that_is_unplugged_is_opened_again_and_the_next_picture_comes() {
    let bench = Bench::new("unplugged");
    bench.folder.photo("a.png", 96, 64);
    let link = format!("{NOISE},fault=unplug@2000000");
    let receiver = bench.receive(&link, &[]);
    let transmitter =
        bench.start_transmitter(&["a.png", "--rounds", "0", "--pause", "0.02", "--json"]);
    receiver.wait_for_words("Virtual radio is gone");
    receiver.wait_for_words("is opened again");
    // What comes behind the place where it was unplugged comes from a radio that was opened again.
    while receiver.line()["start_sample"].as_i64().unwrap() < 2_000_000 {}
    receiver.interrupt();
    let summary = receiver.summary();
    let count = |field: &str| summary[field].as_u64().unwrap();
    assert!(
        count("reconnections") > 0 && count("gaps_of_unknown_length") > 0,
        "{summary}"
    );
    transmitter.interrupt();
    transmitter.summary();
}

#[test]
fn with_no_reconnect_a_radio_that_goes_away_is_an_error_with_its_name() {
    let bench = Bench::new("no-reconnect");
    bench.folder.photo("a.png", 96, 64);
    let mut ear = bench.ear();
    let link = format!("{NOISE},fault=unplug@1000000");
    let receiver = bench.receive(&link, &["--no-reconnect"]);
    let transmitter = bench.start_transmitter(&["a.png", "--rounds", "0", "--json"]);
    // It does not come to the fault before it has given out a picture.
    transmitter.wait_for_samples(400_000);
    ear.hear(400_000);
    assert!(receiver.line()["number"].is_u64());
    drop(ear);
    let run = receiver.end();
    assert_eq!(run.code(), 1);
    let words = run.err();
    assert!(
        words.contains("virtual radio") && words.contains("does not answer"),
        "{words}"
    );
    assert!(bench.folder.path("in/0001.png").exists());
    assert!(bench.folder.path("in/summary.json").exists());
    transmitter.interrupt();
    transmitter.summary();
}
