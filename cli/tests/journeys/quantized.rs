//! `heliograph quantize`: weights in fewer bits, and a picture with them.

use std::fs;

use crate::common::{Folder, Run, explained};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../weights");

fn said(run: &Run, code: i32, words: &str) {
    assert_eq!(run.code(), code, "{}", run.err());
    assert!(run.err().contains(words), "{}", run.err());
}

#[test]
fn a_photo_is_sent_and_painted_with_weights_in_eight_bits() {
    let folder = Folder::new("quantized-photo");
    folder.photo("a.png", 96, 64);
    fs::create_dir(folder.path("model")).unwrap();
    let original = format!("{SHIPPED}/restorer.safetensors");
    let words = [
        "quantize",
        &original,
        "--type",
        "q8_0",
        "--out",
        "model/restorer.gguf",
    ];
    let json = folder
        .run(&[&words[..], &["--json"]].concat())
        .ok()
        .reports();
    let bytes = fs::metadata(folder.path("model/restorer.gguf"))
        .unwrap()
        .len();
    explained("quantize", &json[0]);
    assert_eq!(json[0]["bytes_after"], bytes);
    assert!(json[0]["rms_error"].as_f64().unwrap() < 0.01);
    let table = folder.run(&words).ok().out();
    let hash = json[0]["sha256"].as_str().unwrap()[..8].to_owned();
    assert!(table.contains("q8_0") && table.contains(&hash), "{table}");
    let painted = |model: &[&str]| {
        let encode = [
            "encode",
            "a.png",
            "--codec",
            "restored",
            "--out",
            "a.safetensors",
        ];
        folder.run(&[&encode, model].concat()).ok();
        let decode = ["decode", "a.safetensors", "--out", "b.png"];
        folder.run(&[&decode, model].concat()).ok();
        image::open(folder.path("b.png")).unwrap().to_rgb8()
    };
    let (plain, quantized) = (painted(&[]), painted(&["--model", "model"]));
    let pairs = plain.as_raw().iter().zip(quantized.as_raw());
    let error: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
    let mse = error as f64 / plain.as_raw().len() as f64;
    assert!(mse > 0.0 && mse < 1.0, "mean squared error {mse}");

    // A receiver with the one file of weights that what comes needs.
    let words = "transmit a.png --codec restored --model model --radio file:air.sigmf-meta --frequency 433M";
    folder.run(&words.split(' ').collect::<Vec<_>>()).ok();
    let replay = ["replay", "air.sigmf-meta", "--out", "in"];
    folder
        .run(&[&replay[..], &["--model", "model"]].concat())
        .ok();
    let refused = folder.run(&[&replay[..], &["--model", "in"]].concat());
    said(
        &refused,
        1,
        "--model: in: found no file of weights, allowed codec.safetensors",
    );
}

#[test]
fn what_is_wrong_is_named_and_leaves_the_old_file() {
    let folder = Folder::new("quantized-wrong");
    fs::write(folder.path("short.safetensors"), "weights").unwrap();
    fs::write(folder.path("old.gguf"), "old").unwrap();
    let quantize = |input: &str, kind: &str, out: &str| {
        folder.run(&["quantize", input, "--type", kind, "--out", out])
    };
    said(
        &quantize("short.safetensors", "q9", "old.gguf"),
        2,
        "f32, f16, bf16, q8_0",
    );
    said(
        &quantize("none.safetensors", "q8_0", "old.gguf"),
        1,
        "none.safetensors: No such file",
    );
    said(
        &quantize("short.safetensors", "q8_0", "old.gguf"),
        1,
        "short.safetensors: not a safetensors file",
    );
    said(
        &quantize("short.safetensors", "q8_0", "short.safetensors"),
        2,
        "would be overwritten",
    );
    said(
        &quantize("short.safetensors", "q8_0", "no/such/a.gguf"),
        1,
        "no/such/a.gguf",
    );
    assert_eq!(fs::read_to_string(folder.path("old.gguf")).unwrap(), "old");
    assert_eq!(folder.names("."), ["old.gguf", "short.safetensors"]);
}

#[test]
fn a_folder_with_both_kinds_of_a_file_is_refused() {
    let folder = Folder::new("quantized-both");
    folder.photo("a.png", 32, 32);
    for name in ["deepjscc.gguf", "deepjscc.safetensors"] {
        fs::write(folder.path(name), "GGUF").unwrap();
    }
    let run = folder.run(&["encode", "a.png", "--model", ".", "--out", "b.safetensors"]);
    said(&run, 1, "found deepjscc.safetensors beside it");
    fs::remove_file(folder.path("deepjscc.safetensors")).unwrap();
    let run = folder.run(&["encode", "a.png", "--model", ".", "--out", "b.safetensors"]);
    said(
        &run,
        1,
        "deepjscc.gguf: weights of 4 bytes are no GGUF file",
    );
}
