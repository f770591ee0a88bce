//! Transmitter and receiver as a pair.

use super::*;
use crate::radio::Lost;
use crate::time::RadioTime;

const RATE_HZ: f64 = 1e6;
const SOON: Duration = Duration::from_millis(20);

fn pair(capacity: usize) -> (Loopback, Box<dyn TxStream>, Box<dyn RxStream>) {
    let mut radio = Loopback::new(capacity);
    let settings = RadioSettings::new(433e6, RATE_HZ);
    radio.configure(Direction::Receive, &settings).unwrap();
    radio.configure(Direction::Transmit, &settings).unwrap();
    let (tx, rx) = (radio.transmit().unwrap(), radio.receive().unwrap());
    (radio, tx, rx)
}

fn at(sample: u64) -> RadioTime {
    RadioTime::of_sample(sample, RATE_HZ)
}

/// 1, 2, 3, ...
fn ramp(len: usize) -> Vec<Complex32> {
    (1..=len).map(|n| Complex32::new(n as f32, 0.0)).collect()
}

fn hear(rx: &mut dyn RxStream, len: usize) -> (Vec<f32>, Reception) {
    let mut samples = vec![Complex32::ONE; len];
    let reception = rx.read(&mut samples, SOON).unwrap();
    assert_eq!(reception.samples, len);
    (samples.iter().map(|x| x.re).collect(), reception)
}

#[test]
fn a_burst_is_heard_sample_by_sample_and_reported_as_sent() {
    let (_radio, mut tx, mut rx) = pair(100);
    tx.send(&ramp(5), TxStart::Now, BurstEnd::Here, SOON)
        .unwrap();
    let (first, reception) = hear(&mut *rx, 3);
    assert_eq!((first, reception.time), (vec![1.0, 2.0, 3.0], Some(at(0))));
    assert_eq!(tx.report(SOON).unwrap(), None);
    assert_eq!(hear(&mut *rx, 4).0, [4.0, 5.0, 0.0, 0.0]);
    let sent = TxReport::Sent { end: Some(at(5)) };
    assert_eq!(tx.report(SOON).unwrap(), Some(sent));
}

#[test]
fn timed_bursts_are_on_the_air_at_their_time() {
    let (_radio, mut tx, mut rx) = pair(100);
    tx.send(&ramp(2), TxStart::At(at(3)), BurstEnd::Here, SOON)
        .unwrap();
    tx.send(&ramp(1), TxStart::At(at(7)), BurstEnd::Here, SOON)
        .unwrap();
    assert_eq!(
        hear(&mut *rx, 9).0,
        [0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 1.0, 0.0]
    );
}

#[test]
fn a_burst_after_its_time_is_reported_and_none_of_its_parts_is_sent() {
    let (_radio, mut tx, mut rx) = pair(100);
    hear(&mut *rx, 10);
    tx.send(&ramp(2), TxStart::At(at(9)), BurstEnd::Later, SOON)
        .unwrap();
    tx.send(&ramp(2), TxStart::Now, BurstEnd::Here, SOON)
        .unwrap();
    let late = TxReport::Late {
        wanted: at(9),
        found: Some(at(10)),
    };
    assert_eq!(tx.report(SOON).unwrap(), Some(late));
    assert_eq!(hear(&mut *rx, 4).0, [0.0; 4]);
    tx.send(&ramp(1), TxStart::At(at(14)), BurstEnd::Here, SOON)
        .unwrap();
    assert_eq!(hear(&mut *rx, 1).0, [1.0]);
}

#[test]
fn a_burst_that_starves_is_reported_once_and_goes_on_when_it_can() {
    let (_radio, mut tx, mut rx) = pair(100);
    tx.send(&ramp(2), TxStart::Now, BurstEnd::Later, SOON)
        .unwrap();
    assert_eq!(hear(&mut *rx, 2).0, [1.0, 2.0]);
    assert_eq!(tx.report(SOON).unwrap(), None);
    hear(&mut *rx, 3);
    hear(&mut *rx, 1);
    tx.send(&ramp(2), TxStart::Now, BurstEnd::Here, SOON)
        .unwrap();
    assert_eq!(hear(&mut *rx, 3).0, [1.0, 2.0, 0.0]);
    let reports: Vec<_> = std::iter::from_fn(|| tx.report(SOON).unwrap()).collect();
    let underflow = TxReport::Underflow { time: Some(at(2)) };
    assert_eq!(reports, [underflow, TxReport::Sent { end: Some(at(8)) }]);
}

