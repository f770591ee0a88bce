//! The state as JSON, there and back.

use super::*;

/// A state with every part filled.
pub fn example() -> State {
    let mut live = Live::new("receive");
    live.radio = Some(Radio {
        name: "HackRF One".to_owned(),
        frequency_hz: Some(433.92e6),
        sample_rate_hz: 2e6,
        gain_db: None,
        occupied_bandwidth_hz: 1.63e6,
        numerology: "standard".to_owned(),
    });
    live.level = Some(Level::default());
    live.spectrum = Some(Spectrum::default());
    live.link = Some(Link::default());
    live.trend.push(1.5, &Link::default(), 160);
    live.constellation.pilots = vec![1.0, -0.25];
    live.channel = Some(ChannelEstimate::default());
    live.ledger = Some(Ledger {
        entries: vec![LedgerEntry {
            kind: "analog".to_owned(),
            uses: 49152.0,
        }],
        ..Ledger::default()
    });
    live.sent = Some(Sent::default());
    live.advice.push(Advice::default());
    live.recording = Some(Recording::default());
    live.controls.gain_elements_db.push(NamedDial::default());
    let stage = StageView {
        stage: Stage::Painted,
        revision: 1,
        words: "all bursts".to_owned(),
        url: "/picture/1/painted.png?1".to_owned(),
        seconds: 0.5,
        figures: vec![Figure {
            name: "psnr_db".to_owned(),
            value: None,
        }],
    };
    let picture = Picture {
        id: 1,
        stages: vec![stage],
        ..Picture::default()
    };
    State {
        live,
        pictures: vec![picture],
    }
}

#[test]
fn a_state_comes_back_as_it_went() {
    let state = example();
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
}

#[test]
fn every_part_is_explained_to_users_and_the_version_stands_in_front() {
    let guide = include_str!("../../../docs/guide/page.md");
    let json = serde_json::to_value(example()).unwrap();
    assert_eq!(json["version"], STATE_VERSION);
    for name in json.as_object().unwrap().keys() {
        let named = format!("`{name}`");
        assert!(guide.contains(&named), "{name} is not in page.md");
    }
    assert!(guide.contains(&format!("version {STATE_VERSION}")));
}
