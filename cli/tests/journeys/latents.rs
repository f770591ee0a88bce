//! Symbols of a photo in a file, and back.

use std::fs;

use crate::common::{Folder, Run, size};

/// Encodes `a.png` with a codec.
fn encode(folder: &Folder, codec: &str, out: &str) -> Run {
    folder
        .run(&[
            "encode", "a.png", "--codec", codec, "--cbr", "1/12", "--out", out,
        ])
        .ok()
}

#[test]
fn a_photo_becomes_a_file_and_a_picture_again_with_every_codec() {
    let folder = Folder::new("latents");
    let photo = folder.photo("a.png", 96, 64);
    let photo = image::open(photo).unwrap().to_rgb8();
    for codec in ["deepjscc", "latent", "restored", "softcast"] {
        let run = encode(&folder, codec, "a.safetensors");
        // 3 x 96 x 64 / 12
        assert!(run.out().contains("1536 symbols"), "{}", run.out());
        let run = folder
            .run(&["decode", "a.safetensors", "--out", "b.png"])
            .ok();
        assert!(run.out().contains("b.png: 96x64"), "{}", run.out());
        assert_eq!(
            (run.err(), size(&folder.path("b.png"))),
            (String::new(), (96, 64))
        );
        let painted = image::open(folder.path("b.png")).unwrap().to_rgb8();
        let pairs = photo.as_raw().iter().zip(painted.as_raw());
        let error: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
        let mse = error as f64 / photo.as_raw().len() as f64;
        assert!(mse < 65.0, "{codec}: mean squared error {mse}");
    }
    assert_eq!(folder.names("."), ["a.png", "a.safetensors", "b.png"]);
}

#[test]
fn noise_of_a_seed_makes_the_same_picture_and_no_noise_another() {
    let folder = Folder::new("latents-noise");
    folder.photo("a.png", 64, 64);
    encode(&folder, "softcast", "a.safetensors");
    let paint = |snr_db: &str| {
        let words = [
            "decode",
            "a.safetensors",
            "--snr-db",
            snr_db,
            "--out",
            "b.png",
        ];
        folder.run(&words).ok();
        fs::read(folder.path("b.png")).unwrap()
    };
    let noisy = paint("3");
    assert_ne!(noisy, paint("none"));
    assert_eq!(noisy, paint("3"));
}

#[test]
fn the_painter_and_its_dial_are_heard() {
    let folder = Folder::new("latents-painter");
    folder.photo("a.png", 48, 32);
    encode(&folder, "latent", "a.safetensors");
    let paint = |flags: &[&str]| {
        let words = ["decode", "a.safetensors", "--snr-db", "3", "--out", "b.png"];
        folder.run(&[&words, flags].concat()).ok();
        fs::read(folder.path("b.png")).unwrap()
    };
    let painted = paint(&[]);
    assert_eq!(
        painted,
        paint(&["--painter", "fast", "--perception", "0.5"])
    );
    let diffusion = ["--painter", "diffusion"];
    let flowed = paint(&diffusion);
    assert_eq!(flowed, paint(&[&diffusion[..], &["--steps", "1"]].concat()));
    for other in [
        &diffusion[..],
        &["--painter", "linear"],
        &["--perception", "1"],
    ] {
        assert_ne!(painted, paint(other), "{other:?}");
    }
    let two_steps = paint(&[&diffusion[..], &["--steps", "2"]].concat());
    assert_ne!(flowed, two_steps);
}

#[test]
fn the_restoring_codec_hears_its_dial_and_its_model_and_has_no_painter() {
    let folder = Folder::new("latents-restored");
    folder.photo("a.png", 48, 32);
    encode(&folder, "restored", "a.safetensors");
    let decode = ["decode", "a.safetensors", "--snr-db", "3", "--out", "b.png"];
    let paint = |flags: &[&str]| {
        folder.run(&[&decode, flags].concat()).ok();
        fs::read(folder.path("b.png")).unwrap()
    };
    let painted = paint(&[]);
    assert_eq!(painted, paint(&["--perception", "0.5"]));
    assert_ne!(painted, paint(&["--perception", "0"]));
    let run = folder.run(&[&decode[..], &["--painter", "fast"]].concat());
    let words = "--painter: codec restored has no painter; allowed with codec latent";
    said(&run, 2, words);
    fs::create_dir(folder.path("model")).unwrap();
    let run = folder.run(&[&decode[..], &["--model", "model"]].concat());
    said(&run, 1, "model/restorer.safetensors");
}

