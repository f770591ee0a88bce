//! Speed of the receiver on back-to-back bursts, in samples a second of processor time and of wall time.
//!
//! ```text
//! cargo run --release -p heliograph --example receive_speed -- SECONDS
//! ```
//! `search`: noise alone, one thread. `receive`: back-to-back bursts at 10 dB, one thread. `receive_two_threads`: the same with
//! the synchronizer and the demodulator on a thread each, as in the flowgraph. One line of JSON each.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use heliograph::codec::SoftCast;
use heliograph::link::{Assembler, Receiver, ReceiverConfig, Transmitter, TransmitterConfig};
use heliograph::photo::{Photo, PhotoSize};
use heliograph::propagation::{Propagation, PropagationConfig};
use heliograph::waveform::Numerology;
use heliograph::waveform::demodulator::Demodulator;
use heliograph::waveform::synchronizer::{AcquiredBurst, Synchronizer};
use num_complex::Complex32;

const CHUNK: usize = 65_536;

fn main() {
    let seconds = std::env::args().nth(1).and_then(|s| s.parse().ok());
    let time = Duration::from_secs_f64(seconds.unwrap_or(2.0));
    let noise = through(&vec![Complex32::default(); 1 << 20]);
    let mut synchronizer = Synchronizer::new(Numerology::Standard, Default::default());
    measure("search", &noise, time, |chunk| {
        synchronizer.push(chunk).len()
    });
    let bursts = through(&transmission());
    let mut receiver = Receiver::new(ReceiverConfig::default());
    measure("receive", &bursts, time, |chunk| receiver.push(chunk).len());
    two_threads(&bursts, time);
}

fn photo() -> Photo {
    let (width, height) = (768u32, 512u32);
    let rgb = (0..width * height)
        .flat_map(|i| {
            let (x, y) = (f64::from(i % width), f64::from(i / width));
            let v = 128.0 + 60.0 * (x / 37.0).sin() + 50.0 * (x * y / 9000.0).cos();
            [v as u8, (v * 0.8) as u8, (255.0 - v) as u8]
        })
        .collect();
    Photo::new(PhotoSize::new(width, height).expect("size"), rgb).expect("photo")
}

fn transmission() -> Vec<Complex32> {
    let codec = Arc::new(SoftCast::default());
    let mut transmitter =
        Transmitter::new(TransmitterConfig::default(), codec).expect("transmitter");
    (0..10)
        .flat_map(|_| {
            transmitter
                .picture(&photo(), Some("a test"))
                .expect("picture")
        })
        .flatten()
        .collect()
}

fn through(samples: &[Complex32]) -> Vec<Complex32> {
    let mut channel = PropagationConfig::named("awgn").expect("channel");
    channel.snr_db = Some(10.0);
    channel.cfo_hz = 20_000.0;
    let mut propagation = Propagation::new(&channel, 2e6, 7).expect("channel");
    let mut out = propagation.push(samples);
    out.extend(propagation.finish());
    out
}

fn measure(
    what: &str,
    samples: &[Complex32],
    time: Duration,
    mut push: impl FnMut(&[Complex32]) -> usize,
) {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let (mut count, mut given) = (0, 0);
    while start.elapsed() < time {
        for chunk in samples.chunks(CHUNK) {
            given += push(chunk);
        }
        count += samples.len();
    }
    report(
        what,
        count,
        given,
        start.elapsed().as_secs_f64(),
        cpu_seconds() - cpu,
    );
}

fn two_threads(samples: &[Complex32], time: Duration) {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let (sender, bursts) = sync_channel::<AcquiredBurst>(64);
    let (count, given) = std::thread::scope(|scope| {
        let searching = scope.spawn(move || {
            let mut synchronizer = Synchronizer::new(Numerology::Standard, Default::default());
            let mut count = 0;
            while start.elapsed() < time {
                for chunk in samples.chunks(CHUNK) {
                    for burst in synchronizer.push(chunk) {
                        sender.send(burst).expect("the demodulator listens");
                    }
                }
                count += samples.len();
            }
            count
        });
        let mut demodulator = Demodulator::new(Numerology::Standard);
        let mut assembler = Assembler::new(Numerology::Standard, Default::default());
        let mut given = 0;
        for burst in bursts {
            given += 1 + assembler.push(demodulator.demodulate(&burst)).len();
        }
        (searching.join().expect("the search ends"), given)
    });
    let wall = start.elapsed().as_secs_f64();
    report(
        "receive_two_threads",
        count,
        given,
        wall,
        cpu_seconds() - cpu,
    );
}

fn report(what: &str, samples: usize, given: usize, wall: f64, cpu: f64) {
    let rate = |seconds: f64| samples as f64 / seconds / 1e6;
    println!(
        "{{\"program\": \"heliograph {what}\", \"ms_per_second_of_cpu\": {:.2}, \"ms_per_second\": {:.2}, \"events\": {given}}}",
        rate(cpu),
        rate(wall)
    );
}

/// Processor time of this process, seconds; wall time where the system does not say.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> = behind_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|t| t.parse().ok())
        .collect();
    ticks.iter().sum::<f64>() / 100.0
}
