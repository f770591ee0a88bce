//! How programs begin, fail and end.

use heliograph::codec::Codec;
use heliograph_external_codec::ExternalCodec;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::bench::*;

#[test]
fn a_program_that_fails_is_named_and_started_again() {
    let bench = Bench::new();
    let said = encode_error(&bench.command(r#"echo '{"error": "no GPU"}'"#));
    assert_eq!(said, "codec external: asked to encode, it said: no GPU");
    let said = encode_error(&bench.command("exit 3"));
    assert!(
        said.contains("ended (exit status: 3) while it should encode"),
        "{said}"
    );
    let said = encode_error(&bench.command("echo loading weights"));
    assert!(
        said.contains(r#"printed "loading weights"; allowed is {}"#),
        "{said}"
    );
    let said = encode_error(&bench.command("echo '{}'"));
    assert!(
        said.ends_with("encoded.safetensors: the program did not write it"),
        "{said}"
    );
    let said =
        encode_error(&bench.command("echo '{\"error\": \"'$(printf 'o%.0s' $(seq 600))'\"}'"));
    assert!(said.ends_with("ooo…") && said.len() < 600, "{said}");
    // It fails once, and goes on in a new program.
    bench.encodes(&[1.0, 0.0].repeat(4), None);
    bench.paints(8, 6);
    let (good, once) = (bench.good(), bench.path("once"));
    let inner = bench.path("inner.sh");
    fs::rename(bench.path("codec.sh"), &inner).unwrap();
    let script = format!(
        "if [ ! -e {once} ]; then : > {once}; {HELLO}; read -r line; exit 1; fi\nexec sh {inner}\n"
    );
    fs::write(bench.path("codec.sh"), script).unwrap();
    let codec = open(&good);
    codec.encode(&photo(), None, 4).unwrap_err();
    codec.encode(&photo(), None, 4).unwrap();
}

#[test]
fn who_it_is_is_asked_at_once_and_nobody_waits_for_ever() {
    let start = |command: &str, limit: u64| {
        let limit = Duration::from_millis(limit);
        let found = ExternalCodec::open_alone(command, 0.5, limit);
        found
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    // What the shell knows.
    let command = format!("cd / && NAME=test && {HELLO}; exec cat");
    assert_eq!(start(&command, 9000), "");
    let said = start("/nowhere/codec", 9000);
    assert!(
        said.contains("exit status: 127) while it should say who it is"),
        "{said}"
    );
    let said = start("echo hello", 9000);
    assert!(
        said.contains(r#"printed "hello"; allowed is one line like"#),
        "{said}"
    );
    let said = start("sleep 60", 50);
    assert!(
        said.contains("no answer within 50ms to: say who it is"),
        "{said}"
    );
    let said = start("head -c 100000 /dev/zero", 9000);
    assert!(said.contains("a line of more than 65536 bytes"), "{said}");
}

#[test]
fn codecs_of_one_command_share_a_program_which_ends_with_the_last() {
    let bench = Bench::new();
    let started = bench.path("started");
    let command = bench.command("echo '{}'");
    let script = fs::read_to_string(bench.path("codec.sh")).unwrap();
    fs::write(
        bench.path("codec.sh"),
        format!("echo $$ >> {started}\n{script}"),
    )
    .unwrap();
    let pids = || -> Vec<String> {
        let text = fs::read_to_string(&started).unwrap();
        text.lines().map(str::to_owned).collect()
    };
    let both = [0.0, 1.0].map(|dial| ExternalCodec::open(&command, dial).unwrap());
    let [pid] = &pids()[..] else {
        panic!("{:?}", pids());
    };
    assert!(Path::new("/proc").join(pid).exists());
    drop(both);
    assert!(!Path::new("/proc").join(pid).exists());
    ExternalCodec::open(&command, 0.5).unwrap();
    assert_eq!(pids().len(), 2);
}

#[test]
fn what_ended_or_spoke_unasked_between_two_photos_is_noticed() {
    let bench = Bench::new();
    bench.encodes(&[1.0, 0.0].repeat(4), None);
    let copy = format!(
        r#"cp {} "$(field encoded)"; echo '{{}}'"#,
        bench.path("symbols")
    );
    // Ends after each answer: the next photo gets a new one.
    let pid = bench.path("pid");
    let codec = open(&bench.command(&format!("echo $$ > {pid}; {copy}; exit 0")));
    for _ in 0..2 {
        codec.encode(&photo(), None, 4).unwrap();
        wait_for_the_end_of(&pid);
    }
    let spoken = bench.path("spoken");
    let words = format!("{copy}; echo by the way; : > {spoken}");
    let codec = open(&bench.command(&words));
    codec.encode(&photo(), None, 4).unwrap();
    wait_until(|| Path::new(&spoken).exists());
    let said = codec.encode(&photo(), None, 4).unwrap_err().to_string();
    // Still on its way, it stands for the answer.
    let ways = ["\" without being asked", "\"; allowed is {}"];
    let named = ways.map(|way| format!("printed \"by the way{way}"));
    assert!(named.iter().any(|words| said.contains(words)), "{said}");
    codec.encode(&photo(), None, 4).unwrap();
}

#[test]
fn one_that_takes_its_leave_while_it_is_asked_is_followed_by_another() {
    let bench = Bench::new();
    bench.encodes(&[1.0, 0.0].repeat(4), None);
    let symbols = bench.path("symbols");
    let copy = format!(r#"cp {symbols} "$(field encoded)"; echo '{{}}'"#);
    let with_second = |second: &str| bench.command(&format!("{copy}; read -r line; {second}"));
    let codec = open(&with_second("exit 0"));
    for _ in 0..3 {
        codec.encode(&photo(), None, 4).unwrap();
    }
    // One that fails has failed.
    let codec = open(&with_second("exit 3"));
    codec.encode(&photo(), None, 4).unwrap();
    let said = codec.encode(&photo(), None, 4).unwrap_err().to_string();
    assert!(
        said.ends_with("(exit status: 3) while it should encode"),
        "{said}"
    );
    // So has one that leaves at its first request.
    let said = encode_error(&bench.command("exit 0"));
    assert!(
        said.ends_with("(exit status: 0) while it should encode"),
        "{said}"
    );
}

#[test]
fn another_program_under_the_same_command_is_refused() {
    let bench = Bench::new();
    let command = bench.command("exit 1");
    let codec = open(&command);
    let script = fs::read_to_string(bench.path("codec.sh")).unwrap();
    fs::write(bench.path("codec.sh"), script.replace("test", "other")).unwrap();
    codec.encode(&photo(), None, 4).unwrap_err();
    let said = codec.encode(&photo(), None, 4).unwrap_err().to_string();
    let words = "started again, it is other 00c0ffee; before it was test 00c0ffee";
    assert!(said.ends_with(words), "{said}");
}

#[test]
fn what_a_program_started_ends_with_it() {
    let bench = Bench::new();
    let pid = bench.path("pid");
    // It hangs, and so does what it started.
    let command = bench.command(&format!("sleep 60 & echo $! > {pid}; wait"));
    let limit = Duration::from_secs(3);
    let codec = ExternalCodec::open_alone(&command, 0.5, limit).unwrap();
    let said = codec.encode(&photo(), None, 4).unwrap_err().to_string();
    assert!(said.ends_with("no answer within 3s to: encode"), "{said}");
    wait_for_the_end_of(&pid);
}
