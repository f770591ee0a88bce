//! Photos to transmissions: the block that encodes.
//!
//! One picture is encoded ahead of the one on the air, no more, however many the iterator holds.

use std::sync::Arc;

use futuresdr::runtime::dev::prelude::*;
use heliograph::link::{LinkError, Transmission, Transmitter};
use heliograph::photo::Photo;

use crate::counters::{Board, Publisher, SourceCounters};
use crate::event::{Event, SentPicture};
use crate::ports::{Flushed, Outlet};
use crate::supervisor::{Stage, Supervisor};

/// Photos with their captions, one at a time. Its `next` may read files; it should not wait for ever.
pub type Pictures = Box<dyn Iterator<Item = (Photo, Option<String>)> + Send>;

/// Hears why the photo that was taken last cannot be encoded, before the next is taken.
pub type OnRefusal = Arc<dyn Fn(LinkError) + Send + Sync>;

/// Encodes photos, one ahead of the modulator.
///
/// # Message Inputs
/// `counters`: answers with [`SourceCounters`].
///
/// # Message Outputs
/// `transmissions`: a [`crate::gate::Parcel`] of [`Transmission`] for each photo. `sent`: a parcel of [`Event`]
/// for each photo. `counters`: see [`crate::counters`].
#[derive(Block)]
#[blocking]
#[message_inputs(counters)]
#[message_outputs(transmissions, sent, counters)]
pub struct PictureSource {
    pictures: Pictures,
    transmitter: Transmitter,
    transmissions: Outlet<Transmission>,
    sent: Outlet<Event>,
    publisher: Publisher<SourceCounters>,
    supervisor: Supervisor,
    on_refusal: Option<OnRefusal>,
    ended: bool,
}

impl PictureSource {
    /// A source of `pictures`; at most `queue_bytes` of events wait for their receiver.
    pub fn new(
        pictures: Pictures,
        transmitter: Transmitter,
        queue_bytes: usize,
        supervisor: Supervisor,
    ) -> Self {
        Self {
            pictures,
            transmitter,
            // One on its way: the next is encoded when the modulator is done with it.
            transmissions: Outlet::new("transmissions", 1, |_| 1),
            sent: Outlet::new("sent", queue_bytes, Event::bytes),
            publisher: Publisher::default(),
            supervisor,
            on_refusal: None,
            ended: false,
        }
    }

    /// Leaves out photos that cannot be encoded and tells `on_refusal`; without one such a photo ends the run.
    #[must_use]
    pub fn with_refusals(mut self, on_refusal: Option<OnRefusal>) -> Self {
        self.on_refusal = on_refusal;
        self
    }

    /// Its counters, readable at any time.
    pub fn board(&self) -> Board<SourceCounters> {
        self.publisher.board.clone()
    }

    async fn counters(
        &mut self,
        _io: &mut WorkIo,
        _mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
        _message: Pmt,
    ) -> Result<Pmt> {
        Ok(self.publisher.board.to_pmt())
    }

    /// Encodes the next photo, or leaves it out; false when there is none.
    fn encode_next(&mut self) -> Result<bool> {
        let Self {
            pictures,
            transmitter,
            supervisor,
            on_refusal,
            ..
        } = self;
        let Some((photo, caption)) = supervisor.tend(Stage::Read, || pictures.next())? else {
            return Ok(false);
        };
        let encoded = supervisor.tend(Stage::Encode, || {
            transmitter.picture(&photo, caption.as_deref())
        })?;
        let transmission = match (encoded, on_refusal) {
            (Err(cause), Some(on_refusal)) => {
                on_refusal(cause);
                return Ok(true);
            }
            (encoded, _) => supervisor.attend(Stage::Encode, || encoded)?,
        };
        let index = self.publisher.board.with(|c| {
            c.pictures += 1;
            c.bursts += transmission.burst_count() as u64;
            c.pictures - 1
        });
        self.sent.push(Event::Sent(SentPicture {
            index,
            picture_id: transmission.picture_id(),
            size: photo.size(),
            bursts: transmission.burst_count(),
            ledger: transmission.ledger(),
        }));
        self.transmissions.push(transmission);
        Ok(true)
    }
}

#[doc(hidden)]
impl Kernel for PictureSource {
    async fn work(
        &mut self,
        io: &mut WorkIo,
        mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
    ) -> Result<()> {
        if self.ended {
            return Ok(());
        }
        if let Some(start) = self.supervisor.held_until() {
            io.block_on(start);
            return Ok(());
        }
        let flushed = [
            self.sent.flush(io, mo).await?,
            self.transmissions.flush(io, mo).await?,
        ];
        if !self.supervisor.is_stopping() {
            if flushed.contains(&Flushed::Waiting) {
                return Ok(());
            }
            if self.encode_next()? {
                io.call_again = true;
                self.publisher.publish(mo).await?;
                return Ok(());
            }
        }
        self.ended = true;
        self.publisher.publish_last(mo).await?;
        self.supervisor.end(io, mo).await;
        Ok(())
    }
}
