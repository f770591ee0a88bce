//! A HackRF's limits, on a virtual radio with SoapyHackRF's semantics: whole transfers only, no flags, no times, half
//! duplex, 8 bits, a spike at DC.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use heliograph_hardware::profile::{DeviceTraits, Profile, Transfers};
use heliograph_hardware::{
    BurstEnd, Direction, Duplex, Lost, Radio, RadioError, RadioSettings, RxStream, Timestamps,
    TxReport, TxStart,
};
use num_complex::Complex32;

use crate::bench::*;

const TRANSFER: usize = 131_072;
/// The fastest, where the test has to wait for the air.
const FAST_HZ: f64 = 20e6;

fn hackrf(ether: &str, arguments: &str) -> Profile {
    let separator = if arguments.is_empty() { "" } else { "," };
    Profile {
        traits: DeviceTraits {
            duplex: Duplex::Half,
            timestamps: Timestamps::Unsupported,
            transfers: Transfers::WholeMtus,
        },
        ..profile(
            ether,
            &format!("emulate=hackrf,id=hackrf{separator}{arguments}"),
        )
    }
}

fn open(ether: &str, arguments: &str, rate_hz: f64) -> Box<dyn Radio> {
    let settings = RadioSettings::new(FREQUENCY_HZ, rate_hz);
    radio(&hackrf(ether, arguments), &settings)
}

fn listener(ether: &str, rate_hz: f64) -> Box<dyn RxStream> {
    let profile = profile(ether, "pace=free,id=listener");
    let settings = RadioSettings::new(FREQUENCY_HZ, rate_hz);
    radio(&profile, &settings).receive().unwrap()
}

#[test]
fn bursts_of_any_length_arrive_whole_with_silence_up_to_whole_transfers() {
    let ether = ether("transfers");
    let mut rx = listener(&ether, FAST_HZ);
    let mut tx = open(&ether, "", FAST_HZ).transmit().unwrap();
    let burst = distinct(200_000);
    send(&mut *tx, &burst[..1_000], TxStart::Now);
    send(&mut *tx, &burst[..TRANSFER], TxStart::Now);
    for part in [&burst[..7], &burst[7..150_000]] {
        tx.send(part, TxStart::Now, BurstEnd::Later, PATIENT)
            .unwrap();
    }
    send(&mut *tx, &burst[150_000..], TxStart::Now);
    let heard = hear(&mut *rx, 5 * TRANSFER);
    let mut expected = vec![Complex32::ZERO; 5 * TRANSFER];
    expected[..1_000].copy_from_slice(&burst[..1_000]);
    expected[TRANSFER..2 * TRANSFER].copy_from_slice(&burst[..TRANSFER]);
    expected[2 * TRANSFER..][..200_000].copy_from_slice(&burst);
    assert_same(&heard, &expected);
    for _ in 0..3 {
        assert_eq!(report(&mut *tx), TxReport::Sent { end: None });
    }
    assert_eq!(tx.report(Duration::ZERO), Ok(None));
}

#[test]
fn a_burst_ends_with_an_empty_part_too() {
    let ether = ether("empty-transfer");
    let mut rx = listener(&ether, FAST_HZ);
    let mut tx = open(&ether, "", FAST_HZ).transmit().unwrap();
    let burst = distinct(TRANSFER + 1);
    tx.send(&burst, TxStart::Now, BurstEnd::Later, PATIENT)
        .unwrap();
    send(&mut *tx, &[], TxStart::Now);
    assert_same(&hear(&mut *rx, TRANSFER + 1), &burst);
    assert_same(&hear(&mut *rx, 100), &[Complex32::ZERO; 100]);
}

#[test]
fn a_burst_at_a_given_time_is_refused() {
    let mut tx = open(&ether("timeless"), "pace=free", FAST_HZ)
        .transmit()
        .unwrap();
    let start = TxStart::At(at(1_000_000));
    let refused = tx.send(&distinct(10), start, BurstEnd::Here, SOON);
    let words = refused.unwrap_err().to_string();
    assert!(
        words.contains("cannot send at a given time: it has no clock"),
        "{words}"
    );
}