#[test]
fn parts_of_a_burst_follow_each_other_without_a_gap() {
    let (_radio, mut tx, mut rx) = pair(100);
    tx.send(&ramp(2), TxStart::At(at(1)), BurstEnd::Later, SOON)
        .unwrap();
    tx.send(&ramp(1), TxStart::At(at(50)), BurstEnd::Here, SOON)
        .unwrap();
    assert_eq!(hear(&mut *rx, 5).0, [0.0, 1.0, 2.0, 1.0, 0.0]);
}

#[test]
fn every_lost_sample_is_reported_and_shows_in_the_time() {
    let (radio, mut tx, mut rx) = pair(20_000);
    tx.send(&ramp(10_000), TxStart::Now, BurstEnd::Here, SOON)
        .unwrap();
    assert_eq!(hear(&mut *rx, 1).1.lost, Lost::Nothing);
    radio.lose(5000);
    radio.lose(7);
    let (samples, reception) = hear(&mut *rx, 1);
    assert_eq!((samples[0], reception.lost), (5009.0, Lost::Samples(5007)));
    assert_eq!(reception.time, Some(at(5008)));
    assert_eq!(hear(&mut *rx, 1).1.lost, Lost::Nothing);
}

#[test]
fn the_queue_is_bounded_and_a_full_one_times_out_or_waits_for_the_receiver() {
    let (_radio, mut tx, mut rx) = pair(8);
    tx.send(&ramp(6), TxStart::Now, BurstEnd::Here, SOON)
        .unwrap();
    let full = tx.send(&ramp(3), TxStart::Now, BurstEnd::Here, SOON);
    let timeout = RadioError::Timeout {
        limit: SOON,
        done: 0,
        wanted: 3,
    };
    assert_eq!(full, Err(timeout));
    let long = tx.send(&ramp(9), TxStart::Now, BurstEnd::Here, SOON);
    assert_eq!(
        long,
        Err(RadioError::TooLong {
            found: 9,
            allowed: 8
        })
    );
    let waiting = std::thread::spawn(move || {
        let limit = Duration::from_secs(20);
        tx.send(&ramp(8), TxStart::Now, BurstEnd::Here, limit)
    });
    let mut heard = Vec::new();
    while heard.iter().filter(|&&x| x == 8.0).count() == 0 {
        heard.extend(hear(&mut *rx, 1).0);
    }
    waiting.join().unwrap().unwrap();
    assert_eq!(heard[..6], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(
        heard[heard.len() - 8..],
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    );
}

#[test]
fn streams_need_settings_and_exclude_a_second_of_their_kind() {
    let mut radio = Loopback::new(8);
    let direction = Direction::Receive;
    assert_eq!(
        radio.receive().err(),
        Some(RadioError::NotConfigured { direction })
    );
    let settings = RadioSettings::new(433e6, RATE_HZ);
    radio.configure(direction, &settings).unwrap();
    let stream = radio.receive().unwrap();
    let busy = RadioError::Busy {
        direction,
        busy: direction,
    };
    assert_eq!(radio.receive().err(), Some(busy.clone()));
    assert_eq!(radio.configure(direction, &settings), Err(busy));
    drop(stream);
    assert!(radio.receive().is_ok());
}

#[test]
fn settings_out_of_range_are_refused_with_what_is_allowed() {
    let mut radio = Loopback::new(8);
    let mut settings = RadioSettings::new(433e6, 10.0);
    let words = |radio: &mut Loopback, settings: &RadioSettings| {
        let refused = radio.configure(Direction::Transmit, settings);
        refused.unwrap_err().to_string()
    };
    let rate = words(&mut radio, &settings);
    assert_eq!(rate, "sample_rate_hz: found 10, allowed 1000 to 100000000");
    settings.sample_rate_hz = RATE_HZ;
    settings.antenna = Some("TX/RX".to_owned());
    let antenna = words(&mut radio, &settings);
    assert_eq!(antenna, "antenna: found TX/RX, allowed loopback");
    settings.antenna = None;
    radio.configure(Direction::Receive, &settings).unwrap();
    settings.sample_rate_hz = 2e6;
    let other = words(&mut radio, &settings);
    assert_eq!(
        other,
        "sample_rate_hz: found 2000000, allowed 1000000 as in the other direction"
    );
    settings.frequency_hz = f64::NAN;
    assert!(words(&mut radio, &settings).starts_with("frequency_hz: found NaN"));
}
