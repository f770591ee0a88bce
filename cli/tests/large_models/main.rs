//! Large models in the program, as a user names them: small ones of made-up weights.

#[path = "../journeys/common.rs"]
mod common;
#[path = "../../../large-models/src/made_up.rs"]
mod made_up;

use std::fs;

use common::{Folder, Run, explained, size};

/// Models of all kinds below `models`, and a photo.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    for model in ["blip", "sam", "autoencoder"] {
        made_up::write(model, &folder.path("models").join(model));
    }
    folder.photo("a.png", 96, 64);
    folder
}

fn refused(run: &Run, code: i32, words: &str) {
    assert_eq!(run.code(), code, "{}", run.err());
    assert!(run.err().contains(words), "{}", run.err());
}

#[test]
fn models_are_found_with_what_they_need_and_named_where_they_are_used() {
    let folder = folder("large-found");
    fs::write(folder.path("models/sam/second.gguf"), "").unwrap();
    let words = folder.run(&["models", "models"]).ok().out();
    for expected in [
        "looked in\n  models",
        "blip  (--captioner DIR)",
        "autoencoder  (--synthesis DIR)",
        "MB in memory and",
        "cannot be used: models/sam: found model.safetensors and second.gguf",
    ] {
        assert!(words.contains(expected), "{words}");
    }
    let json = folder.run(&["models", "models", "--json"]).ok().out();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    explained("models", &json);
    let models = json["models"].as_array().unwrap();
    let names: Vec<&str> = models
        .iter()
        .filter_map(|model| model["name"].as_str())
        .collect();
    assert_eq!(names, folder.names("models"));
    let blip = &json["models"][1];
    assert_eq!(blip["name"], "blip");
    let file = fs::metadata(folder.path("models/blip/model.safetensors")).unwrap();
    assert_eq!(blip["bytes"], file.len());
    // Everything in the file is f32, behind its header.
    let values = blip["memory_weights_bytes"].as_u64().unwrap();
    assert!(values < file.len() && values > file.len() * 9 / 10);

    let mut command = folder.command(&["inspect", "a.png", "--captioner", "blip", "--json"]);
    let run = command
        .env("HELIOGRAPH_MODELS", folder.path("models"))
        .output()
        .unwrap();
    let report = Run(run).ok().reports();
    assert_eq!(report[0]["caption_origin"], "found");
}

#[test]
fn a_photo_travels_with_all_of_them() {
    let folder = folder("large-loopback");
    let words = [
        "loopback",
        "a.png",
        "--codec",
        "latent",
        "--captioner",
        "models/blip",
        "--segmenter",
        "models/sam",
        "--roi",
        "10,10,40,40",
        "--synthesis",
        "models/autoencoder",
        "--snr-db",
        "20",
        "--json",
    ];
    let report = &folder.run(&words).ok().reports()[0];
    assert_eq!(report["model"]["synthesis"], "models/autoencoder");
    assert_eq!(size(&folder.path("heliograph-out/received.png")), (96, 64));
    assert!(
        report["caption_received"]
            .as_str()
            .is_some_and(|words| !words.is_empty()),
        "{report}"
    );
    assert!(report["regions"]["key_share"].is_number(), "{report}");
}

#[test]
fn prompts_and_models_that_do_not_fit_are_refused() {
    let folder = folder("large-refused");
    let inspect = |more: &[&str]| folder.run(&[&["inspect", "a.png"], more].concat());
    let sam = ["--segmenter", "models/sam", "--roi"];
    for (roi, words) in [
        (
            "mask.png",
            "--roi: found \"mask.png\", allowed with --segmenter: one auto",
        ),
        ("not:1,2,3,4", "--roi: found \"not:1,2,3,4\""),
        ("not:80,50", "--roi: found only points beside what matters"),
    ] {
        refused(&inspect(&[&sam[..], &[roi]].concat()), 2, words);
    }
    refused(
        &inspect(&[&sam[..], &["96,0"]].concat()),
        1,
        "region 96,0,1,1 does not lie in a photo of 96x64",
    );
    refused(
        &inspect(&["--segmenter", "models/sam"]),
        2,
        "--segmenter: needs --roi",
    );
    let wrong = ["--segmenter", "models/blip", "--roi", "auto"];
    refused(
        &inspect(&wrong),
        1,
        "found blip (a model for --captioner), allowed sam",
    );
    for flags in [
        &["--captioner", "nowhere"][..],
        &["--segmenter", "nowhere", "--roi", "auto"],
        &["--synthesis", "nowhere", "--codec", "latent"],
    ] {
        let words = format!("{}: nowhere: no such folder, and no model", flags[0]);
        refused(&inspect(flags), 1, &words);
    }
    refused(
        &inspect(&["--synthesis", "models/autoencoder"]),
        2,
        "--synthesis: codec deepjscc has no painter",
    );
    for roi in [
        &["20,20"][..],
        &["20,20", "--roi", "not:80,50"],
        &["10,10,40,40", "--roi", "not:80,50"],
        &["auto"],
    ] {
        inspect(&[&sam[..], roi].concat()).ok();
    }
}
