//! Several programs: samples arrive exactly, crashed ones are buried, and nothing stays behind.

use std::fs;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use crate::children::Peer;
use crate::ether;
use crate::radio::{Radio, Sample, TIMEOUT};
use crate::signals::{assert_same, distinct};

fn shared_memory(ether: &str) -> String {
    format!("/dev/shm/heliograph-{}-{ether}", unsafe { libc::geteuid() })
}

/// Reads up to the end of the first burst of `count` samples without zeros.
fn next_burst(radio: &Radio, count: usize) -> Vec<Sample> {
    let (mut burst, mut buffer) = (Vec::new(), vec![[0f32; 2]; 8192]);
    let deadline = Instant::now() + Duration::from_secs(30);
    while burst.len() < count {
        assert!(Instant::now() < deadline, "{} samples so far", burst.len());
        let outcome = radio.read(&mut buffer, 1_000_000);
        assert!(outcome.result > 0, "{outcome:?}");
        let new = &buffer[..outcome.result as usize];
        burst.extend(new.iter().filter(|&&sample| sample != [0.0, 0.0]));
    }
    burst
}

#[test]
fn two_processes_exchange_exact_samples() {
    let ether = ether("exchange");
    let receiver = Radio::receiver(&format!("ether={ether},id=receiver,pace=free"), 2e6);
    let peer = Peer::start("sends_a_burst", &ether);
    assert_same(&next_burst(&receiver, 100_000), &distinct(100_000));
    peer.join();
}

#[test]
fn a_killed_sender_holds_nobody_back_and_its_place_is_free_again() {
    let ether = ether("kill");
    let receiver = Radio::receiver(&format!("ether={ether},id=receiver,pace=free"), 2e6);
    let victim = Peer::start("never_ends_its_burst", &ether);
    assert_same(&next_burst(&receiver, 5_000), &distinct(5_000));
    // In lock-step nobody goes on without the rest of the burst.
    let mut samples = vec![[1f32; 2]; 1000];
    assert_eq!(receiver.read(&mut samples, 50_000).result, TIMEOUT);
    victim.kill();
    receiver.receive(&mut samples);
    assert_same(&samples, &[[0.0; 2]; 1000]);
    // The same id can join again.
    let peer = Peer::start("sends_a_burst", &ether);
    assert_same(&next_burst(&receiver, 100_000), &distinct(100_000));
    peer.join();
}

#[test]
fn programs_killed_at_any_moment_leave_no_lock_behind() {
    let ether = ether("kill-often");
    let receiver = Radio::receiver(&format!("ether={ether},id=receiver,pace=free"), 2e6);
    let mut samples = vec![[0f32; 2]; 8192];
    for round in 0..10 {
        let victim = Peer::start("writes_until_it_is_killed", &ether);
        let until = Instant::now() + Duration::from_millis(5 + 3 * round);
        while Instant::now() < until {
            receiver.read(&mut samples, 1_000);
        }
        victim.kill();
    }
    receiver.receive(&mut samples);
    let sender = Radio::transmitter(&format!("ether={ether},id=victim"), 2e6);
    sender.send(&distinct(1000), None, true);
}

#[test]
fn the_shared_memory_goes_with_the_last_radio() {
    let ether = ether("cleanup");
    let first = Radio::open(&format!("ether={ether},id=first"), 2e6).unwrap();
    let second = Radio::open(&format!("ether={ether},id=second"), 2e6).unwrap();
    drop(first);
    assert!(fs::exists(shared_memory(&ether)).unwrap());
    drop(second);
    assert!(!fs::exists(shared_memory(&ether)).unwrap());
}

#[test]
fn what_a_killed_program_left_is_replaced_by_the_next() {
    let ether = ether("stale");
    Peer::start("never_ends_its_burst", &ether).kill();
    assert!(fs::exists(shared_memory(&ether)).unwrap());
    // Another pace: nothing of the old ether counts.
    let radio = Radio::open(&format!("ether={ether},pace=clock"), 2e6).unwrap();
    assert!(radio.now_ns() < 5_000_000_000);
    drop(radio);
    assert!(!fs::exists(shared_memory(&ether)).unwrap());
}

#[test]
fn foreign_bytes_are_replaced_if_nobody_is_in_and_refused_otherwise() {
    let ether = ether("foreign");
    let path = shared_memory(&ether);
    fs::write(&path, [0xa5; 10_000]).unwrap();
    drop(Radio::open(&format!("ether={ether}"), 2e6).unwrap());

    // The size of a real one, kept alive by a lock on a radio's byte, filled with garbage.
    let alive = Radio::open(&format!("ether={ether}"), 2e6).unwrap();
    let size = fs::metadata(&path).unwrap().len();
    drop(alive);
    for length in [10_000, size] {
        fs::write(&path, [0xa5; 100_000]).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(length).unwrap();
        let mut range: libc::flock = unsafe { std::mem::zeroed() };
        (range.l_type, range.l_start, range.l_len) = (libc::F_WRLCK as i16, 3, 1);
        assert_eq!(
            unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &range) },
            0
        );
        let error = Radio::open(&format!("ether={ether}"), 2e6).err().unwrap();
        assert!(error.contains(&ether), "{error}");
    }
    fs::remove_file(&path).unwrap();
}

#[test]
fn garbage_beyond_the_header_of_a_live_ether_does_no_harm() {
    let ether = ether("garbage");
    let receiver = Radio::receiver(&format!("ether={ether},id=r,pace=free"), 2e6);
    let path = shared_memory(&ether);
    // All slots but the first and the last ring, all of it: states, counts, segments.
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    for pattern in [0x01, 0xff, 0x7f, 0x02] {
        std::os::unix::fs::FileExt::write_all_at(&file, &vec![pattern; 400_000], 40_000).unwrap();
        let mut samples = vec![[0f32; 2]; 8192];
        for _ in 0..3 {
            receiver.read(&mut samples, 20_000);
        }
    }
}

#[test]
fn an_ether_has_one_pace_and_each_id_once() {
    let ether = ether("pace");
    let _radio = Radio::open(&format!("ether={ether},id=a,pace=free"), 2e6).unwrap();
    let error = Radio::open(&format!("ether={ether},pace=clock"), 2e6);
    assert!(error.err().unwrap().contains("pace: found clock"));
    let error = Radio::open(&format!("ether={ether},id=a"), 2e6);
    assert!(error.err().unwrap().contains("id: found a"));
}
