//! `heliograph soak`: bursts without pictures.

use serde_json::Value;

use crate::common::{Folder, explained};

#[test]
fn every_figure_of_a_run_is_explained() {
    let folder = Folder::new("soak");
    let soak = |more: &[&str]| -> Value {
        let words = ["soak", "--analog-symbols", "2", "--seed", "1", "--json"];
        let said = folder.run(&[&words[..], more].concat()).ok().out();
        serde_json::from_str(&said).unwrap()
    };
    let fading = ["--bursts", "8", "--channel", "tdl-a", "--snr-db", "10"];
    let faded = soak(&fading);
    explained("soak", &faded);
    let bins = faded["bursts"]["by_received_snr"].as_array().unwrap();
    let sent: u64 = bins.iter().map(|bin| bin["sent"].as_u64().unwrap()).sum();
    assert_eq!(sent, 8, "{faded}");
    let noise = soak(&["--noise-only", "20000"]);
    explained("soak", &noise);
    assert!(noise["bursts"].is_null(), "{noise}");
}
