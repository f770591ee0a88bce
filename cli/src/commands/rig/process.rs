//! This program again, as a child: its lines of JSON as they come, and a way to end it.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// Time to end after a wish.
const ENDING: Duration = Duration::from_secs(60);
/// How often it is looked for the end.
const WATCH: Duration = Duration::from_millis(20);
/// Of what a child says beside its lines, so much is kept.
const MAX_WORDS: u64 = 64 << 10;

/// Numbers of the children that have not been waited for.
static LIVE: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

fn live() -> MutexGuard<'static, BTreeSet<u32>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends all children at once, for a process that is about to exit; while the guard lives, none is started.
pub fn end_all() -> MutexGuard<'static, BTreeSet<u32>> {
    let live = live();
    for &child in live.iter() {
        send(child, Signal::SIGKILL);
    }
    live
}

/// Numbers of processes are positive and below 2^22; the process may end at this very moment.
fn send(child: u32, signal: Signal) {
    let _ = kill(Pid::from_raw(child as i32), signal);
}

/// A running child.
pub struct Process {
    child: Child,
    lines: Receiver<Value>,
    words: Option<JoinHandle<String>>,
}

impl Process {
    /// Starts it.
    ///
    /// # Errors
    /// The program cannot be started again.
    pub fn start(arguments: &[String]) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program cannot be found")?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawn(&mut command).context("a process cannot be started")?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let (sender, lines) = channel();
        thread::spawn(move || {
            let lines = out.into_iter().flat_map(|out| BufReader::new(out).lines());
            for line in lines.map_while(Result::ok) {
                // Lines that are no JSON say nothing to a program.
                if let Ok(value) = serde_json::from_str(&line)
                    && sender.send(value).is_err()
                {
                    return;
                }
            }
        });
        let words = thread::spawn(move || {
            let mut words = Vec::new();
            if let Some(mut err) = err {
                // What cannot be read was not said.
                let _ = err.by_ref().take(MAX_WORDS).read_to_end(&mut words);
                let _ = std::io::copy(&mut err, &mut std::io::sink());
            }
            String::from_utf8_lossy(&words).trim().to_owned()
        });
        Ok(Self {
            child,
            lines,
            words: Some(words),
        })
    }

    /// The next line, if one comes within `limit`.
    pub fn line(&self, limit: Duration) -> Option<Value> {
        self.lines.recv_timeout(limit).ok()
    }

    /// Is it still there?
    pub fn is_running(&mut self) -> bool {
        // Once it was waited for, its number may be another process's.
        let mut live = live();
        let is_running = matches!(self.child.try_wait(), Ok(None));
        if !is_running {
            live.remove(&self.child.id());
        }
        is_running
    }

    /// Ends it if it has not ended: first by Ctrl-C, then by force. Gives the rest of its lines and what it said beside them
    /// if it did not end well.
    pub fn end(mut self) -> (Vec<Value>, Option<String>) {
        if self.is_running() {
            send(self.child.id(), Signal::SIGINT);
        }
        let start = Instant::now();
        while self.is_running() && start.elapsed() < ENDING {
            thread::sleep(WATCH);
        }
        let status = self.kill();
        let words = self.words.take().and_then(|words| words.join().ok());
        let lines = std::iter::from_fn(|| self.line(WATCH * 5)).collect();
        let is_well = status.is_ok_and(|s| s.success());
        let words = words.unwrap_or_default();
        (lines, (!is_well).then_some(words).filter(|w| !w.is_empty()))
    }

    fn kill(&mut self) -> io::Result<ExitStatus> {
        let _ = self.child.kill();
        live().remove(&self.child.id());
        self.child.wait()
    }
}

fn spawn(command: &mut Command) -> io::Result<Child> {
    let mut live = live();
    let child = command.spawn()?;
    live.insert(child.id());
    Ok(child)
}

impl Drop for Process {
    /// Nothing is left behind, whatever ended the rig.
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
