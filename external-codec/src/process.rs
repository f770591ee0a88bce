//! A program that is asked line by line.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::ExternalError;
use crate::live::{self, Group};

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 1 << 16;
/// How long a program may take to end by itself.
const FAREWELL: Duration = Duration::from_secs(2);

/// A running program; it is ended when this is dropped.
pub struct Program {
    child: Child,
    /// `None` once it is to end.
    requests: Option<ChildStdin>,
    answers: Receiver<io::Result<String>>,
    limit: Duration,
    group: Group,
    has_served: bool,
}

impl Program {
    /// Starts a command of the shell.
    pub fn start(command: &str, limit: Duration) -> Result<Self, ExternalError> {
        let start = ExternalError::io("sh");
        let mut child = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C is for the program that asks.
            .process_group(0)
            .spawn()
            .map_err(start)?;
        let group = live::group(child.id());
        let requests = child.stdin.take();
        // One request at a time: more lines than one are not waited for.
        let (sender, answers) = sync_channel(1);
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || read_lines(output, &sender));
        }
        Ok(Self {
            child,
            requests,
            answers,
            limit,
            group,
            has_served: false,
        })
    }

    /// Whether it runs still, and has said nothing that nobody asked for.
    pub fn is_ready(&mut self) -> Result<bool, ExternalError> {
        match self.answers.try_recv() {
            Ok(line) => {
                let found = line.map_or_else(|error| error.to_string(), |line| shown(&line));
                Err(ExternalError::Unasked { found })
            }
            Err(TryRecvError::Disconnected) => Ok(false),
            Err(TryRecvError::Empty) => Ok(!matches!(self.child.try_wait(), Ok(Some(_)))),
        }
    }

    /// Whether it answered a request.
    pub fn has_served(&self) -> bool {
        self.has_served
    }

    /// Whether it ended by itself, and nothing was wrong.
    pub fn has_left(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(status)) if status.success())
    }

    /// Sends a request, and waits for the line that answers it.
    pub fn ask(
        &mut self,
        asked: &'static str,
        request: &impl Serialize,
    ) -> Result<String, ExternalError> {
        let line = serde_json::to_string(request).unwrap_or_default() + "\n";
        let requests = self.requests.as_mut();
        let sent = requests.map_or(Ok(()), |requests| {
            requests
                .write_all(line.as_bytes())
                .and_then(|()| requests.flush())
        });
        let answer = match sent {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(self.ended(asked)),
            Err(error) => Err(ExternalError::io("its standard input")(error)),
            Ok(()) => self.line(asked),
        };
        self.has_served |= answer.is_ok();
        answer
    }

    /// The next line that it prints.
    pub fn line(&mut self, asked: &'static str) -> Result<String, ExternalError> {
        match self.answers.recv_timeout(self.limit) {
            Ok(line) => line.map_err(ExternalError::io("its standard output")),
            Err(RecvTimeoutError::Disconnected) => Err(self.ended(asked)),
            Err(RecvTimeoutError::Timeout) => {
                let limit = self.limit;
                Err(ExternalError::Late { asked, limit })
            }
        }
    }

    fn ended(&mut self, asked: &'static str) -> ExternalError {
        let status = match self.end() {
            Some(status) => status.to_string(),
            None => "killed".to_owned(),
        };
        ExternalError::Ended { asked, status }
    }

    /// How it ended by itself, if it did; what it started ends with it.
    fn end(&mut self) -> Option<ExitStatus> {
        self.requests = None;
        let until = Instant::now() + FAREWELL;
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(5)),
                _ => break None,
            }
        };
        self.group.end();
        let _ = self.child.wait();
        status
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}

/// Hands on line after line until there is no more, or nobody hears.
fn read_lines(output: ChildStdout, lines: &SyncSender<io::Result<String>>) {
    let mut output = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        let read = output.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        let line = match read {
            Ok(0) => return,
            Ok(_) if line.last() != Some(&b'\n') && line.len() as u64 == MAX_LINE => Err(
                io::Error::other(format!("a line of more than {MAX_LINE} bytes")),
            ),
            Ok(_) => Ok(String::from_utf8_lossy(&line).trim().to_owned()),
            Err(error) => Err(error),
        };
        let is_last = line.is_err();
        if lines.send(line).is_err() || is_last {
            return;
        }
    }
}

/// Letters of a line that an error shows.
const MAX_SHOWN: usize = 500;

/// A line in an error, not too long.
pub fn shown(line: &str) -> String {
    match line.char_indices().nth(MAX_SHOWN) {
        None => line.to_owned(),
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}
