//! The graph gives bit for bit the pictures of the library without a runtime.

mod support;

use std::sync::Arc;

use heliograph::codec::SoftCast;
use heliograph::link::{Completion, ReceivedPicture, Receiver, ReceiverEvent, Transmitter};
use heliograph::photo::Photo;
use heliograph::propagation::{Propagation, PropagationConfig};
use heliograph_flowgraphs::idle::{BurstLottery, Fate, Idle};
use heliograph_flowgraphs::loopback::LoopbackConfig;
use num_complex::Complex32;
use support::{photo, receive, within};

fn settings() -> LoopbackConfig {
    let mut config = support::config();
    config.propagation = PropagationConfig {
        snr_db: Some(12.0),
        cfo_hz: -7_000.0,
        sfo_ppm: 25.0,
        ..PropagationConfig::named("tdl-a").unwrap()
    };
    config.drop_probability = 0.2;
    config.transmitter.repeats = 2;
    config.transmitter.seed = 11;
    config.seed = 5;
    config.idle = Idle {
        max_lead_in_samples: 3000,
        between_bursts_samples: 17,
        between_pictures_samples: 1234,
    };
    config
}

fn sent() -> Vec<(Photo, Option<String>)> {
    vec![
        (
            photo(192, 128, 0),
            Some("Heliograf über dem Tal".to_owned()),
        ),
        (photo(61, 97, 1), None),
        (photo(256, 192, 2), Some("three".to_owned())),
    ]
}

/// The same chain in one thread, without stream buffers; the receiver gets `chunk` samples at a time.
fn without_runtime(config: &LoopbackConfig, chunk: usize) -> Vec<ReceivedPicture> {
    let codec = Arc::new(SoftCast::default());
    let mut transmitter = Transmitter::new(config.transmitter.clone(), codec).unwrap();
    let mut lottery = BurstLottery::new(config.drop_probability, config.seed);
    let silence = |samples| vec![Complex32::default(); samples];
    let mut stream = silence(config.idle.lead_in_samples(config.seed));
    for (i, (photo, caption)) in sent().iter().enumerate() {
        let mut gap = match i {
            0 => 0,
            _ => config.idle.between_pictures_samples,
        };
        for burst in transmitter.picture(photo, caption.as_deref()).unwrap() {
            stream.extend(silence(gap));
            gap = config.idle.between_bursts_samples;
            stream.extend(match lottery.draw() {
                Fate::Sent => burst,
                Fate::Lost => silence(burst.len()),
            });
        }
    }
    let mut channel =
        Propagation::new(&config.propagation, config.sample_rate_hz, config.seed).unwrap();
    let mut received = channel.push(&stream);
    received.extend(channel.finish());
    let mut receiver = Receiver::new(config.receiver.clone());
    let mut events = Vec::new();
    for samples in received.chunks(chunk) {
        events.extend(receiver.push(samples));
    }
    events.extend(receiver.finish());
    let picture = |event| match event {
        ReceiverEvent::Picture(picture) => Some(*picture),
        _ => None,
    };
    events.into_iter().filter_map(picture).collect()
}

/// Everything about a picture in words; floats print all their digits.
fn fingerprint(pictures: &[ReceivedPicture]) -> String {
    format!("{pictures:?}")
}

/// The graph's pictures with buffers of several sizes are the expected ones.
fn check(settings: fn() -> LoopbackConfig, expected: &[ReceivedPicture]) {
    let expected = fingerprint(expected);
    for buffer_samples in [1, 5000, 100_000] {
        let received = within(120, move || {
            let mut config = settings();
            config.buffer_samples = buffer_samples;
            config.queue_bytes = 16 * buffer_samples;
            fingerprint(&receive(config, sent()).unwrap().1)
        });
        let same = received.bytes().zip(expected.bytes());
        let at = same.take_while(|(a, b)| a == b).count().saturating_sub(60);
        let excerpt = |text: &str| text.chars().skip(at).take(120).collect::<String>();
        assert!(
            received == expected,
            "{buffer_samples} samples in a buffer: {} instead of {}",
            excerpt(&received),
            excerpt(&expected)
        );
    }
}

#[test]
fn the_graph_gives_the_pictures_of_the_library_whatever_its_buffers_hold() {
    let expected = without_runtime(&settings(), usize::MAX);
    assert_eq!(expected.len(), 3);
    assert!(
        expected
            .iter()
            .any(|p| p.bursts_received < p.bursts_expected)
    );
    check(settings, &expected);
}

#[test]
fn pictures_time_out_at_the_same_sample_whatever_the_buffers_hold() {
    fn patient() -> LoopbackConfig {
        let mut config = settings();
        config.idle.between_pictures_samples = 100_000;
        config.receiver.assembler.timeout_samples = 40_000;
        config
    }
    let expected = without_runtime(&patient(), heliograph::link::TICK_SAMPLES);
    let timed_out = |p: &&ReceivedPicture| p.completion == Completion::TimedOut;
    assert!(expected.iter().filter(timed_out).count() > 0);
    check(patient, &expected);
}

#[test]
fn another_seed_gives_another_picture() {
    within(120, || {
        let mut other = settings();
        other.seed += 1;
        let received = receive(other, sent()).unwrap().1;
        assert!(fingerprint(&received) != fingerprint(&without_runtime(&settings(), usize::MAX)));
    });
}
