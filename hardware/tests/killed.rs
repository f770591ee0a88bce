//! A program that is killed while it records: the test runs itself and kills the child.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use heliograph_hardware::Lost;
use heliograph_hardware::sigmf::{
    Datatype, RecordingInfo, RecordingState, SigmfReader, SigmfWriter,
};
use num_complex::Complex32;

const NAME: &str = "HELIOGRAPH_KILLED";
const PART: usize = 1000;
/// Metadata are renewed once a second, on a disk that takes four seconds for them after 80.
const GAP_WAIT: Duration = Duration::from_secs(120);

#[test]
fn a_killed_recording_opens_with_its_samples_and_gaps() {
    if let Ok(name) = std::env::var(NAME) {
        return record(&name);
    }
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("killed");
    let program = std::env::current_exe().unwrap();
    let mut child = Command::new(program).env(NAME, &name).spawn().unwrap();
    let begun = Instant::now();
    while gaps(&name) < 100 && begun.elapsed() < GAP_WAIT {
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let mut reader = SigmfReader::open(&name).unwrap();
    assert_eq!(reader.state(), RecordingState::Recording);
    assert!(reader.verify().is_err(), "no hash yet");
    let known = gaps(&name);
    assert!(known >= 100, "{known}");
    let mut buffer = vec![Complex32::ZERO; PART];
    for i in 0..known {
        let reception = reader.read(&mut buffer).unwrap().unwrap();
        let lost = if i == 0 {
            Lost::Nothing
        } else {
            Lost::Samples(9)
        };
        assert_eq!((reception.samples, reception.lost), (PART, lost));
        assert_eq!(buffer, part(i));
    }
}

fn part(i: usize) -> Vec<Complex32> {
    vec![Complex32::new(i as f32, -1.0); PART]
}

/// Whole parts between gaps that are known; 0 while there is no recording.
fn gaps(name: &std::path::Path) -> usize {
    let reader = SigmfReader::open(name).ok();
    let captures = reader.and_then(|reader| Some(reader.metadata()?.captures.len()));
    captures.map_or(0, |captures| captures.saturating_sub(1))
}

/// Records until it is killed, four minutes at least.
fn record(name: &str) {
    let info = RecordingInfo::new(Datatype::Cf32Le, 2e6);
    let mut writer = SigmfWriter::create(name.as_ref(), info).unwrap();
    for i in 0..120_000 {
        let lost = if i == 0 {
            Lost::Nothing
        } else {
            Lost::Samples(9)
        };
        writer.push(&part(i), lost, None).unwrap();
        thread::sleep(Duration::from_millis(2));
    }
}
