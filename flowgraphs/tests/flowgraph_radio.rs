//! Pictures from photos to a radio and from a radio to pictures: the loopback radio, and streams with faults.

mod support;

use std::sync::Arc;
use std::time::Duration;

use heliograph::codec::SoftCast;
use heliograph::link::{Completion, ReceivedPicture, Receiver, ReceiverEvent, Section};
use heliograph::metrics::psnr_db;
use heliograph::photo::Photo;
use heliograph::waveform::Numerology;
use heliograph::waveform::framing::{BurstLayout, MAX_ANALOG_SYMBOLS, MAX_DIGITAL_SYMBOLS};
use heliograph_flowgraphs::FlowgraphError;
use heliograph_flowgraphs::blocks::UNKNOWN_GAP_SAMPLES;
use heliograph_flowgraphs::event::{Event, TransmittedPicture};
use heliograph_flowgraphs::receive::{ReceiveConfig, ReceiveCounters, ReceiveGraph};
use heliograph_flowgraphs::transmit::{self, TransmitConfig};
use heliograph_hardware::{
    Direction, Loopback, Lost, Radio, RadioError, RadioSettings, Reception, RxStream,
};
use num_complex::Complex32;
use support::{photo, pictures, within};

const LIMIT: Duration = Duration::from_secs(5);

/// Samples of `pictures` as a radio hears them, with some silence behind.
fn on_air(pictures: Vec<(Photo, Option<String>)>) -> (Vec<Complex32>, Vec<TransmittedPicture>) {
    let mut radio = Loopback::new(1 << 22);
    for direction in [Direction::Transmit, Direction::Receive] {
        radio
            .configure(direction, &RadioSettings::new(433e6, 2e6))
            .unwrap();
    }
    let (tx, mut rx) = (radio.transmit().unwrap(), radio.receive().unwrap());
    let mut out = Vec::new();
    let config = TransmitConfig::new(Arc::new(SoftCast::default()));
    let summary = transmit::run(config, tx, pictures, |event| {
        if let Event::Transmitted(picture) = event {
            out.push(picture);
        }
    })
    .unwrap();
    let mut samples = vec![Complex32::ZERO; summary.radio.samples as usize + 5000];
    let heard = rx.read(&mut samples, LIMIT).unwrap();
    assert_eq!(heard.samples, samples.len());
    (samples, out)
}

/// A radio that plays samples in pieces, with something missing before some of them, and then ends as told.
struct Player {
    pieces: std::vec::IntoIter<(Lost, Vec<Complex32>)>,
    end: Option<RadioError>,
}

impl RxStream for Player {
    fn read(&mut self, out: &mut [Complex32], limit: Duration) -> Result<Reception, RadioError> {
        let Some((lost, samples)) = self.pieces.next() else {
            let silence = RadioError::Timeout {
                limit,
                done: 0,
                wanted: out.len(),
            };
            return Err(self.end.take().unwrap_or(silence));
        };
        out[..samples.len()].copy_from_slice(&samples);
        Ok(Reception {
            samples: samples.len(),
            time: None,
            lost,
        })
    }
}

type Received = Result<(ReceiveCounters, Vec<ReceivedPicture>), FlowgraphError>;

fn receive(pieces: Vec<(Lost, Vec<Complex32>)>, end: RadioError) -> Received {
    let (counters, pictures) = received(pieces, end);
    Ok((counters?, pictures))
}

/// The pictures, however it ended.
fn received(
    pieces: Vec<(Lost, Vec<Complex32>)>,
    end: RadioError,
) -> (
    Result<ReceiveCounters, FlowgraphError>,
    Vec<ReceivedPicture>,
) {
    let radio = Player {
        pieces: pieces.into_iter(),
        end: Some(end),
    };
    let mut pictures = Vec::new();
    let graph = ReceiveGraph::build(ReceiveConfig::default(), Box::new(radio)).unwrap();
    let counters = graph.run(|event| {
        if let Event::Picture(picture) = event {
            pictures.push(*picture);
        }
    });
    (counters, pictures)
}

fn pieces(samples: &[Complex32], length: usize) -> Vec<(Lost, Vec<Complex32>)> {
    let pieces = samples.chunks(length);
    pieces
        .map(|piece| (Lost::Nothing, piece.to_vec()))
        .collect()
}

