//! Finding, asking and setting radios, and errors that say what is wrong.

use heliograph_hardware::{
    Direction, Duplex, RadioError, RadioSettings, Range, Timestamps, discover, open, probe,
};

use crate::bench::*;

fn words<T>(result: Result<T, RadioError>) -> String {
    match result {
        Ok(_) => panic!("refused"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_unknown_driver_is_named_with_those_there_are() {
    let mut unknown = profile("none", "");
    unknown.device = "driver=nonesuch".to_owned();
    let error = words(open(&unknown));
    let start = "no radio fits 'driver=nonesuch'; installed drivers: ";
    assert!(error.starts_with(start), "{error}");
    assert!(error.contains("heliograph"), "{error}");
}

#[test]
fn a_driver_that_refuses_is_heard() {
    let error = words(open(&profile(&ether("refused"), "pace=fast")));
    assert!(error.contains("make failed"), "{error}");
    assert!(error.contains("'fast'"), "{error}");
    assert!(error.contains("clock, free"), "{error}");
}

/// What is wrong with settings.
type Change<'a> = &'a dyn Fn(&mut RadioSettings);

#[test]
fn wrong_settings_are_refused_with_what_is_allowed_before_any_is_applied() {
    let mut radio = open(&profile(&ether("settings"), "")).unwrap();
    let mut refused = |change: Change<'_>| {
        let mut settings = settings();
        change(&mut settings);
        words(radio.configure(Direction::Receive, &settings))
    };
    let cases: [(Change<'_>, &str); 12] = [
        (
            &|s| s.frequency_hz = 7e9,
            "frequency_hz: found 7000000000, allowed 1000000 to 6000000000",
        ),
        (
            &|s| s.sample_rate_hz = 1e5,
            "sample_rate_hz: found 100000, allowed 200000 to 20000000",
        ),
        (
            &|s| s.sample_rate_hz = f64::NAN,
            "sample_rate_hz: found NaN, allowed 200000 to 20000000",
        ),
        (
            &|s| s.gain_db = Some(61.0),
            "gain_db: found 61, allowed -60 to 60",
        ),
        (
            &|s| s.gain_elements_db = [("LNA".to_owned(), 8.0)].into(),
            "gain_elements_db: found LNA, allowed PGA",
        ),
        (
            &|s| s.gain_elements_db = [("PGA".to_owned(), -61.0)].into(),
            "gain_elements_db: found PGA = -61, allowed PGA = -60 to 60",
        ),
        (
            &|s| s.bandwidth_hz = Some(1e3),
            "bandwidth_hz: found 1000, allowed 100000 to 20000000",
        ),
        (
            &|s| s.antenna = Some("TX/RX".into()),
            "antenna: found TX/RX, allowed RX",
        ),
        (&|s| s.channel = 1, "channel: found 1, allowed 0 to 0"),
        (
            &|s| s.clock_source = Some("gpsdo".into()),
            "clock_source: found gpsdo, allowed none: this radio has no choice",
        ),
        (
            &|s| s.lo_offset_hz = 1.5e6,
            "lo_offset_hz: found 1500000, allowed -1000000 to 1000000",
        ),
        (
            &|s| (s.frequency_hz, s.lo_offset_hz) = (6e9, 1e5),
            "lo_offset_hz: found 100000, the oscillator at 6000100000, allowed the oscillator within \
             1000000 to 6000000000",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(refused(change), expected);
    }
    let direction = Direction::Receive;
    let unset = radio.receive().err();
    assert_eq!(unset, Some(RadioError::NotConfigured { direction }));
}

#[test]
fn settings_are_read_back() {
    let mut radio = open(&profile(&ether("made-of-it"), "")).unwrap();
    let mut settings = RadioSettings {
        gain_db: Some(10.0),
        antenna: Some("TX".to_owned()),
        ..settings()
    };
    settings.gain_elements_db.insert("PGA".to_owned(), -3.5);
    let made = radio.configure(Direction::Transmit, &settings).unwrap();
    // One stage: the element is the gain, and goes last. The filter follows the rate.
    assert_eq!(made.gain_db, Some(-3.5));
    assert_eq!(made.gain_elements_db, settings.gain_elements_db);
    assert_eq!(made.bandwidth_hz, Some(RATE_HZ));
    assert_eq!(
        (made.frequency_hz, made.sample_rate_hz),
        (FREQUENCY_HZ, RATE_HZ)
    );
    assert_eq!(made.antenna.as_deref(), Some("TX"));
}

#[test]
fn each_direction_has_one_stream_and_keeps_its_settings_meanwhile() {
    let mut radio = radio(&profile(&ether("one"), "pace=free"), &settings());
    for direction in [Direction::Receive, Direction::Transmit] {
        let busy = RadioError::Busy {
            direction,
            busy: direction,
        };
        let mut stream = || match direction {
            Direction::Receive => radio.receive().map(|_| ()),
            Direction::Transmit => radio.transmit().map(|_| ()),
        };
        // Dropped, it is free again.
        stream().unwrap();
        stream().unwrap();
        let (_rx, _tx) = (radio.receive().unwrap(), radio.transmit().unwrap());
        assert_eq!(radio.receive().err().map(drop), Some(()));
        assert_eq!(radio.configure(direction, &settings()), Err(busy));
    }
}

#[test]
fn capabilities_are_those_of_the_driver_and_the_profile() {
    let radio = open(&profile(&ether("capable"), "")).unwrap();
    let can = radio.capabilities(Direction::Transmit);
    assert_eq!(can.name, "heliograph (virtual radio)");
    let range = |min, max| Range { min, max };
    assert_eq!(can.frequency_hz, range(1e6, 6e9));
    assert_eq!(can.sample_rate_hz, range(2e5, 2e7));
    assert_eq!(can.bandwidth_hz, Some(range(1e5, 2e7)));
    assert_eq!(can.gain_elements_db["PGA"], range(-60.0, 20.0));
    assert_eq!((can.antennas, can.channels), (vec!["TX".to_owned()], 1));
    assert_eq!(
        (can.duplex, can.timestamps),
        (Duplex::Full, Timestamps::Supported)
    );
    assert_eq!(can.mtu_samples, 8_192);
}

#[test]
fn the_driver_has_the_last_word_on_duplex_and_times() {
    let emulated = profile(&ether("last-word"), "emulate=hackrf");
    let can = open(&emulated).unwrap().capabilities(Direction::Receive);
    assert_eq!(
        (can.duplex, can.timestamps),
        (Duplex::Half, Timestamps::Unsupported)
    );
}

#[test]
fn the_virtual_radio_is_found_when_asked_for() {
    let found = discover("driver=heliograph").unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["driver"], "heliograph");
    assert!(found[0]["label"].contains("virtual radio"));
    assert!(discover("driver=nonesuch").unwrap().is_empty());
}

#[test]
fn a_probe_tells_everything_and_leaves_the_radio_free() {
    let device = profile(&ether("probe"), "id=probed").device;
    let found = probe(&device).unwrap();
    assert_eq!(found.driver, "heliograph");
    assert_eq!(found.information["id"], "probed");
    assert_eq!(found.timestamps, Timestamps::Supported);
    let [channel] = &found.receive[..] else {
        panic!("{} channels", found.receive.len());
    };
    assert_eq!(channel.formats, ["CF32", "CS16", "CS8"]);
    assert_eq!(channel.native_format, "CF32");
    assert_eq!(channel.mtu_samples, Some(8_192));
    assert_eq!(probe(&device).unwrap(), found);
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["receive"][0]["frequencies_hz"][0]["max"], 6e9);
    assert_eq!(json["timestamps"], "supported");
}
