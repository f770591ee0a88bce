use std::fs;

use super::*;
use crate::config::ConfigError;
use crate::settings::Direction;

const PLAIN: &str = r#"
name = "mine"
[device]
args = "driver=mine"
[limits]
frequency_hz = [1e6, 6e9]
sample_rate_hz = [2e6, 20e6]
[limits.receive]
gain_db = [0, 60]
gain_elements_db = { LNA = [0, 40] }
antennas = ["RX2", "TX/RX"]
[receive]
frequency_hz = 2.45e9
sample_rate_hz = 2_000_000
gain_db = 20
gain_elements_db = { LNA = 16 }
antenna = "RX2"
"#;

fn message(text: &str) -> String {
    let error = Profile::from_toml_str(text, "mine.toml").unwrap_err();
    error.to_string()
}

#[test]
fn shipped_profiles_load_send_and_receive_and_survive_writing() {
    for name in Profile::names() {
        let profile = Profile::named(name).unwrap();
        assert!(
            profile.receive.is_some() && profile.transmit.is_some(),
            "{name}"
        );
        assert!(profile.limits.frequency_hz.is_some(), "{name}");
        let text = profile.to_toml();
        let read = Profile::from_toml_str(&text, name).unwrap();
        assert_eq!(read, profile, "{text}");
    }
}

#[test]
fn every_file_in_the_folder_is_shipped() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|e| e == "toml"));
    let mut files: Vec<_> = files
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut names: Vec<_> = Profile::names().collect();
    files.sort();
    names.sort_unstable();
    assert_eq!(files, names);
}

#[test]
fn the_hackrf_has_its_quirks_and_so_has_its_emulation() {
    let hackrf = Profile::named("hackrf").unwrap();
    let quirks = DeviceTraits {
        duplex: Duplex::Half,
        timestamps: Timestamps::Unsupported,
        transfers: Transfers::WholeMtus,
    };
    assert_eq!(hackrf.traits, quirks);
    let emulated = Profile::find("driver=heliograph,emulate=hackrf").unwrap();
    assert_eq!(emulated.traits, quirks);
    let plain = Profile::find("driver=heliograph,ether=bench").unwrap();
    assert_eq!(plain.traits, DeviceTraits::default());
    assert_eq!(plain.device, "driver=heliograph,ether=bench");
}

#[test]
fn device_arguments_find_the_kind_of_radio() {
    for (args, name) in [
        ("driver=uhd,type=x300,addr=192.168.10.2", "usrp-x3xx"),
        ("driver=uhd,type=usrp2", "usrp-n2xx"),
        ("driver=uhd,serial=30F5A2C", "usrp-b210"),
        ("driver=plutosdr", "pluto"),
        ("driver=heliograph,scene=two-rooms.toml", "virtual"),
    ] {
        let found = Profile::find(args).unwrap();
        let expected = Profile::named(name).unwrap();
        assert_eq!(found.device, args);
        assert_eq!(
            (found.name, found.receive),
            (expected.name, expected.receive)
        );
    }
    let stranger = Profile::find("driver=rtlsdr").unwrap();
    assert_eq!(
        (stranger.name.as_str(), stranger.receive),
        ("driver=rtlsdr", None)
    );
}

#[test]
fn what_is_no_radio_is_told_what_would_be() {
    let error = |text| Profile::find(text).unwrap_err().to_string();
    assert!(error("b210").contains("\"b210\" is not known, allowed: usrp-b210, usrp-n2xx"));
    assert!(error("").contains("driver=..."));
    assert!(error("no/such.toml").starts_with("no/such.toml: "));
    assert!(error("driver=uhd,b200").contains("key=value"));
    assert!(error("=uhd").contains("key=value"));
    assert!(error("driver=heliograph,emulate=rtl").contains("\"rtl\" is not known"));
}

#[test]
fn files_are_read_and_named_in_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lab.toml");
    fs::write(&path, PLAIN).unwrap();
    let profile = Profile::find(path.to_str().unwrap()).unwrap();
    assert_eq!(profile.receive.unwrap().gain_elements_db["LNA"], 16.0);
    assert!(profile.transmit.is_none());

    fs::write(&path, "x".repeat(300_000)).unwrap();
    let error = Profile::from_file(&path).unwrap_err();
    assert!(matches!(error, ConfigError::TooLong { .. }), "{error}");
    fs::write(&path, [0xff, 0xfe]).unwrap();
    let error = Profile::from_file(&path).unwrap_err().to_string();
    assert!(error.contains("lab.toml"), "{error}");
}

