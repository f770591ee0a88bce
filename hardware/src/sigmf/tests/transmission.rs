//! Bursts into a file.

use super::support::*;
use crate::error::RadioError;
use crate::radio::{BurstEnd, Radio, TxReport, TxStart};
use crate::settings::{Direction, RadioSettings};
use crate::sigmf::*;
use crate::time::RadioTime;
use num_complex::Complex32;

fn at(sample: u64) -> TxStart {
    TxStart::At(RadioTime::of_sample(sample, RATE_HZ))
}

fn radio(name: &std::path::Path) -> FileRadio {
    let mut radio = FileRadio::transmitter(name, Datatype::Cf32Le, Existing::Refuse);
    let settings = RadioSettings::new(433e6, RATE_HZ);
    radio.configure(Direction::Transmit, &settings).unwrap();
    radio
}

#[test]
fn bursts_lie_at_their_times_with_silence_between_them() {
    let (_folder, name) = place();
    let mut radio = radio(&name);
    let mut tx = radio.transmit().unwrap();
    assert!(matches!(radio.transmit(), Err(RadioError::Busy { .. })));
    tx.send(&samples(0, 10), TxStart::Now, BurstEnd::Here, LIMIT)
        .unwrap();
    tx.send(&samples(10, 5), at(20_000), BurstEnd::Later, LIMIT)
        .unwrap();
    tx.send(&samples(15, 5), TxStart::Now, BurstEnd::Here, LIMIT)
        .unwrap();
    tx.send(&samples(99, 5), at(100), BurstEnd::Later, LIMIT)
        .unwrap();
    tx.send(&samples(99, 5), TxStart::Now, BurstEnd::Here, LIMIT)
        .unwrap();
    tx.send(&samples(20, 5), TxStart::Now, BurstEnd::Later, LIMIT)
        .unwrap();

    let time = |sample| RadioTime::of_sample(sample, RATE_HZ);
    let mut reports = Vec::new();
    while let Some(report) = tx.report(LIMIT).unwrap() {
        reports.push(report);
    }
    let late = TxReport::Late {
        wanted: time(100),
        found: Some(time(20_010)),
    };
    let sent = |sample| TxReport::Sent {
        end: Some(time(sample)),
    };
    assert_eq!(reports, [sent(10), sent(20_010), late]);

    assert!(radio.written().is_none());
    drop(tx);
    let summary = radio.written().unwrap().unwrap();
    assert_eq!((summary.samples, summary.bursts), (20_015, 3));

    let heard: Vec<_> = hear_file(&name, 4096)
        .into_iter()
        .map(|(x, ..)| x)
        .collect();
    assert_eq!(heard[..10], samples(0, 10));
    assert!(heard[10..20_000].iter().all(|x| *x == Complex32::ZERO));
    assert_eq!(heard[20_000..], samples(10, 15));
    let reader = SigmfReader::open(&name).unwrap();
    let bursts: Vec<_> = reader.metadata().unwrap().annotations.iter().collect();
    let places: Vec<_> = bursts
        .iter()
        .map(|b| (b.sample_start, b.sample_count))
        .collect();
    assert_eq!(
        places,
        [(0, Some(10)), (20_000, Some(10)), (20_010, Some(5))]
    );
    assert_eq!(bursts[2].comment.as_deref(), Some("cut off"));
}

#[test]
fn silence_is_bounded() {
    let (_folder, name) = place();
    let mut radio = radio(&name);
    let mut tx = radio.transmit().unwrap();
    for nanoseconds in [60_000_001_000, i64::MAX] {
        let start = TxStart::At(RadioTime { nanoseconds });
        let refused = tx
            .send(&samples(0, 1), start, BurstEnd::Here, LIMIT)
            .unwrap_err();
        assert!(
            refused.to_string().contains("allowed at most 60 s"),
            "{refused}"
        );
    }
    tx.send(&samples(0, 1), TxStart::Now, BurstEnd::Here, LIMIT)
        .unwrap();
    drop(tx);
    assert_eq!(radio.written().unwrap().unwrap().samples, 1);
}

#[test]
fn a_stream_that_sent_nothing_leaves_no_file() {
    let (folder, name) = place();
    let mut radio = radio(&name);
    drop(radio.transmit().unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(radio.written().unwrap().unwrap().samples, 0);
}

#[test]
fn a_file_that_is_there_already_is_not_written_over() {
    let (_folder, name) = place();
    let mut radio = radio(&name);
    let mut tx = radio.transmit().unwrap();
    tx.send(&samples(0, 1), TxStart::Now, BurstEnd::Here, LIMIT)
        .unwrap();
    drop(tx);
    let refused = radio.transmit().err().unwrap();
    assert!(
        refused.to_string().contains("a name that is free"),
        "{refused}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_burst_that_a_full_disk_does_not_take_is_not_reported_as_sent() {
    let (_folder, name) = place();
    std::os::unix::fs::symlink("/dev/full", with_suffix(&name, "sigmf-data")).unwrap();
    let mut radio = FileRadio::transmitter(&name, Datatype::Cf32Le, Existing::Replace);
    let settings = RadioSettings::new(433e6, RATE_HZ);
    radio.configure(Direction::Transmit, &settings).unwrap();
    let mut tx = radio.transmit().unwrap();
    tx.send(&samples(0, 10), TxStart::Now, BurstEnd::Later, LIMIT)
        .unwrap();
    let failure = tx
        .send(&samples(10, 10), TxStart::Now, BurstEnd::Here, LIMIT)
        .unwrap_err();
    assert!(
        failure.to_string().contains("air.2.sigmf-data"),
        "{failure}"
    );
    assert_eq!(tx.report(LIMIT).unwrap(), None);
}

#[test]
fn an_end_that_cannot_be_written_is_an_error() {
    let (folder, name) = place();
    let mut radio = radio(&name);
    let mut tx = radio.transmit().unwrap();
    tx.send(&samples(0, 10), TxStart::Now, BurstEnd::Here, LIMIT)
        .unwrap();
    std::fs::remove_dir_all(folder.path()).unwrap();
    let failure = tx.finish().unwrap_err();
    assert!(
        failure.to_string().contains("air.2.sigmf-meta"),
        "{failure}"
    );
    // Once.
    tx.finish().unwrap();
    drop(tx);
    assert!(radio.written().unwrap().is_err());
}
