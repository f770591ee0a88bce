//! Speed of every stage of the propagation module on one core, in millions of samples per second.
//!
//! `cargo run --release -p heliograph --example propagation_speed`

use std::time::Instant;

use heliograph::propagation::{NAMES, Propagation, PropagationConfig, PropagationError};
use num_complex::Complex32;

const SAMPLE_RATE_HZ: f64 = 2e6;
const CHUNK_SAMPLES: usize = 65_536;
const SECONDS: f64 = 0.5;

/// One stage alone each.
const STAGES: [(&str, &str); 15] = [
    ("awgn", "snr_db = 10"),
    ("cfo", "cfo_hz = 12345"),
    ("sfo", "sfo_ppm = 40"),
    (
        "awgn + cfo + sfo",
        "snr_db = 10\ncfo_hz = 12345\nsfo_ppm = 40",
    ),
    ("phase noise", "[phase_noise]\nlinewidth_hz = 100"),
    ("iq imbalance", "[iq_imbalance]\ngain_db = 1"),
    ("dc offset", "[dc_offset]"),
    ("clipping", "clipping_db = 6"),
    ("transmitter clipping", "transmitter_clipping_db = 6"),
    ("quantization", "[quantization]"),
    (
        "tdl-a 100 ns",
        "[multipath]\nprofile = \"tdl-a\"\ndelay_spread_ns = 100",
    ),
    (
        "tdl-c 300 ns",
        "[multipath]\nprofile = \"tdl-c\"\ndelay_spread_ns = 300",
    ),
    (
        "tdl-c 300 ns, 50 Hz",
        "[multipath]\nprofile = \"tdl-c\"\ndelay_spread_ns = 300\ndoppler_hz = 50",
    ),
    ("impulses", "[impulses]\nrate_hz = 100"),
    ("drops", "[drops]\nprobability = 1e-5"),
];

fn main() -> Result<(), PropagationError> {
    let samples: Vec<_> = (0..CHUNK_SAMPLES)
        .map(|n| Complex32::cis(n as f32))
        .collect();
    for (name, text) in STAGES {
        measure(name, &PropagationConfig::from_toml_str(text)?, &samples)?;
    }
    for name in NAMES {
        measure(
            &format!("channel {name}"),
            &PropagationConfig::named(name)?,
            &samples,
        )?;
    }
    Ok(())
}

fn measure(
    name: &str,
    config: &PropagationConfig,
    samples: &[Complex32],
) -> Result<(), PropagationError> {
    let mut channel = Propagation::new(config, SAMPLE_RATE_HZ, 1)?;
    let mut output = Vec::new();
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed().as_secs_f64() < SECONDS {
        output.clear();
        channel.push_into(samples, &mut output);
        count += samples.len();
    }
    let speed = count as f64 / start.elapsed().as_secs_f64() / 1e6;
    println!("{name:24} {speed:8.1} MS/s");
    Ok(())
}