fn said(run: &Run, code: i32, words: &str) {
    assert_eq!(run.code(), code, "{}", run.err());
    assert!(run.err().contains(words), "{}", run.err());
}

#[test]
fn steps_belong_to_the_painter_that_has_them() {
    let folder = Folder::new("latents-steps");
    folder.photo("a.png", 48, 32);
    encode(&folder, "latent", "a.safetensors");
    let refused = |flags: &[&str], words: &str| {
        let decode = ["decode", "a.safetensors", "--out", "b.png"];
        said(&folder.run(&[&decode, flags].concat()), 2, words);
    };
    refused(
        &["--painter", "fast", "--steps", "4"],
        "--steps: painter fast has none; allowed with painter diffusion",
    );
    refused(&["--steps", "4"], "--steps: painter fast has none");
    refused(&["--steps", "0"], "0 is not in 1..=20");
    refused(&["--steps", "21"], "21 is not in 1..=20");
}

#[test]
fn a_folder_of_models_may_lack_the_painter_but_not_have_anothers() {
    let folder = Folder::new("latents-models");
    folder.photo("a.png", 48, 32);
    encode(&folder, "latent", "a.safetensors");
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../weights");
    let model = folder.path("model");
    fs::create_dir(&model).unwrap();
    fs::copy(format!("{shipped}/codec.gguf"), model.join("codec.gguf")).unwrap();
    let decode = [
        "decode",
        "a.safetensors",
        "--model",
        "model",
        "--out",
        "b.png",
    ];
    folder.run(&decode).ok();
    let diffusion = [&decode[..], &["--painter", "diffusion"]].concat();
    let words = "painter diffusion needs painter.safetensors";
    said(&folder.run(&diffusion), 1, words);
    fs::copy(
        format!("{shipped}/lpips_alex.safetensors"),
        model.join("painter.safetensors"),
    )
    .unwrap();
    let words = "painter.safetensors: the painter was trained for codec none";
    said(&folder.run(&decode), 1, words);
}

#[test]
fn pictures_with_empty_blocks_have_an_inpainter_which_is_for_one_codec() {
    let folder = Folder::new("latents-inpainter");
    folder.photo("a.png", 128, 96);
    let words = "encode a.png --cbr 1/48 --roi 32,32,32,32 --background none --out a.safetensors";
    folder.run(&words.split(' ').collect::<Vec<_>>()).ok();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../weights");
    let model = folder.path("model");
    fs::create_dir(&model).unwrap();
    let copy = |from: &str, to: &str| {
        fs::copy(format!("{shipped}/{from}"), model.join(to)).unwrap();
    };
    copy("deepjscc.safetensors", "deepjscc.safetensors");
    let decode = |out: &str| {
        let words = ["decode", "a.safetensors", "--model", "model", "--out", out];
        folder.run(&words)
    };
    folder
        .run(&["decode", "a.safetensors", "--out", "b.png"])
        .ok();
    decode("c.png").ok();
    copy("inpainter.safetensors", "inpainter.safetensors");
    decode("d.png").ok();
    let picture = |name: &str| fs::read(folder.path(name)).unwrap();
    assert_eq!(picture("b.png"), picture("c.png"));
    assert_eq!(picture("b.png"), picture("d.png"));
    copy("lpips_alex.safetensors", "inpainter.safetensors");
    let words = "inpainter.safetensors: the inpainter was trained for codec none";
    said(&decode("e.png"), 1, words);
    // One that says it is for this codec, and is not.
    fs::remove_file(model.join("inpainter.safetensors")).unwrap();
    let bytes = fs::read(format!("{shipped}/inpainter.safetensors")).unwrap();
    let header = String::from_utf8_lossy(&bytes[8..512]).into_owned();
    let (_, hash) = header.split_once("\"codec\":\"").unwrap();
    let codec = format!("codec={}", &hash[..8]);
    let claims = |name: &str, noise: &str| {
        let input = format!("{shipped}/{name}");
        let words = ["quantize", &input, "--type", "q8_0", "--metadata", &codec];
        let rest = ["--metadata", noise, "--out", "model/inpainter.gguf"];
        folder.run(&[&words[..], &rest].concat()).ok();
    };
    claims("lpips_alex.safetensors", "noise=0");
    let words = "inpainter.gguf: tensor blocks.0.norm.weight is missing";
    said(&decode("e.png"), 1, words);
    claims("inpainter.safetensors", "noise=2");
    let words = "inpainter.gguf: metadata noise: found \"2\", allowed 0 to 1";
    said(&decode("e.png"), 1, words);
}

