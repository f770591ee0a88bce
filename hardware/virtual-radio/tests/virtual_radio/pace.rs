//! Times: bursts at theirs, late ones, and what happens when programs are slower than the clock.

use std::time::{Duration, Instant};

use crate::ether;
use crate::radio::{END_BURST, HAS_TIME, OVERFLOW, Outcome, Radio, TIME_ERROR, TIMEOUT, UNDERFLOW};
use crate::signals::{assert_same, distinct};

fn pair(name: &str, pace: &str) -> (Radio, Radio) {
    let ether = ether(name);
    let receiver = Radio::receiver(&format!("ether={ether},id=r,pace={pace}"), 2e6);
    let sender = Radio::transmitter(&format!("ether={ether},id=s"), 2e6);
    (receiver, sender)
}

#[test]
fn a_timed_burst_arrives_at_its_time_and_is_acknowledged_at_its_end() {
    for pace in ["free", "clock"] {
        let (receiver, sender) = pair(&format!("timed-{pace}"), pace);
        let start_ns = sender.now_ns() + 50_000_000;
        let start_ns = start_ns - start_ns % 500;
        sender.send(&distinct(1000), Some(start_ns), true);
        let mut samples = vec![[0f32; 2]; 250_000];
        let first_ns = receiver.receive(&mut samples);
        let at = ((start_ns - first_ns) / 500) as usize;
        assert_eq!(samples[at - 1], [0.0, 0.0], "{pace}");
        assert_same(&samples[at..at + 1000], &distinct(1000));
        assert_eq!(samples[at + 1000], [0.0, 0.0], "{pace}");
        let expected = Outcome {
            result: 0,
            flags: END_BURST | HAS_TIME,
            time_ns: start_ns + 500_000,
        };
        assert_eq!(sender.status(1_000_000), expected, "{pace}");
    }
}

#[test]
fn a_late_burst_is_reported_and_not_sent() {
    let (receiver, sender) = pair("late", "free");
    let mut samples = vec![[0f32; 2]; 10_000];
    receiver.receive(&mut samples);
    sender.send(&distinct(100), Some(4_000_000), false);
    // The rest of the late burst is swallowed too.
    sender.send(&distinct(100), None, true);
    let status = sender.status(0);
    assert_eq!((status.result, status.flags), (TIME_ERROR, HAS_TIME));
    assert_eq!(status.time_ns, 5_000_000);
    // The next is on time again.
    sender.send(&distinct(100), Some(6_000_000), true);
    receiver.receive(&mut samples);
    assert_eq!(samples[1999], [0.0, 0.0]);
    assert_same(&samples[2000..2100], &distinct(100));
    assert_eq!(samples[2100], [0.0, 0.0]);
}

#[test]
fn a_burst_that_runs_dry_underflows_where_its_samples_end() {
    let (receiver, sender) = pair("underflow", "clock");
    let start_ns = sender.now_ns() + 100_000_000;
    let start_ns = start_ns - start_ns % 500;
    sender.send(&distinct(500), Some(start_ns), false);
    let underflow = sender.status(2_000_000);
    let expected = (UNDERFLOW, HAS_TIME, start_ns + 250_000);
    assert_eq!(
        (underflow.result, underflow.flags, underflow.time_ns),
        expected
    );
    // What is left of it goes out later, and whole.
    sender.send(&distinct(500), None, true);
    let end = sender.status(2_000_000);
    assert_eq!((end.result, end.flags), (0, END_BURST | HAS_TIME));
    let mut samples = vec![[0f32; 2]; 300_000];
    let first_ns = receiver.receive(&mut samples);
    let at = ((end.time_ns - first_ns) / 500) as usize - 500;
    assert_same(&samples[at..at + 500], &distinct(500));
    assert_eq!(samples[at - 1], [0.0, 0.0]);
}

#[test]
fn the_clock_gives_samples_no_faster_than_their_rate_and_no_slower() {
    let receiver = Radio::receiver(&format!("ether={}", ether("clock")), 2e6);
    let mut samples = vec![[0f32; 2]; 8192];
    let started = Instant::now();
    let mut expected_ns = None;
    for _ in 0..50 {
        let outcome = receiver.read(&mut samples, 1_000_000);
        assert_eq!(outcome.flags, HAS_TIME);
        if let Some(expected_ns) = expected_ns {
            assert_eq!(outcome.time_ns, expected_ns);
        }
        expected_ns = Some(outcome.time_ns + i64::from(outcome.result) * 500);
        // Whole buffers are waited for.
        assert_eq!(outcome.result, 8192);
    }
    assert!(started.elapsed() >= Duration::from_millis(50 * 8192 / 2000 - 5));
    // A short timeout brings what is there, or nothing.
    let outcome = receiver.read(&mut samples, 0);
    assert!(outcome.result == TIMEOUT || (1..=8192).contains(&outcome.result));
}

