//! Around the journeys: wrong flags, folders that cannot be written, the manual, completions, Ctrl-C.

use std::fs;

use crate::common::Folder;

#[test]
fn wrong_flags_exit_with_2_and_say_what_is_allowed() {
    let folder = Folder::new("flags");
    let cases: [(&[&str], &str); 11] = [
        (&["--repeat", "9"], "1..=8"),
        (&["--cbr", "2"], "12/4095"),
        (&["--codec", "jpeg"], "softcast"),
        (&["--numerology", "odd"], "standard, narrow, wide"),
        (&["--snr-db", "loud"], "-100 to 200"),
        (&["--sfo-ppm", "5000"], "-1000 to 1000"),
        (&["--drop-bursts", "1.5"], "0 to 1"),
        (&["--channel", "moon"], "tdl-a"),
        (&["--cfo-hz", "1.5e6"], "1000000"),
        (&["--seed", "-1"], "--seed"),
        (&["--no-such-flag"], "--no-such-flag"),
    ];
    for (flags, said) in cases {
        let run = folder.run(&[&["loopback"], flags].concat());
        assert_eq!(run.code(), 2, "{flags:?}: {}", run.err());
        assert!(
            run.err().contains(said) && run.out().is_empty(),
            "{flags:?}: {}",
            run.err()
        );
    }
    assert!(
        folder.names("").is_empty(),
        "nothing is written for wrong flags"
    );
}

#[test]
fn a_caption_too_long_for_the_air_is_refused_with_its_length() {
    let folder = Folder::new("long");
    let run = folder.run(&["loopback", "--caption", &"ü".repeat(600)]);
    assert_eq!(run.code(), 2);
    assert!(
        run.err().contains("1200") && run.err().contains("1024"),
        "{}",
        run.err()
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = Folder::new("unwritable");
    fs::write(folder.path("taken"), b"a file").unwrap();
    let run = folder.run(&["loopback", "--out", "taken/results"]);
    assert_eq!(run.code(), 1);
    assert!(run.err().contains("taken/results"), "{}", run.err());
}

#[test]
fn a_photo_is_never_overwritten_by_its_own_results() {
    let folder = Folder::new("overwrite");
    folder.photo("received.png", 20, 20);
    let before = fs::read(folder.path("received.png")).unwrap();
    let run = folder.run(&["loopback", "received.png", "--out", "."]);
    assert_eq!(run.code(), 2, "{}", run.err());
    assert!(run.err().contains("received.png"), "{}", run.err());
    assert_eq!(fs::read(folder.path("received.png")).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn a_missing_temporary_folder_is_an_error_and_no_panic() {
    let folder = Folder::new("no-temporary");
    let mut command = folder.command(&["loopback", "--out", "o"]);
    let output = command.env("TMPDIR", "/no/such/folder").output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(
        err.contains("/no/such/folder") && !err.contains("panicked"),
        "{err}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_an_error_and_a_closed_one_is_none() {
    let run = |words: &str| {
        let script = format!("'{}' {words}", env!("CARGO_BIN_EXE_heliograph"));
        let shell = std::process::Command::new("sh")
            .args(["-c", &script])
            .output()
            .unwrap();
        String::from_utf8(shell.stderr).unwrap()
    };
    assert!(run("man >/dev/full").contains("standard output"));
    assert_eq!(run("completions bash | head -c 10"), "");
}

/// With a full standard error, words are lost and the exit code is kept.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_error_ends_nothing() {
    let folder = Folder::new("full-log");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = folder.command(&["loopback", "no-such.png", "--out", "o"]);
    let status = command.stderr(full).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

/// The limit on the size of files stands for a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_is_said_with_the_file_and_leaves_nothing_half_written() {
    let folder = Folder::new("full");
    let program = env!("CARGO_BIN_EXE_heliograph");
    let noise = |x: u32, y: u32| {
        let n =
            (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519);
        image::Rgb([(n >> 8) as u8, (n >> 16) as u8, (n >> 24) as u8])
    };
    image::RgbImage::from_fn(900, 700, noise)
        .save(folder.path("a.png"))
        .unwrap();
    // 0.7 or 1.4 MiB, as the shell counts: room for the graph's buffers, not for the picture.
    let script =
        format!("trap '' XFSZ; ulimit -f 1400; exec '{program}' loopback a.png --cbr 1 --out o");
    let shell = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    let err = String::from_utf8(shell.stderr).unwrap();
    assert_eq!(shell.status.code(), Some(1), "{err}");
    assert!(
        err.contains("received.png") && err.contains("too large"),
        "{err}"
    );
    assert!(folder.names("o").is_empty(), "{:?}", folder.names("o"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_program_with_130_and_leaves_whole_files_only() {
    use std::process::Stdio;
    use std::time::Duration;

    let folder = Folder::new("interrupt");
    folder.photo("a.png", 3000, 2000);
    let mut command = folder.command(&["loopback", "a.png", "--out", "o"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The folder is made when the photo is read: all of the work lies ahead.
    while !folder.path("o").exists() {
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
    assert!(err.contains("interrupted"), "{err}");
    assert!(folder.names("o").iter().all(|name| !name.ends_with(".tmp")));
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let folder = Folder::new("man");
    folder.run(&["man", "pages"]).ok();
    let names = folder.names("pages");
    for page in ["heliograph.1", "heliograph-loopback.1", "heliograph-man.1"] {
        assert!(names.iter().any(|n| n == page), "{names:?}");
    }
    let first = folder.run(&["man"]).ok().out();
    assert!(first.contains(".TH") && first.contains("130"), "{first}");
}

#[test]
fn completions_know_the_flags_of_every_shell() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = folder.run(&["completions", shell]).ok().out();
        assert!(
            script.contains("snr-db") && script.contains("loopback"),
            "{shell}"
        );
    }
}

#[test]
fn help_shows_examples_and_version_is_told() {
    let folder = Folder::new("help");
    let help = folder.run(&["loopback", "--help"]).ok().out();
    assert!(
        help.contains("EXAMPLES") && help.contains("tdl-c"),
        "{help}"
    );
    let version = folder.run(&["--version"]).ok().out();
    assert_eq!(
        version.trim(),
        concat!("heliograph ", env!("CARGO_PKG_VERSION"))
    );
}