#[test]
fn errors_name_file_field_found_and_allowed() {
    for (from, to, parts) in [
        (
            "name = ",
            "nam = ",
            &["mine.toml: nam: found an unknown field, allowed one of name, device"][..],
        ),
        (
            "name = \"mine\"",
            "",
            &["name: found nothing, allowed a name"],
        ),
        (
            "[device]\nargs = \"driver=mine\"",
            "",
            &["device: found nothing"],
        ),
        (
            "args = \"driver=mine\"",
            "duplex = \"both\"",
            &["device.args: found nothing"],
        ),
        (
            "args",
            "duplex = \"both\"\nargs",
            &["device.duplex: found \"both\"", "\"full\" or \"half\""],
        ),
        (
            "[1e6, 6e9]",
            "[6e9, 1e6]",
            &["limits.frequency_hz: found", "min <= max"],
        ),
        (
            "[1e6, 6e9]",
            "6e9",
            &["limits.frequency_hz: found 6000000000", "[min, max]"],
        ),
        (
            "= 2.45e9",
            "= 2.45e10",
            &[
                "receive.frequency_hz: found 24500000000, allowed 1000000 to 6000000000 by the limits",
            ],
        ),
        ("= 2.45e9", "= nan", &["receive.frequency_hz: found NaN"]),
        (
            "2_000_000",
            "1e6",
            &["receive.sample_rate_hz: found 1000000, allowed 2000000 to 20000000"],
        ),
        (
            "2_000_000",
            "\"2M\"",
            &["receive.sample_rate_hz: found \"2M\", allowed a number"],
        ),
        (
            "sample_rate_hz = 2_000_000",
            "",
            &["receive.sample_rate_hz: found nothing, allowed samples per second"],
        ),
        (
            "gain_db = 20",
            "gain_db = 61",
            &["receive.gain_db: found 61, allowed 0 to 60"],
        ),
        (
            "LNA = 16",
            "LNA = 41",
            &["receive.gain_elements_db.LNA: found 41, allowed 0 to 40"],
        ),
        (
            "LNA = 16",
            "VGA = 16",
            &["receive.gain_elements_db.VGA: found an unknown stage, allowed one of LNA"],
        ),
        (
            "= \"RX2\"",
            "= \"RX\"",
            &["receive.antenna: found \"RX\", allowed RX2, TX/RX"],
        ),
        (
            "antenna =",
            "channel = -1\nantenna =",
            &["receive.channel: found -1, allowed a whole number, 0 to 63"],
        ),
        ("antenna =", "lo_offset_hz = 9e8\nantenna =", &[]),
        (
            "antenna =",
            "lo_offset_hz = -1e9\nfrequency_hz2 = 1\nantenna =",
            &["receive.frequency_hz2", "clock_source"],
        ),
        (
            "[receive]",
            "[elsewhere]",
            &["elsewhere: found an unknown field"],
        ),
    ] {
        let text = PLAIN.replacen(from, to, 1);
        assert_ne!(text, PLAIN, "{from}");
        if parts.is_empty() {
            assert!(Profile::from_toml_str(&text, "mine.toml").is_ok());
            continue;
        }
        let found = message(&text);
        for part in parts {
            assert!(found.contains(part), "{found}: {part}");
        }
        assert!(found.starts_with("mine.toml: "), "{found}");
    }
    assert!(message("= 3").contains("not TOML"));
}

#[test]
fn the_oscillator_has_to_stay_within_the_limits_too() {
    let text = PLAIN
        .replace("2.45e9", "2e6")
        .replace("antenna =", "lo_offset_hz = -1.5e6\nantenna =");
    let found = message(&text);
    assert!(
        found.contains("receive.lo_offset_hz: found -1500000 (oscillator at 500000 Hz)"),
        "{found}"
    );
}

#[test]
fn the_limits_are_of_the_radios_own_rate() {
    let rates = |signal_hz: &str, radio_hz: &str| {
        let own = format!("sample_rate_hz = {signal_hz}\nradio_rate_hz = {radio_hz}");
        let text = Profile::named("hackrf").unwrap().to_toml();
        text.replace("\nsample_rate_hz = 2000000.0", &format!("\n{own}"))
    };
    let narrow = Profile::from_toml_str(&rates("5e5", "2e6"), "mine.toml").unwrap();
    let settings = narrow.receive.as_ref().unwrap();
    let found = (settings.sample_rate_hz, settings.radio_rate_hz);
    assert_eq!(found, (5e5, Some(2e6)));
    assert_eq!(
        Profile::from_toml_str(&narrow.to_toml(), "mine.toml").unwrap(),
        narrow
    );
    for (text, words) in [
        (
            rates("5e5", "1e6"),
            "receive.radio_rate_hz: found 1000000, allowed 2000000 to 20000000 by",
        ),
        (
            rates("5e5", "0").replace("radio_rate_hz = 0", ""),
            "receive.sample_rate_hz: found 500000, allowed 2000000 to 20000000 by the limits of this radio; or slower with radio_rate_hz",
        ),
        (
            rates("3e6", "2e6"),
            "receive.radio_rate_hz: found 2000000, allowed 1 to 64 times the sample rate of 3000000",
        ),
        (
            rates("5e5", "\"fast\""),
            "receive.radio_rate_hz: found \"fast\", allowed a number",
        ),
    ] {
        let found = message(&text);
        assert!(found.contains(words), "{found}");
    }
}

#[test]
fn limits_are_kept_by_direction() {
    let profile = Profile::named("hackrf").unwrap();
    let stages = |direction| profile.limits.direction(direction).gain_elements_db.len();
    assert_eq!(
        (stages(Direction::Receive), stages(Direction::Transmit)),
        (3, 2)
    );
}

#[test]
fn a_wider_signal_widens_a_narrow_filter() {
    let text = format!("{PLAIN}bandwidth_hz = 1.75e6\n");
    let filter = |overrides: Overrides| {
        let profile = Profile::from_toml_str(&text, "mine.toml").unwrap();
        let changed = profile.with_overrides(Direction::Receive, &overrides, "flags");
        changed.unwrap().receive.unwrap().bandwidth_hz
    };
    let rate = |hz| Overrides {
        sample_rate_hz: Some(hz),
        ..Overrides::default()
    };
    assert_eq!(filter(Overrides::default()), Some(1.75e6));
    assert_eq!(filter(rate(2e6)), Some(1.75e6));
    assert_eq!(filter(rate(10e6)), None);
    let radio_alone = Overrides {
        radio_rate_hz: Some(8e6),
        ..Overrides::default()
    };
    assert_eq!(filter(radio_alone.clone()), Some(1.75e6));
    let beside_the_oscillator = Overrides {
        lo_offset_hz: Some(2e6),
        ..radio_alone
    };
    assert_eq!(filter(beside_the_oscillator), None);
    let both = Overrides {
        bandwidth_hz: Some(5e6),
        ..rate(10e6)
    };
    assert_eq!(filter(both), Some(5e6));
}
