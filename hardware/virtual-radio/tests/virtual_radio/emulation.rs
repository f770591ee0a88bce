//! A HackRF's limits, and broken hardware.

use crate::ether;
use crate::radio::{RX, Radio, STREAM_ERROR, Sample, TIMEOUT, TX, UNDERFLOW};
use crate::signals::{assert_same, power};

const TRANSFER: usize = 131_072;

#[test]
fn a_hackrf_sends_whole_transfers_and_keeps_the_rest_to_itself() {
    let ether = ether("transfers");
    let receiver = Radio::receiver(&format!("ether={ether},id=r,pace=free"), 2e6);
    let sender = Radio::transmitter(&format!("ether={ether},id=s,emulate=hackrf"), 2e6);
    assert_eq!(sender.mtu(TX), TRANSFER);
    // Neither the end of the burst nor its time count.
    let burst = [[0.5f32, 0.25]; 1000];
    assert_eq!(sender.write(&burst, Some(1 << 40), true, 1000), 1000);
    let mut samples = vec![[0f32; 2]; 10_000];
    receiver.receive(&mut samples);
    assert_eq!(power(&samples), 0.0);
    // Padded to a whole transfer it leaves, right now and whole.
    let padding = vec![[0f32; 2]; TRANSFER - 1000];
    sender.send(&padding, None, false);
    let mut samples = vec![[0f32; 2]; TRANSFER];
    let first_ns = receiver.receive(&mut samples);
    assert_same(&samples[..1000], &burst);
    assert_eq!(power(&samples[1000..]), 0.0);
    // With nothing left to send the transmitter runs dry.
    let mut after = vec![[0f32; 2]; 10_000];
    assert_eq!(
        receiver.receive(&mut after),
        first_ns + 500 * TRANSFER as i64
    );
    let status = sender.status(0);
    assert_eq!((status.result, status.flags), (UNDERFLOW, 0));
    assert_eq!(sender.status(0).result, TIMEOUT);
}

#[test]
fn a_hackrf_receives_eight_bits_with_a_spike_and_without_times() {
    let arguments = format!(
        "ether={},emulate=hackrf,pace=free,noise_dbfs=-20",
        ether("adc")
    );
    let mut receiver = Radio::receiver(&arguments, 2e6);
    let mut samples = vec![[0.0f32; 2]; TRANSFER];
    let outcome = receiver.read(&mut samples, 1_000_000);
    assert_eq!((outcome.result, outcome.flags), (TRANSFER as i32, 0));
    let on_steps = |sample: &Sample| sample.iter().all(|x| (x * 128.0).fract() == 0.0);
    assert!(samples.iter().all(on_steps));
    let mean: f32 = samples.iter().map(|s| s[0]).sum::<f32>() / TRANSFER as f32;
    assert!((mean - 0.014).abs() < 0.002, "{mean}");
    // Half duplex: to transmit is to stop receiving.
    receiver.setup(TX, "CS8").unwrap();
    receiver.activate(TX).unwrap();
    assert_eq!(receiver.read(&mut samples, 1000).result, TIMEOUT);
    receiver.activate(RX).unwrap();
    assert_eq!(
        receiver.write(&[[0i8; 2]; 10], None, false, 1000),
        STREAM_ERROR
    );
}

#[test]
fn a_hackrf_tells_its_limits() {
    let radio = Radio::open(&format!("ether={},emulate=hackrf", ether("limits")), 2e6).unwrap();
    let error = radio.rate(RX, 0.5e6).unwrap_err();
    assert!(error.contains("allowed 1e+06 to 2e+07"), "{error}");
}

#[test]
fn an_unplugged_radio_answers_every_call_with_an_error() {
    let ether = ether("unplug");
    let arguments = format!("ether={ether},pace=free,fault=unplug@8000");
    let mut receiver = Radio::receiver(&arguments, 2e6);
    receiver.setup(TX, "CF32").unwrap();
    receiver.activate(TX).unwrap();
    let mut samples = vec![[0f32; 2]; 8000];
    receiver.receive(&mut samples);
    assert_eq!(receiver.read(&mut samples, 1000).result, STREAM_ERROR);
    assert_eq!(receiver.write(&samples, None, true, 1000), STREAM_ERROR);
    assert_eq!(receiver.status(1000).result, STREAM_ERROR);
    assert!(
        receiver
            .frequency(RX, 1e8)
            .unwrap_err()
            .contains("unplugged")
    );
    assert!(receiver.activate(RX).is_err());

    let sender = Radio::transmitter(&format!("ether={ether},id=s,fault=unplug@100"), 2e6);
    let part = sender.write(&samples, None, true, 1000);
    assert_eq!(part, 100);
    assert_eq!(sender.write(&samples, None, true, 1000), STREAM_ERROR);
}
