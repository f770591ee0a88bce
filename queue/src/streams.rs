//! The two streams: tickets in line, and the pieces of their pictures.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, Stream};

use crate::{QueueError, Server};

pub(crate) const TICKETS: &str = "HELIOGRAPH";
pub(crate) const DATA: &str = "HELIOGRAPH_DATA";

/// How long a publisher may take to hear that its ticket arrived, and send it again, without a second one in line.
const DUPLICATES: Duration = Duration::from_secs(2 * 3600);
/// Pieces that nobody fetched go after so long.
const OLDEST: Duration = Duration::from_secs(30 * 24 * 3600);
/// A bound of its own would be taken from the disk at once; the server's is for all. A publisher that is refused keeps its picture.
const SERVERS_BOUND: i64 = -1;
/// Longest ticket with what is around it.
const MOST_TICKET_BYTES: i32 = 4096;

/// Subject of the tickets of a receiver.
pub(crate) fn ticket_subject(receiver: &str) -> String {
    format!("heliograph.pictures.{receiver}")
}

/// Subject of a piece; of all with `*`.
pub(crate) fn piece_subject(id: &str, piece: impl std::fmt::Display) -> String {
    format!("heliograph.data.{id}.{piece}")
}

/// Makes the streams where they are not there yet.
pub(crate) async fn open(server: &Server) -> Result<(Stream, Stream), QueueError> {
    let tickets = Config {
        name: TICKETS.to_owned(),
        description: Some("Received pictures that wait for a painter".to_owned()),
        subjects: vec![ticket_subject("*")],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        max_bytes: SERVERS_BOUND,
        max_message_size: MOST_TICKET_BYTES,
        duplicate_window: DUPLICATES,
        ..Config::default()
    };
    let data = Config {
        name: DATA.to_owned(),
        description: Some("Pieces of received pictures".to_owned()),
        subjects: vec![piece_subject("*", "*")],
        discard: DiscardPolicy::New,
        max_bytes: SERVERS_BOUND,
        max_messages_per_subject: 1,
        max_age: OLDEST,
        duplicate_window: Duration::from_secs(60),
        allow_direct: true,
        ..Config::default()
    };
    let server_error = QueueError::server("opening the queue");
    let jetstream = &server.jetstream;
    let opened = async {
        let tickets = jetstream.get_or_create_stream(tickets).await?;
        let data = jetstream.get_or_create_stream(data).await?;
        Ok::<_, async_nats::Error>((tickets, data))
    };
    opened.await.map_err(server_error)
}
