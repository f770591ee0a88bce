//! Evaluations: the same rows however they are come by, and nothing lost on the way.

use std::fs;
use std::path::Path;

use crate::common::{Folder, Run, explained};

/// Two photos, two ratios, two levels, two seeds.
const ROWS: usize = 16;

fn flags<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [flags_without_seeds().as_slice(), &["--seeds", "2"], more].concat()
}

fn flags_without_seeds() -> Vec<&'static str> {
    let words = "evaluate --pictures photos --codecs softcast --cbr 1/2,1 --snr-db 0,10";
    words.split(' ').collect()
}

/// A folder of two small photos.
fn photos(name: &str) -> Folder {
    let folder = Folder::new(name);
    fs::create_dir(folder.path("photos")).unwrap();
    folder.photo("photos/a.png", 64, 48);
    folder.photo("photos/b.png", 50, 61);
    folder
}

fn rows(folder: &Folder, out: &str) -> String {
    fs::read_to_string(folder.path(out).join("rows.csv")).unwrap()
}

/// Rows of an evaluation that nothing disturbed.
fn undisturbed(folder: &Folder) -> String {
    folder
        .run(&flags(&["--out", "whole", "--threads", "1"]))
        .ok();
    let rows = rows(folder, "whole");
    assert_eq!(rows.lines().count(), 1 + ROWS, "{rows}");
    rows
}

fn refused(run: &Run, said: &[&str]) {
    assert_ne!(run.code(), 0, "{}", run.out());
    for said in said {
        assert!(run.err().contains(said), "{said}: {}", run.err());
    }
    assert!(!run.err().contains("panicked"), "{}", run.err());
}

#[test]
fn rows_are_the_same_bytes_on_any_thread_count_and_joined_from_shards() {
    let folder = photos("evaluate-same");
    let whole = undisturbed(&folder);
    folder
        .run(&flags(&["--out", "threads", "--threads", "3"]))
        .ok();
    assert_eq!(rows(&folder, "threads"), whole);
    for shard in ["2/3", "1/3", "3/3"] {
        folder
            .run(&flags(&["--out", "shards", "--shard", shard]))
            .ok();
    }
    assert!(!folder.path("shards/rows.csv").exists());
    let merged = folder
        .run(&["evaluate", "--merge", "--out", "shards", "--json"])
        .ok();
    assert_eq!(merged.reports()[0]["rows"], ROWS);
    assert_eq!(rows(&folder, "shards"), whole);
}

