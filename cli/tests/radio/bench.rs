//! A bench: an ether of its own, a receiver that listens, transmitters.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::common::{Folder, Run};

/// A test that waits this long for a line has failed.
const LIMIT: Duration = Duration::from_secs(120);

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

    /// Starts the program; each of its lines is JSON.
    pub fn start(&self, words: &[&str]) -> Program {
        let mut command = self.folder.command(words);
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Program::new(piped.spawn().unwrap())
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
    lines: Receiver<Value>,
}

impl Program {
    fn new(mut child: Child) -> Self {
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in out.lines() {
                let line = serde_json::from_str(&line.unwrap()).unwrap();
                // The test may have seen enough.
                let _ = sender.send(line);
            }
        });
        Self { child, lines }
    }

    /// The next line.
    pub fn line(&self) -> Value {
        self.line_within(LIMIT).expect("a line comes in time")
    }

    pub fn line_within(&self, limit: Duration) -> Option<Value> {
        self.lines.recv_timeout(limit).ok()
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

    /// Ctrl-C.
    pub fn interrupt(&self) {
        kill(Pid::from_raw(self.child.id() as i32), Signal::SIGINT).unwrap();
    }

    /// SIGKILL: it cannot tidy up.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end; exit code, the lines that are left, and what it said beside them.
    pub fn end(mut self) -> (i32, Vec<Value>, String) {
        let lines = std::iter::from_fn(|| match self.lines.recv_timeout(LIMIT) {
            Ok(line) => Some(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("the program does not end"),
        });
        let lines = lines.collect();
        let mut words = String::new();
        let mut err = self.child.stderr.take().unwrap();
        err.read_to_string(&mut words).unwrap();
        (
            self.child.wait().unwrap().code().unwrap_or(-1),
            lines,
            words,
        )
    }

    /// Waits for a good end; gives the last line, its summary.
    pub fn summary(self) -> Value {
        let (code, mut lines, words) = self.end();
        assert_eq!(code, 0, "{words}");
        lines.pop().expect("a summary")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
