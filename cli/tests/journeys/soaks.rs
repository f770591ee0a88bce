//! `heliograph soak`: bursts without pictures.

use serde_json::Value;

use crate::common::{Folder, Run, explained};

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

#[test]
fn figures_that_cannot_be_written_are_printed_and_a_missing_folder_is_named_before() {
    let folder = Folder::new("soak-out");
    let words = "soak --analog-symbols 2 --bursts 2 --json --out";
    let words: Vec<_> = words.split(' ').chain(["none/f.json"]).collect();
    let run = folder.run(&words);
    assert_eq!((run.code(), run.out().as_str()), (1, ""));
    assert!(run.err().contains("none/f.json: cannot"), "{}", run.err());

    // No file can have a byte, as on a full disk.
    let program = env!("CARGO_BIN_EXE_heliograph");
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" soak --analog-symbols 2 --bursts 2 --json --out f.json";
    let mut shell = std::process::Command::new("sh");
    let shell = shell.args(["-c", script, program]);
    let run = Run(shell.current_dir(folder.path("")).output().unwrap());
    assert_eq!(run.code(), 1, "{}", run.err());
    assert!(run.err().contains("f.json: cannot"), "{}", run.err());
    let figures: Value = serde_json::from_str(&run.out()).unwrap();
    assert_eq!(figures["settings"]["bursts"], 2);
    assert!(folder.names("").is_empty(), "{:?}", folder.names(""));
}
