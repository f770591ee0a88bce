use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::propagation::{NAMES, Propagation, PropagationError};

fn message(text: &str) -> String {
    PropagationConfig::from_toml_str(text)
        .unwrap_err()
        .to_string()
}

#[test]
fn errors_name_the_field_what_was_found_and_what_is_allowed() {
    for (text, parts) in [
        (
            "snr_db = \"high\"",
            &["snr_db: found \"high\", allowed a number"][..],
        ),
        ("snr_db = nan", &["snr_db: found NaN", "-100 to 200"]),
        ("cfo_hz = inf", &["cfo_hz: found inf", "1000000000"]),
        (
            "delay_samples = -1",
            &["delay_samples: found -1", "0 to 1000000"],
        ),
        (
            "sfo_pm = 1",
            &["sfo_pm: found an unknown field, allowed one of", "sfo_ppm"],
        ),
        (
            "snr_db = 3\n[multipath]\nprofile = \"tdl-x\"",
            &["multipath.profile: found \"tdl-x\"", "tdl-a"],
        ),
        (
            "[multipath]\nprofile = \"tdl-a\"\ntaps = [{}]",
            &["multipath.taps: found 1 taps", "no taps"],
        ),
        ("[multipath]", &["multipath.taps: found 0 taps", "1 to 64"]),
        (
            "[multipath]\ntaps = [{}, { gain_db = true }]",
            &["multipath.taps[1].gain_db: found true, allowed a number"],
        ),
        (
            "[multipath]\ntaps = [{ gain_db = 1e9 }]",
            &["multipath.taps[0].gain_db: found 1000000000", "-200 to 60"],
        ),
        (
            "[multipath]\ntaps = [{ delay_ns = 1, delay_samples = 1 }]",
            &["multipath.taps[0]", "one of the two"],
        ),
        (
            "[multipath]\ncoherence_samples = -5",
            &["multipath.coherence_samples: found -5", "from 0 on"],
        ),
        (
            "[quantization]\nbits = 64",
            &["quantization.bits: found 64", "2 to 16"],
        ),
        (
            "[drops]\nmin_samples = 9\nmax_samples = 3",
            &["drops.max_samples: found 3", "9 to 16777216"],
        ),
        ("multipath = 7", &["multipath: found 7", "allowed a table"]),
        (
            "[a.b.c.d]\ne = 1",
            &["propagation: a: found an unknown field"],
        ),
        (
            "snr_db = [3]",
            &["propagation: snr_db: found [3], allowed a number"],
        ),
        ("snr_db = ", &["not TOML"]),
    ] {
        let message = message(text);
        for part in parts {
            assert!(
                message.contains(part),
                "{text:?}: {message:?} lacks {part:?}"
            );
        }
    }
}

#[test]
fn errors_of_a_file_name_the_file() {
    let folder =
        std::env::temp_dir().join(format!("heliograph-propagation-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("channel.toml");
    let error = || PropagationConfig::from_file(&path).unwrap_err().to_string();
    assert!(error().contains("channel.toml: "), "{}", error());
    fs::write(&path, "snr_db = 900").unwrap();
    assert!(
        error().ends_with("channel.toml: snr_db: found 900, allowed -100 to 200"),
        "{}",
        error()
    );
    fs::write(&path, "#".repeat(100_000)).unwrap();
    assert!(
        error().ends_with("found 100000 bytes, allowed at most 65536"),
        "{}",
        error()
    );
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(error().contains("channel.toml: "), "{}", error());
    fs::remove_dir_all(&folder).unwrap();
    assert!(matches!(
        PropagationConfig::from_file(Path::new("")),
        Err(PropagationError::Read { .. })
    ));
}

#[test]
fn ranges_that_depend_on_the_sample_rate_are_checked_with_it() {
    for (text, part) in [
        (
            "cfo_hz = 300000",
            "cfo_hz: found 300000, allowed -250000 to 250000",
        ),
        (
            "[impulses]\nrate_hz = 1e6",
            "impulses.rate_hz: found 1000000, allowed 0 to 500000",
        ),
        (
            "[multipath]\nprofile = \"tdl-a\"\ndelay_spread_ns = 1e6",
            "multipath.delay_spread_ns: found 1000000",
        ),
        (
            "[multipath]\ntaps = [{ delay_ns = 1e9 }]",
            "multipath.taps[0].delay_ns: found 1000000000",
        ),
        (
            "[multipath]\ntaps = [{}]\ndoppler_hz = 1e5",
            "multipath.doppler_hz: found 100000, allowed 0 to 5000",
        ),
    ] {
        let config = PropagationConfig::from_toml_str(text).unwrap();
        let message = Propagation::new(&config, 0.5e6, 0)
            .err()
            .unwrap()
            .to_string();
        assert!(message.contains(part), "{message}");
    }
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Propagation::new(&PropagationConfig::default(), rate, 0).is_err());
    }
}

#[test]
fn a_description_survives_being_written_and_read() {
    for name in NAMES {
        let config = PropagationConfig::named(name).unwrap();
        let text = toml::to_string(&config).unwrap();
        assert_eq!(
            PropagationConfig::from_toml_str(&text).unwrap(),
            config,
            "{name}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_errors_or_usable_channels(
        name in proptest::sample::select(NAMES.to_vec()),
        place in any::<proptest::sample::Index>(),
        insert in "[-\\[\\]{}=.\"'#,0-9a-z\n ]{1,6}",
        remove in 0usize..8,
    ) {
        let mut text: Vec<char> = toml::to_string(&PropagationConfig::named(name).unwrap()).unwrap().chars().collect();
        text.push('\n');
        let start = place.index(text.len());
        let end = (start + remove).min(text.len());
        text.splice(start..end, insert.chars());
        let text: String = text.into_iter().collect();
        if let Ok(config) = PropagationConfig::from_toml_str(&text)
            && let Ok(mut channel) = Propagation::new(&config, 2e6, 0)
        {
            channel.push(&[num_complex::Complex32::ONE; 10]);
        }
    }
}
