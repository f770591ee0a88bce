//! One scenario: a receiver, a transmitter, and what came of it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use heliograph_hardware::Direction;
use heliograph_hardware::rig::{Measured, Photos, Rig, Scenario};
use serde_json::Value;

use super::args::RunArgs;
use super::process::Process;
use super::{INTERRUPTED, figures};
use crate::output;
use crate::progress::Progress;

/// Time for a radio to be opened and to receive.
const OPENING: Duration = Duration::from_secs(60);
/// After the last photo is sent, a receiver that brings nothing for so long has nothing more to bring.
const QUIET: Duration = Duration::from_secs(20);
/// How often both ends are looked at.
const WATCH: Duration = Duration::from_millis(50);

/// Lines of both ends.
#[derive(Default)]
pub struct Lines {
    pub transmitter: Vec<Value>,
    pub receiver: Vec<Value>,
}

impl Lines {
    /// Pictures that were received so far.
    fn pictures(&self) -> usize {
        figures::receptions(&self.receiver).count()
    }
}

/// Runs a scenario. What goes wrong on the bench is a result, not an error.
///
/// # Errors
/// The folder cannot be written, or this program not be started again.
pub fn run(
    rig: &Rig,
    scenario: &Scenario,
    args: &RunArgs,
    progress: &Progress,
    interrupted: &AtomicBool,
) -> anyhow::Result<Measured> {
    let folder = args.out.join(&scenario.name);
    output::make_folder(&folder)?;
    remove_old(&folder.join(RECEIVED))?;
    let commands = Commands::new(rig, scenario, args, &folder)?;
    let start = Instant::now();
    let deadline = start + Duration::from_secs_f64(scenario.timeout_s);
    let mut lines = Lines::default();
    let mut receiver = Process::start(&commands.receive)?;
    let mut error = await_receiver(&mut receiver, &mut lines, deadline, interrupted);
    if error.is_none() {
        progress.busy("sending");
        let mut transmitter = Process::start(&commands.transmit)?;
        error = watch(
            &mut transmitter,
            &mut receiver,
            &mut lines,
            Patience {
                pictures: scenario.photos.count(),
                deadline,
                interrupted,
            },
        );
        let (rest, words) = transmitter.end();
        lines.transmitter.extend(rest);
        error = error.or(words.map(|words| format!("transmitter: {words}")));
    }
    if interrupted.load(Ordering::Relaxed) {
        // A terminal interrupts both ends too: that they ended is no news.
        error = Some(INTERRUPTED.to_owned());
    }
    let (rest, words) = receiver.end();
    lines.receiver.extend(rest);
    let nothing_came = lines.pictures() == 0;
    error = error.or(words
        .filter(|_| nothing_came)
        .map(|words| format!("receiver: {words}")));
    progress.busy("measuring");
    let mut measured = figures::measure(&lines, scenario, &folder)?;
    measured.seconds = start.elapsed().as_secs_f64();
    measured.error = error;
    Ok(measured)
}

/// Folder of the pictures within that of the scenario.
pub const RECEIVED: &str = "received";

/// Numbers of pictures begin at 1 in every run.
fn remove_old(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(anyhow::anyhow!(
            "{}: old results cannot be removed: {e}",
            folder.display()
        )),
        _ => Ok(()),
    }
}

/// Waits until the receiver listens; gives what went wrong.
fn await_receiver(
    receiver: &mut Process,
    lines: &mut Lines,
    deadline: Instant,
    interrupted: &AtomicBool,
) -> Option<String> {
    let limit = deadline.min(Instant::now() + OPENING);
    while Instant::now() < limit {
        if interrupted.load(Ordering::Relaxed) {
            return Some(INTERRUPTED.to_owned());
        }
        match receiver.line(WATCH) {
            Some(line) if line.get("receiving").is_some() => {
                lines.receiver.push(line);
                return None;
            }
            Some(line) => lines.receiver.push(line),
            None if !receiver.is_running() => return Some("the receiver did not start".to_owned()),
            None => {}
        }
    }
    Some("the receiver did not begin to listen in time".to_owned())
}

/// What ends a run.
struct Patience<'a> {
    pictures: usize,
    deadline: Instant,
    interrupted: &'a AtomicBool,
}

/// Gathers lines until all is received, or there is nothing more to wait for; gives what went wrong.
fn watch(
    transmitter: &mut Process,
    receiver: &mut Process,
    lines: &mut Lines,
    patience: Patience<'_>,
) -> Option<String> {
    let mut last_news = Instant::now();
    loop {
        let is_sending = transmitter.is_running();
        while let Some(line) = transmitter.line(Duration::ZERO) {
            lines.transmitter.push(line);
            last_news = Instant::now();
        }
        if let Some(line) = receiver.line(WATCH) {
            lines.receiver.push(line);
            last_news = Instant::now();
        } else if !receiver.is_running() {
            return None;
        }
        if patience.interrupted.load(Ordering::Relaxed) {
            return Some(INTERRUPTED.to_owned());
        }
        if Instant::now() > patience.deadline {
            return Some("not done within timeout_s".to_owned());
        }
        let is_over = lines.pictures() >= patience.pictures || last_news.elapsed() > QUIET;
        if !is_sending && is_over {
            return None;
        }
    }
}

/// What both ends are told.
struct Commands {
    receive: Vec<String>,
    transmit: Vec<String>,
}

impl Commands {
    fn new(rig: &Rig, scenario: &Scenario, args: &RunArgs, folder: &Path) -> anyhow::Result<Self> {
        let radio = |direction: Direction, name: &str| -> anyhow::Result<String> {
            let path = folder.join(name);
            output::write_text(&path, &rig.profile(direction, scenario)?.to_toml())?;
            Ok(path.to_string_lossy().into_owned())
        };
        let receiver = radio(Direction::Receive, "receiver.toml")?;
        let transmitter = radio(Direction::Transmit, "transmitter.toml")?;
        let out = folder.join(RECEIVED);
        let count = scenario.photos.count().to_string();
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let out = out.to_string_lossy();
        let receive = words(&[
            "receive",
            "--radio",
            &receiver,
            "--out",
            &out,
            "--pictures",
            &count,
            "--json",
        ]);
        let seed = scenario.seed.to_string();
        let mut transmit = words(&[
            "transmit",
            "--radio",
            &transmitter,
            "--seed",
            &seed,
            "--json",
        ]);
        // In one word: a caption may begin with a dash.
        let mut add = |flag: &str, value: Option<String>| {
            transmit.extend(value.map(|value| format!("{flag}={value}")));
        };
        add("--cbr", scenario.cbr.clone());
        add("--repeat", scenario.repeat.map(|n| n.to_string()));
        add("--caption", scenario.caption.clone());
        let photos = photos(scenario, args);
        if photos.is_empty() {
            add("--rounds", Some(count));
        } else {
            transmit.push("--".to_owned());
            transmit.extend(photos.iter().map(|p| p.to_string_lossy().into_owned()));
        }
        Ok(Self { receive, transmit })
    }
}

/// The photos to send; none stands for the shipped one.
fn photos(scenario: &Scenario, args: &RunArgs) -> Vec<PathBuf> {
    match &scenario.photos {
        Photos::Files(files) => files.clone(),
        Photos::Count(count) => {
            let given = args.photos.iter().cycle().take(*count as usize);
            given.cloned().collect()
        }
    }
}
