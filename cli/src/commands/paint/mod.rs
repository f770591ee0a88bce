//! `heliograph paint`: pictures that others received, from a work queue.

mod args;
mod summary;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use heliograph::link::PictureMessage;
use heliograph_queue::{Delivery, Taken, Worker};

pub use args::PaintArgs;
use summary::Summary;

use crate::exit::{self, Ending};
use crate::interrupt;
use crate::output;
use crate::painters::Painters;
use crate::reception::{KeepSymbols, PictureFiles, Reception};

/// How long the queue is asked at once; Ctrl-C is heard between.
const WAIT: Duration = Duration::from_secs(2);
/// Pause after an answer that failed.
const PAUSE: Duration = Duration::from_millis(500);
/// A picture that this host could not write goes to another after so long.
const HANDED_BACK: Duration = Duration::from_secs(5);

/// Paints what is in line until something ends it.
///
/// # Errors
/// Flags that do not go together, weights that cannot be used, a folder that cannot be written.
pub fn run(args: PaintArgs) -> anyhow::Result<Ending> {
    let painters = Painters::new(args.painter.clone(), args.model.clone())?;
    let symbols = match args.symbols {
        true => KeepSymbols::OfAll,
        false => KeepSymbols::OfUnpainted,
    };
    let files = PictureFiles::new(&args.out, painters, symbols)?;
    let server = args.server.connect("--subscribe", &args.subscribe)?;
    let mut shop = Shop {
        args: &args,
        files,
        summary: Summary::default(),
        start: Instant::now(),
    };
    let interrupted = interrupt::take_first();
    let ended = shop.work(&mut Worker::new(server), interrupted);
    shop.summary.seconds = shop.start.elapsed().as_secs_f64();
    match args.json {
        true => output::print(&serde_json::to_string(&shop.summary)?)?,
        false => output::print(&shop.summary.words())?,
    }
    ended?;
    Ok(match shop.summary.pictures + shop.summary.known {
        0 => Ending::NothingArrived,
        _ => Ending::Done,
    })
}

/// One worker at its work.
struct Shop<'a> {
    args: &'a PaintArgs,
    files: PictureFiles,
    summary: Summary,
    /// Of the first picture; until then of the run.
    start: Instant,
}

impl Shop<'_> {
    fn work(&mut self, worker: &mut Worker, interrupted: &AtomicBool) -> anyhow::Result<()> {
        let mut is_failing = false;
        while !interrupted.load(Ordering::Relaxed) && !self.is_full() {
            let taken = worker.take(WAIT);
            if let Err(error) = &taken
                && !is_failing
            {
                eprintln!("queue: {error}");
            }
            is_failing = taken.is_err();
            match taken {
                Err(_) => thread::sleep(PAUSE),
                Ok(Taken::Nothing) if self.args.until_empty => break,
                Ok(Taken::Nothing) => {}
                Ok(Taken::Rejected(error)) => self.reject(&error.to_string()),
                Ok(Taken::Picture(delivery)) => self.picture(*delivery)?,
            }
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        let wanted = self.args.pictures;
        wanted.is_some_and(|wanted| self.summary.pictures >= wanted)
    }

    fn reject(&mut self, why: &str) {
        self.summary.rejected += 1;
        eprintln!("queue: rejected: {why}");
    }

    fn picture(&mut self, delivery: Delivery) -> anyhow::Result<()> {
        if self.summary.pictures == 0 {
            self.start = Instant::now();
        }
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
                self.reject(&error.to_string());
                say(delivery.reject());
                return Ok(());
            }
            // It comes back.
            Err(error) => {
                eprintln!("queue: {error}");
                return Ok(());
            }
        };
        let message = match PictureMessage::from_bytes(&bytes) {
            Ok(message) if message.id == id => message,
            Ok(message) => {
                self.reject(&format!("{id}: the picture calls itself {}", message.id));
                say(delivery.reject());
                return Ok(());
            }
            Err(error) => {
                self.reject(&format!("{id}: {error}"));
                say(delivery.reject());
                return Ok(());
            }
        };
        let reception = Reception::of_message(&message);
        match self.files.take(&id, reception, &message.picture) {
            Ok(taken) => {
                say(delivery.done());
                self.summary.pictures += 1;
                self.summary.bytes += bytes.len() as u64;
                self.summary.not_painted += u64::from(taken.reception.not_painted.is_some());
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
fn say(answered: Result<(), heliograph_queue::QueueError>) {
    if let Err(error) = answered {
        exit::say(&anyhow::Error::new(error).context("queue"));
    }
}
