use std::time::{Duration, Instant};

use heliograph_hardware::Lost;
use heliograph_hardware::sigmf::SigmfReader;

use super::*;

fn recorder(name: &str) -> OnDemand {
    let name = format!("heliograph-on-demand-{name}-{}", std::process::id());
    OnDemand::new(&std::env::temp_dir().join(name))
}

fn push(recorder: &OnDemand) {
    push_samples(recorder, &[Complex32::new(0.5, 0.0); 100]);
}

/// More than may wait for the disk.
const TOO_MANY: usize = scribe::MAX_WAITING + 1;

fn push_too_many(recorder: &OnDemand) {
    push_samples(recorder, &vec![Complex32::ZERO; TOO_MANY]);
}

fn push_samples(recorder: &OnDemand, samples: &[Complex32]) {
    let reception = Reception {
        samples: samples.len(),
        time: None,
        lost: Lost::Nothing,
    };
    recorder.push(samples, &reception);
}

#[test]
fn a_recording_holds_what_came_while_it_was_on() {
    let recorder = recorder("on");
    push(&recorder);
    recorder.start(2e6, 433e6).unwrap();
    push(&recorder);
    assert!(recorder.is_running());
    recorder.stop().unwrap();
    push(&recorder);
    let (shown, files) = recorder.latest().unwrap();
    assert_eq!((shown.samples, shown.running), (100, false));
    assert_eq!(shown.words, None);
    assert!(files.iter().all(|file| file.exists()));
    SigmfReader::open(&files[0]).unwrap().verify().unwrap();
    recorder.start(2e6, 433e6).unwrap();
    assert_eq!(recorder.latest().unwrap().0.name, "recording-0002");
    recorder.stop().unwrap();
    let folder = recorder.state().folder.clone();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_recording_that_is_forgotten_ends_by_itself_and_says_why() {
    let recorder = recorder("full");
    recorder.state().most_samples = 250;
    recorder.start(2e6, 433e6).unwrap();
    push_too_many(&recorder);
    let start = Instant::now();
    while recorder.is_running() {
        push(&recorder);
        assert!(start.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(1));
    }
    let (shown, files) = recorder.latest().unwrap();
    assert_eq!((shown.samples, shown.running), (300, false));
    let words = shown.words.unwrap();
    assert!(
        words.contains("begin another") && words.contains("missing"),
        "{words}"
    );
    SigmfReader::open(&files[0]).unwrap().verify().unwrap();
    let folder = recorder.state().folder.clone();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_finds_no_room_before_the_disk_is_missing_in_the_recording_which_says_so() {
    let recorder = recorder("slow");
    recorder.start(2e6, 433e6).unwrap();
    push(&recorder);
    push_too_many(&recorder);
    push(&recorder);
    let words = recorder.latest().unwrap().0.words.unwrap();
    assert!(words.contains("the disk was too slow"), "{words}");
    recorder.stop().unwrap();
    let (shown, files) = recorder.latest().unwrap();
    assert_eq!(shown.samples, 200);
    let mut reader = SigmfReader::open(&files[0]).unwrap();
    let mut samples = [Complex32::ZERO; 1000];
    let mut lost = Vec::new();
    while let Some(read) = reader.read(&mut samples).unwrap() {
        lost.push(read.lost);
    }
    assert_eq!(lost, [Lost::Nothing, Lost::Samples(TOO_MANY as u64)]);
    let folder = recorder.state().folder.clone();
    std::fs::remove_dir_all(folder).unwrap();
}
