//! One worker at its work: pictures are fetched, painted and written at the same time, each by a thread of its own.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use heliograph::link::PictureMessage;
use heliograph_queue::{Delivery, QueueError, Worker};

use super::args::PaintArgs;
use super::deliveries::Deliveries;
use super::in_hand::InHand;
use super::orders::Orders;
use super::summary::Summary;
use crate::exit;
use crate::painters::{Painted, Painters};
use crate::reception::PictureFiles;

/// Pixels that are painted at once; a picture alone may have more.
const MOST_PIXELS: usize = 16 << 20;
/// A picture that was given out so often and never answered ends its workers.
const POISON: u64 = 24;
/// A picture that this host cannot write goes to another after so long.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// A picture that is to be painted, and as it came.
pub struct Order {
    pub delivery: Box<Delivery>,
    pub message: PictureMessage,
    pub bytes: Vec<u8>,
}

/// A picture, or why there is none.
pub struct Finished {
    pub order: Order,
    pub painted: anyhow::Result<Painted>,
}

/// What the threads of a worker share.
pub struct Shop<'a> {
    pub args: &'a PaintArgs,
    pub files: &'a PictureFiles,
    pub in_hand: InHand,
    /// Of the first picture.
    pub start: OnceLock<Instant>,
    interrupted: &'a AtomicBool,
    /// A file could not be written, or a thread ended before its time.
    failed: AtomicBool,
    /// The server did not take an answer.
    unanswered: AtomicBool,
}

impl<'a> Shop<'a> {
    fn new(args: &'a PaintArgs, files: &'a PictureFiles, interrupted: &'a AtomicBool) -> Self {
        Self {
            args,
            files,
            in_hand: InHand::default(),
            start: OnceLock::new(),
            interrupted,
            failed: AtomicBool::new(false),
            unanswered: AtomicBool::new(false),
        }
    }

    /// Nothing more is begun.
    pub fn is_closing(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }

    /// Begins nothing more.
    pub fn close(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Others may take it: at once, unless something is wrong here that a restart would meet again.
    pub fn put_back(&self, order: Order) {
        let pause = match self.failed.load(Ordering::Relaxed) {
            true => AFTER_FAILURE,
            false => Duration::ZERO,
        };
        // Each waits for a server that is away; unanswered it comes back by itself.
        if !self.unanswered.load(Ordering::Relaxed) {
            self.say(order.delivery.hand_back(pause));
        }
        self.in_hand.end(&order.message.id, false);
    }

    /// An answer that did not arrive: the ticket comes back, and the picture is known then.
    pub fn say(&self, answered: Result<(), QueueError>) {
        self.unanswered.store(answered.is_err(), Ordering::Relaxed);
        if let Err(error) = answered {
            exit::say(&anyhow::Error::new(error).context("queue"));
        }
    }

    /// Paints what is in line, up to a batch at once, until no more comes.
    fn paint(
        &self,
        mut painters: Painters,
        orders: Receiver<Order>,
        finished: SyncSender<Finished>,
    ) {
        let mut left = None;
        while let Some(first) = left.take().or_else(|| orders.recv().ok()) {
            if self.is_closing() {
                self.put_back(first);
                continue;
            }
            let mut batch = vec![first];
            left = fill(&mut batch, self.args.batch(), &orders);
            for done in painted(&mut painters, batch, self.args) {
                if let Err(not_taken) = finished.send(done) {
                    self.put_back(not_taken.0.order);
                }
            }
        }
    }
}

/// Closes the shop when its thread panics, so that the others do not wait for ever.
pub struct ClosesOnPanic<'a>(pub &'a Shop<'a>);

impl Drop for ClosesOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.close();
        }
    }
}

/// Works until a limit is reached or `interrupted` is raised; what was done, and what ended it.
pub fn work(
    args: &PaintArgs,
    files: &PictureFiles,
    painters: Painters,
    worker: Worker,
    interrupted: &AtomicBool,
) -> (Summary, anyhow::Result<()>) {
    let shop = Shop::new(args, files, interrupted);
    // A thread that waits at a full channel holds one more.
    let (take, orders) = sync_channel(args.batch() - 1);
    let (finish, finished) = sync_channel(args.batch() - 1);
    let (mut ordered, mut delivered) = (Orders::new(&shop, worker), Deliveries::new(&shop));
    let (order, deliver) = (&mut ordered, &mut delivered);
    let ended = thread::scope(|scope| {
        let _closes = ClosesOnPanic(&shop);
        let taking = scope.spawn(move || order.take(take));
        let writing = scope.spawn(move || deliver.write(finished));
        shop.paint(painters, orders, finish);
        let ended = [taking.join(), writing.join()];
        ended
            .into_iter()
            .map(|ended| ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .fold(Ok(()), anyhow::Result::and)
    });
    let mut summary = ordered.summary.and(delivered.summary);
    let seconds = |start: &Instant| start.elapsed().as_secs_f64();
    summary.seconds = shop.start.get().map_or(0.0, seconds);
    (summary, ended)
}

/// Adds what waits, up to so many pictures and pixels; gives the first that is too much.
fn fill(batch: &mut Vec<Order>, most: usize, orders: &Receiver<Order>) -> Option<Order> {
    let pixels = |order: &Order| order.message.picture.size().pixels();
    let mut sum: usize = batch.iter().map(pixels).sum();
    while batch.len() < most {
        let next = orders.try_recv().ok()?;
        sum += pixels(&next);
        if sum > MOST_PIXELS {
            return Some(next);
        }
        batch.push(next);
    }
    None
}

fn painted(painters: &mut Painters, batch: Vec<Order>, args: &PaintArgs) -> Vec<Finished> {
    let (mut tried, mut finished) = (Vec::new(), Vec::new());
    for order in batch {
        match refusal(&order, args) {
            None => tried.push(order),
            Some(why) => finished.push(Finished {
                order,
                painted: Err(why),
            }),
        }
    }
    let pictures: Vec<_> = tried.iter().map(|order| &order.message.picture).collect();
    let painted = painters.paint_all(&pictures);
    let done = tried.into_iter().zip(painted);
    finished.extend(done.map(|(order, painted)| Finished { order, painted }));
    finished
}

/// Why a picture is not even tried.
fn refusal(order: &Order, args: &PaintArgs) -> Option<anyhow::Error> {
    let (times, size) = (order.delivery.times(), order.message.picture.size());
    if times > POISON {
        return Some(anyhow::anyhow!(
            "given out {times} times and never answered"
        ));
    }
    let most = args.max_megapixels;
    (size.pixels() > args.most_pixels())
        .then(|| anyhow::anyhow!("found a picture of {size}, allowed --max-megapixels {most}"))
}
