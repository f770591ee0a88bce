//! `heliograph metrics`: files, folders, and what cannot be compared.

use std::fs;

use crate::common::{Folder, explained};

#[test]
fn a_picture_equals_itself_and_json_says_so() {
    let folder = Folder::new("metrics-same");
    folder.photo("a.png", 200, 180);
    let run = folder.run(&["metrics", "a.png", "a.png", "--json"]).ok();
    let report = &run.reports()[0];
    explained("metrics", report);
    let picture = &report["pictures"][0];
    assert_eq!(
        (
            &picture["ssim"],
            &picture["ms_ssim"],
            &picture["lpips_alex"]
        ),
        (&1.0.into(), &1.0.into(), &0.0.into())
    );
}

#[test]
fn folders_are_paired_by_name_whatever_the_extension() {
    let folder = Folder::new("metrics-folders");
    for name in ["sent", "received"] {
        fs::create_dir(folder.path(name)).unwrap();
        folder.photo(&format!("{name}/small.png"), 40, 40);
    }
    folder.photo("sent/b.png", 64, 50);
    folder.photo("received/b.bmp", 64, 50);
    let table = folder.run(&["metrics", "sent", "received"]).ok().out();
    for word in ["small", "b", "mean", "PSNR", "LPIPS"] {
        assert!(table.contains(word), "{word}: {table}");
    }
    fs::remove_file(folder.path("received/b.bmp")).unwrap();
    let run = folder.run(&["metrics", "sent", "received"]);
    assert_eq!(run.code(), 1);
    assert!(
        run.err()
            .contains("b.png: found no picture of that name in received"),
        "{}",
        run.err()
    );
}

#[test]
fn a_file_that_is_no_network_is_named() {
    let folder = Folder::new("metrics-semantic");
    folder.photo("a.png", 40, 40);
    fs::write(folder.path("short"), b"no weights").unwrap();
    let lpips = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../weights/lpips_alex.safetensors"
    );
    for (flag, file, said) in [
        ("--semantic", "missing", "No such file"),
        ("--semantic", "short", "no safetensors file"),
        (
            "--semantic",
            lpips,
            "tensor blocks.0.depthwise.weight is missing",
        ),
        ("--vgg", "missing", "No such file"),
        ("--vgg", "short", "no safetensors file"),
        ("--vgg", lpips, "tensor conv0.weight is of shape"),
    ] {
        let run = folder.run(&["metrics", "a.png", "a.png", flag, file]);
        assert_eq!(run.code(), 1);
        let err = run.err();
        assert!(
            err.contains(flag) && err.contains(file) && err.contains(said),
            "{err}"
        );
    }
}

#[test]
fn a_pair_that_cannot_be_compared_does_not_cost_the_others() {
    let folder = Folder::new("metrics-broken");
    for name in ["sent", "received"] {
        fs::create_dir(folder.path(name)).unwrap();
        folder.photo(&format!("{name}/a.png"), 40, 40);
        folder.photo(&format!("{name}/b.png"), 40, 40);
    }
    fs::write(folder.path("received/b.png"), b"no picture").unwrap();
    let run = folder.run(&["metrics", "sent", "received", "--json"]);
    assert_eq!(run.code(), 1);
    assert!(run.err().contains("b.png"), "{}", run.err());
    let report = &run.reports()[0];
    let names = report["pictures"].as_array().unwrap();
    assert_eq!((names.len(), &names[0]["name"]), (1, &"a".into()));
    assert_eq!(report["failed"], 1);
    assert!(report["mean"]["psnr_db"].is_null() && report["mean"]["ssim"] == 1.0);
}

#[test]
fn what_cannot_be_compared_is_named() {
    let folder = Folder::new("metrics-wrong");
    folder.photo("a.png", 40, 40);
    folder.photo("b.png", 41, 40);
    fs::write(folder.path("text.png"), b"no picture").unwrap();
    fs::create_dir(folder.path("folder")).unwrap();
    let cases = [
        (["a.png", "b.png"], "b.png: cannot be compared with a.png"),
        (["a.png", "text.png"], "text.png"),
        (["a.png", "missing.png"], "missing.png"),
        (["a.png", "folder"], "allowed two files or two folders"),
        (["folder", "folder"], "found no file"),
    ];
    for (files, said) in cases {
        let run = folder.run(&[&["metrics"], &files[..]].concat());
        assert_eq!(run.code(), 1, "{}", run.err());
        assert!(run.err().contains(said), "{said}: {}", run.err());
    }
}
