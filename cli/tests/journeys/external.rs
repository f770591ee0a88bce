//! A codec that is a program of one's own.

use std::fs;

use crate::common::{Folder, Run};

const COMMAND: [&str; 4] = ["--codec", "external", "--external", "sh codec.sh"];

/// A program of one rate: it hands out the symbols and the picture that lie in the folder.
const CODEC: &str = r#"
field() { printf '%s' "$line" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
echo '{"name": "hand_out", "weights_hash": "00c0ffee"}'
while read -r line; do
    count=$(printf '%s' "$line" | sed -n 's/.*"symbols":\([0-9]*\),.*/\1/p')
    if [ -n "$count" ] && [ "$count" -lt 3072 ]; then
        echo '{"least": 3072}'
        continue
    fi
    case $line in
        *'"do":"encode"'*) cp symbols.safetensors "$(field encoded)" ;;
        *) cp picture.png "$(field painted)" ;;
    esac
    echo '{}'
done
"#;

fn bench(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.photo("a.png", 192, 128);
    folder.photo("picture.png", 192, 128);
    fs::write(folder.path("codec.sh"), CODEC).unwrap();
    let words = "encode a.png --codec softcast --cbr 1/24 --out symbols.safetensors";
    folder.run(&words.split(' ').collect::<Vec<_>>()).ok();
    folder
}

fn pixels(folder: &Folder, name: &str) -> Vec<u8> {
    let picture = image::open(folder.path(name)).unwrap();
    picture.to_rgb8().into_raw()
}

fn refused(run: &Run, code: i32, words: &str) {
    assert_eq!(run.code(), code, "{}", run.err());
    assert!(run.err().contains(words), "{}", run.err());
}

#[test]
fn a_program_of_ones_own_is_a_codec_like_the_others() {
    let folder = bench("external");
    let words = ["loopback", "a.png", "--json", "--out", "out"];
    let report = folder.run(&[&words[..], &COMMAND].concat()).ok().reports()[0].clone();
    assert_eq!(report["codec"], "external");
    assert_eq!(report["weights_hash"], "00c0ffee");
    assert_eq!(report["model"]["program"], "hand_out");
    assert_eq!(
        pixels(&folder, "out/received.png"),
        pixels(&folder, "picture.png")
    );
}

/// An evaluation of both of them with the program of `command`.
fn evaluate(folder: &Folder, command: &str) -> Run {
    let words = "evaluate --pictures photos --snr-db 10 --cbr 1/8,1/18 --codecs softcast,external-0 --out rows --external";
    folder.run(&words.split(' ').chain([command]).collect::<Vec<_>>())
}

#[test]
fn an_evaluation_stops_where_the_program_fails_and_goes_on_with_the_same_one() {
    let folder = bench("external-rows");
    fs::create_dir(folder.path("photos")).unwrap();
    fs::copy(folder.path("a.png"), folder.path("photos/a.png")).unwrap();
    fs::rename(folder.path("picture.png"), folder.path("kept.png")).unwrap();
    // Not counted as a bad picture.
    let words = "a, CBR 1/8, awgn: codec external: painted.png: the program did not write it";
    refused(&evaluate(&folder, COMMAND[3]), 1, words);
    fs::rename(folder.path("kept.png"), folder.path("picture.png")).unwrap();
    refused(&evaluate(&folder, "sh ./codec.sh"), 1, "sh ./codec.sh");
    evaluate(&folder, COMMAND[3]).ok();
    let rows = fs::read_to_string(folder.path("rows/rows.csv")).unwrap();
    for outcome in [
        "a,awgn,1/8,10,hand_out-0,0,received",
        "a,awgn,1/18,10,hand_out-0,0,outage",
    ] {
        assert!(rows.contains(outcome), "{rows}");
    }
}

#[test]
fn over_the_air_a_receiver_without_the_program_keeps_the_symbols_for_it() {
    let folder = bench("external-air");
    let words = "transmit a.png --radio file:tx.sigmf-meta --frequency 100M";
    let words: Vec<_> = words.split(' ').chain(COMMAND).collect();
    folder.run(&words).ok();
    let replay = ["replay", "tx.sigmf-meta", "--json", "--out"];
    let without = folder.run(&[&replay[..], &["kept"]].concat());
    let said = &without.reports()[0]["not_painted"];
    assert!(
        said.as_str().unwrap().contains("--external: missing"),
        "{said}"
    );
    let decode = ["decode", "kept/0001.safetensors", "--out", "b.png"];
    folder.run(&[&decode[..], &COMMAND[2..]].concat()).ok();
    folder
        .run(&[&replay[..], &["painted"], &COMMAND[2..]].concat())
        .ok();
    for name in ["b.png", "painted/0001.png"] {
        assert_eq!(pixels(&folder, name), pixels(&folder, "picture.png"));
    }
}

#[test]
fn a_photo_that_the_program_refuses_is_named_and_left_out_and_the_others_are_sent() {
    let folder = bench("external-refused");
    // Fewer symbols than the program can do with.
    folder.photo("small.png", 96, 64);
    let send = |photos: &str, more: &str| {
        let words = format!("transmit {photos} --json --frequency 100M --radio file:{more}");
        folder.run(&words.split(' ').chain(COMMAND).collect::<Vec<_>>())
    };
    let needs = "small.png: budget of 768 symbols; this codec needs at least 3072";
    let run = send("a.png small.png a.png small.png", "tx --pause 0.1");
    refused(&run, 1, needs);
    let lines = run.reports();
    let photos: Vec<_> = lines.iter().filter_map(|l| l["photo"].as_str()).collect();
    assert_eq!(photos, ["a.png", "a.png"]);
    assert_eq!(lines[2]["pictures_not_read"], 2);
    assert_eq!(lines[0]["bursts"], lines[0]["bursts_planned"]);
    // A round in which nothing could be sent is the last.
    refused(&send("small.png", "none --rounds 0"), 1, needs);
}

#[test]
fn flags_that_do_not_go_with_it_and_programs_that_fail_are_named() {
    let folder = bench("external-wrong");
    for (flags, code, words) in [
        (&["--codec", "external"][..], 2, "--external: missing"),
        (
            &["--external", "x"],
            2,
            "--external: codec deepjscc is in this program",
        ),
        (
            &[&COMMAND[..], &["--device", "cuda:0"]].concat(),
            2,
            "--device: codec external",
        ),
        (
            &[&COMMAND[..], &["--roi", "auto"]].concat(),
            2,
            "--roi: codec external",
        ),
        (
            &[&COMMAND[..], &["--steps", "2"]].concat(),
            2,
            "--steps: codec external",
        ),
        (
            &["--codec", "external", "--external", "false"],
            1,
            "--external: false: the program ended",
        ),
    ] {
        let run = folder.run(&[&["loopback", "a.png", "--out", "out"], flags].concat());
        refused(&run, code, words);
    }
    // More symbols than there are to spend.
    let words = ["loopback", "a.png", "--cbr", "1/48", "--out", "out"];
    let run = folder.run(&[&words[..], &COMMAND].concat());
    refused(
        &run,
        1,
        "budget of 1536 symbols; this codec needs at least 3072",
    );
}
