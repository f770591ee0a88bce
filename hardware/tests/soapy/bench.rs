//! Radios on a bench of their own, and signals for them.

use std::time::Duration;

use heliograph_hardware::profile::{DeviceTraits, Profile};
use heliograph_hardware::{
    BurstEnd, Direction, Lost, Radio, RadioError, RadioSettings, RadioTime, Reception, RxStream,
    TxReport, TxStart, TxStream,
};
use num_complex::Complex32;

pub const RATE_HZ: f64 = 2e6;
pub const FREQUENCY_HZ: f64 = 433.92e6;
/// Longer than anything takes here, however busy the machine is.
pub const PATIENT: Duration = Duration::from_secs(20);
/// For what is there already.
pub const SOON: Duration = Duration::from_millis(50);

/// An ether that no other test and no other run of the tests uses.
pub fn ether(name: &str) -> String {
    format!("hardware-{}-{name}", std::process::id())
}

/// A profile of a virtual radio.
pub fn profile(ether: &str, arguments: &str) -> Profile {
    let separator = if arguments.is_empty() { "" } else { "," };
    Profile {
        name: "virtual".to_owned(),
        device: format!("driver=heliograph,ether={ether}{separator}{arguments}"),
        traits: DeviceTraits::default(),
        receive: None,
        transmit: None,
        limits: Default::default(),
    }
}

pub fn settings() -> RadioSettings {
    RadioSettings::new(FREQUENCY_HZ, RATE_HZ)
}

/// A radio, both ways at `settings`.
pub fn radio(profile: &Profile, settings: &RadioSettings) -> Box<dyn Radio> {
    let mut radio = heliograph_hardware::open(profile).unwrap();
    radio.configure(Direction::Receive, settings).unwrap();
    radio.configure(Direction::Transmit, settings).unwrap();
    radio
}

pub fn receiver(ether: &str, arguments: &str) -> Box<dyn RxStream> {
    let profile = profile(ether, &format!("id=receiver,{arguments}"));
    radio(&profile, &settings()).receive().unwrap()
}

pub fn transmitter(ether: &str, arguments: &str) -> Box<dyn TxStream> {
    let separator = if arguments.is_empty() { "" } else { "," };
    let profile = profile(ether, &format!("id=transmitter{separator}{arguments}"));
    radio(&profile, &settings()).transmit().unwrap()
}

pub fn at(sample: u64) -> RadioTime {
    RadioTime::of_sample(sample, RATE_HZ)
}

/// Samples that tell their places apart, on steps of 1/128 and never zero, so that 8 bits are exact.
pub fn distinct(length: usize) -> Vec<Complex32> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 24) % 127 + 1) as f32 / 128.0
    };
    (0..length)
        .map(|_| Complex32::new(next(), -next()))
        .collect()
}

/// Asserts equality without printing thousands of samples.
#[track_caller]
pub fn assert_same(found: &[Complex32], expected: &[Complex32]) {
    assert_eq!(found.len(), expected.len());
    let different = found.iter().zip(expected).position(|(a, b)| a != b);
    if let Some(n) = different {
        panic!("sample {n}: found {}, expected {}", found[n], expected[n]);
    }
}

/// Reads until `samples` is full; gives the time of the first. Panics at losses.
#[track_caller]
pub fn hear_all(rx: &mut dyn RxStream, samples: &mut [Complex32]) -> Option<RadioTime> {
    let (mut done, mut first) = (0, None);
    while done < samples.len() {
        let reception = rx.read(&mut samples[done..], PATIENT).unwrap();
        assert_eq!(reception.lost, Lost::Nothing, "after {done}");
        if done == 0 {
            first = reception.time;
        }
        done += reception.samples;
    }
    first
}

/// So many samples.
#[track_caller]
pub fn hear(rx: &mut dyn RxStream, length: usize) -> Vec<Complex32> {
    let mut samples = vec![Complex32::ZERO; length];
    hear_all(rx, &mut samples);
    samples
}

/// One read.
pub fn read(
    rx: &mut dyn RxStream,
    length: usize,
) -> Result<(Vec<Complex32>, Reception), RadioError> {
    let mut samples = vec![Complex32::ZERO; length];
    let reception = rx.read(&mut samples, PATIENT)?;
    samples.truncate(reception.samples);
    Ok((samples, reception))
}

/// A whole burst.
#[track_caller]
pub fn send(tx: &mut dyn TxStream, samples: &[Complex32], start: TxStart) {
    tx.send(samples, start, BurstEnd::Here, PATIENT).unwrap();
}

/// The next report.
#[track_caller]
pub fn report(tx: &mut dyn TxStream) -> TxReport {
    tx.report(PATIENT).unwrap().expect("a report")
}
