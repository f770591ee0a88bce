//! A bench: an ether of its own, a receiver that listens, transmitters, and an ear that holds the time.
//!
//! Programs start and compute as fast as the machine is just then. Tests never sleep: they wait for what a program says or
//! writes, and where a program must not run ahead, an [`Ear`] keeps the lock-step ether from going on.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use heliograph_hardware::profile::Profile;
use heliograph_hardware::{Direction, RadioSettings, RxStream};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use num_complex::Complex32;
use serde_json::Value;

use crate::common::{Folder, Run};

/// A test that waits this long for something has failed.
pub const LIMIT: Duration = Duration::from_secs(120);
/// How often it is looked for a file or a process.
pub const WATCH: Duration = Duration::from_millis(5);
/// Samples per second of radios that are told nothing else.
pub const RATE_HZ: f64 = 2e6;

/// Two radios in one ether, at one frequency.
pub struct Bench {
    pub folder: Folder,
    ether: String,
}

impl Bench {
    pub fn new(name: &str) -> Self {
        static ETHERS: AtomicU32 = AtomicU32::new(0);
        let number = ETHERS.fetch_add(1, Ordering::Relaxed);
        let ether = format!("test-{}-{number}", std::process::id());
        let folder = Folder::new(name);
        Self { folder, ether }
    }

    /// Device arguments of a radio; `more` begins with a comma or is empty.
    pub fn radio(&self, id: &str, more: &str) -> String {
        format!("driver=heliograph,ether={},id={id}{more}", self.ether)
    }

    /// Starts a receiver that writes into `in`; it listens when this returns.
    pub fn receive(&self, link: &str, more: &[&str]) -> Program {
        let radio = self.radio("lab", link);
        let words = [
            "receive",
            "--radio",
            &radio,
            "--frequency",
            "433M",
            "--out",
            "in",
            "--json",
        ];
        let program = self.start(&[&words, more].concat());
        assert!(program.line().get("receiving").is_some());
        program
    }

    /// Sends photos in lock-step, to the end.
    pub fn transmit(&self, words: &[&str]) -> Run {
        let radio = self.radio("roof", ",pace=free");
        self.folder.run(&transmission(&radio, words)).ok()
    }

    /// Starts to send photos in lock-step.
    pub fn start_transmitter(&self, words: &[&str]) -> Program {
        let radio = self.radio("roof", ",pace=free");
        self.start(&transmission(&radio, words))
    }

    /// Starts the program.
    pub fn start(&self, words: &[&str]) -> Program {
        let mut command = self.folder.command(words);
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Program::new(piped.spawn().unwrap())
    }

    /// Waits until a program has made this file.
    pub fn wait_for_file(&self, name: &str) {
        let start = Instant::now();
        while !self.folder.path(name).exists() {
            assert!(start.elapsed() < LIMIT, "{name} does not come");
            thread::sleep(WATCH);
        }
    }

    /// A radio of the test itself, in lock-step with the others.
    pub fn ear(&self) -> Ear {
        let profile = Profile::find(&self.radio("ear", ",pace=free")).unwrap();
        let mut radio = heliograph_hardware::open(&profile).unwrap();
        let settings = RadioSettings::new(433e6, RATE_HZ);
        radio.configure(Direction::Receive, &settings).unwrap();
        Ear(radio.receive().unwrap())
    }
}

/// Listens without noise. While it is there, the time of a lock-step ether goes on only as it hears: other receivers get at
/// most [`Ear::RECEIVERS_AHEAD`] further, transmitters at most [`Ear::TRANSMITTERS_AHEAD`].
///
/// A transmitter that cannot go on for 10 s gives up: do not hold one for long.
pub struct Ear(Box<dyn RxStream>);

impl Ear {
    /// Samples; `kLeadSamples` of the virtual radio.
    pub const RECEIVERS_AHEAD: usize = 1 << 16;
    /// Samples; `kRingSamples` of the virtual radio.
    pub const TRANSMITTERS_AHEAD: usize = 1 << 20;

    /// Hears until it has heard so many samples of somebody's signal; silence is not counted.
    pub fn hear(&mut self, samples: usize) {
        let mut buffer = [Complex32::ZERO; 4096];
        let mut heard = 0;
        while heard < samples {
            let reception = self.0.read(&mut buffer, LIMIT).unwrap();
            let fresh = &buffer[..reception.samples];
            heard += fresh.iter().filter(|x| x.norm_sqr() > 0.0).count();
        }
    }
}

/// The command that sends photos at the bench's frequency; SoftCast is quick.
pub fn transmission<'a>(radio: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    let fixed = [
        "transmit",
        "--radio",
        radio,
        "--frequency",
        "433M",
        "--codec",
        "softcast",
    ];
    [&fixed, words].concat()
}

/// A program that runs.
pub struct Program {
    child: Child,
    lines: Receiver<String>,
    /// What it says beside them.
    words: Receiver<String>,
}

/// The lines of a pipe as they come.
fn lines_of(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            // The test may have seen enough.
            let _ = sender.send(line.unwrap());
        }
    });
    lines
}

impl Program {
    fn new(mut child: Child) -> Self {
        let lines = lines_of(child.stdout.take().unwrap());
        let words = lines_of(child.stderr.take().unwrap());
        Self {
            child,
            lines,
            words,
        }
    }

    /// The next line, JSON.
    pub fn line(&self) -> Value {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => serde_json::from_str(&line).unwrap(),
            Err(error) => {
                let words: Vec<String> = self.words.try_iter().collect();
                panic!("no line: {error}; {}", words.join("\n"));
            }
        }
    }

    /// The next picture with this caption.
    pub fn picture(&self, caption: &str) -> Value {
        loop {
            let line = self.line();
            if line["caption"] == caption {
                return line;
            }
        }
    }

    /// Waits until it says this beside its lines.
    pub fn wait_for_words(&self, words: &str) {
        while !self
            .words
            .recv_timeout(LIMIT)
            .unwrap_or_else(|error| panic!("not said: {words}: {error}"))
            .contains(words)
        {}
    }

    /// Waits until a transmitter has handed photos of so many samples to its radio.
    pub fn wait_for_samples(&self, samples: usize) {
        let mut seconds = 0.0;
        while seconds * RATE_HZ < samples as f64 {
            seconds += self.line()["air_time_seconds"].as_f64().unwrap();
        }
    }

    /// Number of its process.
    pub fn id(&self) -> Pid {
        Pid::from_raw(self.child.id() as i32)
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        kill(self.id(), Signal::SIGINT).unwrap();
    }

    /// Ctrl-C again and again: signals that come together may count as one.
    pub fn interrupt_until_it_ends(&mut self) {
        let start = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < LIMIT, "the program does not end");
            self.interrupt();
            thread::sleep(WATCH);
        }
    }

    /// SIGKILL: it cannot tidy up.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end, with what it had still to say.
    pub fn end(mut self) -> Run {
        let rest = |lines: &Receiver<String>| {
            let mut rest = String::new();
            loop {
                match lines.recv_timeout(LIMIT) {
                    Ok(line) => rest += &(line + "\n"),
                    Err(mpsc::RecvTimeoutError::Disconnected) => return rest.into_bytes(),
                    Err(mpsc::RecvTimeoutError::Timeout) => panic!("the program does not end"),
                }
            }
        };
        Run(Output {
            stdout: rest(&self.lines),
            stderr: rest(&self.words),
            status: self.child.wait().unwrap(),
        })
    }

    /// Waits for a good end; gives the last line, its summary.
    pub fn summary(self) -> Value {
        self.end().ok().reports().pop().expect("a summary")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
