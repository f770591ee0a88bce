//! What lies between the antennas, measured in free pace.

use std::f64::consts::TAU;

use crate::ether;
use crate::radio::{RX, Radio, Sample, TX};
use crate::signals::{assert_same, correlate, distinct, phase_difference, power, tone};

/// What a receiver with `arguments` hears of a burst at time zero; the receiver's settings can be changed first.
fn heard(
    name: &str,
    arguments: &str,
    burst: &[Sample],
    count: usize,
    adjust: impl Fn(&Radio, &Radio),
) -> Vec<Sample> {
    let ether = ether(name);
    let mut receiver =
        Radio::open(&format!("ether={ether},id=r,pace=free,{arguments}"), 2e6).unwrap();
    let mut sender = Radio::open(&format!("ether={ether},id=s"), 2e6).unwrap();
    adjust(&receiver, &sender);
    receiver.setup(RX, "CF32").unwrap();
    sender.setup(TX, "CF32").unwrap();
    receiver.activate(RX).unwrap();
    sender.activate(TX).unwrap();
    sender.send(burst, Some(0), true);
    let mut samples = vec![[0f32; 2]; count];
    assert_eq!(receiver.receive(&mut samples), 0);
    samples
}

fn as_it_is(_: &Radio, _: &Radio) {}

#[test]
fn transmissions_add_up() {
    let ether = ether("add");
    let receiver = Radio::receiver(&format!("ether={ether},id=r,pace=free"), 2e6);
    let senders = ["a", "b"].map(|id| Radio::transmitter(&format!("ether={ether},id={id}"), 2e6));
    senders[0].send(&[[0.25f32, 0.0]; 3000], Some(500_000), true);
    senders[1].send(&[[0f32, 0.5]; 3000], Some(1_000_000), true);
    let mut samples = vec![[0f32; 2]; 6000];
    receiver.receive(&mut samples);
    let expected = |n: usize| {
        let re = if (1000..4000).contains(&n) { 0.25 } else { 0.0 };
        let im = if (2000..5000).contains(&n) { 0.5 } else { 0.0 };
        [re, im]
    };
    let expected: Vec<Sample> = (0..6000).map(expected).collect();
    assert_same(&samples, &expected);
}

#[test]
fn gain_cfo_and_whole_delays_are_as_set() {
    let arguments = "gain_db=-6,cfo_hz=12345,delay_samples=100";
    let samples = heard("link", arguments, &tone(40_000, 0.05), 40_100, as_it_is);
    assert_eq!(power(&samples[..100]), 0.0);
    assert!(power(&samples[100..101]) > 0.0);
    let turn = 0.05 + 12_345.0 / 2e6;
    let (amplitude, phase) = correlate(&samples[100..], turn);
    assert!((20.0 * (amplitude / 0.5).log10() + 6.0).abs() < 1e-3);
    // The mixer has turned since time zero, the tone since its start.
    let expected = TAU * 100.0 * 12_345.0 / 2e6;
    assert!(phase_difference(phase, expected).abs() < 1e-3);
}

#[test]
fn fractions_of_samples_delay_the_phase() {
    let samples = heard(
        "delay",
        "delay_s=5.25e-6",
        &tone(4000, 0.11),
        3900,
        as_it_is,
    );
    let (amplitude, phase) = correlate(&samples[1000..3000], 0.11);
    assert!((amplitude - 0.5).abs() < 1e-3, "{amplitude}");
    let expected = TAU * 0.11 * (1000.0 - 10.5);
    assert!(phase_difference(phase, expected).abs() < 1e-3);
}

#[test]
fn sfo_stretches_the_burst_from_its_start() {
    let samples = heard(
        "sfo",
        "sfo_ppm=100",
        &tone(200_000, 0.125),
        199_000,
        as_it_is,
    );
    // Sent faster, the tone is higher by 100 ppm.
    let turn = 0.125 * (1.0 + 100e-6);
    let (amplitude, phase) = correlate(&samples[100..], turn);
    assert!((amplitude - 0.5).abs() < 1e-3, "{amplitude}");
    assert!(phase_difference(phase, TAU * turn * 100.0).abs() < 1e-2);
}

#[test]
fn paths_add_with_their_delays_gains_and_phases() {
    let burst = distinct(1000);
    let arguments = "multipath=0:0:0;7:-6.020599913:180,tap_power=as-given";
    let samples = heard("multipath", arguments, &burst, 1007, as_it_is);
    for n in 7..1000 {
        for axis in 0..2 {
            let expected = burst[n][axis] - 0.5 * burst[n - 7][axis];
            assert!((samples[n][axis] - expected).abs() < 1e-5, "sample {n}");
        }
    }
    let unit = heard(
        "unit-power",
        "multipath=0:0:0;7:0:90",
        &burst,
        1000,
        as_it_is,
    );
    assert!((unit[0][0] - burst[0][0] / 2f32.sqrt()).abs() < 1e-6);
}

