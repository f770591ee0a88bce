//! Radio commands with recordings in the place of radios: no hardware, no SoapySDR.

use std::fs;
use std::path::Path;

use crate::common::{Folder, Run, explained};

/// Sends photos into a recording; SoftCast is quick.
fn transmit(folder: &Folder, words: &[&str]) -> Run {
    let fixed = ["--codec", "softcast", "--frequency", "433M", "--seed", "1"];
    folder.run(&[&["transmit"], words, &fixed].concat())
}

/// A folder with two photos on the air, `air.sigmf-meta`.
pub fn on_the_air(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.photo("a.png", 96, 64);
    folder.photo("b.png", 96, 64);
    let words = ["a.png", "b.png", "--caption", "Grüße von {name}", "--radio"];
    transmit(&folder, &[&words[..], &["file:air.sigmf-meta"]].concat()).ok();
    folder
}

/// Silence behind what is on the air; the file takes no room.
#[cfg(unix)]
fn lengthen(folder: &Folder, bytes: u64) {
    let path = folder.path("air.sigmf-data");
    let data = fs::File::options().write(true).open(path).unwrap();
    data.set_len(bytes).unwrap();
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn photos_sent_into_a_recording_are_received_from_it() {
    let folder = on_the_air("air");
    let said = folder
        .run(&["replay", "air.sigmf-meta", "--out", "in"])
        .ok();
    assert!(said.out().contains("“Grüße von b.png”"), "{}", said.out());
    assert!(
        said.out()
            .lines()
            .last()
            .unwrap()
            .starts_with("2 pictures of 2 bursts")
    );
    for (number, photo) in [(1, "a.png"), (2, "b.png")] {
        let report = json(&folder.path(&format!("in/000{number}.json")));
        assert_eq!(report["caption"], format!("Grüße von {photo}"));
        assert_eq!(report["outcome"], "received");
        let picture = image::open(folder.path(&format!("in/000{number}.png"))).unwrap();
        let sent = image::open(folder.path(photo)).unwrap();
        let pairs = picture
            .to_rgb8()
            .into_raw()
            .into_iter()
            .zip(sent.to_rgb8().into_raw());
        let off: u64 = pairs.map(|(x, y)| u64::from(x.abs_diff(y))).sum();
        assert!(off < 8 * 96 * 64 * 3, "{off} off in all");
    }
    let summary = json(&folder.path("in/summary.json"));
    assert_eq!(
        (&summary["pictures"], &summary["samples_lost"]),
        (&2.into(), &0.into())
    );
    assert!(folder.path("in/constellation.png").exists());
}

#[test]
fn pictures_beyond_max_megapixels_are_refused_and_counted() {
    let folder = Folder::new("megapixels");
    folder.photo("large.png", 1024, 1024);
    folder.photo("small.png", 96, 64);
    let words = [
        "large.png",
        "small.png",
        "--cbr",
        "1/300",
        "--radio",
        "file:air.sigmf-meta",
    ];
    transmit(&folder, &words).ok();
    for (most, pictures) in [("1", 1), ("2", 2)] {
        folder
            .run(&[
                "replay",
                "air.sigmf-meta",
                "--max-megapixels",
                most,
                "--out",
                most,
            ])
            .ok();
        let summary = json(&folder.path(most).join("summary.json"));
        assert_eq!(summary["pictures"], pictures, "{summary}");
        assert_eq!(summary["headers_refused"] == 0, pictures == 2, "{summary}");
    }
}

#[test]
fn a_recording_stands_for_a_radio_and_bare_samples_do_with_a_rate() {
    let folder = on_the_air("stand-in");
    let words = [
        "receive",
        "--radio",
        "file:air.sigmf-meta",
        "--frequency",
        "433M",
        "--out",
        "live",
    ];
    folder.run(&words).ok();
    fs::copy(folder.path("air.sigmf-data"), folder.path("air.cf32")).unwrap();
    folder
        .run(&["replay", "air.cf32", "--sample-rate", "2M", "--out", "bare"])
        .ok();
    folder
        .run(&["replay", "air.sigmf-meta", "--verify", "--out", "again"])
        .ok();
    for name in [
        "0001.png",
        "0001.json",
        "0002.png",
        "0002.json",
        "summary.json",
    ] {
        let live = fs::read(folder.path("live").join(name)).unwrap();
        for other in ["bare", "again"] {
            assert_eq!(
                live,
                fs::read(folder.path(other).join(name)).unwrap(),
                "{other}/{name}"
            );
        }
    }
}

#[test]
fn numbers_go_on_in_a_folder_that_has_pictures() {
    let folder = on_the_air("numbers");
    folder
        .run(&["replay", "air.sigmf-meta", "--out", "in"])
        .ok();
    let first = fs::read(folder.path("in/0001.png")).unwrap();
    let reports = folder
        .run(&["replay", "air.sigmf-meta", "--out", "in", "--json"])
        .ok()
        .reports();
    assert_eq!(
        (&reports[0]["number"], &reports[1]["number"]),
        (&3.into(), &4.into())
    );
    assert_eq!(reports.last().unwrap()["pictures"], 2);
    assert_eq!(fs::read(folder.path("in/0001.png")).unwrap(), first);
    assert_eq!(fs::read(folder.path("in/0003.png")).unwrap(), first);
}

#[test]
fn a_bad_photo_is_named_and_left_out_and_the_others_are_sent_in_every_round() {
    let folder = Folder::new("bad-photo");
    folder.photo("a.png", 96, 64);
    folder.photo("c.png", 96, 64);
    fs::write(folder.path("bad.jpg"), "no picture").unwrap();
    let photos = ["a.png", "bad.jpg", "missing.png", "c.png"];
    let how = ["--rounds", "2", "--json", "--radio", "file:air.sigmf-meta"];
    let run = transmit(&folder, &[&photos[..], &how].concat());
    assert_eq!(run.code(), 1);
    assert!(
        run.err().contains("bad.jpg") && run.err().contains("missing.png"),
        "{}",
        run.err()
    );
    let lines = run.reports();
    lines.iter().for_each(|line| explained("transmit", line));
    let sent: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["photo"].as_str())
        .collect();
    assert_eq!(sent, ["a.png", "c.png", "a.png", "c.png"]);
    let summary = lines.last().unwrap();
    assert_eq!(
        (&summary["pictures"], &summary["pictures_not_read"]),
        (&4.into(), &4.into())
    );
    let heard = folder
        .run(&["replay", "air.sigmf-meta", "--json"])
        .ok()
        .reports();
    assert_eq!(heard.last().unwrap()["pictures"], 4);
}

