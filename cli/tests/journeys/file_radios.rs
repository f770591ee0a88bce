//! Recordings as radios: what is there is kept, what they say is believed, their clock is their samples.

use std::fs;

use crate::common::{Folder, Run};
use crate::radio_files::on_the_air;

fn transmit(folder: &Folder, words: &str) -> Run {
    let fixed = "transmit --codec softcast --seed 1 ".to_owned();
    folder.run(&(fixed + words).split(' ').collect::<Vec<_>>())
}

#[test]
fn a_recording_that_is_there_is_not_replaced_and_nothing_sent_leaves_none() {
    let folder = on_the_air("kept");
    let before = fs::read(folder.path("air.sigmf-data")).unwrap();
    for photo in ["a.png", "missing.png"] {
        let run = transmit(
            &folder,
            &format!("{photo} --frequency 433M --radio file:air"),
        );
        assert_eq!(run.code(), 1);
        let said = run.err();
        assert!(
            said.contains("air.sigmf-") && said.contains("found"),
            "{said}"
        );
        assert_eq!(fs::read(folder.path("air.sigmf-data")).unwrap(), before);
    }
    let run = transmit(&folder, "missing.png --frequency 433M --radio file:new");
    assert_eq!(run.code(), 1, "{}", run.err());
    assert!(!folder.names(".").iter().any(|name| name.starts_with("new")));
}

#[test]
fn a_recording_says_its_frequency_and_who_sends_has_to() {
    let folder = on_the_air("says");
    let run = folder
        .run(&["receive", "--radio", "file:air", "--out", "in"])
        .ok();
    assert!(run.out().contains("433 MHz"), "{}", run.out());
    assert!(run.out().contains("2 pictures"), "{}", run.out());
    let run = transmit(&folder, "a.png --radio file:new");
    assert_eq!(run.code(), 2);
    let needed = "--frequency: needed, file:new does not say it";
    assert!(run.err().contains(needed), "{}", run.err());
}

#[test]
fn seconds_of_a_replay_are_those_of_the_recording() {
    let folder = on_the_air("seconds");
    let samples = fs::metadata(folder.path("air.sigmf-data")).unwrap().len() / 8;
    let pictures = |share: f64| {
        let seconds = format!("{}", share * samples as f64 / 2e6);
        let words = [
            "replay",
            "air.sigmf-meta",
            "--out",
            "in",
            "--json",
            "--seconds",
        ];
        let run = folder.run(&[&words[..], &[&seconds]].concat());
        run.reports().last().unwrap()["pictures"].as_u64().unwrap()
    };
    assert_eq!([0.6, 2.0].map(pictures), [1, 2]);
}

#[test]
fn a_pause_is_silence_in_the_file() {
    let folder = Folder::new("silence");
    folder.photo("a.png", 96, 64);
    let send = |name: &str, more: &str| {
        let words = format!("a.png a.png --frequency 433M --radio file:{name}{more}");
        transmit(&folder, &words).ok();
        fs::metadata(folder.path(&format!("{name}.sigmf-data")))
            .unwrap()
            .len()
            / 8
    };
    let without = send("dense", "");
    // 0.2 s at 2 MS/s behind each of two.
    assert_eq!(send("sparse", " --pause 0.2"), without + 2 * 400_000);
    let run = folder.run(&["replay", "sparse.sigmf-meta", "--out", "in"]);
    assert!(run.ok().out().contains("2 pictures of 2 bursts"));
}

#[test]
fn a_pause_of_seconds_is_written_and_one_of_minutes_is_refused_in_seconds() {
    let folder = Folder::new("long-pause");
    folder.photo("a.png", 96, 64);
    let send = |pause: &str| {
        transmit(
            &folder,
            &format!("a.png --frequency 433M --radio file:a --pause {pause}"),
        )
    };
    let run = send("60.1");
    assert_eq!(run.code(), 2, "{}", run.err());
    let words = "--pause: found 60.1 s, allowed at most 60 s into a file";
    assert!(run.err().contains(words), "{}", run.err());
    assert_eq!(folder.names("."), ["a.png"]);
    send("2").ok();
    let bytes = fs::metadata(folder.path("a.sigmf-data")).unwrap().len();
    assert!(bytes > 8 * 4_000_000, "{bytes}");
}

#[test]
fn what_is_no_recording_is_named_as_it_was() {
    let folder = Folder::new("no-recording");
    folder.photo("a.png", 16, 16);
    let run = folder.run(&["replay", "a.png"]);
    assert_eq!(run.code(), 2);
    assert!(
        run.err().contains("a.png: found no recording"),
        "{}",
        run.err()
    );
    for (words, needed) in [
        ("calibrate --transmitter moon --out x", "--transmitter: "),
        (
            "receive --radio usrp-b210 --gain-db 99",
            "receive.gain_db: found 99",
        ),
        ("decode a.png --out a.jpg", "allowed NAME.png"),
    ] {
        let run = folder.run(&words.split(' ').collect::<Vec<_>>());
        assert_eq!(run.code(), 2, "{words}: {}", run.err());
        assert!(run.err().contains(needed), "{words}: {}", run.err());
    }
}

/// Two receivers in one folder, as two radios of a bench have them.
#[test]
fn two_receivers_write_into_one_folder_and_no_picture_is_lost() {
    let folder = on_the_air("together");
    let words = ["replay", "air.sigmf-meta", "--out", "in"];
    let runs = [0, 1].map(|_| folder.command(&words).spawn().unwrap());
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    let names = folder.names("in");
    for number in 1..=4 {
        for extension in ["png", "json"] {
            let name = format!("000{number}.{extension}");
            assert!(names.contains(&name), "{names:?}");
        }
    }
}
