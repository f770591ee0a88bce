//! One worker at its work: what becomes of each ticket.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use heliograph::link::PictureMessage;
use heliograph::link::message::MessageError;
use heliograph_queue::{Delivery, QueueError, Taken, Worker};

use super::args::PaintArgs;
use super::summary::Summary;
use crate::exit;
use crate::output;
use crate::reception::{PictureFiles, Reception};

/// How long the queue is asked at once; Ctrl-C is heard between.
const WAIT: Duration = Duration::from_secs(2);
/// Pause after an answer that failed.
const PAUSE: Duration = Duration::from_millis(500);
/// With --until-empty a queue that does not answer for so long ends the worker.
const GIVEN_UP: Duration = Duration::from_secs(30);
/// A picture that this host cannot paint or write goes to another after so long.
const HANDED_BACK: Duration = Duration::from_secs(5);
/// After so many workers nobody seems to have the right weights: what arrived is kept for later.
const PATIENCE: u64 = 4;
/// A picture that was given out so often and never answered ends its workers.
const POISON: u64 = 24;

pub struct Shop<'a> {
    args: &'a PaintArgs,
    files: PictureFiles,
    summary: Summary,
    /// Of the first picture.
    start: Option<Instant>,
}

impl<'a> Shop<'a> {
    pub fn new(args: &'a PaintArgs, files: PictureFiles) -> Self {
        Self {
            args,
            files,
            summary: Summary::default(),
            start: None,
        }
    }

    /// What was done so far.
    pub fn summary(&self) -> Summary {
        Summary {
            seconds: self
                .start
                .map_or(0.0, |start| start.elapsed().as_secs_f64()),
            ..self.summary
        }
    }

    /// Works until a limit is reached or `interrupted` is raised.
    ///
    /// # Errors
    /// A file that cannot be written; with --until-empty a queue that does not answer.
    pub fn work(&mut self, worker: &mut Worker, interrupted: &AtomicBool) -> anyhow::Result<()> {
        let mut failing: Option<Instant> = None;
        while !interrupted.load(Ordering::Relaxed) && !self.is_full() {
            match worker.take(WAIT) {
                Err(error) => {
                    let since = *failing.get_or_insert_with(|| {
                        eprintln!("queue: {error}");
                        Instant::now()
                    });
                    if self.args.until_empty && since.elapsed() > GIVEN_UP {
                        return Err(anyhow::Error::new(error).context("queue"));
                    }
                    thread::sleep(PAUSE);
                    continue;
                }
                Ok(Taken::Nothing) if self.args.until_empty => break,
                Ok(Taken::Nothing) => {}
                Ok(Taken::Rejected(error)) => self.rejected(&error.to_string()),
                Ok(Taken::Left(error)) => self.left(&error.to_string()),
                Ok(Taken::Picture(delivery)) => self.picture(*delivery)?,
            }
            failing = None;
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        let wanted = self.args.pictures;
        wanted.is_some_and(|wanted| self.summary.pictures >= wanted)
    }

    fn rejected(&mut self, why: &str) {
        self.summary.rejected += 1;
        eprintln!("queue: rejected: {why}");
    }

    fn left(&mut self, why: &str) {
        self.summary.handed_back += 1;
        eprintln!("queue: left to others: {why}");
    }

    fn picture(&mut self, delivery: Delivery) -> anyhow::Result<()> {
        self.start.get_or_insert_with(Instant::now);
        let id = delivery.ticket().id.clone();
        // A worker that ended between writing and saying so.
        if self.files.has(&id) {
            self.summary.known += 1;
            say(delivery.done());
            return Ok(());
        }
        let bytes = match delivery.fetch() {
            Ok(bytes) => bytes,
            Err(error) if error.is_of_picture() => {
                self.rejected(&error.to_string());
                say(delivery.reject());
                return Ok(());
            }
            // It comes back.
            Err(error) => {
                eprintln!("queue: {error}");
                return Ok(());
            }
        };
        match PictureMessage::from_bytes(&bytes) {
            Ok(message) if message.id == id => self.message(delivery, &message, &bytes),
            Ok(message) => {
                self.rejected(&format!("{id}: the picture calls itself {}", message.id));
                say(delivery.reject());
                Ok(())
            }
            Err(error @ MessageError::Version { .. }) => {
                self.left(&format!("{id}: {error}"));
                say(delivery.hand_back(HANDED_BACK));
                Ok(())
            }
            Err(error) => {
                self.rejected(&format!("{id}: {error}"));
                say(delivery.reject());
                Ok(())
            }
        }
    }

    fn message(
        &mut self,
        delivery: Delivery,
        message: &PictureMessage,
        bytes: &[u8],
    ) -> anyhow::Result<()> {
        let times = delivery.times();
        let painted = match times > POISON {
            false => self.files.paint(&message.picture),
            true => Err(anyhow::anyhow!(
                "given out {times} times and never answered"
            )),
        };
        if let Err(error) = &painted
            && times <= PATIENCE
        {
            self.left(&format!("{}: {error:#}", message.id));
            say(delivery.hand_back(HANDED_BACK));
            return Ok(());
        }
        let not_painted = painted.is_err();
        let reception = Reception::of_message(message);
        let kept = match not_painted {
            true => self.files.keep_message(&message.id, bytes),
            false => Ok(()),
        };
        let written = kept.and_then(|()| {
            let files = &mut self.files;
            files.write(&message.id, reception, &message.picture, painted)
        });
        match written {
            Ok(taken) => {
                say(delivery.done());
                self.summary.pictures += 1;
                self.summary.bytes += bytes.len() as u64;
                self.summary.not_painted += u64::from(not_painted);
                self.announce(&taken.reception)
            }
            Err(error) => {
                say(delivery.hand_back(HANDED_BACK));
                Err(error)
            }
        }
    }

    fn announce(&self, reception: &Reception) -> anyhow::Result<()> {
        match self.args.json {
            true => output::print(&serde_json::to_string(reception)?),
            false => output::print(&reception.words()),
        }
    }
}

/// An answer that did not arrive: the ticket comes back, and the picture is known then.
fn say(answered: Result<(), QueueError>) {
    if let Err(error) = answered {
        exit::say(&anyhow::Error::new(error).context("queue"));
    }
}