#[test]
fn pictures_go_through_a_radio_one_transmission_each_and_arrive() {
    within(60, || {
        let sent = pictures(3);
        let (samples, out) = on_air(sent.clone());
        assert_eq!(out.iter().map(|p| p.index).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(
            out.iter()
                .all(|p| p.bursts == p.bursts_planned && p.samples_clipped < 20)
        );
        let power = samples.iter().map(|x| x.norm_sqr()).fold(0.0, f32::max);
        assert!(power <= 2.0, "full scale is 1 in I and in Q");
        let (counters, received) = receive(pieces(&samples, 1000), RadioError::Ended).unwrap();
        assert_eq!((received.len(), counters.radio.gaps), (3, 0));
        assert_eq!(counters.radio.samples, samples.len() as u64);
        for (picture, (photo, caption)) in received.iter().zip(&sent) {
            let painted = picture.paint(&SoftCast::default()).unwrap();
            assert!(psnr_db(photo, &painted).unwrap() > 20.0);
            assert_eq!(picture.caption, Section::Received(caption.clone().unwrap()));
        }
    });
}

#[test]
fn a_known_gap_is_counted_and_the_burst_around_it_is_still_received() {
    within(60, || {
        let (samples, _) = on_air(vec![(photo(256, 256, 0), None)]);
        let (cut, lost) = (12_000, 700);
        let mut torn = pieces(&samples[..cut], 1000);
        let mut rest = pieces(&samples[cut + lost..], 1000);
        rest[0].0 = Lost::Samples(lost as u64);
        torn.extend(rest);
        let (counters, received) = receive(torn, RadioError::Ended).unwrap();
        assert_eq!((counters.radio.gaps, counters.radio.samples_lost), (1, 700));
        let [picture] = received.as_slice() else {
            panic!("{} pictures", received.len())
        };
        assert_eq!(picture.completion, Completion::Complete);
        assert!(picture.link.damaged_symbols > 0, "the gap shows as damage");
    });
}

#[test]
fn behind_a_gap_of_unknown_length_the_next_picture_is_received() {
    within(60, || {
        let (samples, _) = on_air(pictures(3));
        let mut torn = pieces(&samples[..6_000], 1000);
        let mut rest = pieces(&samples[9_500..], 1000);
        rest[0].0 = Lost::Unknown;
        torn.extend(rest);
        let (counters, received) = receive(torn, RadioError::Ended).unwrap();
        assert_eq!(counters.radio.gaps_of_unknown_length, 1);
        let complete = received
            .iter()
            .filter(|p| p.bursts_missing == 0 && p.link.damaged_symbols == 0);
        assert!(complete.count() >= 2, "{} pictures", received.len());
    });
}

#[test]
fn what_is_received_is_what_the_library_receives_whatever_the_pieces() {
    within(60, || {
        let (samples, _) = on_air(pictures(2));
        let mut library = Receiver::new(ReceiveConfig::default().receiver);
        let mut events = library.push(&samples);
        events.extend(library.finish());
        let wanted: Vec<_> = events
            .into_iter()
            .filter_map(|event| match event {
                ReceiverEvent::Picture(picture) => Some((picture.symbols, picture.variances)),
                ReceiverEvent::Burst(_) => None,
            })
            .collect();
        for length in [333, 1000, 16_384] {
            let (_, received) = receive(pieces(&samples, length), RadioError::Ended).unwrap();
            let received: Vec<_> = received
                .into_iter()
                .map(|p| (p.symbols, p.variances))
                .collect();
            assert!(received == wanted, "pieces of {length}");
        }
    });
}

#[test]
fn a_radio_that_is_gone_ends_the_run_with_the_reason_and_the_pictures_before() {
    within(60, || {
        let gone = RadioError::Gone {
            radio: "bench".to_owned(),
            reason: "unplugged".to_owned(),
        };
        let failure = receive(pieces(&[Complex32::ZERO; 3000], 1000), gone)
            .err()
            .unwrap();
        let said = failure.to_string();
        assert!(
            said.starts_with("receive: ") && said.contains("bench") && said.contains("unplugged"),
            "{said}"
        );
    });
}

#[test]
fn a_picture_on_its_way_when_the_radio_goes_is_given_out_with_what_came() {
    within(60, || {
        let (samples, _) = on_air(vec![(photo(512, 512, 0), None)]);
        let gone = RadioError::Gone {
            radio: "bench".to_owned(),
            reason: "unplugged".to_owned(),
        };
        let (ended, pictures) = received(pieces(&samples[..samples.len() / 2], 1000), gone);
        assert!(ended.unwrap_err().to_string().contains("unplugged"));
        let [picture] = pictures.as_slice() else {
            panic!("{} pictures", pictures.len())
        };
        assert_eq!(picture.completion, Completion::EndOfStream);
        assert!(picture.bursts_received > 0 && picture.bursts_missing > 0);
    });
}

#[test]
fn a_quiet_radio_is_waited_for_until_the_run_is_stopped() {
    within(60, || {
        let config = ReceiveConfig::default();
        let stop = config.stop.clone();
        let radio = Player {
            pieces: Vec::new().into_iter(),
            end: None,
        };
        let graph = ReceiveGraph::build(config, Box::new(radio)).unwrap();
        let monitor = graph.monitor();
        std::thread::spawn(move || {
            while monitor.counters().radio.timeouts < 3 {
                std::thread::yield_now();
            }
            stop.stop();
        });
        let counters = graph.run(|_| {}).unwrap();
        assert!(counters.radio.timeouts >= 3);
    });
}

#[test]
fn a_silence_longer_than_any_burst_stands_for_an_unknown_gap() {
    for numerology in Numerology::ALL {
        let most = BurstLayout::new(numerology, MAX_DIGITAL_SYMBOLS, MAX_ANALOG_SYMBOLS);
        let longest = most.samples() as u64;
        assert!(
            longest < UNKNOWN_GAP_SAMPLES,
            "{numerology}: {longest} samples"
        );
    }
}
