//! A replay is the live stream again, sample for sample, loss for loss.

use super::support::*;
use crate::error::RadioError;
use crate::loopback::Loopback;
use crate::radio::{BurstEnd, Lost, Radio, Reception, RxStream, TxStart};
use crate::settings::{Direction, RadioSettings};
use crate::sigmf::*;
use crate::time::RadioTime;
use num_complex::Complex32;
use std::time::Duration;

/// A stream that was made up.
struct Script(Vec<(u64, Lost, Option<RadioTime>)>);

impl RxStream for Script {
    fn read(&mut self, out: &mut [Complex32], limit: Duration) -> Result<Reception, RadioError> {
        let Some((count, lost, time)) = self.0.pop() else {
            return Err(RadioError::Timeout {
                limit,
                done: 0,
                wanted: out.len(),
            });
        };
        out[..count as usize].copy_from_slice(&samples(count * 17, count));
        Ok(Reception {
            samples: count as usize,
            time,
            lost,
        })
    }
}

fn record(stream: Box<dyn RxStream>, name: &std::path::Path) -> Heard {
    let (mut recorder, recording) = Recorder::new(stream, create(name));
    let live = hear_stream(&mut recorder, 1000);
    recording.finish().unwrap();
    live
}

fn replay(name: &std::path::Path, size: usize) -> Heard {
    let mut radio = FileRadio::receiver(name).unwrap();
    let settings = radio.recorded().unwrap();
    radio.configure(Direction::Receive, &settings).unwrap();
    hear_stream(radio.receive().unwrap().as_mut(), size)
}

#[test]
fn losses_of_every_kind_are_replayed_exactly_at_any_read_size() {
    let script = || {
        let mut reads = vec![
            (50, Lost::Samples(12), None),
            (1000, Lost::Nothing, None),
            (1, Lost::Samples(1), None),
            (1, Lost::Unknown, None),
            (999, Lost::Unknown, None),
            (20, Lost::Samples(1 << 40), None),
        ];
        reads.reverse();
        Box::new(Script(reads))
    };
    let (_folder, name) = place();
    let live = record(script(), &name);
    for size in [1, 7, 1000, 100_000] {
        assert!(replay(&name, size) == live, "{size}");
    }
}

#[test]
fn times_are_those_of_the_radio_to_the_nanosecond() {
    for rate_hz in [RATE_HZ, 3.84e6] {
        let index = 123_456_789_012;
        let at = |n: u64| Some(RadioTime::of_sample(index + n, rate_hz));
        let odd = RadioTime { nanoseconds: -77 };
        let mut reads = vec![
            (100, Lost::Nothing, at(0)),
            (100, Lost::Nothing, at(100)),
            (100, Lost::Samples(33), at(233)),
            (10, Lost::Unknown, Some(odd)),
        ];
        reads.reverse();
        let (_folder, name) = place();
        let info = RecordingInfo::new(Datatype::Ci8, rate_hz);
        let writer = SigmfWriter::create(&name, info).unwrap();
        let (mut recorder, recording) = Recorder::new(Box::new(Script(reads)), writer);
        let live = hear_stream(&mut recorder, 1000);
        recording.finish().unwrap();
        assert!(replay(&name, 100) == live);
        let odd_ones: Vec<_> = replay(&name, 1000)
            .into_iter()
            .filter_map(|h| h.2)
            .collect();
        assert_eq!(odd_ones, [at(0).unwrap(), at(233).unwrap(), odd]);
    }
}

#[test]
fn a_loopback_with_losses_is_recorded_and_replayed() {
    let mut radio = Loopback::new(1 << 16);
    let settings = RadioSettings::new(433e6, RATE_HZ);
    for direction in [Direction::Receive, Direction::Transmit] {
        radio.configure(direction, &settings).unwrap();
    }
    let (mut tx, rx) = (radio.transmit().unwrap(), radio.receive().unwrap());
    tx.send(&samples(0, 5000), TxStart::Now, BurstEnd::Here, LIMIT)
        .unwrap();
    let (_folder, name) = place();
    let (mut recorder, recording) = Recorder::new(rx, create(&name));
    let mut live = Vec::new();
    for size in [100, 900, 3000, 3000] {
        let mut once = Some(());
        live.extend(hear(size, |buffer| {
            once.take().map(|()| recorder.read(buffer, LIMIT).unwrap())
        }));
        radio.lose(321);
    }
    assert_eq!(recording.summary().samples_lost, 3 * 321);
    recording.finish().unwrap();
    let replayed = replay(&name, 3000);
    assert!(replayed == live);
}