#[test]
fn rounds_without_end_end_when_nothing_can_be_read() {
    let folder = Folder::new("no-photo");
    let run = transmit(
        &folder,
        &[
            "none.png",
            "--rounds",
            "0",
            "--radio",
            "file:air.sigmf-meta",
        ],
    );
    assert_eq!(run.code(), 1);
    assert!(
        run.err().contains("none.png") && run.out().is_empty(),
        "{}",
        run.err()
    );
}

#[test]
fn a_damaged_or_foreign_recording_is_refused_with_file_and_field() {
    let folder = on_the_air("damaged");
    let meta = fs::read_to_string(folder.path("air.sigmf-meta")).unwrap();
    let data = fs::read(folder.path("air.sigmf-data")).unwrap();
    let rate = "\"core:sample_rate\": 2000000.0";
    assert!(meta.contains(rate), "{meta}");
    let put = |name: &str, meta: &str, data: &[u8]| {
        fs::write(folder.path(&format!("{name}.sigmf-meta")), meta).unwrap();
        fs::write(folder.path(&format!("{name}.sigmf-data")), data).unwrap();
    };
    put("foreign", &meta.replace("cf32_le", "ru8"), &data);
    put(
        "rate",
        &meta.replace(rate, "\"core:sample_rate\": -1"),
        &data,
    );
    put("cut", &meta[..200], &data);
    put("odd", &meta, &data[..50_001]);
    fs::write(folder.path("lone.sigmf-meta"), &meta).unwrap();
    let cases: [(&str, &[&str]); 6] = [
        (
            "foreign",
            &["foreign.sigmf-meta", "core:datatype", "ru8", "cf32_le, ci8"],
        ),
        ("rate", &["rate.sigmf-meta", "core:sample_rate", "-1"]),
        ("cut", &["cut.sigmf-meta", "EOF"]),
        ("odd", &["odd.sigmf-data", "50001", "multiple of 8"]),
        ("lone", &["lone.sigmf-data", "No such file"]),
        ("none", &["none.sigmf-meta", "No such file"]),
    ];
    for (name, said) in cases {
        let run = folder.run(&["replay", &format!("{name}.sigmf-meta"), "--out", "in"]);
        assert_eq!(run.code(), 1, "{name}");
        for word in said {
            assert!(run.err().contains(word), "{name}: {}", run.err());
        }
    }
    assert!(
        !folder.path("in").exists(),
        "nothing is written for a recording that is refused"
    );
}

#[test]
fn changed_samples_are_found_by_their_hash() {
    let folder = on_the_air("hash");
    let mut data = fs::read(folder.path("air.sigmf-data")).unwrap();
    data[4000] ^= 1;
    fs::write(folder.path("air.sigmf-data"), data).unwrap();
    let run = folder.run(&["replay", "air.sigmf-meta", "--verify"]);
    assert_eq!(run.code(), 1);
    assert!(run.err().contains("sha512"), "{}", run.err());
    folder.run(&["replay", "air.sigmf-meta"]).ok();
}

