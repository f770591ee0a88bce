//! Files that are wrong by accident or on purpose.

use std::fs;

use serde_json::{Value, json};

use super::support::*;
use crate::radio::Lost;
use crate::sigmf::*;

type Change = fn(&mut Value);

#[test]
fn wrong_fields_are_named_with_what_is_allowed() {
    let changes: [(Change, &[&str]); 22] = [
        (
            |m| m["global"]["core:datatype"] = json!("ci16_le"),
            &["global.core:datatype: found ci16_le, allowed cf32_le, ci8"],
        ),
        (
            |m| m["global"]["core:datatype"] = json!(7),
            &["global.core:datatype", "integer `7`"],
        ),
        (
            |m| m["global"] = json!({}),
            &["global", "missing field `core:datatype`"],
        ),
        (|m| *m = json!([]), &["allowed SigMF metadata"]),
        (
            |m| m["global"]["core:sample_rate"] = json!(-2e6),
            &["global.core:sample_rate: found -2000000, allowed 1 to 1000000000"],
        ),
        (
            |m| m["global"]["core:sample_rate"] = json!(null),
            &["global.core:sample_rate: found nothing"],
        ),
        (
            |m| m["global"]["core:sample_rate"] = json!("2M"),
            &["global.core:sample_rate", "\"2M\""],
        ),
        (
            |m| m["global"]["core:dataset"] = json!("/etc/passwd"),
            &["global.core:dataset: found \"/etc/passwd\", allowed none"],
        ),
        (
            |m| m["global"]["core:metadata_only"] = json!(true),
            &["global.core:metadata_only: found true"],
        ),
        (
            |m| m["global"]["core:num_channels"] = json!(2),
            &["global.core:num_channels: found 2, allowed 1"],
        ),
        (
            |m| m["global"]["core:offset"] = json!(5),
            &["global.core:offset: found 5, allowed 0"],
        ),
        (
            |m| m["global"]["heliograph:state"] = json!("odd"),
            &["global.heliograph:state", "odd"],
        ),
        (
            |m| m["captures"][0]["core:sample_start"] = json!(1),
            &["captures[0].core:sample_start: found 1, allowed 0"],
        ),
        (
            |m| m["captures"][1]["core:sample_start"] = json!(-1),
            &["captures[1].core:sample_start", "-1"],
        ),
        (
            |m| m["captures"][1]["core:sample_start"] = json!(0),
            &["captures[1].core:sample_start: found 0, allowed more than 0"],
        ),
        (
            |m| m["captures"][2]["core:sample_start"] = json!(99),
            &["captures[2].core:sample_start: found 99, allowed more than 100"],
        ),
        (
            |m| m["captures"][2]["core:sample_start"] = json!(160),
            &["captures[2].core:sample_start: found 160, allowed less than the 160 samples"],
        ),
        (
            |m| m["captures"][2]["core:sample_start"] = json!(u64::MAX),
            &["captures[2].core:sample_start: found 18446744073709551615"],
        ),
        (
            |m| m["captures"][1]["core:global_index"] = json!(99),
            &["captures[1].core:global_index: found 99, allowed at least 100"],
        ),
        (
            |m| m["captures"][1]["core:global_index"] = json!(u64::MAX),
            &[
                "captures[1].core:global_index",
                "allowed at most 9007199254740992",
            ],
        ),
        (
            |m| m["captures"][1]["core:header_bytes"] = json!(4),
            &["captures[1].core:header_bytes: found 4, allowed 0"],
        ),
        (
            |m| m["annotations"][0]["core:sample_count"] = json!(u64::MAX),
            &[
                "annotations[0]: found 18446744073709551615 samples from 20 on, allowed the 160 samples",
            ],
        ),
    ];
    for (change, parts) in changes {
        let (_folder, name) = place();
        recording(&name);
        edit(&name, change);
        let error = error(&name);
        assert!(error.contains("air.2.sigmf-meta: "), "{error}");
        for part in parts {
            assert!(error.contains(part), "{error}: {part}");
        }
    }
}

#[test]
fn what_is_no_json_or_too_much_of_it_is_refused() {
    let (_folder, name) = place();
    recording(&name);
    let path = with_suffix(&name, "sigmf-meta");
    let whole = fs::read_to_string(&path).unwrap();
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (text, part) in [
        (String::new(), "EOF"),
        (whole[..whole.len() / 2].to_owned(), "EOF"),
        (format!("{whole}{whole}"), "allowed one JSON object"),
        (whole.replace("2000000.0", "1e999"), "global"),
        (whole.replace("2000000.0", "NaN"), "global"),
        (
            whole.replace("\"captures\": [", &format!("\"captures\": [{nested}, ")),
            "captures[0]",
        ),
    ] {
        fs::write(&path, &text).unwrap();
        let error = error(&name);
        assert!(
            error.contains("air.2.sigmf-meta: ") && error.contains(part),
            "{error}"
        );
    }
    let capture = "{\"core:sample_start\":0},".repeat(MAX_SEGMENTS + 1);
    fs::write(
        &path,
        whole.replace("\"captures\": [", &format!("\"captures\": [{capture}")),
    )
    .unwrap();
    assert!(error(&name).contains(&format!("at most {MAX_SEGMENTS}")));
    let file = fs::File::create(&path).unwrap();
    file.set_len(MAX_META_BYTES + 1).unwrap();
    assert!(error(&name).contains("allowed at most these"));
}

