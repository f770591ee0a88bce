//! Programs that are killed, samples that are lost, a radio that is unplugged: the next picture comes, every loss is reported.

use std::thread;
use std::time::Duration;

use crate::bench::{Bench, transmission};

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
    let bench = Bench::new("transmitter-killed");
    // 0.8 s in 8 bursts at this rate.
    bench.folder.photo("long.ppm", 1024, 768);
    bench.folder.photo("next.png", 96, 64);
    let slow = ["--sample-rate", "200k"];
    let receiver = bench.receive(
        ",noise_dbfs=-26",
        &[&slow[..], &["--timeout", "0.5"]].concat(),
    );
    let roof = bench.radio("roof", "");
    let transmission =
        |words: &[&'static str]| [transmission(&roof, words), slow.to_vec()].concat();
    // Between two pictures nothing is partial: then once more.
    let partial = (0..6).find_map(|_| {
        let endless = [
            "long.ppm",
            "--rounds",
            "0",
            "--caption",
            "cut off",
            "--json",
        ];
        let transmitter = bench.start(&transmission(&endless));
        receiver.picture("cut off");
        thread::sleep(Duration::from_millis(350));
        transmitter.kill();
        // What it had written is still on the air, up to the buffer of 262,144 samples.
        thread::sleep(Duration::from_millis(1500));
        let next = ["next.png", "--caption", "next"];
        bench.folder.run(&transmission(&next)).ok();
        let mut lines = Vec::new();
        while !lines
            .iter()
            .any(|line: &serde_json::Value| line["caption"] == "next")
        {
            lines.push(receiver.line());
        }
        lines.extend(receiver.line_within(Duration::from_secs(2)));
        lines
            .into_iter()
            .find(|line| line["outcome"] == "received_with_losses")
    });
    let partial = partial.expect("a partial picture");
    assert_eq!(partial["completion"], "timed_out");
    assert!(partial["bursts_missing"].as_u64().unwrap() > 0, "{partial}");
    let file = format!("in/{:04}.png", partial["number"].as_u64().unwrap());
    assert_eq!(crate::common::size(&bench.folder.path(&file)), (1024, 768));
    receiver.interrupt();
    assert!(receiver.summary()["pictures_incomplete"].as_u64().unwrap() > 0);
}

#[test]
fn gaps_are_reported_with_every_sample_and_pictures_come_nevertheless() {
    let bench = Bench::new("gaps");
    bench.folder.photo("a.png", 96, 64);
    let link = format!("{NOISE},drops=1e-5:100:1000");
    let receiver = bench.receive(&link, &["--record", "air"]);
    bench.transmit(&["a.png", "--caption", "through gaps", "--repeat", "4"]);
    receiver.picture("through gaps");
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
    let receiver = bench.receive(&link, &["--pictures", "1"]);
    bench.transmit(&["a.png", "--caption", "after it"]);
    receiver.picture("after it");
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
    // What comes behind the place where it was unplugged comes from a radio that was opened again.
    while receiver.line()["start_sample"].as_i64().unwrap() < 2_000_000 {}
    receiver.interrupt();
    let (code, lines, words) = receiver.end();
    assert_eq!(code, 0, "{words}");
    let summary = lines.last().unwrap();
    let count = |field: &str| summary[field].as_u64().unwrap();
    assert!(
        count("reconnections") > 0 && count("gaps_of_unknown_length") > 0,
        "{summary}"
    );
    assert!(
        words.contains("Virtual radio is gone") && words.contains("opened again"),
        "{words}"
    );
    transmitter.interrupt();
    transmitter.summary();
}

#[test]
fn with_no_reconnect_a_radio_that_goes_away_is_an_error_with_its_name() {
    let bench = Bench::new("no-reconnect");
    bench.folder.photo("a.png", 96, 64);
    let transmitter = bench.start_transmitter(&["a.png", "--rounds", "0", "--json"]);
    transmitter.line();
    let link = format!("{NOISE},fault=unplug@1000000");
    let (code, lines, words) = bench.receive(&link, &["--no-reconnect"]).end();
    assert_eq!(code, 1);
    assert!(
        words.contains("virtual radio") && words.contains("does not answer"),
        "{words}"
    );
    assert!(!lines.is_empty(), "what came before it is kept");
    assert!(bench.folder.path("in/summary.json").exists());
    transmitter.interrupt();
    transmitter.summary();
}