#[test]
fn the_end_is_told_from_everything_else_and_a_second_stream_begins_anew() {
    let (_folder, name) = place();
    recording(&name);
    let mut radio = FileRadio::receiver(&name).unwrap();
    assert!(matches!(
        radio.receive(),
        Err(RadioError::NotConfigured { .. })
    ));
    let mut settings = radio.recorded().unwrap();
    settings.antenna = Some("RX2".to_owned());
    settings.sample_rate_hz = 1e6;
    let refused = radio.configure(Direction::Receive, &settings).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("sample_rate_hz: found 1000000, allowed 2000000")
    );
    settings.sample_rate_hz = RATE_HZ;
    radio.configure(Direction::Receive, &settings).unwrap();
    let mut rx = radio.receive().unwrap();
    assert!(matches!(radio.receive(), Err(RadioError::Busy { .. })));
    assert!(matches!(
        radio.configure(Direction::Receive, &settings),
        Err(RadioError::Busy { .. })
    ));
    let first = hear_stream(rx.as_mut(), 64);
    assert_eq!(first.len(), 160);
    assert_eq!(
        rx.read(&mut [Complex32::ZERO; 4], LIMIT),
        Err(RadioError::Ended)
    );
    drop(rx);
    assert_eq!(hear_stream(radio.receive().unwrap().as_mut(), 64), first);
    assert!(matches!(
        radio.transmit(),
        Err(RadioError::NotConfigured { .. })
    ));
    assert!(radio.configure(Direction::Transmit, &settings).is_err());
}

#[test]
fn files_without_metadata_are_heard_at_the_rate_given() {
    let (folder, _) = place();
    let path = folder.path().join("old.cs8");
    std::fs::write(&path, [64, 192, 0, 127]).unwrap();
    let datatype = Datatype::of_extension("cs8").unwrap();
    let mut radio = FileRadio::raw_receiver(&path, datatype, 1e6).unwrap();
    let settings = RadioSettings::new(868e6, 1e6);
    assert_eq!(
        radio.configure(Direction::Receive, &settings).unwrap(),
        settings
    );
    let heard = hear_stream(radio.receive().unwrap().as_mut(), 1);
    assert_eq!(heard[0].0, Complex32::new(0.5, -0.5));
    assert_eq!(heard[1].2, Some(RadioTime { nanoseconds: 1000 }));
    for (datatype, rate_hz, part) in [
        (
            Datatype::Cf32Le,
            1e6,
            "found 4 bytes, allowed a multiple of 8",
        ),
        (Datatype::Ci8, 0.0, "sample_rate_hz: found 0"),
        (Datatype::Ci8, f64::NAN, "sample_rate_hz: found NaN"),
    ] {
        let error = FileRadio::raw_receiver(&path, datatype, rate_hz)
            .err()
            .unwrap();
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_recording_that_fails_is_told_once_and_the_stream_goes_on() {
    let (_folder, name) = place();
    std::os::unix::fs::symlink("/dev/full", with_suffix(&name, "sigmf-data")).unwrap();
    let info = RecordingInfo {
        existing: Existing::Replace,
        ..RecordingInfo::new(Datatype::Cf32Le, RATE_HZ)
    };
    let writer = SigmfWriter::create(&name, info).unwrap();
    let reads = vec![
        (10, Lost::Samples(4), None),
        (50_000, Lost::Samples(3), None),
        (10, Lost::Nothing, None),
    ];
    let (mut recorder, recording) = Recorder::new(Box::new(Script(reads)), writer);
    let mut buffer = vec![Complex32::ZERO; 50_000];
    assert!(recorder.read(&mut buffer, LIMIT).is_ok());
    let failed = recorder.read(&mut buffer, LIMIT).unwrap_err();
    assert!(
        failed
            .to_string()
            .contains("air.2.sigmf-data: cannot write"),
        "{failed}"
    );
    let next = recorder.read(&mut buffer, LIMIT).unwrap();
    assert_eq!(
        (next.samples, next.lost),
        (10, Lost::Samples(50_000 + 3 + 4))
    );
    assert!(recording.finish().is_err());
}