#[test]
fn data_that_are_missing_or_cut_are_refused() {
    let (_folder, name) = place();
    recording(&name);
    let data = with_suffix(&name, "sigmf-data");
    let bytes = fs::read(&data).unwrap();
    fs::write(&data, &bytes[..bytes.len() - 3]).unwrap();
    assert!(error(&name).contains("air.2.sigmf-data: found 1277 bytes, allowed a multiple of 8"));
    fs::write(&data, &bytes[..8]).unwrap();
    assert!(error(&name).contains("captures[1].core:sample_start: found 100"));
    fs::remove_file(&data).unwrap();
    assert!(error(&name).contains("air.2.sigmf-data: cannot open"));
    fs::create_dir(&data).unwrap();
    assert!(error(&name).contains("allowed a file"));
    assert!(error(&name.with_extension("none")).contains("cannot open"));
}

#[test]
fn changed_data_are_found_on_demand_and_read_otherwise() {
    let (_folder, name) = place();
    recording(&name);
    let data = with_suffix(&name, "sigmf-data");
    let mut bytes = fs::read(&data).unwrap();
    bytes[9] ^= 1;
    fs::write(&data, &bytes).unwrap();
    let mut reader = SigmfReader::open(&name).unwrap();
    let error = reader.verify().unwrap_err().to_string();
    assert!(error.contains("global.core:sha512: found") && error.contains("the hash of the data"));
    assert_eq!(hear_file(&name, 50).len(), 160);
    edit(&name, |m| m["global"]["core:sha512"] = json!("short"));
    assert!(SigmfReader::open(&name).unwrap().verify().is_err());
}

#[test]
fn samples_that_are_no_numbers_are_an_error_when_they_are_read() {
    let (_folder, name) = place();
    recording(&name);
    let data = with_suffix(&name, "sigmf-data");
    let mut bytes = fs::read(&data).unwrap();
    bytes[400..404].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(&data, &bytes).unwrap();
    let mut reader = SigmfReader::open(&name).unwrap();
    let mut buffer = [num_complex::Complex32::ZERO; 40];
    assert!(reader.read(&mut buffer).is_ok());
    let error = reader.read(&mut buffer).unwrap_err().to_string();
    assert!(
        error.contains("found the sample NaN") && error.contains("after sample 40"),
        "{error}"
    );
}

#[test]
fn data_that_become_shorter_while_they_are_read_are_an_error() {
    let (_folder, name) = place();
    recording(&name);
    let mut reader = SigmfReader::open(&name).unwrap();
    fs::write(with_suffix(&name, "sigmf-data"), [0; 80]).unwrap();
    let mut buffer = [num_complex::Complex32::ZERO; 100];
    let error = reader.read(&mut buffer).unwrap_err().to_string();
    assert!(error.contains("air.2.sigmf-data: cannot read"), "{error}");
}

#[test]
fn recordings_of_other_programs_are_understood() {
    let (_folder, name) = place();
    fs::write(with_suffix(&name, "sigmf-data"), [0; 40]).unwrap();
    let path = with_suffix(&name, "sigmf-meta");
    let open = |captures: Value| {
        let meta = json!({
            "global": { "core:datatype": "ci8", "core:version": "1.0.0", "core:sample_rate": 1_000_000,
                "antenna:gain": 3, "core:author": "someone" },
            "captures": captures,
            "annotations": [{ "core:sample_start": 3, "core:freq_lower_edge": 1.0, "core:freq_upper_edge": 2.0 }],
            "else": 1,
        });
        fs::write(&path, meta.to_string()).unwrap();
        let heard = hear_file(&name, 7);
        assert_eq!(heard.len(), 20);
        let lost = heard
            .iter()
            .enumerate()
            .filter(|(_, h)| h.1 != Lost::Nothing);
        lost.map(|(i, h)| (i, h.1)).collect::<Vec<_>>()
    };
    assert_eq!(open(json!([])), []);
    // A stream that was cut from a longer one lost nothing.
    assert_eq!(
        open(json!([{ "core:sample_start": 0, "core:global_index": 1000 }])),
        []
    );
    // Without an index a border is no gap: the specification's default.
    let captures =
        json!([{ "core:sample_start": 0 }, { "core:sample_start": 4, "core:frequency": 1e9 }]);
    assert_eq!(open(captures), []);
    let captures = json!([
        { "core:sample_start": 0, "core:global_index": 1000 },
        { "core:sample_start": 4, "core:global_index": 1010 },
    ]);
    assert_eq!(open(captures), [(4, Lost::Samples(6))]);
    let heard = hear_file(&name, 7);
    let times: Vec<_> = heard
        .iter()
        .filter_map(|h| h.2)
        .map(|t| t.nanoseconds)
        .collect();
    assert_eq!(times, [1_000_000, 1_010_000, 1_017_000, 1_024_000]);
}

#[test]
fn bytes_changed_at_random_are_an_error_or_a_recording_but_never_a_panic() {
    let (_folder, name) = place();
    recording(&name);
    let path = with_suffix(&name, "sigmf-meta");
    let whole = fs::read(&path).unwrap();
    let digits = b"0123456789-.eE\"{}[]:,nul \xff";
    // A linear congruential generator (Knuth's MMIX): the same changes on every run.
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let (mut opened, mut refused) = (0, 0);
    for _ in 0..3000 {
        let mut text = whole.clone();
        for _ in 0..=random(3) {
            let place = random(text.len());
            text[place] = digits[random(digits.len())];
        }
        fs::write(&path, &text).unwrap();
        match SigmfReader::open(&name) {
            Err(error) => {
                assert!(error.to_string().contains("air.2.sigmf-"), "{error}");
                refused += 1;
            }
            Ok(mut reader) => {
                let mut buffer = [num_complex::Complex32::ZERO; 1000];
                let mut samples = 0;
                while let Ok(Some(reception)) = reader.read(&mut buffer) {
                    samples += reception.samples;
                }
                assert!(samples <= 160 * 4, "{samples}");
                opened += 1;
            }
        }
    }
    assert!(opened > 100 && refused > 100, "{opened} {refused}");
}
