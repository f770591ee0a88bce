//! Painted pictures to disk; only then their tickets are out of the line.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use heliograph_queue::Delivery;

use super::shop::{ClosesOnPanic, Finished, Order, Shop};
use super::summary::Summary;
use crate::json;
use crate::output;
use crate::painters::Painted;
use crate::reception::Reception;
use crate::say::say;

/// A picture that this host cannot paint or write goes to another after so long.
const HANDED_BACK: Duration = Duration::from_secs(5);
/// After so many workers nobody seems to have the right weights: what arrived is kept for later.
const PATIENCE: u64 = 4;

/// Writes and answers.
pub struct Deliveries<'a> {
    shop: &'a Shop<'a>,
    pub summary: Summary,
}

impl<'a> Deliveries<'a> {
    pub fn new(shop: &'a Shop<'a>) -> Self {
        Self {
            shop,
            summary: Summary::default(),
        }
    }

    /// Writes until no more comes.
    ///
    /// # Errors
    /// The first file that cannot be written; the shop closes then, and others get what comes after it.
    pub fn write(&mut self, finished: Receiver<Finished>) -> anyhow::Result<()> {
        let _closes = ClosesOnPanic(self.shop);
        let mut ended = Ok(());
        for Finished { order, painted } in finished {
            if ended.is_err() {
                self.shop.put_back(order);
                continue;
            }
            ended = self.picture(order, painted);
            if ended.is_err() {
                self.shop.close();
            }
        }
        ended
    }

    fn picture(&mut self, order: Order, painted: anyhow::Result<Painted>) -> anyhow::Result<()> {
        let Order {
            delivery,
            message,
            bytes,
        } = order;
        if self.shop.files.has(&message.id) {
            self.known(*delivery, &message.id);
            return Ok(());
        }
        if let Err(error) = &painted
            && delivery.times() <= PATIENCE
        {
            self.summary.handed_back += 1;
            say!("queue: left to others: {}: {error:#}", message.id);
            self.shop.say(delivery.hand_back(HANDED_BACK));
            self.shop.in_hand.end(&message.id, false);
            return Ok(());
        }
        let not_painted = painted.is_err();
        let files = self.shop.files;
        let kept = match not_painted {
            true => files.keep_message(&message.id, &bytes),
            false => Ok(()),
        };
        let reception = Reception::of_message(&message);
        let written =
            kept.and_then(|()| files.write(&message.id, reception, &message.picture, painted));
        match written {
            // While the server was away its ticket went to another, who was quicker.
            Ok(taken) if !taken.is_new => {
                self.known(*delivery, &message.id);
                Ok(())
            }
            Ok(taken) => {
                self.shop.say(delivery.done());
                self.summary.pictures += 1;
                self.summary.bytes += bytes.len() as u64;
                self.summary.not_painted += u64::from(not_painted);
                self.shop.in_hand.end(&message.id, true);
                self.announce(&taken.reception)
            }
            Err(error) => {
                self.shop.say(delivery.hand_back(HANDED_BACK));
                self.shop.in_hand.end(&message.id, false);
                Err(error)
            }
        }
    }

    fn known(&mut self, delivery: Delivery, id: &str) {
        self.summary.known += 1;
        self.shop.say(delivery.done());
        self.shop.in_hand.end(id, false);
    }

    fn announce(&self, reception: &Reception) -> anyhow::Result<()> {
        match self.shop.args.json {
            true => output::print(&json::line(reception)?),
            false => output::print(&reception.words()),
        }
    }
}