#[test]
fn a_recording_without_a_picture_ends_with_3() {
    let folder = Folder::new("silence");
    fs::write(folder.path("air.cf32"), vec![0; 800_000]).unwrap();
    let run = folder.run(&["replay", "air.cf32", "--sample-rate", "2M", "--out", "in"]);
    assert_eq!(run.code(), 3, "{}", run.err());
    assert_eq!(
        run.out().trim(),
        "0 pictures of 0 bursts in 100,000 samples"
    );
    assert_eq!(folder.names("in"), ["summary.json"]);
}

#[test]
fn an_unknown_radio_is_answered_with_the_profiles() {
    let folder = Folder::new("moon");
    let run = folder.run(&["receive", "--radio", "moon", "--frequency", "1G"]);
    assert_eq!(run.code(), 2);
    for word in [
        "moon",
        "usrp-b210",
        "hackrf",
        "pluto",
        "limesdr",
        "virtual",
        "driver=",
    ] {
        assert!(run.err().contains(word), "{}", run.err());
    }
}

#[cfg(not(feature = "soapy"))]
#[test]
fn without_soapysdr_it_is_said_how_to_build_with_it() {
    let folder = Folder::new("no-soapy");
    for command in ["receive", "transmit"] {
        let run = folder.run(&[command, "--radio", "driver=hackrf", "--frequency", "1G"]);
        assert_eq!(run.code(), 1, "{command}");
        let said = run.err();
        assert!(
            said.contains("SoapySDR") && said.contains("--features soapy"),
            "{said}"
        );
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_reception_with_its_summary() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    use std::process::Stdio;

    let folder = on_the_air("stop");
    // Hours.
    lengthen(&folder, 400 << 30);
    let commands: [&[&str]; 2] = [
        &["replay", "air.sigmf-meta"],
        &[
            "receive",
            "--radio",
            "file:air.sigmf-meta",
            "--frequency",
            "433M",
        ],
    ];
    for words in commands {
        let out = words[0];
        let mut command = folder.command(&[words, &["--out", out]].concat());
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = piped.spawn().unwrap();
        let second = folder.path(out).join("0002.json");
        while !second.exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
        let run = Run(child.wait_with_output().unwrap()).ok();
        let last = run.out().lines().last().unwrap().to_owned();
        assert!(last.starts_with("2 pictures of 2 bursts"), "{last}");
        assert_eq!(json(&folder.path(out).join("summary.json"))["pictures"], 2);
    }
}

/// The limit on the size of files stands for a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_names_the_file_and_keeps_what_is_whole() {
    let folder = Folder::new("radio-full");
    let limited = |blocks: u32, words: &str| {
        let program = env!("CARGO_BIN_EXE_heliograph");
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec '{program}' {words}");
        let mut shell = std::process::Command::new("sh");
        let shell = shell.args(["-c", &script]).current_dir(folder.path(""));
        Run(shell.output().unwrap())
    };
    folder.photo("a.png", 96, 64);
    let noise = |x: u32, y: u32| {
        let n =
            (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519);
        image::Rgb([(n >> 8) as u8, (n >> 16) as u8, (n >> 24) as u8])
    };
    image::RgbImage::from_fn(900, 700, noise)
        .save(folder.path("noise.png"))
        .unwrap();
    let how = "--codec softcast --cbr 1/2 --peak-limit-db 12 --frequency 433M --seed 1";

    // 0.7 or 1.4 MiB, as the shell counts: room for the small picture and for the graph's buffers.
    let run = limited(
        1400,
        &format!("transmit a.png noise.png {how} --radio file:cut.sigmf-meta"),
    );
    assert_eq!(run.code(), 1, "{}", run.err());
    assert!(
        run.err().contains("cut.sigmf-data") && run.err().contains("too large"),
        "{}",
        run.err()
    );
    let heard = folder
        .run(&["replay", "cut.sigmf-meta", "--out", "cut"])
        .ok();
    assert!(
        heard.out().contains("96x64  1 of 1 burst "),
        "{}",
        heard.out()
    );

    // The receiver's graph has larger buffers: 20 or 40 MiB. Silence behind the picture makes the recording too large.
    transmit(&folder, &["a.png", "--radio", "file:air.sigmf-meta"]).ok();
    lengthen(&folder, 64_000_000);
    let words = "receive --radio file:air.sigmf-meta --frequency 433M --record again --out in";
    let run = limited(40_000, words);
    assert_eq!(run.code(), 1, "{}", run.err());
    assert!(
        run.err().contains("again.sigmf-data") && run.err().contains("too large"),
        "{}",
        run.err()
    );
    assert_eq!(folder.names("in").len(), 4, "{:?}", folder.names("in"));
    assert_eq!(crate::common::size(&folder.path("in/0001.png")), (96, 64));
    let heard = folder.run(&["replay", "again.sigmf-meta", "--out", "again"]);
    assert!(heard.ok().out().contains("96x64  1 of 1 burst "));
}
