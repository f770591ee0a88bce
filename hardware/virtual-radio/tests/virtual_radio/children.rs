//! Other processes: this test program started again, to run one of the functions below.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::radio::Radio;
use crate::signals::distinct;

const ETHER: &str = "HELIOGRAPH_TEST_ETHER";

/// A child, and its output: without a reader its last words would kill it.
pub struct Peer(Child, #[expect(dead_code)] BufReader<ChildStdout>);

impl Peer {
    /// Starts a child and waits until it says that it is ready.
    pub fn start(function: &str, ether: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture"])
            .arg(format!("children::{function}"))
            .env(ETHER, ether)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let ready = output
            .by_ref()
            .lines()
            .any(|line| line.unwrap().contains("ready"));
        assert!(ready, "{function} ended before it was ready");
        Self(child, output)
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Waits for a good end.
    pub fn join(mut self) {
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Peer {
    /// A failed test leaves no child behind.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The ether, in a child; in an ordinary run of ignored tests there is nothing to do.
fn ether() -> Option<String> {
    std::env::var(ETHER).ok()
}

#[test]
#[ignore = "a child of other tests"]
fn sends_a_burst() {
    let Some(ether) = ether() else { return };
    let radio = Radio::transmitter(&format!("ether={ether},id=sender,pace=free"), 2e6);
    println!("ready");
    radio.send(&distinct(100_000), None, true);
}

#[test]
#[ignore = "a child of other tests, killed by them"]
fn never_ends_its_burst() {
    let Some(ether) = ether() else { return };
    let radio = Radio::transmitter(&format!("ether={ether},id=victim,pace=free"), 2e6);
    radio.send(&distinct(5_000), None, false);
    println!("ready");
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
#[ignore = "a child of other tests, killed by them"]
fn writes_until_it_is_killed() {
    let Some(ether) = ether() else { return };
    let radio = Radio::transmitter(&format!("ether={ether},id=victim,pace=free"), 2e6);
    println!("ready");
    let samples = distinct(10_000);
    loop {
        // Times out while nobody reads.
        radio.write(&samples, None, false, 100_000);
    }
}
