//! The contract of SoapySDR's streams, and errors that name what is wrong.

use crate::ether;
use crate::radio::{RX, Radio, STREAM_ERROR, Sample, TIMEOUT, TX};
use crate::signals::{assert_same, distinct};

#[test]
fn streams_that_are_not_active_refuse_writes_and_time_out_on_reads() {
    let mut radio = Radio::open(&format!("ether={}", ether("inactive")), 2e6).unwrap();
    let mut samples = distinct(10);
    assert_eq!(radio.write(&samples, None, true, 1000), STREAM_ERROR);
    radio.setup(TX, "CF32").unwrap();
    radio.setup(RX, "CF32").unwrap();
    assert_eq!(radio.write(&samples, None, true, 1000), STREAM_ERROR);
    assert_eq!(radio.read(&mut samples, 1000).result, TIMEOUT);
    radio.activate(TX).unwrap();
    assert_eq!(radio.write(&samples, None, true, 1000), 10);
    radio.deactivate(TX).unwrap();
    assert_eq!(radio.write(&samples, None, true, 1000), STREAM_ERROR);
    assert!(
        radio
            .setup(TX, "CF32")
            .unwrap_err()
            .contains("one at a time")
    );
}

#[test]
fn a_write_takes_one_mtu_and_the_burst_ends_with_its_last_sample_only() {
    let ether = ether("short");
    let receiver = Radio::receiver(&format!("ether={ether},id=r,pace=free"), 2e6);
    let sender = Radio::transmitter(&format!("ether={ether},id=s"), 2e6);
    let mtu = sender.mtu(TX);
    let burst = distinct(mtu + 100);
    assert_eq!(sender.write(&burst, Some(0), true, 1000), mtu as i32);
    // The end did not count: lock-step waits for the rest.
    let mut samples = vec![[0f32; 2]; mtu];
    receiver.receive(&mut samples);
    assert_eq!(receiver.read(&mut samples, 1000).result, TIMEOUT);
    // The time is that of the start: it does not count within a burst.
    assert_eq!(sender.write(&burst[mtu..], Some(0), true, 1000), 100);
    receiver.receive(&mut samples);
    assert_same(&samples[..100], &burst[mtu..]);
    assert_eq!(samples[100], [0.0, 0.0]);
}

#[test]
fn integer_formats_are_exact_and_saturate() {
    let ether = ether("formats");
    let mut receiver = Radio::open(&format!("ether={ether},id=r,pace=free"), 2e6).unwrap();
    let mut sender = Radio::open(&format!("ether={ether},id=s"), 2e6).unwrap();
    receiver.setup(RX, "CS16").unwrap();
    sender.setup(TX, "CS8").unwrap();
    receiver.activate(RX).unwrap();
    sender.activate(TX).unwrap();
    let sent: Vec<[i8; 2]> = (-128..=127).map(|n| [n, !n]).collect();
    sender.send(&sent, Some(0), true);
    let mut samples = vec![[0i16; 2]; 256];
    receiver.receive(&mut samples);
    let expected: Vec<[i16; 2]> = sent.iter().map(|s| s.map(|x| i16::from(x) * 256)).collect();
    assert_same(&samples, &expected);

    sender.gain(TX, 20.0).unwrap();
    sender.send(&[[64i8, -64]; 10], Some(1_000_000), true);
    let mut samples = vec![[0i16; 2]; 2000];
    receiver.receive(&mut samples);
    assert_eq!(samples[2000 - 256], [i16::MAX, i16::MIN]);
}

#[test]
fn full_scale_limits_floats_and_what_is_no_number_becomes_zero() {
    let ether = ether("clip");
    let receiver = Radio::receiver(&format!("ether={ether},id=r,pace=free"), 2e6);
    let sender = Radio::transmitter(&format!("ether={ether},id=s"), 2e6);
    let wild = [[2f32, -3.0], [f32::NAN, f32::INFINITY], [0.5, -0.5]];
    sender.send(&wild, Some(0), true);
    let mut samples = [[9f32; 2]; 3];
    receiver.receive(&mut samples);
    assert_eq!(samples, [[1.0, -1.0], [0.0, 1.0], [0.5, -0.5]]);
    receiver.gain(RX, -20.0).unwrap();
    sender.send(&[[0.5f32, -1.0]], Some(1_000_000), true);
    let mut samples = vec![[0f32; 2]; 2000];
    receiver.receive(&mut samples);
    let [re, im]: Sample = samples[2000 - 3];
    assert!((re - 0.05).abs() < 1e-6 && (im + 0.1).abs() < 1e-6);
}

#[test]
fn settings_out_of_range_name_what_is_allowed() {
    let ether = ether("settings");
    let mut radio = Radio::open(&format!("ether={ether}"), 2e6).unwrap();
    let cases = [
        (
            radio.rate(TX, 30e6),
            "transmit sample rate (samples/s): found 3e+07, allowed 2e+05 to 2e+07",
        ),
        (
            radio.frequency(RX, f64::NAN),
            "receive frequency (Hz): found nan",
        ),
        (
            radio.gain(RX, 61.0),
            "receive gain (dB): found 61, allowed -60 to 60",
        ),
        (
            radio.setup(RX, "CF64"),
            "stream format: found 'CF64', allowed CF32, CS16, CS8",
        ),
    ];
    for (result, message) in cases {
        let error = result.unwrap_err();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn arguments_are_checked_by_name_and_range() {
    let cases = [
        (
            "gian_db=3",
            "device arguments: found 'gian_db', allowed ether",
        ),
        ("gain_db=x", "gain_db: found 'x', allowed a number"),
        ("sfo_ppm=2000", "sfo_ppm: found 2000, allowed -1000 to 1000"),
        ("pace=fast", "pace: found 'fast', allowed clock, free"),
        ("fault=fire@3", "fault: found 'fire@3', allowed overflow@"),
        ("emulate=usrp", "emulate: found 'usrp', allowed hackrf"),
        ("buffer=1", "buffer: found '1', allowed a whole number"),
        ("id=a/b", "id: found 'a/b'"),
        ("multipath=0:0:0:0", "multipath: found '0:0:0:0'"),
        ("multipath=5000", "multipath.delay_samples: found 5000"),
        ("drops=2", "drops: found 2, allowed 0 to 1"),
        ("scene=no-such-file", "scene: found 'no-such-file'"),
    ];
    for (argument, message) in cases {
        let arguments = format!("ether={},{argument}", ether("arguments"));
        let error = Radio::open(&arguments, 2e6).err().expect(argument);
        assert!(error.contains(message), "{argument}: {error}");
    }
    let error = Radio::open("ether=../passwd", 2e6).err().unwrap();
    assert!(error.contains("ether: found '../passwd'"), "{error}");
}
