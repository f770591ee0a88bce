//! Writes a recording of every kind into a folder, for `tests/sigmf_schema.py` to check with the Python package `sigmf`.
//!
//!     cargo run -p heliograph-hardware --example sigmf_recordings -- DIR
//!     python hardware/tests/sigmf_schema.py DIR

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use heliograph_hardware::sigmf::{
    Datatype, Existing, FileRadio, Recorder, RecordingInfo, SigmfWriter,
};
use heliograph_hardware::{
    BurstEnd, Direction, Loopback, Lost, Radio, RadioSettings, RadioTime, RxStream, TxStart,
};
use num_complex::Complex32;

const RATE_HZ: f64 = 2e6;
const LIMIT: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1);
    let folder = PathBuf::from(folder.ok_or("usage: sigmf_recordings DIR")?);
    std::fs::create_dir_all(&folder)?;
    for datatype in Datatype::ALL {
        gaps(&folder.join(format!("gaps-{datatype}")), datatype)?;
    }
    live(&folder.join("live"))?;
    transmission(&folder.join("transmission"))?;
    empty(&folder.join("empty"))?;
    cut_off(&folder.join("cut-off"))
}

/// Sample `i` of every recording: I counts up, Q counts down, exact in 8 bits.
fn ramp(from: u64, count: u64) -> Vec<Complex32> {
    let part = |i: u64| ((i % 200) as f32 - 100.0) / 128.0;
    (from..from + count)
        .map(|i| Complex32::new(part(i), -part(i)))
        .collect()
}

fn info(datatype: Datatype) -> RecordingInfo {
    RecordingInfo {
        frequency_hz: Some(433.92e6),
        hardware: Some("none".to_owned()),
        description: Some("a \"ramp\" für <Tests> & more".to_owned()),
        existing: Existing::Replace,
        ..RecordingInfo::new(datatype, RATE_HZ)
    }
}

/// 1000 samples, 7 lost, 500 samples, an unknown loss, 100 samples; bursts noted in another order than they came.
fn gaps(name: &Path, datatype: Datatype) -> Result<(), Box<dyn Error>> {
    let mut writer = SigmfWriter::create(name, info(datatype))?;
    let time = |index| Some(RadioTime::of_sample(index, RATE_HZ));
    writer.push(&ramp(0, 1000), Lost::Nothing, time(50))?;
    writer.push(&ramp(1000, 500), Lost::Samples(7), time(1057))?;
    writer.push(&ramp(1500, 100), Lost::Unknown, None)?;
    writer.annotate_burst(1100, 300, "second")?;
    writer.annotate_burst(100, 800, "")?;
    writer.finish()?;
    Ok(())
}

/// A live stream through the recorder.
fn live(name: &Path) -> Result<(), Box<dyn Error>> {
    let mut radio = Loopback::new(1 << 16);
    radio.configure(Direction::Receive, &RadioSettings::new(433e6, RATE_HZ))?;
    let writer = SigmfWriter::create(name, info(Datatype::Ci8))?;
    let (mut recorder, recording) = Recorder::new(radio.receive()?, writer);
    for _ in 0..10 {
        recorder.read(&mut [Complex32::ZERO; 1000], LIMIT)?;
        radio.lose(100);
    }
    recording.finish()?;
    Ok(())
}

/// Bursts into a file, the second at its time.
fn transmission(name: &Path) -> Result<(), Box<dyn Error>> {
    let mut radio = FileRadio::transmitter(name, Datatype::Cf32Le, Existing::Replace);
    radio.configure(Direction::Transmit, &RadioSettings::new(433e6, RATE_HZ))?;
    let mut tx = radio.transmit()?;
    let later = TxStart::At(RadioTime::of_sample(5000, RATE_HZ));
    tx.send(&ramp(0, 1000), TxStart::Now, BurstEnd::Here, LIMIT)?;
    tx.send(&ramp(5000, 1000), later, BurstEnd::Here, LIMIT)?;
    drop(tx);
    radio.written().ok_or("no transmission")??;
    Ok(())
}

fn empty(name: &Path) -> Result<(), Box<dyn Error>> {
    SigmfWriter::create(name, info(Datatype::Cf32Le))?.finish()?;
    Ok(())
}

/// As a program leaves it that is killed.
fn cut_off(name: &Path) -> Result<(), Box<dyn Error>> {
    let mut writer = SigmfWriter::create(name, info(Datatype::Cf32Le))?;
    writer.push(&ramp(0, 40_000), Lost::Nothing, None)?;
    std::mem::forget(writer);
    Ok(())
}
