//! The radio around both, and recordings.

use super::*;

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
    let offset = |lo_offset_hz, bandwidth_hz| RadioSettings {
        lo_offset_hz,
        bandwidth_hz,
        ..settings(Some(2.4e6), 1e6)
    };
    let fits = offset(-790e3, None);
    radio.configure(Direction::Receive, &fits).unwrap();
    for (too_far, most) in [
        (offset(800e3, None), "790000"),
        (offset(500e3, Some(1.75e6)), "465000"),
    ] {
        let said = radio
            .configure(Direction::Receive, &too_far)
            .unwrap_err()
            .to_string();
        assert!(
            said.contains(&format!("allowed up to {most} either way")),
            "{said}"
        );
    }
    radio.configure(Direction::Receive, &faster).unwrap();
    // What is refused leaves things as they are.
    radio
        .configure(Direction::Receive, &settings(None, 1.0))
        .unwrap_err();
    assert_eq!(
        radio.rates[Direction::Receive as usize].unwrap().radio_hz,
        2.4e6
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
