//! Speed of the receiver: search, one burst, LDPC, and the whole chain.
//!
//! `cargo bench --bench receiver`. Real time for a HackRF's full rate is 20 MS/s.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use heliograph::bits::ldpc::{CheckRule, LdpcCode, LdpcDecoder};
use heliograph::bits::llr::Llr;
use heliograph::codec::{Codec, SoftCast};
use heliograph::link::{Receiver, ReceiverConfig, Transmitter, TransmitterConfig};
use heliograph::photo::{Photo, PhotoSize};
use heliograph::propagation::{Propagation, PropagationConfig};
use heliograph::waveform::Numerology;
use heliograph::waveform::demodulator::Demodulator;
use heliograph::waveform::synchronizer::Synchronizer;
use num_complex::Complex32;

const SAMPLE_RATE_HZ: f64 = 2e6;

/// A photo with detail everywhere, from arithmetic alone.
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

fn through(channel: &PropagationConfig, samples: &[Complex32]) -> Vec<Complex32> {
    let mut propagation = Propagation::new(channel, SAMPLE_RATE_HZ, 7).expect("channel");
    let mut out = propagation.push(samples);
    out.extend(propagation.finish());
    out
}

fn codec() -> Arc<dyn Codec> {
    Arc::new(SoftCast::default())
}

fn transmission() -> Vec<Complex32> {
    let config = TransmitterConfig::default();
    let mut transmitter = Transmitter::new(config, codec()).expect("transmitter");
    let transmission = transmitter
        .picture(&photo(), Some("a test"))
        .expect("picture");
    transmission.flatten().collect()
}

fn noisy() -> PropagationConfig {
    let mut channel = PropagationConfig::named("awgn").expect("channel");
    channel.snr_db = Some(10.0);
    channel.cfo_hz = 20_000.0;
    channel
}

fn search(c: &mut Criterion) {
    let noise = through(&noisy(), &vec![Complex32::default(); 1 << 20]);
    let mut group = c.benchmark_group("receiver");
    group.throughput(Throughput::Elements(noise.len() as u64));
    group.bench_function("search", |b| {
        let mut synchronizer = Synchronizer::new(Numerology::Standard, Default::default());
        b.iter(|| black_box(synchronizer.push(black_box(&noise))));
    });
}

fn burst(c: &mut Criterion) {
    let samples = through(&noisy(), &transmission());
    let mut synchronizer = Synchronizer::new(Numerology::Standard, Default::default());
    let mut bursts = synchronizer.push(&samples);
    bursts.extend(synchronizer.finish());
    let burst = bursts.first().expect("a burst");
    let mut group = c.benchmark_group("receiver");
    group.throughput(Throughput::Elements(burst.samples.len() as u64));
    let mut demodulator = Demodulator::new(Numerology::Standard);
    group.bench_function("demodulate", |b| {
        b.iter(|| black_box(demodulator.demodulate(black_box(burst))));
    });
    group.throughput(Throughput::Elements(samples.len() as u64));
    group.bench_function("synchronize", |b| {
        let mut synchronizer = Synchronizer::new(Numerology::Standard, Default::default());
        b.iter(|| black_box(synchronizer.push(black_box(&samples))));
    });
    group.bench_function("receive_back_to_back", |b| {
        let mut receiver = Receiver::new(ReceiverConfig::default());
        b.iter(|| black_box(receiver.push(black_box(&samples))));
    });
}

/// Decoding at about 2 dB above the threshold: a header, and a caption with side information.
fn ldpc(c: &mut Criterion) {
    let mut group = c.benchmark_group("ldpc");
    for (name, information, coded) in [("header", 191, 1152), ("stream", 1300, 5200)] {
        let code = LdpcCode::new(information).expect("a block size");
        let bits: Vec<u8> = (0..information).map(|i| (i * i % 7 % 2) as u8).collect();
        let sent = code.encode(&bits).expect("as long as the code says");
        let used = coded.min(sent.len());
        // A deterministic ripple stands for noise of about 1 dB.
        let llrs: Vec<Llr> = sent[..used]
            .iter()
            .enumerate()
            .map(|(i, &bit)| Llr((1.0 - 2.0 * f32::from(bit)) * 2.0 + 3.0 * (i as f32 * 1.7).sin()))
            .collect();
        let mut decoder = LdpcDecoder::new(code, used, CheckRule::BoxPlus);
        assert_eq!(decoder.decode(&llrs, 50).information, bits);
        group.throughput(Throughput::Elements(used as u64));
        group.bench_function(name, |b| {
            b.iter(|| black_box(decoder.decode(black_box(&llrs), 50)));
        });
    }
}

fn loopback(c: &mut Criterion) {
    let (photo, channel) = (photo(), noisy());
    let config = TransmitterConfig::default();
    let mut group = c.benchmark_group("loopback");
    group.sample_size(10);
    group.bench_function("768x512", |b| {
        b.iter(|| {
            let codec = codec();
            let mut transmitter =
                Transmitter::new(config.clone(), codec.clone()).expect("transmitter");
            let sent = transmitter
                .picture(&photo, Some("a test"))
                .expect("picture");
            let samples = through(&channel, &sent.flatten().collect::<Vec<_>>());
            let mut receiver = Receiver::new(ReceiverConfig::default());
            let mut events = receiver.push(&samples);
            events.extend(receiver.finish());
            black_box(events)
        });
    });
}

criterion_group!(benches, search, burst, ldpc, loopback);
criterion_main!(benches);