#[test]
fn an_evaluation_that_was_cut_off_goes_on_where_it_was() {
    let folder = photos("evaluate-cut");
    let whole = undisturbed(&folder);
    fs::create_dir(folder.path("cut")).unwrap();
    fs::copy(folder.path("whole/run.json"), folder.path("cut/run.json")).unwrap();
    // Ten rows in the order of another run, and half a row.
    let mut lines: Vec<&str> = whole.lines().collect();
    lines[1..12].reverse();
    let partial = lines[..11].join("\n") + "\n" + &lines[11][..20];
    fs::write(folder.path("cut/rows.partial.csv"), partial).unwrap();
    folder.run(&flags(&["--out", "cut"])).ok();
    assert_eq!(rows(&folder, "cut"), whole);
    assert!(!folder.path("cut/rows.partial.csv").exists());
    // A damaged name is a row of a photo that is not there: it is named, left out and measured again.
    let damaged = whole.replacen("\na,", "\naa,", 1);
    fs::write(folder.path("cut/rows.csv"), damaged).unwrap();
    let run = folder.run(&flags(&["--out", "cut", "--json"])).ok();
    assert!(run.err().contains("1 row left out"), "{}", run.err());
    assert!(run.err().contains("aa awgn 1/2"), "{}", run.err());
    assert_eq!(run.reports()[0]["rows"], ROWS);
    assert_eq!(rows(&folder, "cut"), whole);
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_the_finished_rows_and_the_same_command_goes_on() {
    use std::process::Stdio;
    use std::time::Duration;

    let folder = Folder::new("evaluate-interrupt");
    fs::create_dir(folder.path("photos")).unwrap();
    folder.photo("photos/a.png", 300, 200);
    let more = ["--out", "o", "--threads", "1", "--seeds", "9"];
    let words = [&flags_without_seeds(), &more[..]].concat();
    let mut command = folder.command(&words);
    let child = command
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let partial = folder.path("o/rows.partial.csv");
    let begun = std::time::Instant::now();
    while fs::read_to_string(&partial)
        .unwrap_or_default()
        .lines()
        .count()
        < 3
    {
        assert!(begun.elapsed() < Duration::from_secs(300), "no row came");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = format!("kill -INT {}", child.id());
    std::process::Command::new("sh")
        .args(["-c", &kill])
        .status()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("the same command goes on"), "{err}");
    let before = fs::read_to_string(&partial).unwrap();
    folder.run(&words).ok();
    let after = rows(&folder, "o");
    assert_eq!(after.lines().count(), 1 + 36);
    for line in before.lines() {
        assert!(after.contains(line), "{line}");
    }
}

#[test]
fn photos_that_cannot_be_sent_are_named_counted_and_left_out() {
    let folder = photos("evaluate-skip");
    fs::write(
        folder.path("photos/broken.png"),
        b"\x89PNG\r\n\x1a\nnothing",
    )
    .unwrap();
    fs::write(folder.path("photos/notes.txt"), b"no photo").unwrap();
    folder.photo("photos/tiny.png", 1, 1);
    let run = folder.run(&flags(&["--out", "o", "--json"])).ok();
    let summary = &run.reports()[0];
    assert_eq!(
        (&summary["rows"], &summary["skipped"]),
        (&ROWS.into(), &2.into())
    );
    for name in ["broken.png: skipped", "tiny.png: skipped: found 1x1"] {
        assert!(run.err().contains(name), "{}", run.err());
    }
    let skipped = fs::read_to_string(folder.path("o/skipped.csv")).unwrap();
    assert!(
        skipped.contains("broken.png") && skipped.contains("tiny.png"),
        "{skipped}"
    );
    assert!(!skipped.contains("notes"), "{skipped}");

    // Names of another alphabet differ, and so do their folders.
    fs::create_dir(folder.path("names")).unwrap();
    folder.photo("names/日.png", 64, 48);
    folder.photo("names/月.png", 64, 48);
    let words = "evaluate --pictures names --codecs softcast --cbr 1 --snr-db 10 --keep 2 --out n";
    folder.run(&words.split(' ').collect::<Vec<_>>()).ok();
    assert_eq!(fs::read_dir(folder.path("n/pictures")).unwrap().count(), 2);
    let wrong = folder.run(&flags(&["--out", "q", "--adapter", "names/日.png"]));
    refused(&wrong, &["--adapter", "allowed with codec deepjscc"]);

    fs::create_dir(folder.path("none")).unwrap();
    folder.photo("none/tiny.png", 1, 1);
    let run = folder.run(&["evaluate", "--pictures", "none", "--out", "p"]);
    refused(&run, &["tiny.png", "none can be sent"]);
}

#[test]
fn other_settings_are_refused_in_the_same_folder_with_what_differs() {
    let folder = photos("evaluate-settings");
    let whole = undisturbed(&folder);
    let run = folder.run(&flags(&["--out", "whole", "--sample-rate", "1e6"]));
    refused(
        &run,
        &["run.json", "sample_rate_hz", "2000000", "1000000", "--out"],
    );
    folder.photo("photos/b.png", 50, 62);
    let run = folder.run(&flags(&["--out", "whole"]));
    refused(&run, &["picture_files", "b.png"]);
    assert_eq!(rows(&folder, "whole"), whole);
}

#[test]
fn rows_of_an_earlier_run_are_taken_over_where_nothing_differs() {
    let folder = photos("evaluate-earlier");
    let whole = undisturbed(&folder);
    let more = ["--seeds", "2", "--snr-db", "0,10,20", "--out"];
    let wider = |out: &'static str, rest: &[&str]| {
        let base = "evaluate --pictures photos --codecs softcast --cbr 1/2,1".split(' ');
        let words: Vec<&str> = base
            .chain(more)
            .chain([out])
            .chain(rest.iter().copied())
            .collect();
        folder.run(&words)
    };
    let taken = wider("taken", &["--rows-from", "whole"]).ok();
    assert!(
        taken.err().contains("16 rows taken over from whole"),
        "{}",
        taken.err()
    );
    wider("alone", &[]).ok();
    assert_eq!(rows(&folder, "taken"), rows(&folder, "alone"));
    // What is taken over is neither measured nor painted: a figure nobody measured and a picture nobody painted come through.
    let kept = "pictures/a/awgn_1-2_softcast_0.png";
    assert!(folder.path(&format!("alone/{kept}")).is_file());
    folder.photo(&format!("whole/{kept}"), 9, 9);
    let forged = whole.replacen(",received,,", ",received,forged,", 1);
    assert_ne!(forged, whole);
    fs::write(folder.path("whole/rows.csv"), forged).unwrap();
    wider("forged", &["--rows-from", "whole"]).ok();
    assert!(rows(&folder, "forged").contains("forged"));
    let bytes = |run: &str| fs::read(folder.path(&format!("{run}/{kept}"))).unwrap();
    assert_eq!(bytes("forged"), bytes("whole"));
    // Another photo under the same name shares nothing.
    folder.photo("photos/a.png", 65, 48);
    let other = wider("other", &["--rows-from", "whole"]).ok();
    assert!(other.err().contains("8 rows taken over"), "{}", other.err());
    let rate = wider("rate", &["--rows-from", "whole", "--sample-rate", "1e6"]).ok();
    let why = "0 rows taken over from whole; sample_rate_hz: found 2000000, asked for 1000000";
    assert!(rate.err().contains(why), "{}", rate.err());
    let nowhere = wider("nowhere", &["--rows-from", "photos"]);
    refused(&nowhere, &["--rows-from", "run.json: not found"]);
}

