//! `heliograph calibrate`: the gains at which a link has the least error vector.

mod args;
mod bench;
mod probe;
mod sweep;

use std::path::Path;

use heliograph_hardware::profile::{Overrides, Profile};
use heliograph_hardware::{Direction, RadioSettings};
use serde::Serialize;

pub use args::CalibrateArgs;
use bench::Bench;
use sweep::{Sweep, best};

use crate::exit::Ending;
use crate::figures::number;
use crate::output;
use crate::progress::Progress;
use crate::radio_args::{self, find, refused};

/// Version of calibration.json.
const SCHEMA_VERSION: u32 = 1;

/// What was found.
#[derive(Debug, Serialize)]
struct Calibration {
    schema_version: u32,
    frequency_hz: f64,
    sample_rate_hz: f64,
    level_dbfs: f32,
    transmitter_gain_db: f64,
    receiver_gain_db: f64,
    evm_db: f64,
    snr_db: f64,
    sweeps: Vec<Sweep>,
    profiles: Vec<String>,
}

/// Sweeps and writes.
///
/// # Errors
/// Radios that cannot be opened or never hear each other; a folder that cannot be written.
pub fn run(args: &CalibrateArgs) -> anyhow::Result<Ending> {
    let profiles = Profiles::new(args)?;
    output::make_folder(&args.out)?;
    let mut bench = Bench::open(&profiles, args)?;
    let (receive, transmit) = (
        bench.gains(Direction::Receive, args)?,
        bench.gains(Direction::Transmit, args)?,
    );
    let progress = Progress::new("calibrating".to_owned());
    let mut sweeps = Vec::new();
    for (direction, gains) in [
        (Direction::Receive, &receive),
        (Direction::Transmit, &transmit),
        (Direction::Receive, &receive),
    ] {
        let sweep = sweep::run(&mut bench, direction, gains, &progress)?;
        bench.set_gain(direction, best(&sweep)?.gain_db);
        sweeps.push(sweep);
    }
    drop(progress);
    let point = best(sweeps.last().expect("three sweeps"))?;
    let settings = bench.settings(Direction::Receive);
    let mut calibration = Calibration {
        schema_version: SCHEMA_VERSION,
        frequency_hz: settings.frequency_hz,
        sample_rate_hz: settings.sample_rate_hz,
        level_dbfs: args.level_dbfs,
        transmitter_gain_db: bench.gain_db(Direction::Transmit),
        receiver_gain_db: bench.gain_db(Direction::Receive),
        evm_db: point.evm_db.unwrap_or(f64::NAN),
        snr_db: point.snr_db.unwrap_or(f64::NAN),
        profiles: Vec::new(),
        sweeps,
    };
    calibration.profiles = profiles.write(&bench, &args.out)?;
    let json = serde_json::to_string_pretty(&calibration)?;
    output::write_text(&args.out.join("calibration.json"), &format!("{json}\n"))?;
    match args.json {
        true => output::print(&json)?,
        false => output::print(&words(&calibration, &args.out))?,
    }
    Ok(Ending::Done)
}

/// Both ends as they were asked for.
pub struct Profiles {
    pub transmitter: Profile,
    /// `None`: the same radio.
    pub receiver: Option<Profile>,
}

impl Profiles {
    fn new(args: &CalibrateArgs) -> anyhow::Result<Self> {
        let overrides = Overrides {
            frequency_hz: args.frequency,
            sample_rate_hz: args.sample_rate,
            radio_rate_hz: args.radio_rate,
            ..Overrides::default()
        };
        let with = |profile: Profile, direction| {
            let profile = profile.with_overrides(direction, &overrides, radio_args::ORIGIN);
            profile.map_err(|error| refused(None, &error))
        };
        let transmitter = with(
            find("--transmitter", &args.transmitter)?,
            Direction::Transmit,
        )?;
        Ok(match &args.receiver {
            Some(name) => Self {
                transmitter,
                receiver: Some(with(find("--receiver", name)?, Direction::Receive)?),
            },
            None => Self {
                transmitter: with(transmitter, Direction::Receive)?,
                receiver: None,
            },
        })
    }

    /// Writes them with the gains that were found; gives the names of the files.
    fn write(&self, bench: &Bench, folder: &Path) -> anyhow::Result<Vec<String>> {
        let (receive, transmit) = (
            calibrated(bench, Direction::Receive),
            calibrated(bench, Direction::Transmit),
        );
        let mut sender = self.transmitter.clone();
        sender.transmit = transmit;
        let files = match &self.receiver {
            None => {
                sender.receive = receive;
                vec![("radio.toml", sender)]
            }
            Some(receiver) => {
                let mut receiver = receiver.clone();
                receiver.receive = receive;
                vec![("transmitter.toml", sender), ("receiver.toml", receiver)]
            }
        };
        let mut names = Vec::new();
        for (name, profile) in files {
            output::write_text(&folder.join(name), &profile.to_toml())?;
            names.push(name.to_owned());
        }
        Ok(names)
    }
}

/// The settings with the gain as one number: the radio divides it among its stages as it did in the sweep.
fn calibrated(bench: &Bench, direction: Direction) -> Option<RadioSettings> {
    let mut settings = bench.settings(direction).clone();
    settings.gain_elements_db.clear();
    Some(settings)
}

fn words(found: &Calibration, folder: &Path) -> String {
    let mut lines = Vec::new();
    for sweep in &found.sweeps {
        lines.push(format!(
            "{}  gain dB   level dBFS   EVM dB   SNR dB   bursts",
            sweep.direction
        ));
        let width = sweep.direction.len();
        lines.extend(sweep.points.iter().map(|p| {
            let cell = |value: Option<f64>| value.map_or("–".to_owned(), |v| number(v, 1));
            let clipped = match p.bursts_clipped {
                0 => String::new(),
                n => format!(", {n} clipped"),
            };
            format!(
                "{:width$}  {:>7}   {:>10}   {:>6}   {:>6}   {} of {}{clipped}",
                "",
                number(p.gain_db, 1),
                cell(p.level_dbfs),
                cell(p.evm_db),
                cell(p.snr_db),
                p.bursts,
                p.bursts_sent
            )
        }));
    }
    lines.push(format!(
        "transmitter {} dB, receiver {} dB: EVM {} dB, SNR {} dB",
        number(found.transmitter_gain_db, 1),
        number(found.receiver_gain_db, 1),
        number(found.evm_db, 1),
        number(found.snr_db, 1)
    ));
    let files = found.profiles.iter();
    let files: Vec<String> = files
        .map(|f| folder.join(f).display().to_string())
        .collect();
    lines.push(format!("written: {}", files.join(", ")));
    lines.join("\n")
}
