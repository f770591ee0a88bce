//! `heliograph radios`: what is plugged in, and what a radio can do.

use clap::Args;
use heliograph_hardware::profile::Profile;
use heliograph_hardware::{ChannelProbe, Direction, Found, Probe, Range};

use crate::exit::Ending;
use crate::figures::{hertz, number};
use crate::output;

/// List radios, or ask one what it can do
///
/// Without arguments: the radios that SoapySDR finds and the profiles that come with the program. Virtual radios are found only when
/// asked for: heliograph radios driver=heliograph.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RadiosArgs {
    /// Device arguments or a profile: which radios to look for
    #[arg(value_name = "PROFILE|ARGS", default_value = "")]
    pub radio: String,

    /// Open the first one and print all that it tells
    #[arg(long)]
    pub probe: bool,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "EXAMPLES\n  \
    heliograph radios\n  \
    heliograph radios driver=hackrf --probe\n  \
    heliograph radios driver=heliograph,ether=bench --probe --json";

/// Lists or probes.
///
/// # Errors
/// No SoapySDR in this build, no such radio, or what its driver says.
pub fn run(args: &RadiosArgs) -> anyhow::Result<Ending> {
    let arguments = arguments(&args.radio)?;
    let text = if args.probe {
        let probe = heliograph_hardware::probe(&arguments)?;
        match args.json {
            true => serde_json::to_string_pretty(&probe)?,
            false => describe(&probe),
        }
    } else {
        let found = heliograph_hardware::discover(&arguments)?;
        match args.json {
            true => serde_json::to_string_pretty(&found)?,
            false => list(&found),
        }
    };
    output::print(text.trim_end())?;
    Ok(Ending::Done)
}

/// Device arguments as typed, or those of a profile.
fn arguments(radio: &str) -> anyhow::Result<String> {
    if radio.is_empty() {
        return Ok(String::new());
    }
    Ok(Profile::find(radio)?.device)
}

fn list(found: &[Found]) -> String {
    let mut lines = Vec::new();
    if found.is_empty() {
        lines.push(
            "no radio found; is it plugged in, and its SoapySDR module installed?".to_owned(),
        );
    }
    for radio in found {
        let label = radio.get("label").or_else(|| radio.get("driver"));
        lines.push(label.cloned().unwrap_or_default());
        let pairs = radio.iter().filter(|(key, _)| *key != "label");
        lines.extend(pairs.map(|(key, value)| format!("  {key}={value}")));
    }
    lines.push(String::new());
    lines.push("profiles:".to_owned());
    for name in Profile::names() {
        let profile = Profile::named(name);
        let (title, device) = profile.map_or_else(
            |error| (error.to_string(), String::new()),
            |profile| (profile.name, profile.device),
        );
        lines.push(format!("  {name:<12} {title}  ({device})"));
    }
    lines.join("\n")
}

fn describe(probe: &Probe) -> String {
    let mut lines = vec![format!("{} ({})", probe.hardware, probe.driver)];
    let mut say = |what: &str, words: String| {
        if !words.is_empty() {
            lines.push(format!("  {what}: {words}"));
        }
    };
    for (key, value) in &probe.information {
        say(key, value.clone());
    }
    say(
        "timestamps",
        format!("{:?}", probe.timestamps).to_lowercase(),
    );
    say("clock sources", probe.clock_sources.join(", "));
    say("time sources", probe.time_sources.join(", "));
    for (key, value) in &probe.sensors {
        say(key, value.clone());
    }
    for (direction, channels) in [
        (Direction::Receive, &probe.receive),
        (Direction::Transmit, &probe.transmit),
    ] {
        for (number, channel) in channels.iter().enumerate() {
            lines.push(format!("  {direction}, channel {number}"));
            lines.extend(channel_lines(channel));
        }
    }
    lines.join("\n")
}

fn channel_lines(channel: &ChannelProbe) -> Vec<String> {
    let ranges = |ranges: &[Range]| {
        let one = |r: &Range| match r.min == r.max {
            true => hertz(r.min),
            false => format!("{} to {}", hertz(r.min), hertz(r.max)),
        };
        ranges.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let gain = |r: &Range| format!("{} to {} dB", number(r.min, 1), number(r.max, 1));
    let elements = channel.gain_elements_db.iter();
    let elements: Vec<String> = elements
        .map(|(name, r)| format!("{name} {}", gain(r)))
        .collect();
    let mtu = channel
        .mtu_samples
        .map_or_else(String::new, |n| n.to_string());
    let pairs = [
        ("antennas", channel.antennas.join(", ")),
        ("gain", gain(&channel.gain_db)),
        ("gain elements", elements.join(", ")),
        ("frequency", ranges(&channel.frequencies_hz)),
        ("sample rate", ranges(&channel.sample_rates_hz)),
        ("bandwidth", ranges(&channel.bandwidths_hz)),
        ("formats", channel.formats.join(", ")),
        (
            "native format",
            format!(
                "{}, full scale {}",
                channel.native_format, channel.native_full_scale
            ),
        ),
        ("duplex", format!("{:?}", channel.duplex).to_lowercase()),
        ("samples a transfer", mtu),
    ];
    let said = pairs.into_iter().filter(|(_, words)| !words.is_empty());
    let mut lines: Vec<String> = said
        .map(|(what, words)| format!("    {what}: {words}"))
        .collect();
    lines.extend(channel.sensors.iter().map(|(k, v)| format!("    {k}: {v}")));
    lines
}
