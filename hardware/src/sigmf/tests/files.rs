//! What is in the files, finished, cut off and full.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::UNIX_EPOCH;

use super::support::*;
use crate::radio::Lost;
use crate::sigmf::*;

#[test]
fn both_formats_come_back_sample_for_sample() {
    for datatype in Datatype::ALL {
        let (_folder, name) = place();
        let info = RecordingInfo::new(datatype, RATE_HZ);
        let mut writer = SigmfWriter::create(&name, info).unwrap();
        for part in samples(0, 100_000).chunks(7001) {
            writer.push(part, Lost::Nothing, None).unwrap();
        }
        let summary = writer.finish().unwrap();
        assert_eq!((summary.samples, summary.samples_saturated), (100_000, 0));
        let mut reader = SigmfReader::open(&name).unwrap();
        assert_eq!((reader.samples(), reader.datatype()), (100_000, datatype));
        reader.verify().unwrap();
        let heard: Vec<_> = hear_file(&name, 999).into_iter().map(|(x, ..)| x).collect();
        assert_eq!(heard, samples(0, 100_000));
    }
}

#[test]
fn metadata_say_what_was_lost_and_where_bursts_are() {
    let (_folder, name) = place();
    let info = RecordingInfo {
        frequency_hz: Some(433.92e6),
        hardware: Some("HackRF One".to_owned()),
        description: Some("a \"bench\"".to_owned()),
        started: Some(UNIX_EPOCH),
        ..RecordingInfo::new(Datatype::Ci8, RATE_HZ)
    };
    let mut writer = SigmfWriter::create(&name, info).unwrap();
    writer
        .push(&samples(0, 10), Lost::Samples(3), None)
        .unwrap();
    writer.push(&[], Lost::Samples(2), None).unwrap();
    writer
        .push(&samples(0, 10), Lost::Samples(5), None)
        .unwrap();
    writer.push(&samples(0, 10), Lost::Unknown, None).unwrap();
    writer.annotate_burst(12, 5, "later").unwrap();
    writer.annotate_burst(2, 4, "").unwrap();
    let summary = writer.finish().unwrap();
    assert_eq!(
        (summary.samples_lost, summary.gaps_unknown, summary.bursts),
        (10, 1, 2)
    );

    let meta = meta(&name);
    assert_eq!(meta["global"]["core:datatype"], "ci8");
    assert_eq!(meta["global"]["core:hw"], "HackRF One");
    assert_eq!(meta["global"]["core:description"], "a \"bench\"");
    assert_eq!(meta["global"]["heliograph:state"], "complete");
    assert_eq!(meta["global"]["core:extensions"][0]["optional"], true);
    let captures = meta["captures"].as_array().unwrap();
    let field = |name: &str| -> Vec<_> { captures.iter().map(|c| c[name].clone()).collect() };
    assert_eq!(field("core:sample_start"), [0, 10, 20]);
    assert_eq!(field("core:global_index"), [3, 20, 30]);
    assert_eq!(captures[0]["core:datetime"], "1970-01-01T00:00:00.000Z");
    assert_eq!(captures[0]["core:frequency"], 433.92e6);
    assert_eq!(captures[2]["heliograph:lost"], "unknown");
    let starts = meta["annotations"].as_array().unwrap();
    let starts: Vec<_> = starts
        .iter()
        .map(|a| a["core:sample_start"].clone())
        .collect();
    assert_eq!(
        starts,
        [2, 12],
        "in the order of samples, as the specification wants"
    );
}

#[test]
fn a_recording_is_readable_from_the_beginning_on() {
    let (_folder, name) = place();
    let mut writer = create(&name);
    assert_eq!(
        SigmfReader::open(&name).unwrap().state(),
        RecordingState::Recording
    );
    assert_eq!(hear_file(&name, 10).len(), 0);
    writer
        .push(&samples(0, 100_000), Lost::Nothing, None)
        .unwrap();
    // The program is killed: nothing is dropped, what is in memory is gone.
    std::mem::forget(writer);
    let data = with_suffix(&name, "sigmf-data");
    let mut bytes = fs::read(&data).unwrap();
    bytes.extend([1, 2, 3]);
    fs::write(&data, &bytes).unwrap();
    let heard: Vec<_> = hear_file(&name, 999).into_iter().map(|(x, ..)| x).collect();
    assert_eq!(heard.len(), bytes.len() / 8);
    assert_eq!(heard, samples(0, heard.len() as u64));
    assert!(error_of_verify(&name).contains("core:sha512: found nothing"));
}

