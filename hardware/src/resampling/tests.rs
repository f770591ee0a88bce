//! Both directions over a loopback whose air is what the radio's converters see.

use std::f64::consts::TAU;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use num_complex::{Complex32, Complex64};

use super::*;
use crate::{BurstEnd, Loopback, Lost, RadioTime, TxReport, TxStart};

const SOON: Duration = Duration::from_millis(20);
/// Largest error of a tone within the filter: 60 dB.
const CLOSE: f32 = 2e-3;
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

#[test]
fn a_tone_is_received_as_it_is_and_what_lies_beside_the_signal_is_not() {
    for pair in RATIOS {
        let ratio = ratio(pair);
        let (signal_hz, faster) = (1e6, pair.0 as f64 / pair.1 as f64);
        let of_air = |frequency| {
            let air = tone(frequency, faster, (4000.0 * faster) as usize);
            let (_radio, rx) = hearing(&air, signal_hz * faster);
            let mut rx = ResampledReceiver::new(rx, ratio, signal_hz * faster);
            read(&mut rx, 3000)
        };
        for frequency in [0.0, 0.2, -0.45] {
            let expected = tone(frequency, 1.0, 3000);
            let error = largest_difference(&of_air(frequency)[SPREAD..], &expected[SPREAD..]);
            assert!(error < CLOSE, "{pair:?} at {frequency}: {error}");
        }
        if faster >= 1.5 {
            let beside = of_air(0.58);
            let left = largest_difference(&beside[SPREAD..], &[Complex32::ZERO; 3000]);
            assert!(left < CLOSE, "{pair:?}: {left}");
        }
    }
}

#[test]
fn a_burst_is_sent_with_nothing_but_itself_in_the_band() {
    for pair in RATIOS {
        let ratio = ratio(pair);
        let faster = pair.0 as f64 / pair.1 as f64;
        let (_radio, tx, mut rx) = pair_of_streams(1 << 20, 1e6 * faster);
        let mut tx = ResampledTransmitter::new(tx, ratio, 1e6);
        let sent = tone(0.4, 1.0, 3000);
        for (part, end) in [
            (0..1, BurstEnd::Later),
            (1..1234, BurstEnd::Later),
            (1234..3000, BurstEnd::Here),
        ] {
            tx.send(&sent[part], TxStart::Now, end, SOON).unwrap();
        }
        let length = (3000.0 * faster) as usize;
        let mut air = vec![Complex32::ZERO; length + (2.0 * SPREAD as f64 * faster) as usize];
        rx.read(&mut air, SOON).unwrap();
        // An image would lie at -0.6.
        let expected = tone(0.4, faster, length);
        let lead = (SPREAD as f64 * faster).round() as usize;
        let exact = SPREAD as f64 * faster;
        let turn = Complex64::from_polar(1.0, TAU * 0.4 * (lead as f64 - exact) / faster);
        let turn = Complex32::new(turn.re as f32, turn.im as f32);
        let (from, to) = (2 * lead, length - 2 * lead);
        let expected: Vec<_> = expected[from..to].iter().map(|x| x * turn).collect();
        let error = largest_difference(&air[from + lead..to + lead], &expected);
        assert!(error < CLOSE, "{pair:?}: {error}");
    }
}

#[test]
fn samples_behind_a_loss_lie_where_they_would_without_it() {
    for pair in RATIOS {
        let faster = pair.0 as f64 / pair.1 as f64;
        let air = tone(0.3, faster, 1 << 18);
        let (radio, rx) = hearing(&air, 1e6 * faster);
        let mut rx = ResampledReceiver::new(rx, ratio(pair), 1e6 * faster);
        let expected = tone(0.3, 1.0, 1 << 18);
        let mut at = read(&mut rx, 777).len();
        for lost in [1, 100, 12_345] {
            radio.lose(lost);
            let mut samples = vec![Complex32::ZERO; 400];
            let mut seen = Lost::Nothing;
            // What was complete before the loss comes first.
            while seen == Lost::Nothing {
                let reception = rx.read(&mut samples, SOON).unwrap();
                seen = reception.lost;
                if let Lost::Samples(count) = seen {
                    at += count as usize;
                }
                let time = RadioTime::of_sample(at as u64, 1e6);
                let off = reception.time.unwrap().nanoseconds - time.nanoseconds;
                assert!(off.abs() <= 1, "{pair:?}: {off} ns");
                at += reception.samples;
            }
            at += read(&mut rx, SPREAD).len();
            let after = read(&mut rx, 300);
            let error = largest_difference(&after, &expected[at..]);
            assert!(error < CLOSE, "{pair:?} after {lost}: {error}");
            at += after.len();
        }
    }
}

