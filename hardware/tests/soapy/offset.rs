//! Offset tuning, with a radio that has a spike at DC.

use std::f64::consts::TAU;
use std::thread;

use heliograph_hardware::{Direction, Radio, RadioSettings, TxStart};
use num_complex::Complex32;

use crate::bench::*;

/// Carriers of the waveform.
const CARRIERS: usize = 256;
const SPACING_HZ: f64 = RATE_HZ / CARRIERS as f64;
/// Whole turns of every carrier.
const LENGTH: usize = 64 * CARRIERS;

fn tone(carrier: i32, length: usize) -> Vec<Complex32> {
    let turns = |n: usize| f64::from(carrier) * n as f64 / CARRIERS as f64;
    let phase = |n: usize| TAU * turns(n).fract();
    (0..length)
        .map(|n| 0.5 * Complex32::new(phase(n).cos() as f32, phase(n).sin() as f32))
        .collect()
}

fn amplitude(samples: &[Complex32], carrier: i32) -> f32 {
    let turned = samples.iter().zip(tone(carrier, samples.len()));
    let sum: Complex32 = turned.map(|(x, tone)| x * tone.conj() * 2.0).sum();
    (sum / samples.len() as f32).norm()
}

/// A radio whose oscillator stands so many carriers beside its frequency.
fn beside(ether: &str, arguments: &str, carriers: i32) -> Box<dyn Radio> {
    let settings = RadioSettings {
        lo_offset_hz: f64::from(carriers) * SPACING_HZ,
        ..settings()
    };
    radio(&profile(ether, arguments), &settings)
}

/// Skips the edges of a burst and what a filter makes of them.
fn middle(rx: &mut dyn heliograph_hardware::RxStream) -> Vec<Complex32> {
    hear(rx, LENGTH);
    hear(rx, LENGTH)
}

#[test]
fn a_tone_lands_in_its_place_and_the_spike_leaves_the_middle() {
    let ether = ether("spike");
    let mut tx = radio(&profile(&ether, "id=t,pace=free"), &settings())
        .transmit()
        .unwrap();
    let mut plain = beside(&ether, "id=plain,emulate=hackrf", 0);
    let mut shifted = beside(&ether, "id=shifted,emulate=hackrf", 60);
    let (mut plain, mut shifted) = (plain.receive().unwrap(), shifted.receive().unwrap());
    // A whole transfer of a HackRF, and more.
    send(&mut *tx, &tone(17, 3 * 131_072), TxStart::Now);
    // Lock-step lets none read a whole transfer ahead of the other.
    let (shifted, plain) = thread::scope(|scope| {
        let plain = scope.spawn(|| middle(&mut *plain));
        (middle(&mut *shifted), plain.join().unwrap())
    });
    for samples in [&plain, &shifted] {
        assert!((amplitude(samples, 17) - 0.5).abs() < 0.01);
    }
    let spike = 0.014 * 2f32.sqrt();
    assert!((amplitude(&plain, 0) - spike).abs() < 0.01);
    for carrier in -2..=2 {
        assert!(amplitude(&shifted, carrier) < 1e-3, "{carrier}");
    }
    assert!((amplitude(&shifted, 60) - spike).abs() < 0.01);
}

#[test]
fn what_is_sent_beside_the_oscillator_is_heard_at_the_frequency() {
    let ether = ether("sent-beside");
    let mut rx = receiver(&ether, "pace=free");
    let mut radio = beside(&ether, "id=t", 40);
    let mut tx = radio.transmit().unwrap();
    send(&mut *tx, &tone(-30, 3 * LENGTH), TxStart::Now);
    let heard = middle(&mut *rx);
    assert!((amplitude(&heard, -30) - 0.5).abs() < 0.01);
    assert!(amplitude(&heard, -70) < 0.01);
    assert!(amplitude(&heard, 10) < 0.01);
}

#[test]
fn the_settings_made_of_it_have_the_frequency_and_the_offset() {
    let mut radio = beside(&ether("made"), "id=r", 0);
    let asked = RadioSettings {
        lo_offset_hz: -100e3,
        ..settings()
    };
    let made = radio.configure(Direction::Receive, &asked).unwrap();
    assert_eq!(
        (made.frequency_hz, made.lo_offset_hz),
        (FREQUENCY_HZ, -100e3)
    );
}
