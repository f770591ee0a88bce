//! SoapySDR's own tools see the radio.

use std::path::Path;
use std::process::Command;

use crate::ether;

fn soapy_sdr_util(argument: &str) -> String {
    let module = heliograph_virtual_radio::MODULE.expect("feature soapy");
    let output = Command::new("SoapySDRUtil")
        .arg(argument)
        .env("SOAPY_SDR_PLUGIN_PATH", Path::new(module).parent().unwrap())
        .output()
        .expect("SoapySDRUtil, from Debian's soapysdr-tools");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn soapysdr_finds_the_radio_when_asked_for_it_and_only_then() {
    assert!(soapy_sdr_util("--find=driver=heliograph").contains("driver = heliograph"));
    assert!(!soapy_sdr_util("--find").contains("heliograph"));
}

#[test]
fn soapysdr_probes_the_radio() {
    let ether = ether("probe");
    let found = soapy_sdr_util(&format!(
        "--probe=driver=heliograph,ether={ether},id=probed"
    ));
    for line in [
        "id=probed",
        "Channels: 1 Rx, 1 Tx",
        "Timestamps: YES",
        "Full-duplex: YES",
        "Stream formats: CF32, CS16, CS8",
        "Full gain range: [-60, 20] dB",
        "Sample rates: [0.2, 20] MSps",
    ] {
        assert!(found.contains(line), "no '{line}' in {found}");
    }
}
