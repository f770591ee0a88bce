//! The painter's end.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{AckKind, Message};
use futures_util::StreamExt;
use tokio::task::JoinHandle;

use crate::streams::{self, piece_subject};
use crate::{QueueError, Server, Ticket};

/// A ticket whose worker says nothing for so long goes to another.
pub const ACK_WAIT: Duration = Duration::from_secs(30);
const CONSUMER: &str = "painters";
/// What the server may take beyond the wait that was asked for.
const LATE: Duration = Duration::from_secs(10);
/// Pause before a ticket of another version is given out again.
const OTHER_VERSION: Duration = Duration::from_secs(5);

/// Takes pictures from the queue, one at a time.
#[derive(Debug)]
pub struct Worker {
    server: Arc<Server>,
    opened: Option<Opened>,
}

#[derive(Debug)]
struct Opened {
    consumer: PullConsumer,
    data: Stream,
}

/// What was in line.
#[derive(Debug)]
pub enum Taken {
    /// Nothing, as long as was waited.
    Nothing,
    /// A picture; its ticket comes back unless it is answered.
    Picture(Box<Delivery>),
    /// A ticket that is none: it is out of the line, and this says why.
    Rejected(QueueError),
    /// A ticket for workers of another version: it is back in line.
    Left(QueueError),
}

impl Worker {
    /// Takes nothing yet.
    pub fn new(server: Arc<Server>) -> Self {
        Self {
            server,
            opened: None,
        }
    }

    /// The next picture, if one comes within `wait`.
    ///
    /// # Errors
    /// [`QueueError::Server`]: ask again.
    pub fn take(&mut self, wait: Duration) -> Result<Taken, QueueError> {
        let server = self.server.clone();
        // While it connects, commands would only pile up.
        if !server.connected_within(wait) {
            return Err(away());
        }
        let taken = server.runtime.block_on(async {
            let next = tokio::time::timeout(wait + LATE, self.next(wait)).await;
            next.unwrap_or_else(|_| Err(away()))
        });
        if taken.is_err() {
            self.opened = None;
        }
        taken
    }

    async fn next(&mut self, wait: Duration) -> Result<Taken, QueueError> {
        let opened = match self.opened.take() {
            Some(opened) => opened,
            None => open(&self.server).await?,
        };
        let opened = self.opened.insert(opened);
        let Some(message) = next_message(&opened.consumer, wait).await? else {
            // A server that went away meanwhile says nothing either.
            return match self.server.client.connection_state() {
                State::Connected => Ok(Taken::Nothing),
                _ => Err(away()),
            };
        };
        let message = Arc::new(message);
        let ticket = match Ticket::from_bytes(&message.payload) {
            Ok(ticket) => ticket,
            Err(error @ QueueError::Version { .. }) => {
                answer(&message, AckKind::Nak(Some(OTHER_VERSION))).await?;
                return Ok(Taken::Left(error));
            }
            Err(error) => {
                answer(&message, AckKind::Term).await?;
                return Ok(Taken::Rejected(error));
            }
        };
        Ok(Taken::Picture(Box::new(Delivery {
            kept_alive: keep_alive(message.clone()),
            server: self.server.clone(),
            data: opened.data.clone(),
            message,
            ticket,
        })))
    }
}

async fn open(server: &Server) -> Result<Opened, QueueError> {
    let server_error = QueueError::server("opening the queue");
    let (tickets, data) = streams::open(server).await?;
    let config = pull::Config {
        durable_name: Some(CONSUMER.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        // Whoever takes them counts.
        max_deliver: -1,
        ..Default::default()
    };
    let consumer = tickets.get_or_create_consumer(CONSUMER, config).await;
    let consumer = consumer.map_err(|error| server_error(error.into()))?;
    Ok(Opened { consumer, data })
}

async fn next_message(
    consumer: &PullConsumer,
    wait: Duration,
) -> Result<Option<Message>, QueueError> {
    let batch = consumer.batch().max_messages(1).expires(wait);
    let taken = async {
        let mut messages = batch.messages().await?;
        messages.next().await.transpose()
    };
    taken.await.map_err(QueueError::server("taking"))
}

fn away() -> QueueError {
    QueueError::Server {
        doing: "taking",
        reason: "no connection to the server".to_owned(),
    }
}

async fn answer(message: &Message, kind: AckKind) -> Result<(), QueueError> {
    let answered = message.double_ack_with(kind).await;
    answered.map_err(QueueError::server("answering"))
}

/// Says every while that the picture is being worked on.
fn keep_alive(message: Arc<Message>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(ACK_WAIT / 3).await;
            // Where the server is gone the ticket comes back, which does no harm.
            let _ = message.ack_with(AckKind::Progress).await;
        }
    })
}