#[test]
fn a_loss_of_unknown_length_stays_one_and_a_hostile_length_too() {
    struct Losing(Vec<Lost>);
    impl RxStream for Losing {
        fn read(
            &mut self,
            samples: &mut [Complex32],
            _: Duration,
        ) -> Result<crate::Reception, RadioError> {
            samples.fill(Complex32::ONE);
            Ok(crate::Reception {
                samples: samples.len(),
                time: None,
                lost: self.0.pop().unwrap_or(Lost::Nothing),
            })
        }
    }
    for lost in [
        Lost::Unknown,
        Lost::Samples(u64::MAX),
        Lost::Samples(u64::MAX - 5),
    ] {
        let radio = Losing(vec![Lost::Nothing, Lost::Samples(10), lost, Lost::Nothing]);
        let mut rx = ResampledReceiver::new(Box::new(radio), ratio((6, 5)), 1.2e6);
        let mut samples = vec![Complex32::ZERO; 5000];
        let read: Vec<_> = (0..4)
            .map(|_| rx.read(&mut samples, SOON).unwrap().lost)
            .collect();
        assert!(
            matches!(read[1], Lost::Unknown | Lost::Samples(1000..)),
            "{read:?}"
        );
        assert_ne!(read[2], Lost::Nothing, "{read:?}");
        assert_eq!(read[3], Lost::Nothing);
    }
}

#[test]
fn what_the_radio_has_no_room_for_waits() {
    let (_radio, tx, mut rx) = pair_of_streams(10_000, 2e6);
    let mut tx = ResampledTransmitter::new(tx, ratio((2, 1)), 1e6);
    let sent = tone(0.1, 1.0, 4000);
    tx.send(&sent[..3000], TxStart::Now, BurstEnd::Later, SOON)
        .unwrap();
    let full = tx.send(&sent[3000..], TxStart::Now, BurstEnd::Here, Duration::ZERO);
    assert!(full.is_ok(), "{full:?}");
    let full = tx.send(&sent, TxStart::Now, BurstEnd::Here, Duration::ZERO);
    let done = match full {
        Err(RadioError::Timeout {
            done, wanted: 4000, ..
        }) => done,
        other => panic!("{other:?}"),
    };
    let mut air = vec![Complex32::ZERO; 9000];
    rx.read(&mut air, SOON).unwrap();
    tx.send(&sent[done..], TxStart::Now, BurstEnd::Here, SOON)
        .unwrap();
    rx.read(&mut air, SOON).unwrap();
    let strong = air.iter().filter(|x| x.norm() > 0.4).count();
    assert!((7900..8100).contains(&strong), "{strong}");
}

#[test]
fn a_radio_that_takes_little_at_a_time_gets_all_of_it() {
    struct Stingy(Arc<Mutex<Vec<Complex32>>>);
    impl TxStream for Stingy {
        fn send(
            &mut self,
            samples: &[Complex32],
            _: TxStart,
            _: BurstEnd,
            limit: Duration,
        ) -> Result<(), RadioError> {
            let (done, wanted) = (samples.len().min(100), samples.len());
            self.0.lock().unwrap().extend_from_slice(&samples[..done]);
            match done < wanted {
                true => Err(RadioError::Timeout {
                    limit,
                    done,
                    wanted,
                }),
                false => Ok(()),
            }
        }

        fn report(&mut self, _: Duration) -> Result<Option<TxReport>, RadioError> {
            Ok(None)
        }
    }
    let air = Arc::new(Mutex::new(Vec::new()));
    let mut tx = ResampledTransmitter::new(Box::new(Stingy(air.clone())), ratio((3, 2)), 1e6);
    let sent = tone(0.1, 1.0, 1000);
    let mut left = &sent[..];
    for _ in 0..100 {
        match tx.send(left, TxStart::Now, BurstEnd::Here, SOON) {
            Ok(()) => break,
            Err(RadioError::Timeout { done, .. }) => left = &left[done..],
            Err(error) => panic!("{error}"),
        }
    }
    let mut polyphase = Polyphase::up(ratio((3, 2)));
    polyphase.restart(SPREAD);
    let mut expected = Vec::new();
    polyphase.push(&sent, &mut expected, |_, _| ());
    let air = air.lock().unwrap();
    assert!(air.len() > expected.len());
    assert_eq!(air[..expected.len()], expected);
}

