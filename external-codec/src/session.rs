//! The program of a command: one at a time, for all codecs that name it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ExternalError;
use crate::exchange::Exchange;
use crate::hello::Hello;
use crate::process::{Program, shown};

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(600);

const INTRODUCE: &str = "say who it is";

/// What is asked, as it stands in a line.
#[derive(Serialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Request<'a> {
    /// A photo to symbols, at most so many.
    Encode {
        photo: &'a Path,
        width: u32,
        height: u32,
        symbols: usize,
        encoded: &'a Path,
    },
    /// What was received to a picture.
    Decode {
        received: &'a Path,
        width: u32,
        height: u32,
        perception: f32,
        painted: &'a Path,
    },
}

impl Request<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Encode { .. } => "encode",
            Self::Decode { .. } => "decode",
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    error: Option<String>,
    /// Symbols that it needs for this photo.
    least: Option<usize>,
}

/// A command, its program while it runs, and the files that pass between.
pub struct Session {
    command: String,
    limit: Duration,
    hello: Hello,
    running: Option<Program>,
    pub exchange: Exchange,
}

/// Codecs of one command have one program, whatever their dials.
static SESSIONS: LazyLock<Mutex<HashMap<String, Weak<Mutex<Session>>>>> =
    LazyLock::new(Mutex::default);

impl Session {
    /// That of a command, started if it does not run.
    pub fn shared(command: &str) -> Result<Arc<Mutex<Self>>, ExternalError> {
        let mut sessions = locked(&SESSIONS);
        if let Some(session) = sessions.get(command).and_then(Weak::upgrade) {
            return Ok(session);
        }
        let session = Arc::new(Mutex::new(Self::start(command, LIMIT)?));
        sessions.retain(|_, session| session.strong_count() > 0);
        sessions.insert(command.to_owned(), Arc::downgrade(&session));
        Ok(session)
    }

    /// A new one.
    pub fn start(command: &str, limit: Duration) -> Result<Self, ExternalError> {
        let exchange = Exchange::new()?;
        let (program, hello) = started(command, limit)?;
        Ok(Self {
            command: command.to_owned(),
            limit,
            hello,
            running: Some(program),
            exchange,
        })
    }

    /// Who it is.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Asks, and waits until it is done. A program that failed is started again for the next request.
    pub fn ask(&mut self, request: &Request<'_>) -> Result<(), ExternalError> {
        let asked = request.name();
        let (program, line) = self.answered(request)?;
        let answer = serde_json::from_str::<Answer>(&line);
        let answer = answer.map_err(|_| ExternalError::Answer {
            asked,
            found: shown(&line),
            allowed: r#"{}, {"error": "words"} or {"least": 5000}; words for people belong to standard error"#,
        })?;
        self.running = Some(program);
        match (answer.error, answer.least, request) {
            (None, None, _) => Ok(()),
            (None, Some(least), &Request::Encode { symbols, .. }) if least > symbols => {
                let found = symbols;
                Err(ExternalError::TooFew { found, least })
            }
            (None, Some(least), _) => Err(ExternalError::Refused {
                asked,
                words: format!("at least {least} symbols, which there are"),
            }),
            (Some(words), ..) => Err(ExternalError::Refused {
                asked,
                words: shown(&words),
            }),
        }
    }

    /// The program, and the line that answers. One that takes its leave while it is asked has not failed: a new one is asked.
    fn answered(&mut self, request: &Request<'_>) -> Result<(Program, String), ExternalError> {
        let mut program = self.ready()?;
        let has_served = program.has_served();
        let mut line = program.ask(request.name(), request);
        if line.is_err() && has_served && program.has_left() {
            program = self.again()?;
            line = program.ask(request.name(), request);
        }
        Ok((program, line?))
    }

    /// The program that runs, or a new one where it ended since.
    fn ready(&mut self) -> Result<Program, ExternalError> {
        if let Some(mut program) = self.running.take()
            && program.is_ready()?
        {
            return Ok(program);
        }
        self.again()
    }

    fn again(&self) -> Result<Program, ExternalError> {
        let (program, hello) = started(&self.command, self.limit)?;
        if hello == self.hello {
            return Ok(program);
        }
        Err(ExternalError::Changed {
            found: hello.to_string(),
            before: self.hello.to_string(),
        })
    }
}

fn started(command: &str, limit: Duration) -> Result<(Program, Hello), ExternalError> {
    let mut program = Program::start(command, limit)?;
    let hello = Hello::parse(&program.line(INTRODUCE)?)?;
    Ok((program, hello))
}

/// A request that panicked leaves nothing half done: the next one starts a new program.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
