//! A disk that fills up while a recording is written: the test runs itself with a limit on the size of files.

use std::process::Command;

use heliograph_hardware::Lost;
use heliograph_hardware::sigmf::{
    Datatype, RecordingInfo, RecordingState, SigmfReader, SigmfWriter,
};
use num_complex::Complex32;

const NAME: &str = "HELIOGRAPH_FULL_DISK";
const PART: usize = 1000;

fn part(i: usize) -> Vec<Complex32> {
    vec![Complex32::new(i as f32, -1.0); PART]
}

#[test]
fn what_was_written_before_the_disk_was_full_can_be_read_with_its_gaps() {
    if let Ok(name) = std::env::var(NAME) {
        return fill(&name);
    }
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("full");
    let program = std::env::current_exe().unwrap();
    // A file that grows too long is an error then, as on a full disk, instead of a signal.
    let script = "trap '' XFSZ; ulimit -f 1000; exec \"$0\"";
    let mut child = Command::new("sh");
    child.arg("-c").arg(script).arg(program).env(NAME, &name);
    assert!(child.status().unwrap().success());

    let mut reader = SigmfReader::open(&name).unwrap();
    assert_eq!(reader.state(), RecordingState::Recording);
    assert!(reader.samples() > 10 * PART as u64, "{}", reader.samples());
    let mut buffer = vec![Complex32::ZERO; 2 * PART];
    let mut i = 0;
    while let Some(reception) = reader.read(&mut buffer).unwrap() {
        let lost = if i == 0 {
            Lost::Nothing
        } else {
            Lost::Samples(i as u64)
        };
        assert_eq!(reception.lost, lost);
        assert_eq!(buffer[..reception.samples], part(i)[..reception.samples]);
        i += 1;
    }
    assert_eq!(i, (reader.samples() as usize).div_ceil(PART));
}

/// Writes until it is an error.
fn fill(name: &str) {
    let info = RecordingInfo::new(Datatype::Cf32Le, 2e6);
    let mut writer = SigmfWriter::create(name.as_ref(), info).unwrap();
    for i in 0..10_000 {
        let lost = if i == 0 {
            Lost::Nothing
        } else {
            Lost::Samples(i as u64)
        };
        if let Err(error) = writer.push(&part(i), lost, None) {
            let text = error.to_string();
            assert!(text.contains("full.sigmf-data: cannot write"), "{text}");
            return;
        }
    }
    panic!("the disk was not full");
}
