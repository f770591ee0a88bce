//! `heliograph adapt` and `--adapter`: networks fitted to one kind of pictures.

use std::collections::HashMap;
use std::fs;

use safetensors::tensor::{Dtype, TensorView};
use sha2::{Digest, Sha256};

use crate::common::{Folder, Run, explained};

const WEIGHTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../weights/deepjscc.safetensors"
);

/// An adapter of rank 1 that changes one matrix, for the weights of this hash.
fn write_adapter(folder: &Folder, name: &str, hash: &str) {
    let bytes = |count: usize| 0.02f32.to_le_bytes().repeat(count);
    let (a, b) = (bytes(256), bytes(512));
    let matrix = "synthesis.blocks.0.widen1.weight";
    let views = [
        (
            format!("{matrix}.a"),
            TensorView::new(Dtype::F32, vec![1, 256], &a).unwrap(),
        ),
        (
            format!("{matrix}.b"),
            TensorView::new(Dtype::F32, vec![512, 1], &b).unwrap(),
        ),
    ];
    let metadata = HashMap::from([("heliograph-adapter".to_owned(), format!("1 {hash}"))]);
    let file = safetensors::serialize(views, Some(metadata)).unwrap();
    fs::write(folder.path(name), file).unwrap();
}

/// First eight digits of the SHA-256 of the weights in the program.
fn hash() -> String {
    let digest = Sha256::digest(fs::read(WEIGHTS).unwrap());
    digest[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn refused(run: &Run, code: i32, words: &str) {
    assert_eq!(run.code(), code, "{}", run.err());
    assert!(run.err().contains(words), "{}", run.err());
}

#[test]
fn both_ends_need_the_adapter_whose_hash_is_in_the_header() {
    let folder = Folder::new("adapters");
    folder.photo("a.png", 96, 64);
    write_adapter(&folder, "site.safetensors", &hash());
    let adapter = ["--adapter", "site.safetensors"];
    let loopback = |more: &[&str]| {
        let words = ["loopback", "a.png", "--snr-db", "20", "--json"];
        folder.run(&[&words[..], more].concat()).ok().reports()[0].clone()
    };
    let (plain, adapted) = (loopback(&[]), loopback(&adapter));
    assert_eq!(plain["weights_hash"], hash());
    assert_ne!(adapted["weights_hash"], plain["weights_hash"]);
    assert_ne!(adapted["psnr_db"], plain["psnr_db"]);
    // Gaps are filled as without it.
    let inpainter = &plain["model"]["inpainter_hash"];
    assert!(inpainter.is_string());
    assert_eq!(&adapted["model"]["inpainter_hash"], inpainter);

    let encode = ["encode", "a.png", "--out", "a.safetensors"];
    folder.run(&[&encode[..], &adapter].concat()).ok();
    let decode = ["decode", "a.safetensors", "--out", "b.png"];
    let without = folder.run(&decode);
    refused(&without, 1, plain["weights_hash"].as_str().unwrap());
    assert!(!folder.path("b.png").exists());
    folder.run(&[&decode[..], &adapter].concat()).ok();
}

#[test]
fn adapters_that_do_not_belong_are_refused_by_name() {
    let folder = Folder::new("wrong-adapters");
    folder.photo("a.png", 64, 64);
    write_adapter(&folder, "other.safetensors", "00c0ffee");
    fs::write(folder.path("words.safetensors"), "words").unwrap();
    for (more, code, words) in [
        (
            &["--adapter", "other.safetensors"][..],
            1,
            "found \"1 00c0ffee\", allowed \"1 ",
        ),
        (
            &["--adapter", "words.safetensors"],
            1,
            "--adapter: words.safetensors",
        ),
        (&["--adapter", "nowhere"], 1, "--adapter: nowhere"),
        (
            &["--adapter", "x", "--codec", "latent"],
            2,
            "--adapter: codec latent has none",
        ),
        (
            &["--adapter", "x", "--codec", "softcast"],
            2,
            "--adapter: codec softcast has no networks",
        ),
    ] {
        let words_of_run = ["encode", "a.png", "--out", "a.safetensors"];
        refused(
            &folder.run(&[&words_of_run[..], more].concat()),
            code,
            words,
        );
    }
}

#[test]
fn a_training_leaves_a_better_adapter_or_none() {
    let folder = Folder::new("adapt");
    fs::create_dir(folder.path("photos")).unwrap();
    for i in 0..5 {
        folder.photo(&format!("photos/{i}.png"), 64 + 32 * i, 64);
    }
    fs::write(folder.path("photos/damaged.png"), "none").unwrap();
    let words = [
        "adapt",
        "--pictures",
        "photos",
        "--out",
        "site.safetensors",
        "--minutes",
        "0.05",
        "--rank",
        "2",
        "--json",
    ];
    let run = folder.run(&words);
    assert!(
        run.err().contains("skipped photos/damaged.png"),
        "{}",
        run.err()
    );
    let file = folder.path("site.safetensors");
    match run.code() {
        0 => {
            let report = &run.reports()[0];
            explained("adapt", report);
            let lpips = |part: &str| report[part]["lpips"].as_f64().unwrap();
            assert!(lpips("after") < lpips("before"), "{report}");
            assert_eq!(report["bytes"], fs::metadata(&file).unwrap().len());
            assert_eq!(
                (&report["trained_on"], &report["held_out"]),
                (&4.into(), &1.into())
            );
            refused(&folder.run(&words), 1, "site.safetensors is there already");
        }
        1 => assert!(
            run.err().contains("nothing was written") && !file.exists(),
            "{}",
            run.err()
        ),
        code => panic!("{code}: {}", run.err()),
    }
    fs::remove_file(folder.path("photos/0.png")).unwrap();
    fs::remove_file(folder.path("photos/1.png")).unwrap();
    let few = ["adapt", "--pictures", "photos", "--out", "b.safetensors"];
    refused(&folder.run(&few), 1, "--pictures: photos: found 3 photos");
    refused(
        &folder.run(&[&few[..], &["--rank", "65"]].concat()),
        2,
        "allowed 1 to 64",
    );
    let nowhere = ["adapt", "--pictures", "photos", "--out", "no/b.safetensors"];
    refused(&folder.run(&nowhere), 1, "--out: no: No such file");
}

#[test]
fn what_a_recording_holds_of_the_photos_is_trained_on() {
    let folder = Folder::new("adapt-recording");
    fs::create_dir(folder.path("photos")).unwrap();
    for i in 0..4 {
        folder.photo(&format!("photos/{i}.png"), 96 + 32 * i, 64);
    }
    folder.photo("other.png", 64, 96);
    let transmit = |photos: &[&str], file: &str| {
        let radio = format!("file:{file}.sigmf-meta");
        let words = ["transmit", "--radio", &radio, "--frequency", "433M"];
        folder.run(&[&words[..], photos].concat()).ok();
    };
    transmit(&["photos/0.png", "photos/2.png", "other.png"], "heard");
    transmit(&["other.png"], "other");
    let adapt = |recording: &str| {
        let words = ["adapt", "--pictures", "photos", "--out", "site.safetensors"];
        let more = ["--minutes", "0.02", "--rank", "1", "--recording", recording];
        folder.run(&[&words[..], &more].concat())
    };
    let run = adapt("heard.sigmf-meta");
    assert!([0, 1].contains(&run.code()), "{}", run.err());
    let said = "heard: 1 picture to train on, 1 of photos held out, 1 not used";
    assert!(run.err().contains(said), "{}", run.err());
    let said = "heard.sigmf-meta: picture 3 is not used: resembles none of the photos";
    assert!(run.err().contains(said), "{}", run.err());
    let _ = fs::remove_file(folder.path("site.safetensors"));
    refused(
        &adapt("other.sigmf-meta"),
        2,
        "found no picture to train on",
    );
    refused(&adapt("nowhere.sigmf-meta"), 1, "--recording: nowhere");
}