#[test]
fn a_timed_burst_begins_as_much_earlier_as_the_filter_spreads() {
    let (_radio, tx, mut rx) = pair_of_streams(1 << 16, 4e6);
    let mut tx = ResampledTransmitter::new(tx, ratio((4, 1)), 1e6);
    let start = TxStart::At(RadioTime::of_sample(1000, 4e6));
    let mut impulse = vec![Complex32::ZERO; 9];
    impulse[0] = Complex32::new(0.5, 0.0);
    tx.send(&impulse, start, BurstEnd::Here, SOON).unwrap();
    let mut air = vec![Complex32::ZERO; 2000];
    rx.read(&mut air, SOON).unwrap();
    let largest = (0..2000).max_by(|&a, &b| air[a].norm().total_cmp(&air[b].norm()));
    assert_eq!(largest, Some(1000));
}

#[test]
fn overload_is_seen_behind_the_filter_and_no_sample_is_beyond_full_scale() {
    let mut air = tone(0.01, 4.0, 8000);
    // One of four samples is noise, three are the signal.
    air[4001] = Complex32::new(-1.0, 0.0);
    air[4805..4808].fill(Complex32::new(-1.0, 0.5));
    let (_radio, rx) = hearing(&air, 4e6);
    let mut rx = ResampledReceiver::new(rx, ratio((4, 1)), 4e6);
    let received = read(&mut rx, 1500);
    let railed: Vec<_> = (0..1500).filter(|&n| received[n].re == -1.0).collect();
    assert_eq!(railed, [1201]);

    let (mut made, mut polyphase) = (Vec::new(), Polyphase::up(ratio((4, 1))));
    polyphase.restart(0);
    let alternating: Vec<_> = [1.0, 1.0, -1.0, -1.0]
        .repeat(50)
        .iter()
        .map(|&x| Complex32::new(x, x))
        .collect();
    polyphase.push(&alternating, &mut made, transmit::at_most_full_scale);
    assert!(made.iter().all(|x| x.re.abs() <= 1.0 && x.im.abs() <= 1.0));
    assert!(made.iter().filter(|x| x.re == 1.0).count() > 20);
}

#[test]
fn a_recording_is_heard_to_its_last_sample() {
    use crate::sigmf::{Datatype, Existing, FileRadio};
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("fast");
    let settings = RadioSettings::new(433e6, 2e6);
    let mut radio = FileRadio::transmitter(&name, Datatype::Cf32Le, Existing::Refuse);
    radio.configure(Direction::Transmit, &settings).unwrap();
    let mut air = vec![Complex32::ZERO; 2001];
    air[2000] = Complex32::ONE * 0.5;
    radio
        .transmit()
        .unwrap()
        .send(&air, TxStart::Now, BurstEnd::Here, SOON)
        .unwrap();
    let mut radio = Resampling::new(Box::new(FileRadio::receiver(&name).unwrap()));
    let slower = RadioSettings {
        radio_rate_hz: Some(2e6),
        ..RadioSettings::new(433e6, 1e6)
    };
    radio.configure(Direction::Receive, &slower).unwrap();
    let mut rx = radio.receive().unwrap();
    let (mut heard, mut piece) = (Vec::new(), [Complex32::ZERO; 300]);
    let end = loop {
        match rx.read(&mut piece, SOON) {
            Ok(reception) => heard.extend_from_slice(&piece[..reception.samples]),
            Err(error) => break error,
        }
    };
    assert_eq!(end, RadioError::Ended);
    assert_eq!(rx.read(&mut piece, SOON), Err(RadioError::Ended));
    assert!((heard[1000].re - 0.25).abs() < 0.01, "{}", heard[1000]);
}

#[test]
fn a_radio_is_told_its_own_rate_and_what_it_refuses_is_named_so() {
    let mut radio = Resampling::new(Box::new(Loopback::new(1 << 10)));
    let settings = |radio_rate_hz, sample_rate_hz| RadioSettings {
        radio_rate_hz,
        ..RadioSettings::new(433e6, sample_rate_hz)
    };
    let plain = settings(None, 1e6);
    assert_eq!(radio.configure(Direction::Receive, &plain).unwrap(), plain);
    let same = settings(Some(1e6), 1e6);
    assert_eq!(radio.configure(Direction::Receive, &same).unwrap(), plain);
    let faster = settings(Some(2.4e6), 2e6);
    assert_eq!(
        radio.configure(Direction::Receive, &faster).unwrap(),
        faster
    );
    let most = crate::LOOPBACK_RATES_HZ.max;
    for (radio_hz, sample_hz) in [(1e6, 2e6), (2.0 * most, most / 4.0)] {
        let asked = settings(Some(radio_hz), sample_hz);
        let said = radio
            .configure(Direction::Receive, &asked)
            .unwrap_err()
            .to_string();
        assert!(
            said.starts_with(&format!("radio_rate_hz: found {radio_hz}")),
            "{said}"
        );
    }
}