#[test]
fn samples_come_without_times_on_eight_bits_and_losses_without_a_number() {
    let arguments = "pace=free,noise_dbfs=-20,fault=overflow@200000:300";
    let mut radio = open(&ether("times"), arguments, FAST_HZ);
    assert_eq!(radio.capabilities(Direction::Receive).mtu_samples, TRANSFER);
    let mut rx = radio.receive().unwrap();
    let (samples, first) = read(&mut *rx, TRANSFER).unwrap();
    assert_eq!((first.time, first.lost), (None, Lost::Nothing));
    let on_steps = |x: &Complex32| [x.re, x.im].iter().all(|x| (x * 128.0).fract() == 0.0);
    assert!(samples.iter().all(on_steps));
    let losses = (0..4).map(|_| read(&mut *rx, TRANSFER).unwrap().1.lost);
    let losses: Vec<_> = losses.filter(|&lost| lost != Lost::Nothing).collect();
    assert_eq!(losses, [Lost::Unknown]);
}

#[test]
fn one_radio_takes_turns_and_says_where_it_did_not_listen() {
    let ether = ether("turns");
    let mut radio = open(&ether, "pace=free", FAST_HZ);
    let (mut rx, mut tx) = (radio.receive().unwrap(), radio.transmit().unwrap());
    assert_eq!(read(&mut *rx, 1_000).unwrap().1.lost, Lost::Nothing);
    let mut peer = listener(&ether, FAST_HZ);
    let burst = distinct(2 * TRANSFER);
    tx.send(&burst, TxStart::Now, BurstEnd::Later, PATIENT)
        .unwrap();
    let timeout = RadioError::Timeout {
        limit: SOON,
        done: 0,
        wanted: 1,
    };
    assert_eq!(rx.read(&mut [Complex32::ZERO], SOON), Err(timeout));
    send(&mut *tx, &burst[..10], TxStart::Now);
    assert_same(&hear(&mut *peer, 2 * TRANSFER), &burst);
    assert_same(&hear(&mut *peer, 10), &burst[..10]);
    drop(peer);
    assert_eq!(read(&mut *rx, 1_000).unwrap().1.lost, Lost::Unknown);
    assert_eq!(read(&mut *rx, 1_000).unwrap().1.lost, Lost::Nothing);
    // It did not listen before all was out.
    let sent = TxReport::Sent { end: None };
    assert_eq!(tx.report(Duration::ZERO), Ok(Some(sent)));
}

#[test]
fn a_busy_reader_and_a_busy_sender_share_a_radio() {
    let ether = ether("busy");
    let mut radio = open(&ether, "pace=free", FAST_HZ);
    let (mut rx, mut tx) = (radio.receive().unwrap(), radio.transmit().unwrap());
    let done = AtomicBool::new(false);
    let (mut heard, mut breaks) = (0, 0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..4 {
                send(&mut *tx, &distinct(1_000), TxStart::Now);
                thread::sleep(Duration::from_millis(80));
            }
            done.store(true, Ordering::Relaxed);
        });
        while !done.load(Ordering::Relaxed) {
            let (samples, reception) = read(&mut *rx, TRANSFER).unwrap();
            heard += samples.len();
            breaks += u32::from(reception.lost == Lost::Unknown);
        }
    });
    assert!(heard > 0);
    assert!((1..=4).contains(&breaks), "{breaks}");
}

#[test]
fn the_receiver_has_its_own_settings_after_a_transmission() {
    let ether = ether("retune");
    let mut peer = radio(&profile(&ether, "pace=free,id=peer"), &settings());
    let mut peer = peer.transmit().unwrap();
    let mut radio = open(&ether, "", RATE_HZ);
    let elsewhere = RadioSettings::new(900e6, RATE_HZ);
    radio.configure(Direction::Transmit, &elsewhere).unwrap();
    let (mut rx, mut tx) = (radio.receive().unwrap(), radio.transmit().unwrap());
    send(&mut *tx, &distinct(10), TxStart::Now);
    read(&mut *rx, 1).unwrap();
    // The spike makes two steps of 1/128.
    let burst = distinct(1_000);
    send(&mut *peer, &burst, TxStart::Now);
    let step = 2.0 / 128.0;
    let with_spike = |x: &Complex32| Complex32::new((x.re + step).min(127.0 / 128.0), x.im + step);
    let expected: Vec<_> = burst.iter().map(with_spike).collect();
    let heard = hear(&mut *rx, 2 * TRANSFER);
    let start = heard.windows(2).position(|x| x == &expected[..2]);
    let start = start.expect("the peer's burst");
    assert_same(&heard[start..start + 1_000], &expected);
}
