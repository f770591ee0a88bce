//! Both ends of offset tuning, over a loopback whose air is what the radio's converters see.

use std::time::Duration;

use super::*;
use crate::{Direction, Loopback, Radio, RadioSettings};

const RATE_HZ: f64 = 2e6;
const SOON: Duration = Duration::from_millis(20);
/// Carriers of the waveform, and as many samples.
const CARRIERS: usize = 256;

fn pair() -> (Loopback, Box<dyn TxStream>, Box<dyn RxStream>) {
    let mut radio = Loopback::new(1 << 16);
    let settings = RadioSettings::new(433e6, RATE_HZ);
    radio.configure(Direction::Receive, &settings).unwrap();
    radio.configure(Direction::Transmit, &settings).unwrap();
    let (tx, rx) = (radio.transmit().unwrap(), radio.receive().unwrap());
    (radio, tx, rx)
}

fn tone(frequency_hz: f64, length: usize) -> Vec<Complex32> {
    let mut samples = vec![Complex32::ONE; length];
    Oscillator::new(frequency_hz, RATE_HZ).mix(&mut samples);
    samples
}

fn hear(rx: &mut dyn RxStream, length: usize) -> Vec<Complex32> {
    let mut samples = vec![Complex32::ZERO; length];
    rx.read(&mut samples, SOON).unwrap();
    samples
}

/// Amplitude on a carrier, by correlation.
fn amplitude(samples: &[Complex32], carrier: i32) -> f32 {
    let frequency_hz = -f64::from(carrier) * RATE_HZ / CARRIERS as f64;
    let mut samples = samples.to_vec();
    Oscillator::new(frequency_hz, RATE_HZ).mix(&mut samples);
    (samples.iter().sum::<Complex32>() / samples.len() as f32).norm()
}

#[test]
fn a_tone_is_sent_beside_its_place_and_received_in_it() {
    let shift_hz = 20.0 * RATE_HZ / CARRIERS as f64;
    let (_radio, tx, mut rx) = pair();
    let mut tx = ShiftedTransmitter::new(tx, shift_hz, RATE_HZ);
    let sent = tone(50.0 * RATE_HZ / CARRIERS as f64, CARRIERS);
    tx.send(&sent, TxStart::Now, BurstEnd::Later, SOON).unwrap();
    let air = hear(&mut *rx, CARRIERS);
    assert!((amplitude(&air, 30) - 1.0).abs() < 1e-3);
    assert!(amplitude(&air, 50) < 1e-3);

    let mut rx = ShiftedReceiver::new(rx, shift_hz, RATE_HZ);
    rx.oscillator.skip(CARRIERS as u64);
    tx.send(&sent, TxStart::Now, BurstEnd::Here, SOON).unwrap();
    let received = hear(&mut rx, CARRIERS);
    for (y, x) in received.iter().zip(&sent) {
        assert!((y - x).norm() < 1e-5);
    }
}

#[test]
fn the_dc_spike_leaves_the_empty_carriers_in_the_middle() {
    let (_radio, mut tx, rx) = pair();
    let spike = vec![Complex32::new(0.014, 0.014); CARRIERS];
    tx.send(&spike, TxStart::Now, BurstEnd::Here, SOON).unwrap();
    let shift_hz = 110.0 * RATE_HZ / CARRIERS as f64;
    let mut rx = ShiftedReceiver::new(rx, shift_hz, RATE_HZ);
    let received = hear(&mut rx, CARRIERS);
    for carrier in -2..=2 {
        assert!(amplitude(&received, carrier) < 1e-6, "{carrier}");
    }
    assert!((amplitude(&received, 110) - 0.0198).abs() < 1e-4);
}

#[test]
fn the_phase_goes_on_across_lost_samples() {
    let shift_hz = 123_456.7;
    let (radio, mut tx, rx) = pair();
    let air = tone(-shift_hz, 30_000);
    tx.send(&air, TxStart::Now, BurstEnd::Here, SOON).unwrap();
    let mut rx = ShiftedReceiver::new(rx, shift_hz, RATE_HZ);
    let before = hear(&mut rx, 1000);
    radio.lose(12_345);
    let after = hear(&mut rx, 1000);
    for sample in before.iter().chain(&after) {
        assert!((sample - Complex32::ONE).norm() < 1e-4, "{sample}");
    }
}

#[test]
fn what_the_radio_did_not_take_is_shifted_again_in_its_place() {
    let shift_hz = 100e3;
    let (_radio, tx, mut rx) = pair();
    let mut tx = ShiftedTransmitter::new(tx, shift_hz, RATE_HZ);
    let part = vec![Complex32::ONE; 40_000];
    tx.send(&part, TxStart::Now, BurstEnd::Later, SOON).unwrap();
    let full = tx.send(&part, TxStart::Now, BurstEnd::Here, Duration::ZERO);
    assert!(matches!(full, Err(RadioError::Timeout { done: 0, .. })));
    let mut air = hear(&mut *rx, 40_000);
    tx.send(&part, TxStart::Now, BurstEnd::Here, SOON).unwrap();
    air.extend(hear(&mut *rx, 40_000));
    let expected = tone(-shift_hz, 80_000);
    let same = air
        .iter()
        .zip(&expected)
        .all(|(y, x)| (y - x).norm() < 1e-5);
    assert!(same);
}
