//! How the program ends: exit codes, and errors in words.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::say::say;

/// How a command ended when it did not fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    #[default]
    Done,
    /// Of some photo nothing arrived.
    NothingArrived,
    /// Some photos failed; each was said when it did.
    Failed,
    /// Ended early by Ctrl-C, with what was done till then.
    Interrupted,
}

impl Ending {
    /// This, or failed.
    pub fn or_failed(self, failed: bool) -> Self {
        if failed { Self::Failed } else { self }
    }
}

/// What is wrong with the command line, seen only once its parts are put together.
#[derive(Debug)]
pub struct UsageError(pub String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// Ended by Ctrl-C: 128 and the number of the signal, as shells say it.
pub const INTERRUPTED: i32 = 130;

/// The exit code of a command's result; says what went wrong.
pub fn conclude(result: anyhow::Result<Ending>) -> ExitCode {
    let error = match result {
        Ok(Ending::Done) => return ExitCode::SUCCESS,
        Ok(Ending::Failed) => return ExitCode::from(1),
        Ok(Ending::NothingArrived) => return ExitCode::from(3),
        Ok(Ending::Interrupted) => return ExitCode::from(INTERRUPTED as u8),
        Err(error) => error,
    };
    if is_closed_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    say(&error);
    let is_usage = error.downcast_ref::<UsageError>().is_some();
    ExitCode::from(if is_usage { 2 } else { 1 })
}

/// Says an error with its causes.
pub fn say(error: &anyhow::Error) {
    say!("heliograph: {}", in_words(error));
}

/// An error and its causes on one line; a cause that the error already names is not said again.
fn in_words(error: &anyhow::Error) -> String {
    let mut words = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !words.ends_with(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

/// Whoever read our output has seen enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.root_cause().downcast_ref::<io::Error>();
    io.is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn causes_are_said_once() {
        let error = Err::<(), _>(io::Error::other("disk full"))
            .context("a.png: disk full")
            .context("writing")
            .unwrap_err();
        assert_eq!(in_words(&error), "writing: a.png: disk full");
    }
}
