//! Both directions over a loopback whose air is what the radio's converters see.

mod radio;
mod receive;
mod transmit;

use std::f64::consts::TAU;
use std::time::Duration;

use num_complex::{Complex32, Complex64};

use super::*;
use crate::{BurstEnd, Loopback, RadioTime, TxStart};

const SOON: Duration = Duration::from_millis(20);
/// Largest error of a tone of amplitude 0.5 within the filter, and what is left of one beside it: 55 dB.
const CLOSE: f32 = 0.9e-3;
const RATIOS: [(usize, usize); 5] = [(2, 1), (16, 1), (6, 5), (128, 125), (3, 2)];
/// Samples of the signal that the filter spreads to each side.
const SPREAD: usize = 18;

fn ratio((radio, signal): (usize, usize)) -> Ratio {
    Ratio { radio, signal }
}

/// A tone at `frequency` cycles in one unit of time, seen at `rate` samples in it.
fn tone(frequency: f64, rate: f64, length: usize) -> Vec<Complex32> {
    let at = |n: usize| Complex64::from_polar(0.5, TAU * frequency * n as f64 / rate);
    let of = |x: Complex64| Complex32::new(x.re as f32, x.im as f32);
    (0..length).map(|n| of(at(n))).collect()
}

fn largest_difference(a: &[Complex32], b: &[Complex32]) -> f32 {
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).norm());
    differences.fold(0.0, f32::max)
}

fn pair_of_streams(room: usize, radio_hz: f64) -> (Loopback, Box<dyn TxStream>, Box<dyn RxStream>) {
    let mut radio = Loopback::new(room);
    let settings = RadioSettings::new(433e6, radio_hz);
    radio.configure(Direction::Receive, &settings).unwrap();
    radio.configure(Direction::Transmit, &settings).unwrap();
    let (tx, rx) = (radio.transmit().unwrap(), radio.receive().unwrap());
    (radio, tx, rx)
}

/// A loopback whose air is `air`, at `radio_hz`.
fn hearing(air: &[Complex32], radio_hz: f64) -> (Loopback, Box<dyn RxStream>) {
    let (radio, mut tx, rx) = pair_of_streams(1 << 20, radio_hz);
    tx.send(air, TxStart::Now, BurstEnd::Here, SOON).unwrap();
    (radio, rx)
}

/// Reads so many samples, in pieces of odd lengths.
fn read(rx: &mut dyn RxStream, length: usize) -> Vec<Complex32> {
    let mut samples = vec![Complex32::ZERO; length];
    let (mut done, mut piece) = (0, 1);
    while done < length {
        let end = (done + piece).min(length);
        done += rx.read(&mut samples[done..end], SOON).unwrap().samples;
        piece = (piece * 3 + 1) % 1000;
    }
    samples
}