#[test]
fn a_slow_reader_overflows_and_the_timestamps_tell_how_much_is_lost() {
    let arguments = format!("ether={},buffer=16384", ether("overflow"));
    let receiver = Radio::receiver(&arguments, 2e6);
    let mut samples = vec![[0f32; 2]; 1000];
    let before = receiver.read(&mut samples, 1_000_000);
    std::thread::sleep(Duration::from_millis(50));
    let overflow = receiver.read(&mut samples, 1_000_000);
    assert_eq!((overflow.result, overflow.flags), (OVERFLOW, HAS_TIME));
    assert_eq!(
        overflow.time_ns,
        before.time_ns + i64::from(before.result) * 500
    );
    let after = receiver.read(&mut samples, 1_000_000);
    assert!(after.result > 0);
    let lost_ns = after.time_ns - overflow.time_ns;
    assert!(lost_ns > 16384 * 500 && lost_ns % 500 == 0, "{lost_ns}");
}

#[test]
fn planned_overflows_and_drops_lose_what_the_timestamps_say() {
    let ether = ether("drops");
    let arguments = "fault=overflow@5000:300,drops=1e-3:5:50,seed=3";
    let receiver = Radio::receiver(&format!("ether={ether},id=r,pace=free,{arguments}"), 2e6);
    let sender = Radio::transmitter(&format!("ether={ether},id=s"), 2e6);
    let sent = distinct(100_000);
    sender.send(&sent, Some(0), true);
    let (mut expected, mut gaps, mut lost) = (0, 0, 0);
    let mut samples = vec![[0f32; 2]; 4096];
    while expected < sent.len() {
        let outcome = receiver.read(&mut samples, 1_000_000);
        assert_eq!(outcome.flags, HAS_TIME);
        let index = (outcome.time_ns / 500) as usize;
        if outcome.result == OVERFLOW {
            assert_eq!(index, expected, "time of the first sample lost");
            gaps += 1;
            continue;
        }
        assert!(outcome.result > 0, "{outcome:?}");
        lost += index - expected;
        let count = (outcome.result as usize).min(sent.len().saturating_sub(index));
        if count > 0 {
            assert_same(&samples[..count], &sent[index..index + count]);
        }
        expected = index + outcome.result as usize;
    }
    assert!((60..140).contains(&gaps), "{gaps} gaps");
    assert!((300..8000).contains(&lost), "{lost} lost");
}

#[test]
fn a_planned_overflow_comes_at_its_sample() {
    let arguments = format!("ether={},pace=free,fault=overflow@5000:300", ether("fault"));
    let receiver = Radio::receiver(&arguments, 2e6);
    let mut samples = vec![[0f32; 2]; 8192];
    let read = |samples: &mut [[f32; 2]]| {
        let outcome = receiver.read(samples, 1_000_000);
        (outcome.result, outcome.time_ns / 500)
    };
    assert_eq!(read(&mut samples), (5000, 0));
    assert_eq!(read(&mut samples), (OVERFLOW, 5000));
    assert_eq!(read(&mut samples), (8192, 5300));
}

#[test]
fn a_lock_step_sender_waits_for_slow_receivers_and_loses_nothing() {
    let (receiver, sender) = pair("back-pressure", "free");
    let sent = distinct(3_000_000);
    sender.send(&sent[..8192], Some(0), false);
    std::thread::scope(|scope| {
        scope.spawn(|| sender.send(&sent[8192..], None, true));
        let mut samples = vec![[0f32; 2]; sent.len()];
        for (n, part) in samples.chunks_mut(500_000).enumerate() {
            std::thread::sleep(Duration::from_millis(5 * n as u64));
            receiver.receive(part);
        }
        assert_same(&samples, &sent);
    });
    // Without a reader the ring fills up, and the write says so in time.
    let mut taken = 0;
    let result = loop {
        match sender.write(&sent[..8192], None, false, 1000) {
            result if result > 0 => taken += result,
            result => break result,
        }
    };
    assert_eq!(result, TIMEOUT);
    assert!((500_000..2_000_000).contains(&taken), "{taken}");
}
