//! The radio host's end.

use std::sync::Arc;

use async_nats::jetstream::message::PublishMessage;

use crate::error::BoxedError;
use crate::streams::{self, piece_subject, ticket_subject};
use crate::{QueueError, Server, Ticket};

/// Largest piece; a server takes messages of 1 MiB unless it is told otherwise.
const PIECE_BYTES: usize = 512 << 10;
/// Smallest: below, a server takes no pictures.
const LEAST_PIECE_BYTES: usize = 16 << 10;
/// What a message has beside its payload.
const AROUND: usize = 1024;

/// Lays pictures into the queue.
#[derive(Debug)]
pub struct Publisher {
    server: Arc<Server>,
    receiver: String,
    is_open: bool,
}

impl Publisher {
    /// For the pictures of `receiver`.
    ///
    /// # Errors
    /// [`QueueError::Ticket`] for a name that is none.
    pub fn new(server: Arc<Server>, receiver: &str) -> Result<Self, QueueError> {
        // A ticket has the same rules for names.
        Ticket::new(receiver, 1, 1)?;
        Ok(Self {
            server,
            receiver: receiver.to_owned(),
            is_open: false,
        })
    }

    /// Lays a picture into the queue; returns when the server has it on its disk. The same `id` again is the same picture.
    ///
    /// # Errors
    /// [`QueueError::Server`]: nothing is in line, or it is not known; publish it again.
    pub fn publish(&mut self, id: &str, bytes: &[u8]) -> Result<(), QueueError> {
        let server = self.server.clone();
        let published = server.runtime.block_on(self.lay(id, bytes));
        // A server that lost its disk has no streams.
        self.is_open &= published.is_ok();
        published
    }

    async fn lay(&mut self, id: &str, bytes: &[u8]) -> Result<(), QueueError> {
        if !self.is_open {
            streams::open(&self.server).await?;
            self.is_open = true;
        }
        let most = self.server.client.max_payload().saturating_sub(AROUND);
        let piece_bytes = most.clamp(LEAST_PIECE_BYTES, PIECE_BYTES);
        let pieces = bytes.chunks(piece_bytes);
        let ticket = Ticket::new(id, bytes.len(), pieces.len() as u32)?;
        for (at, piece) in pieces.enumerate() {
            let message = PublishMessage::build().payload(piece.to_vec().into());
            self.send(piece_subject(id, at), message).await?;
        }
        let message = PublishMessage::build()
            .payload(ticket.to_bytes().into())
            .message_id(id);
        self.send(ticket_subject(&self.receiver), message).await
    }

    async fn send(&self, subject: String, message: PublishMessage) -> Result<(), QueueError> {
        let server_error = QueueError::server("publishing");
        let jetstream = &self.server.jetstream;
        let sent = async {
            jetstream.send_publish(subject, message).await?.await?;
            Ok::<(), BoxedError>(())
        };
        sent.await.map_err(server_error)
    }
}
