//! What the tests of recordings share.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use num_complex::Complex32;
use serde_json::Value;
use tempfile::TempDir;

use crate::radio::{Lost, Reception, RxStream};
use crate::sigmf::{Datatype, RecordingInfo, SigmfReader, SigmfWriter};
use crate::time::RadioTime;

pub const RATE_HZ: f64 = 2e6;
pub const LIMIT: Duration = Duration::from_secs(1);

/// Samples that 8 bits hold exactly, each of them different from its neighbours.
pub fn samples(from: u64, count: u64) -> Vec<Complex32> {
    let part = |i: u64| (i % 241) as f32 / 128.0 - 0.95;
    let step = |x: f32| (x * 128.0).round() / 128.0;
    (from..from + count)
        .map(|i| Complex32::new(step(part(i)), step(part(i / 241))))
        .collect()
}

/// A folder and a name in it.
pub fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("air.2");
    (folder, name)
}

pub fn with_suffix(name: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}.{suffix}", name.display()))
}

pub fn create(name: &Path) -> SigmfWriter {
    SigmfWriter::create(name, RecordingInfo::new(Datatype::Cf32Le, RATE_HZ)).unwrap()
}

/// A finished recording: 100 samples, 7 lost, 50 samples, unknown lost, 10 samples, a burst.
pub fn recording(name: &Path) {
    let mut writer = create(name);
    writer.push(&samples(0, 100), Lost::Nothing, None).unwrap();
    writer
        .push(&samples(107, 50), Lost::Samples(7), None)
        .unwrap();
    writer.push(&samples(200, 10), Lost::Unknown, None).unwrap();
    writer.annotate_burst(20, 30, "first").unwrap();
    writer.finish().unwrap();
}

/// Changes the metadata of a recording.
pub fn edit(name: &Path, change: impl FnOnce(&mut Value)) {
    let path = with_suffix(name, "sigmf-meta");
    let mut meta: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut meta);
    fs::write(&path, meta.to_string()).unwrap();
}

pub fn meta(name: &Path) -> Value {
    let path = with_suffix(name, "sigmf-meta");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

pub fn error(name: &Path) -> String {
    SigmfReader::open(name).unwrap_err().to_string()
}

/// A stream as a list of what every single sample was, and what was lost before it.
pub type Heard = Vec<(Complex32, Lost, Option<RadioTime>)>;

/// All of `read`, in reads of `size`.
pub fn hear(size: usize, mut read: impl FnMut(&mut [Complex32]) -> Option<Reception>) -> Heard {
    let mut heard = Vec::new();
    let mut buffer = vec![Complex32::ZERO; size];
    while let Some(reception) = read(&mut buffer) {
        for (i, sample) in buffer[..reception.samples].iter().enumerate() {
            let lost = if i == 0 {
                reception.lost
            } else {
                Lost::Nothing
            };
            heard.push((*sample, lost, reception.time.filter(|_| i == 0)));
        }
    }
    heard
}

pub fn hear_stream(stream: &mut dyn RxStream, size: usize) -> Heard {
    hear(size, |buffer| stream.read(buffer, LIMIT).ok())
}

pub fn hear_file(name: &Path, size: usize) -> Heard {
    let mut reader = SigmfReader::open(name).unwrap();
    hear(size, |buffer| reader.read(buffer).unwrap())
}