#[test]
fn a_radio_tuned_elsewhere_hears_the_shifted_band_or_nothing() {
    let hear = |name, offset_hz: f64| {
        let tune = |r: &Radio, _: &Radio| r.frequency(RX, 100e6 + offset_hz).unwrap();
        let samples = heard(name, "", &tone(30_000, 0.1), 25_000, tune);
        samples[5_000..].to_vec()
    };
    // 200 kHz above the sender's centre, heard from 300 kHz above.
    let (amplitude, _) = correlate(&hear("shifted", 300e3), -0.05);
    assert!((amplitude - 0.5).abs() < 1e-3, "{amplitude}");
    // The receiver's band begins 300 kHz above the tone: no alias either.
    assert!(10.0 * power(&hear("outside", 1.5e6)).log10() < -70.0);
    assert_eq!(power(&hear("elsewhere", 10e6)), 0.0);
}

#[test]
fn sample_rates_may_differ() {
    for (name, tx_hz, rx_hz) in [("up", 1e6, 4e6), ("down", 4e6, 1.5e6)] {
        let rates = |r: &Radio, s: &Radio| {
            s.rate(TX, tx_hz).unwrap();
            r.rate(RX, rx_hz).unwrap();
        };
        let (seconds, tone_hz) = (0.01, 110e3);
        let burst = tone((tx_hz * seconds) as usize, tone_hz / tx_hz);
        let samples = heard(name, "", &burst, (rx_hz * seconds * 0.9) as usize, rates);
        let middle = &samples[500..];
        let (amplitude, phase) = correlate(middle, tone_hz / rx_hz);
        assert!((amplitude - 0.5).abs() < 1e-3, "{name}: {amplitude}");
        let expected = TAU * tone_hz / rx_hz * 500.0;
        assert!(phase_difference(phase, expected).abs() < 1e-2, "{name}");
    }
}

#[test]
fn noise_has_its_power_and_depends_on_the_seed_alone() {
    let noise = |name, arguments: &str, part: usize| {
        let arguments = format!("ether={},pace=free,{arguments}", ether(name));
        let receiver = Radio::receiver(&arguments, 2e6);
        let mut samples = vec![[0f32; 2]; 200_000];
        for part in samples.chunks_mut(part) {
            receiver.receive(part);
        }
        samples
    };
    let samples = noise("noise", "noise_dbfs=-20,seed=7", 200_000);
    assert!((10.0 * power(&samples).log10() + 20.0).abs() < 0.05);
    assert_same(
        &samples,
        &noise("noise-parts", "noise_dbfs=-20,seed=7", 777),
    );
    let other = noise("noise-seed", "noise_dbfs=-20,seed=8", 200_000);
    assert!(samples != other);
    // The same power as a density over 2 MHz.
    let density = -20.0 - 10.0 * 2e6f64.log10();
    let samples = noise("density", &format!("noise_dbfs_hz={density}"), 200_000);
    assert!((10.0 * power(&samples).log10() + 20.0).abs() < 0.05);
}

#[test]
fn a_scene_names_links_by_the_radios_at_their_ends() {
    let path = std::env::temp_dir().join(format!("{}.toml", ether("scene")));
    let text = r#"
        # s is near; whoever else there is, is not heard
        [[link]]
        from = "s"
        to = "r"
        gain_db = -20.0
        [link.multipath]
        tap_power = "as-given"
        taps = [
            { delay_samples = 3, gain_db = 0.0 },  # the only one
        ]
        [[receiver]]
        id = "other"
        noise_dbfs = 0.0
    "#;
    std::fs::write(&path, text).unwrap();
    let arguments = format!("scene={},gain_db=-60", path.display());
    let samples = heard("scene", &arguments, &[[0.5, 0.0]; 10], 14, as_it_is);
    assert_eq!(samples[2], [0.0, 0.0]);
    assert!((samples[3][0] - 0.05).abs() < 1e-6);

    std::fs::write(&path, "[[link]]\nsnr = 3").unwrap();
    let arguments = format!("ether={},scene={}", ether("bad-scene"), path.display());
    let error = Radio::open(&arguments, 2e6).err().unwrap();
    assert!(
        error.contains("link[0]: found the field 'snr'") && error.contains("sfo_ppm"),
        "{error}"
    );
    std::fs::write(&path, "[[link]]\ngain_db = 61").unwrap();
    let error = Radio::open(&arguments, 2e6).err().unwrap();
    assert!(
        error.contains("link[0].gain_db: found 61, allowed -200 to 60"),
        "{error}"
    );
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_radio_hears_itself_only_if_asked() {
    let echo = |name, arguments: &str| {
        let arguments = format!("ether={},pace=free,{arguments}", ether(name));
        let mut radio = Radio::receiver(&arguments, 2e6);
        radio.setup(TX, "CF32").unwrap();
        radio.activate(TX).unwrap();
        radio.send(&[[0.5f32, 0.0]; 100], Some(0), true);
        let mut samples: Vec<Sample> = vec![[0f32; 2]; 200];
        radio.receive(&mut samples);
        samples[50][0]
    };
    assert_eq!(echo("deaf", ""), 0.0);
    assert!((echo("leak", "leakage_db=-20") - 0.05).abs() < 1e-6);
}
