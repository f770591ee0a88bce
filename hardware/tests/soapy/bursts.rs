//! Bursts on their way from radio to radio.

use std::thread;
use std::time::{Duration, Instant};

use heliograph_hardware::{BurstEnd, RadioError, TxReport, TxStart};
use num_complex::Complex32;

use crate::bench::*;

#[test]
fn a_burst_in_parts_arrives_exactly_and_is_reported() {
    let ether = ether("parts");
    let mut rx = receiver(&ether, "pace=free");
    let mut tx = transmitter(&ether, "");
    let burst = distinct(30_000);
    for part in [&burst[..1], &burst[1..9_000], &burst[9_000..9_000]] {
        tx.send(part, TxStart::Now, BurstEnd::Later, PATIENT)
            .unwrap();
    }
    assert_eq!(tx.report(Duration::ZERO), Ok(None));
    send(&mut *tx, &burst[9_000..], TxStart::Now);
    assert_same(&hear(&mut *rx, 30_000), &burst);
    assert_same(&hear(&mut *rx, 10), &[Complex32::ZERO; 10]);
    let sent = TxReport::Sent {
        end: Some(at(30_000)),
    };
    assert_eq!(report(&mut *tx), sent);
    assert_eq!(tx.report(Duration::ZERO), Ok(None));
}

#[test]
fn a_burst_ends_with_an_empty_part_too_and_an_empty_burst_is_nothing() {
    let ether = ether("empty");
    let mut rx = receiver(&ether, "pace=free");
    let mut tx = transmitter(&ether, "");
    send(&mut *tx, &[], TxStart::Now);
    let burst = distinct(100);
    tx.send(&burst, TxStart::Now, BurstEnd::Later, PATIENT)
        .unwrap();
    send(&mut *tx, &[], TxStart::Now);
    assert_same(&hear(&mut *rx, 100), &burst);
    hear(&mut *rx, 10);
    let end = Some(at(100));
    assert_eq!(report(&mut *tx), TxReport::Sent { end });
    assert_eq!(tx.report(Duration::ZERO), Ok(None));
}

#[test]
fn timed_bursts_are_on_the_air_at_their_samples() {
    let ether = ether("timed");
    let mut rx = receiver(&ether, "pace=free");
    let mut tx = transmitter(&ether, "");
    let burst = distinct(10_000);
    send(&mut *tx, &burst, TxStart::At(at(1_234)));
    send(&mut *tx, &burst[..50], TxStart::At(at(20_001)));
    let mut samples = vec![Complex32::ONE; 20_100];
    assert_eq!(hear_all(&mut *rx, &mut samples), Some(at(0)));
    let silence = vec![Complex32::ZERO; 20_100];
    assert_same(&samples[..1_234], &silence[..1_234]);
    assert_same(&samples[1_234..11_234], &burst);
    assert_same(&samples[11_234..20_001], &silence[11_234..20_001]);
    assert_same(&samples[20_001..20_051], &burst[..50]);
}

#[test]
fn a_late_burst_is_reported_with_its_time_and_not_sent() {
    let ether = ether("late");
    let mut rx = receiver(&ether, "pace=free");
    let mut tx = transmitter(&ether, "");
    hear(&mut *rx, 5_000);
    send(&mut *tx, &distinct(100), TxStart::At(at(4_999)));
    let burst = distinct(200);
    send(&mut *tx, &burst, TxStart::At(at(6_000)));
    let TxReport::Late { wanted, found } = report(&mut *tx) else {
        panic!("the burst is late");
    };
    assert_eq!(wanted, at(4_999));
    assert!(found >= Some(at(5_000)), "{found:?}");
    let heard = hear(&mut *rx, 1_300);
    assert_same(&heard[..1_000], &[Complex32::ZERO; 1_000]);
    assert_same(&heard[1_000..1_200], &burst);
    let end = Some(at(6_200));
    assert_eq!(report(&mut *tx), TxReport::Sent { end });
}

#[test]
fn a_burst_that_starves_is_reported() {
    let mut tx = transmitter(&ether("starve"), "pace=clock");
    tx.send(&distinct(100), TxStart::Now, BurstEnd::Later, PATIENT)
        .unwrap();
    let TxReport::Underflow { time } = report(&mut *tx) else {
        panic!("the burst has run dry");
    };
    assert!(time.is_some());
    // What comes after it is on the air all the same.
    send(&mut *tx, &distinct(100), TxStart::Now);
    assert!(matches!(report(&mut *tx), TxReport::Sent { end: Some(end) } if Some(end) > time));
}

#[test]
fn a_part_that_finds_no_room_says_how_much_was_taken_and_goes_on_from_there() {
    let ether = ether("room");
    let mut rx = receiver(&ether, "pace=free");
    let mut tx = transmitter(&ether, "");
    let burst = distinct(3_000_000);
    let full = tx.send(&burst, TxStart::Now, BurstEnd::Here, SOON);
    let Err(RadioError::Timeout {
        limit,
        done,
        wanted,
    }) = full
    else {
        panic!("{full:?}");
    };
    assert_eq!((limit, wanted), (SOON, burst.len()));
    assert!((1..burst.len()).contains(&done), "{done}");
    let rest = burst[done..].to_vec();
    let sender = thread::spawn(move || {
        // Its time is that of a burst that has begun.
        send(&mut *tx, &rest, TxStart::At(at(0)));
        tx
    });
    assert_same(&hear(&mut *rx, burst.len()), &burst);
    sender.join().unwrap();
}

#[test]
fn waiting_ends_at_the_limit() {
    let ether = ether("limit");
    let mut rx = receiver(&ether, "pace=free");
    let mut tx = transmitter(&ether, "");
    tx.send(&distinct(10), TxStart::Now, BurstEnd::Later, PATIENT)
        .unwrap();
    assert_eq!(hear(&mut *rx, 10).len(), 10);
    let begun = Instant::now();
    // Lock-step waits for the rest of the burst.
    let timeout = RadioError::Timeout {
        limit: SOON,
        done: 0,
        wanted: 5,
    };
    assert_eq!(rx.read(&mut [Complex32::ZERO; 5], SOON), Err(timeout));
    assert_eq!(tx.report(SOON), Ok(None));
    assert!(begun.elapsed() >= 2 * SOON);
    assert!(begun.elapsed() < PATIENT);
}

#[test]
fn samples_beyond_full_scale_are_limited() {
    let ether = ether("scale");
    let mut rx = receiver(&ether, "pace=free");
    let mut tx = transmitter(&ether, "");
    let burst = [
        Complex32::new(1.5, -7.0),
        Complex32::new(f32::NAN, f32::INFINITY),
    ];
    send(&mut *tx, &burst, TxStart::Now);
    let limited = [Complex32::new(1.0, -1.0), Complex32::new(0.0, 1.0)];
    assert_same(&hear(&mut *rx, 2), &limited);
}
