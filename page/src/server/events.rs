//! The state: once, as metrics, or followed. A viewer who is slow gets the newest state when it is ready for one.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::{Duration, Instant, sleep_until, timeout};

use super::Shared;
use super::refusal::Refusal;
use crate::prometheus;
use crate::publisher::{Pictures, Snapshot, Viewing};

/// A quiet stream says that it is alive this often; who is gone is found then.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// `GET /api/state`
pub async fn state(State(shared): State<Arc<Shared>>) -> Response {
    let publisher = &shared.publisher;
    let (live, pictures) = (publisher.snapshot().json(), publisher.pictures().json());
    // The live part is an object: the list is put in before its end.
    let body = match live.strip_suffix('}') {
        Some(open) => format!("{open},\"pictures\":{pictures}}}\n"),
        None => live.to_string(),
    };
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// `GET /metrics`
pub async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    let text = prometheus::text(&shared.publisher.snapshot().live);
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// `GET /api/events`: server-sent events `live` and `pictures`.
pub async fn events(State(shared): State<Arc<Shared>>) -> Result<Response, Refusal> {
    let limits = shared.limits;
    let viewing = shared.publisher.view();
    if shared.publisher.viewers() > limits.viewers as u64 {
        return Err(Refusal::viewers(limits.viewers));
    }
    let (mut live, mut pictures) = shared.publisher.follow();
    live.mark_changed();
    pictures.mark_changed();
    let follower = Follower {
        live,
        pictures,
        interval: limits.interval,
        next: Instant::now(),
        shown: None,
        _viewing: viewing,
    };
    let body = Body::from_stream(stream::unfold(follower, |mut follower| async {
        let part = follower.part().await?;
        Some((Ok::<_, Infallible>(part), follower))
    }));
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    Ok((kind, body).into_response())
}

/// A viewer that follows.
struct Follower {
    live: watch::Receiver<Arc<Snapshot>>,
    pictures: watch::Receiver<Arc<Pictures>>,
    interval: Duration,
    next: Instant,
    /// Revision of the pictures that it has.
    shown: Option<u64>,
    _viewing: Viewing,
}

impl Follower {
    /// The next part of the stream, once there is something new and it is time; `None` when the program ends.
    async fn part(&mut self) -> Option<Bytes> {
        sleep_until(self.next).await;
        let news = async {
            tokio::select! {
                changed = self.pictures.changed() => changed,
                changed = self.live.changed() => changed,
            }
        };
        match timeout(HEARTBEAT, news).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return None,
            Err(_) => return Some(Bytes::from_static(b": nothing new\n\n")),
        }
        self.next = Instant::now() + self.interval;
        let mut text = event("live", &self.live.borrow_and_update().clone().json());
        let pictures = self.pictures.borrow_and_update().clone();
        if self.shown.replace(pictures.revision) != Some(pictures.revision) {
            text.push_str(&event("pictures", &pictures.json()));
        }
        Some(Bytes::from(text))
    }
}

fn event(name: &str, json: &str) -> String {
    format!("event: {name}\ndata: {json}\n\n")
}
