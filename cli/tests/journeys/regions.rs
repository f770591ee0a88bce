//! Regions of interest: what matters gets more within the same channel uses; `inspect` shows where it goes.

use std::fs;

use serde_json::Value;

use crate::common::{Folder, explained, size};

fn inspected(folder: &Folder, more: &[&str]) -> Value {
    let words = [&["inspect", "a.png", "--json", "--out", "page.png"], more].concat();
    folder.run(&words).ok().reports().remove(0)
}

/// Symbols of the blocks of one column.
fn of_column(found: &Value, column: usize) -> f64 {
    let columns = found["columns"].as_u64().unwrap() as usize;
    let symbols = found["symbols"].as_array().unwrap().iter();
    let symbols = symbols.skip(column).step_by(columns);
    symbols.map(|value| value.as_f64().unwrap()).sum()
}

#[test]
fn a_rectangle_gets_more_and_the_whole_no_more_than_before() {
    let folder = Folder::new("regions-rectangle");
    folder.photo("a.png", 256, 128);
    let alike = inspected(&folder, &[]);
    let left = inspected(&folder, &["--roi", "0,0,32,128"]);
    let alone = inspected(&folder, &["--roi", "0,0,32,128", "--background", "none"]);
    explained("inspect", &left);
    assert!(alike["importance"].is_null());
    assert_eq!(left["importance"][0], 1.0);
    assert_eq!(left["importance"][1], 0.0);
    assert!(of_column(&left, 0) > 1.5 * of_column(&alike, 0), "{left}");
    assert!(of_column(&left, 7) > 0.0 && of_column(&alone, 7) == 0.0);
    for found in [&alike, &left, &alone] {
        let symbols = found["symbols"].as_array().unwrap().iter();
        let spent: f64 = symbols.map(|value| value.as_f64().unwrap()).sum();
        let budget = found["cbr_analog"].as_f64().unwrap() * 3.0 * 256.0 * 128.0;
        assert!(spent <= budget + 0.5, "{spent} of {budget}");
        let uses = found["channel_uses"].as_array().unwrap().iter();
        let uses: f64 = uses.map(|cost| cost["uses"].as_f64().unwrap()).sum();
        let total = found["cbr_total"].as_f64().unwrap() * 3.0 * 256.0 * 128.0;
        assert!((uses - total).abs() < 1e-3 * total, "{uses} {total}");
    }
    assert!(left["bytes"]["rate_map"].as_u64() > Some(0));
    assert!(size(&folder.path("page.png")).0 > 900);
    assert!(alike["allocation"].is_null());
    let even = inspected(&folder, &["--allocation", "even"]);
    assert_eq!(even["allocation"], "even");
    assert_ne!(even["symbols"], alike["symbols"]);
}

#[test]
fn a_mask_of_any_size_and_what_stands_out_are_taken() {
    let folder = Folder::new("regions-mask");
    folder.photo("a.png", 200, 130);
    let mask = image::GrayImage::from_fn(17, 3, |x, _| image::Luma([if x < 8 { 255 } else { 0 }]));
    mask.save(folder.path("mask.png")).unwrap();
    let found = inspected(&folder, &["--roi", "mask.png"]);
    assert_eq!(
        (&found["importance"][0], &found["importance"][6]),
        (&1.0.into(), &0.0.into())
    );
    for words in [["--roi", "auto"], ["--roi", "mask.png"]] {
        let words = [
            &["loopback", "a.png", "--out", "o", "--cbr", "1/6"],
            &words[..],
        ]
        .concat();
        folder.run(&words).ok();
        assert_eq!(size(&folder.path("o/received.png")), (200, 130));
    }
    // All background: as without regions.
    image::GrayImage::new(5, 5)
        .save(folder.path("black.png"))
        .unwrap();
    let black = inspected(&folder, &["--roi", "black.png"]);
    assert_eq!(black["symbols"], inspected(&folder, &[])["symbols"]);
}

#[test]
fn what_cannot_be_is_refused_with_what_was_found_and_what_is_allowed() {
    let folder = Folder::new("regions-wrong");
    folder.photo("a.png", 64, 64);
    fs::write(folder.path("broken.png"), b"\x89PNG\r\n\x1a\nnothing").unwrap();
    let cases: [(&[&str], i32, &str); 9] = [
        (
            &["--roi", "0,0,65,64"],
            1,
            "region 0,0,65,64 does not lie in a photo of 64x64",
        ),
        (&["--roi", "9,9,0,4"], 1, "region 9,9,0,4"),
        (&["--roi", "4294967295,0,2,2"], 1, "4294967295"),
        (&["--roi", "1,2,3"], 2, "found \"1,2,3\""),
        (&["--roi", "missing.png"], 1, "missing.png"),
        (&["--roi", "broken.png"], 1, "broken.png"),
        (&["--roi-gain", "4"], 2, "--roi-gain: needs --roi"),
        (
            &["--roi", "auto", "--roi-gain", "0.5"],
            2,
            "allowed 1 to 10000",
        ),
        (
            &["--roi", "auto", "--codec", "softcast"],
            2,
            "codec softcast spends alike everywhere",
        ),
    ];
    for (flags, code, said) in cases {
        let run = folder.run(&[&["loopback", "a.png", "--out", "o"], flags].concat());
        assert_eq!(run.code(), code, "{flags:?}: {}", run.err());
        let err = run.err();
        assert!(
            err.contains(said) && !err.contains("panicked"),
            "{said}: {err}"
        );
    }
}