/// A picture that waits to be painted.
pub struct Delivery {
    server: Arc<Server>,
    data: Stream,
    message: Arc<Message>,
    ticket: Ticket,
    kept_alive: JoinHandle<()>,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Delivery").field(&self.ticket).finish()
    }
}

impl Delivery {
    pub fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// How often the ticket was given out, this time counted.
    pub fn times(&self) -> u64 {
        let info = self.message.info();
        info.map_or(1, |info| u64::try_from(info.delivered).unwrap_or(1))
    }

    /// The picture's bytes.
    ///
    /// # Errors
    /// [`QueueError::Pieces`] when one is gone or they are not what the ticket says; [`QueueError::Server`].
    pub fn fetch(&self) -> Result<Vec<u8>, QueueError> {
        self.server.runtime.block_on(self.pieces())
    }

    async fn pieces(&self) -> Result<Vec<u8>, QueueError> {
        use async_nats::jetstream::stream::DirectGetErrorKind::NotFound;
        let Ticket {
            id, bytes, pieces, ..
        } = &self.ticket;
        let wrong = |reason: String| QueueError::Pieces {
            id: id.clone(),
            reason,
        };
        let mut found = Vec::new();
        for piece in 0..*pieces {
            let subject = piece_subject(id, piece);
            let message = match self.data.direct_get_last_for_subject(subject).await {
                Ok(message) => message,
                Err(error) if error.kind() == NotFound => {
                    return Err(wrong(format!("piece {piece} of {pieces} is gone")));
                }
                Err(error) => return Err(QueueError::server("fetching")(error.into())),
            };
            found.extend_from_slice(&message.payload);
            if found.len() > *bytes {
                break;
            }
        }
        if found.len() != *bytes {
            let found = found.len();
            return Err(wrong(format!(
                "found {found} bytes, by its ticket it has {bytes}"
            )));
        }
        Ok(found)
    }

    /// The picture is on disk: the ticket and the pieces can go.
    ///
    /// # Errors
    /// [`QueueError::Server`]: the ticket may come back; the picture is to be known again then.
    pub fn done(self) -> Result<(), QueueError> {
        self.kept_alive.abort();
        let ended = async {
            answer(&self.message, AckKind::Ack).await?;
            let pieces = self
                .data
                .purge()
                .filter(piece_subject(&self.ticket.id, "*"));
            let purged = pieces.await.map_err(|error| error.into());
            purged.map(drop).map_err(QueueError::server("tidying up"))
        };
        self.server.runtime.block_on(ended)
    }

    /// Nobody can paint this: out of the line. Pieces stay: they may be another ticket's.
    ///
    /// # Errors
    /// [`QueueError::Server`]: the ticket may come back.
    pub fn reject(self) -> Result<(), QueueError> {
        self.end(AckKind::Term)
    }

    /// Back into the line: another may have more room, or the right weights.
    ///
    /// # Errors
    /// [`QueueError::Server`]: it comes back later.
    pub fn hand_back(self, pause: Duration) -> Result<(), QueueError> {
        self.end(AckKind::Nak(Some(pause)))
    }

    fn end(&self, kind: AckKind) -> Result<(), QueueError> {
        self.kept_alive.abort();
        let server = &self.server;
        server.runtime.block_on(answer(&self.message, kind))
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.kept_alive.abort();
    }
}