#[test]
fn what_cannot_be_decoded_is_said_and_nothing_is_written() {
    let folder = Folder::new("latents-wrong");
    folder.photo("a.png", 64, 64);
    encode(&folder, "latent", "a.safetensors");
    encode(&folder, "softcast", "softcast.safetensors");
    let whole = fs::read(folder.path("a.safetensors")).unwrap();
    fs::write(folder.path("short.safetensors"), &whole[..whole.len() - 9]).unwrap();
    fs::write(folder.path("other.safetensors"), with_other_hash(&whole)).unwrap();
    fs::create_dir(folder.path("folder")).unwrap();
    let cases: [(&[&str], i32, &str); 8] = [
        (&["none.safetensors"], 1, "none.safetensors: No such file"),
        (&["short.safetensors"], 1, "short.safetensors: "),
        (&["other.safetensors"], 1, "made with weights 0badcafe"),
        (&["a.png"], 1, "a.png: not a safetensors file"),
        (&["folder"], 1, "a folder"),
        (
            &["a.safetensors", "--model", "folder"],
            1,
            "codec.safetensors",
        ),
        (
            &["softcast.safetensors", "--perception", "1"],
            2,
            "--perception",
        ),
        (&["a.safetensors", "--perception", "2"], 2, "0 to 1"),
    ];
    let before = folder.names(".");
    for (words, code, said) in cases {
        let run = folder.run(&[&["decode", "--out", "b.png"], words].concat());
        assert_eq!(run.code(), code, "{words:?}: {}", run.err());
        assert!(run.err().contains(said), "{words:?}: {}", run.err());
    }
    assert_eq!(folder.names("."), before);
}

#[test]
fn what_is_read_is_never_overwritten_and_an_old_file_only_by_a_whole_one() {
    let folder = Folder::new("latents-overwrite");
    folder.photo("a.png", 32, 32);
    encode(&folder, "softcast", "a.safetensors");
    encode(&folder, "softcast", "a");
    for command in [["encode", "a.png"], ["decode", "a"]] {
        let before = fs::read(folder.path(command[1])).unwrap();
        let run = folder.run(&[command[0], command[1], "--out", command[1]]);
        assert_eq!(run.code(), 2, "{}", run.err());
        assert!(run.err().contains("would be overwritten"), "{}", run.err());
        assert_eq!(fs::read(folder.path(command[1])).unwrap(), before);
    }
    fs::write(folder.path("codec.safetensors"), "weights").unwrap();
    let over_weights = ["--model", ".", "--out", "codec.safetensors"];
    let run = folder.run(&[&["encode", "a.png"], &over_weights[..]].concat());
    said(&run, 2, "would be overwritten");
    let before = fs::read(folder.path("a.safetensors")).unwrap();
    let run = folder.run(&["encode", "none.png", "--out", "a.safetensors"]);
    assert_eq!(run.code(), 1, "{}", run.err());
    assert_eq!(fs::read(folder.path("a.safetensors")).unwrap(), before);
}

fn with_other_hash(whole: &[u8]) -> Vec<u8> {
    let key = br#""weights_hash":""#;
    let at = whole.windows(key.len()).position(|found| found == key);
    let at = at.unwrap() + key.len();
    let mut other = whole.to_vec();
    other[at..at + 8].copy_from_slice(b"0badcafe");
    other
}
