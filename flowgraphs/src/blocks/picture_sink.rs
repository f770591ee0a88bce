//! The end of the flow: news go to the caller's thread.

use futuresdr::runtime::dev::prelude::*;

use crate::event::Event;
use crate::mailbox::Outbox;
use crate::ports::Inlet;
use crate::supervisor::{Stage, Supervisor};

/// Hands pictures and other news to the caller. They keep their place in the gate until the caller has seen them: a slow
/// caller slows the graph down and does not fill the memory.
///
/// # Message Inputs
/// `news`: from [`super::AssemblerBlock`]; when it ends, so does this block. `sent`: from [`super::PictureSource`].
#[derive(Block)]
#[message_inputs(news, sent)]
pub struct PictureSink {
    news: Inlet<Event>,
    sent: Inlet<Event>,
    outbox: Outbox,
    supervisor: Supervisor,
    ended: bool,
}

impl PictureSink {
    /// A sink that fills `outbox`.
    pub fn new(outbox: Outbox, supervisor: Supervisor) -> Self {
        Self {
            news: Inlet::default(),
            sent: Inlet::default(),
            outbox,
            supervisor,
            ended: false,
        }
    }

    async fn news(
        &mut self,
        _io: &mut WorkIo,
        _mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
        message: Pmt,
    ) -> Result<Pmt> {
        Ok(self.news.accept(message))
    }

    async fn sent(
        &mut self,
        _io: &mut WorkIo,
        _mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
        message: Pmt,
    ) -> Result<Pmt> {
        Ok(self.sent.accept(message))
    }
}

#[doc(hidden)]
impl Kernel for PictureSink {
    async fn work(
        &mut self,
        io: &mut WorkIo,
        mo: &mut MessageOutputs,
        _meta: &mut BlockMeta,
    ) -> Result<()> {
        let supervisor = self.supervisor.clone();
        supervisor.tend(Stage::Deliver, || {
            while let Some(parcel) = self.sent.next_parcel().or_else(|| self.news.next_parcel()) {
                self.outbox.deliver(parcel);
            }
        })?;
        if self.news.is_drained() && !self.ended {
            self.ended = true;
            self.outbox.close();
            self.supervisor.end(io, mo).await;
        }
        Ok(())
    }
}
