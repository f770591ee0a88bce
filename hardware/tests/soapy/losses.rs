//! Samples that get lost on the way to the program.

use std::thread;
use std::time::Duration;

use heliograph_hardware::{Lost, TxStart};

use crate::bench::*;

#[test]
fn an_overflow_is_reported_with_the_exact_number_of_lost_samples() {
    let mut rx = receiver(&ether("overflow"), "pace=free,fault=overflow@5000:300");
    let outcome = |rx: &mut dyn heliograph_hardware::RxStream| {
        let (samples, reception) = read(rx, 8_192).unwrap();
        (samples.len(), reception.time, reception.lost)
    };
    assert_eq!(outcome(&mut *rx), (5_000, Some(at(0)), Lost::Nothing));
    let after = (8_192, Some(at(5_300)), Lost::Samples(300));
    assert_eq!(outcome(&mut *rx), after);
    assert_eq!(outcome(&mut *rx).2, Lost::Nothing);
}

#[test]
fn every_sample_that_drops_out_is_counted_and_the_others_are_in_their_places() {
    let ether = ether("drops");
    let mut rx = receiver(&ether, "pace=free,drops=1e-3:5:50,seed=3");
    let mut tx = transmitter(&ether, "");
    let burst = distinct(100_000);
    send(&mut *tx, &burst, TxStart::Now);
    let (mut next, mut lost, mut gaps) = (0, 0, 0);
    while next < burst.len() as u64 {
        let (samples, reception) = read(&mut *rx, 4_096).unwrap();
        if let Lost::Samples(gap) = reception.lost {
            (lost, gaps) = (lost + gap, gaps + 1);
            next += gap;
        }
        assert_eq!(reception.time, Some(at(next)), "{:?}", reception.lost);
        let from = burst.len().min(next as usize);
        let to = burst.len().min(next as usize + samples.len());
        assert_same(&samples[..to - from], &burst[from..to]);
        next += samples.len() as u64;
    }
    assert!((60..140).contains(&gaps), "{gaps} gaps");
    assert!(lost >= 5 * gaps, "{lost} lost");
}

#[test]
fn a_receiver_that_sleeps_too_long_learns_how_much_it_missed() {
    let mut rx = receiver(&ether("slow"), "pace=clock,buffer=16384");
    let (samples, before) = read(&mut *rx, 1_000).unwrap();
    thread::sleep(Duration::from_millis(50));
    let (_, after) = read(&mut *rx, 1_000).unwrap();
    let Lost::Samples(lost) = after.lost else {
        panic!("{:?}", after.lost);
    };
    let start = before.time.unwrap().to_sample(RATE_HZ);
    let passed = after.time.unwrap().to_sample(RATE_HZ) - start;
    assert_eq!(lost, passed - samples.len() as u64);
    assert!(lost > 16_384, "{lost}");
}
