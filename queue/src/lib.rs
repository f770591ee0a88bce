//! Received pictures on a work queue: one host has the radio, others paint.
//!
//! The queue is two streams of a NATS server with JetStream (Debian: `nats-server -js`). A [`Publisher`] lays a picture's bytes
//! in pieces under `heliograph.data.ID.N`, then a [`Ticket`] for it under `heliograph.pictures.RECEIVER`. A [`Worker`] takes one ticket
//! at a time, fetches the pieces, and says when the picture is on its disk: only then is the ticket gone. A worker that dies
//! says nothing, and another gets the ticket. The same picture published twice is one ticket.
//!
//! What is taken from the queue is checked like what comes from the air; the bytes are those of
//! [`PictureMessage`](heliograph::link::PictureMessage).

mod error;
mod publisher;
mod server;
mod streams;
mod ticket;
mod worker;

pub use error::QueueError;
pub use publisher::Publisher;
pub use server::{Listener, Server, ServerSettings};
pub use ticket::Ticket;
pub use worker::{ACK_WAIT, Delivery, Taken, Worker};