#[test]
fn a_merge_names_gaps_duplicates_and_contradictions() {
    let folder = photos("evaluate-merge");
    let merge = ["evaluate", "--merge", "--out", "o"];
    refused(&folder.run(&merge), &["run.json", "not found"]);
    folder.run(&flags(&["--out", "o", "--shard", "1/2"])).ok();
    let run = folder.run(&merge);
    refused(
        &run,
        &["of 16 rows are missing", "shards without a file: 2", "awgn"],
    );
    assert!(!folder.path("o/rows.csv").exists());

    folder.run(&flags(&["--out", "o", "--shard", "2/2"])).ok();
    let (first, second) = (
        folder.path("o/rows-1-of-2.csv"),
        folder.path("o/rows-2-of-2.csv"),
    );
    let (one, two) = (read(&first), read(&second));
    let row = one.lines().nth(1).unwrap();
    fs::write(&second, format!("{two}{row}\n")).unwrap();
    let run = folder.run(&merge).ok();
    assert!(run.err().contains("1 row found again"), "{}", run.err());

    let other = row.replace(",received,", ",outage,");
    assert_ne!(other, row);
    fs::write(&second, format!("{two}{other}\n")).unwrap();
    let run = folder.run(&merge);
    refused(&run, &["rows-2-of-2.csv: line", "contradicts", &other]);

    fs::write(&second, two + &row.replace("a,awgn", "a,moon") + "\n").unwrap();
    refused(&folder.run(&merge), &["moon", "does not ask for"]);
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// The limit on the size of files stands for a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_finished_rows_intact() {
    let folder = photos("evaluate-full");
    let whole = undisturbed(&folder);
    let words = flags(&["--out", "o", "--keep", "0"]).join(" ");
    // At most 1 KiB: run.json is there already, sixteen rows do not fit.
    fs::create_dir(folder.path("o")).unwrap();
    fs::copy(folder.path("whole/run.json"), folder.path("o/run.json")).unwrap();
    let program = env!("CARGO_BIN_EXE_heliograph");
    let script = format!("trap '' XFSZ; ulimit -f 1; exec '{program}' {words}");
    let shell = std::process::Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path(""))
        .output()
        .map(Run)
        .unwrap();
    refused(
        &shell,
        &["rows.partial.csv", "finished rows are kept", "too large"],
    );
    let partial = read(&folder.path("o/rows.partial.csv"));
    assert!(
        partial.ends_with('\n') && partial.lines().count() > 1,
        "{partial}"
    );
    for line in partial.lines() {
        assert!(whole.contains(line), "{line}");
    }
    folder.run(&flags(&["--out", "o"])).ok();
    assert_eq!(rows(&folder, "o"), whole);
}