fn error_of_verify(name: &std::path::Path) -> String {
    let mut reader = SigmfReader::open(name).unwrap();
    reader.verify().unwrap_err().to_string()
}

#[test]
fn a_writer_dropped_leaves_all_samples_and_gaps() {
    let (_folder, name) = place();
    let mut writer = create(&name);
    writer.push(&samples(0, 10), Lost::Nothing, None).unwrap();
    writer
        .push(&samples(15, 10), Lost::Samples(5), None)
        .unwrap();
    drop(writer);
    assert_eq!(hear_file(&name, 99)[10].1, Lost::Samples(5));
    assert_eq!(
        SigmfReader::open(&name).unwrap().state(),
        RecordingState::Recording
    );
}

#[test]
fn recordings_are_replaced_only_on_demand() {
    let (_folder, name) = place();
    recording(&name);
    let info = RecordingInfo::new(Datatype::Ci8, RATE_HZ);
    let refused = SigmfWriter::create(&name, info.clone()).err().unwrap();
    assert!(refused.to_string().contains("allowed a name that is free"));
    fs::remove_file(with_suffix(&name, "sigmf-meta")).unwrap();
    let refused = SigmfWriter::create(&name, info.clone()).err().unwrap();
    assert!(matches!(refused, SigmfError::Exists { .. }), "{refused}");
    let existing = Existing::Replace;
    let writer = SigmfWriter::create(&name, RecordingInfo { existing, ..info }).unwrap();
    writer.finish().unwrap();
    assert_eq!(SigmfReader::open(&name).unwrap().samples(), 0);
}

#[test]
fn a_full_disk_is_an_error_that_names_the_file() {
    let (_folder, name) = place();
    symlink("/dev/full", with_suffix(&name, "sigmf-data")).unwrap();
    let info = RecordingInfo {
        existing: Existing::Replace,
        ..RecordingInfo::new(Datatype::Cf32Le, RATE_HZ)
    };
    let mut writer = SigmfWriter::create(&name, info).unwrap();
    let full = writer
        .push(&samples(0, 100_000), Lost::Nothing, None)
        .unwrap_err();
    assert!(
        full.to_string()
            .contains("air.2.sigmf-data: cannot write: No space left"),
        "{full}"
    );
    let broken = writer
        .push(&samples(0, 1), Lost::Nothing, None)
        .unwrap_err();
    assert!(matches!(broken, SigmfError::Broken { .. }), "{broken}");
    assert!(writer.finish().is_err());
}

#[test]
fn bursts_and_rates_that_do_not_exist_are_refused_and_break_nothing() {
    let (_folder, name) = place();
    let mut writer = create(&name);
    writer.push(&samples(0, 10), Lost::Nothing, None).unwrap();
    for (start, count) in [(5, 6), (11, 0), (u64::MAX, 2)] {
        let refused = writer.annotate_burst(start, count, "").unwrap_err();
        assert!(
            refused.to_string().contains("the 10 samples written"),
            "{refused}"
        );
    }
    writer.finish().unwrap();
    for rate_hz in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let (_folder, name) = place();
        let info = RecordingInfo::new(Datatype::Ci8, rate_hz);
        let refused = SigmfWriter::create(&name, info).err().unwrap();
        assert!(
            refused.to_string().contains("core:sample_rate: found"),
            "{refused}"
        );
        assert!(!with_suffix(&name, "sigmf-data").exists());
    }
}

#[test]
fn bursts_beyond_those_that_can_be_marked_end_no_recording() {
    let (_folder, name) = place();
    let mut writer = create(&name);
    writer.push(&samples(0, 8), Lost::Nothing, None).unwrap();
    for _ in 0..MAX_SEGMENTS + 3 {
        writer.annotate_burst(2, 4, "").unwrap();
    }
    writer.push(&samples(8, 8), Lost::Samples(1), None).unwrap();
    let summary = writer.finish().unwrap();
    assert_eq!(summary.bursts, MAX_SEGMENTS as u64);
    assert_eq!((summary.bursts_unmarked, summary.samples), (3, 16));
    assert_eq!(hear_file(&name, 100).len(), 16);
}

#[test]
fn a_recording_holds_a_bounded_number_of_gaps() {
    let (_folder, name) = place();
    let mut writer = create(&name);
    let one = samples(0, 1);
    let mut pushed = 0;
    let full = loop {
        match writer.push(&one, Lost::Samples(1), None) {
            Ok(()) => pushed += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(pushed, MAX_SEGMENTS);
    assert!(matches!(full, SigmfError::Full { .. }), "{full}");
    drop(writer);
    assert_eq!(hear_file(&name, 10).len(), MAX_SEGMENTS);
}
