//! Tickets from the queue: what becomes of each, and the pictures of those that are to be painted.

use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::{Duration, Instant};

use heliograph::link::PictureMessage;
use heliograph::link::message::MessageError;
use heliograph_queue::{Delivery, Taken, Worker};

use super::shop::{ClosesOnPanic, Order, Shop};
use super::summary::Summary;

use crate::say::say;

/// How long the queue is asked at once; Ctrl-C is heard between.
const WAIT: Duration = Duration::from_secs(2);
/// Pause after an answer that failed.
const PAUSE: Duration = Duration::from_millis(500);
/// Pause while what is in hand is enough.
const IN_HAND: Duration = Duration::from_millis(20);
/// A picture that was given out more often may be what ends its workers: it is painted alone.
const SUSPECT: u64 = 4;
/// With --until-empty a queue that does not answer for so long ends the worker.
const GIVEN_UP: Duration = Duration::from_secs(30);
/// A picture of another version, or one that is in hand here, goes into the line again after so long.
const HANDED_BACK: Duration = Duration::from_secs(5);

/// Takes and fetches.
pub struct Orders<'a> {
    shop: &'a Shop<'a>,
    worker: Worker,
    pub summary: Summary,
}

impl<'a> Orders<'a> {
    pub fn new(shop: &'a Shop<'a>, worker: Worker) -> Self {
        Self {
            shop,
            worker,
            summary: Summary::default(),
        }
    }

    /// Takes until a limit is reached or the shop closes.
    ///
    /// # Errors
    /// With --until-empty a queue that does not answer.
    pub fn take(&mut self, orders: SyncSender<Order>) -> anyhow::Result<()> {
        let _closes = ClosesOnPanic(self.shop);
        let mut failing: Option<Instant> = None;
        let mut said = String::new();
        while !self.shop.is_closing() && !self.is_full() {
            if !self.shop.in_hand.has_room(self.shop.args.pictures) {
                thread::sleep(IN_HAND);
                continue;
            }
            match self.worker.take(WAIT) {
                Err(error) => {
                    let since = *failing.get_or_insert_with(Instant::now);
                    let words = error.to_string();
                    if words != said {
                        say!("queue: {words}");
                        said = words;
                    }
                    if self.shop.args.until_empty && since.elapsed() > GIVEN_UP {
                        return Err(anyhow::Error::new(error).context("queue"));
                    }
                    thread::sleep(PAUSE);
                    continue;
                }
                Ok(Taken::Nothing) if self.shop.args.until_empty => break,
                Ok(Taken::Nothing) => {}
                Ok(Taken::Rejected(error)) => self.rejected(&error.to_string()),
                Ok(Taken::Left(error)) => self.left(&error.to_string()),
                Ok(Taken::Picture(delivery)) => self.picture(delivery, &orders),
            }
            failing = None;
            said.clear();
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        let wanted = self.shop.args.pictures;
        wanted.is_some_and(|wanted| self.shop.in_hand.done() >= wanted)
    }

    /// Hands a picture on to be painted.
    fn picture(&mut self, delivery: Box<Delivery>, orders: &SyncSender<Order>) {
        let (id, bytes) = (delivery.ticket().id.clone(), delivery.ticket().bytes);
        let is_suspect = delivery.times() > SUSPECT;
        if is_suspect && !self.waits_for_none_in_hand() {
            self.shop.say(delivery.hand_back(Duration::ZERO));
            return;
        }
        // Its ticket came back while the server was away.
        if !self.shop.in_hand.begin(&id, bytes) {
            self.shop.say(delivery.hand_back(HANDED_BACK));
            return;
        }
        self.shop.start.get_or_init(Instant::now);
        match self.order(delivery) {
            None => self.shop.in_hand.end(&id, false),
            Some(order) => {
                if let Err(not_taken) = orders.send(order) {
                    self.shop.put_back(not_taken.0);
                }
                if is_suspect {
                    self.waits_for_none_in_hand();
                }
            }
        }
    }

    /// Whether it came to that before the shop closes.
    fn waits_for_none_in_hand(&self) -> bool {
        while !self.shop.in_hand.is_empty() {
            if self.shop.is_closing() {
                return false;
            }
            thread::sleep(IN_HAND);
        }
        true
    }

    fn rejected(&mut self, why: &str) {
        self.summary.rejected += 1;
        say!("queue: rejected: {why}");
    }

    fn left(&mut self, why: &str) {
        self.summary.handed_back += 1;
        say!("queue: left to others: {why}");
    }

    /// The picture of a ticket; `None` where there is none to paint.
    fn order(&mut self, delivery: Box<Delivery>) -> Option<Order> {
        let id = delivery.ticket().id.clone();
        // A worker that ended between writing and saying so.
        if self.shop.files.has(&id) {
            self.summary.known += 1;
            self.shop.say(delivery.done());
            return None;
        }
        let bytes = match delivery.fetch() {
            Ok(bytes) => bytes,
            Err(error) if error.is_of_picture() => {
                self.reject(*delivery, &error.to_string());
                return None;
            }
            // It comes back.
            Err(error) => {
                say!("queue: {error}");
                return None;
            }
        };
        match PictureMessage::from_bytes(&bytes) {
            Ok(message) if message.id == id => {
                return Some(Order {
                    delivery,
                    message,
                    bytes,
                });
            }
            Ok(message) => {
                let why = format!("{id}: the picture calls itself {}", message.id);
                self.reject(*delivery, &why);
            }
            Err(error @ MessageError::Version { .. }) => {
                self.left(&format!("{id}: {error}"));
                self.shop.say(delivery.hand_back(HANDED_BACK));
            }
            Err(error) => self.reject(*delivery, &format!("{id}: {error}")),
        }
        None
    }

    fn reject(&mut self, delivery: Delivery, why: &str) {
        self.rejected(why);
        self.shop.say(delivery.reject());
    }
}