#[test]
fn plots_and_report_are_made_again_from_the_rows_alone() {
    let folder = photos("evaluate-plot");
    undisturbed(&folder);
    let made: Vec<String> = folder.names("whole");
    let kept = ["rows.csv", "run.json", "pictures"];
    for name in made.iter().filter(|name| !kept.contains(&name.as_str())) {
        let path = folder.path("whole").join(name);
        let to = folder.path(&format!("before-{name}"));
        fs::rename(path, to).unwrap();
    }
    let said = folder.run(&["plot", "whole"]).ok().out();
    for name in ["summary.csv", "report.html"] {
        assert!(said.contains(name), "{said}");
        let again = read(&folder.path("whole").join(name));
        assert_eq!(
            again,
            read(&folder.path(&format!("before-{name}"))),
            "{name}"
        );
    }
    explained(
        "plot",
        &folder.run(&["plot", "whole", "--json"]).ok().reports()[0],
    );
    assert_eq!(folder.names("whole/plots"), folder.names("before-plots"));
    for name in folder.names("whole/plots") {
        let bytes = |path: &str| fs::read(folder.path(path).join(&name)).unwrap();
        assert_eq!(bytes("whole/plots"), bytes("before-plots"), "{name}");
    }
    refused(&folder.run(&["plot", "photos"]), &["rows.csv"]);
}

#[test]
fn learned_and_digital_codecs_give_the_same_bytes_on_any_thread_count_and_from_shards() {
    let folder = Folder::new("evaluate-codecs");
    fs::create_dir(folder.path("photos")).unwrap();
    folder.photo("photos/a.png", 96, 64);
    let run = |more: &[&str]| {
        let words = "evaluate --pictures photos --codecs deepjscc-0,deepjscc,digital --cbr 1/4 --snr-db 5,25 --channels awgn,tdl-a";
        let words: Vec<&str> = words.split(' ').chain(more.iter().copied()).collect();
        folder.run(&words).ok();
    };
    run(&["--out", "one", "--threads", "1"]);
    run(&["--out", "three", "--threads", "3"]);
    let whole = rows(&folder, "one");
    assert_eq!(whole.lines().count(), 1 + 12, "{whole}");
    assert!(whole.contains(",digital,0,received,64qam"), "{whole}");
    assert_eq!(rows(&folder, "three"), whole);
    for shard in ["1/2", "2/2"] {
        run(&["--out", "shards", "--shard", shard]);
    }
    folder.run(&["evaluate", "--merge", "--out", "shards"]).ok();
    assert_eq!(rows(&folder, "shards"), whole);
}

#[test]
fn the_waveform_costs_less_than_a_third_of_a_db_beside_noise_on_the_symbols_alone() {
    let folder = Folder::new("evaluate-ideal");
    fs::create_dir(folder.path("photos")).unwrap();
    // A drawn picture has next to no detail, and then the estimate of the channel is what is left of the error.
    let photo = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/espresso.jpg");
    fs::copy(photo, folder.path("photos/a.jpg")).unwrap();
    let words = "evaluate --pictures photos --codecs softcast --cbr 1/24 --snr-db 4,10 --seeds 4 --channels awgn,ideal-awgn --out o";
    let words: Vec<&str> = words.split(' ').collect();
    folder.run(&words).ok();
    let table = rows(&folder, "o");
    let mean = |channel: &str, snr: &str| -> f64 {
        let of = |line: &&str| line.contains(&format!(",{channel},1/24,{snr},"));
        let psnrs = table.lines().filter(of);
        let psnrs: Vec<f64> = psnrs
            .map(|l| l.split(',').nth(10).unwrap().parse().unwrap())
            .collect();
        assert_eq!(psnrs.len(), 4, "{table}");
        psnrs.iter().sum::<f64>() / 4.0
    };
    for snr in ["4", "10"] {
        let lost_db = mean("ideal-awgn", snr) - mean("awgn", snr);
        assert!(lost_db.abs() < 0.3, "{snr} dB: {lost_db}\n{table}");
    }
}

#[test]
fn threads_that_keep_the_same_photo_do_not_meet() {
    let folder = Folder::new("evaluate-keep");
    fs::create_dir(folder.path("photos")).unwrap();
    folder.photo("photos/a.png", 900, 700);
    let words = "evaluate --pictures photos --codecs softcast --cbr 1/64,1/60,1/56,1/52 --snr-db 10 --threads 4 --out o";
    let words: Vec<&str> = words.split(' ').collect();
    folder.run(&words).ok();
    assert_eq!(
        crate::common::size(&folder.path("o/pictures/a/sent.png")),
        (900, 700)
    );
}
