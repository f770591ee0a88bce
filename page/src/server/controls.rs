//! `POST /api/control`: an order on its way to the program, and its answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::refusal::Refusal;
use super::{Limits, Shared};
use crate::control::{Command, MAX_WAITING_ORDERS, NotTaken};

/// A program that has not answered by then will have done it soon.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn control(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Refusal> {
    let Some(desk) = &shared.desk else {
        let words = "controls are off; start the program with --page-control";
        return Err(Refusal::new(StatusCode::FORBIDDEN, words));
    };
    let (parts, body) = request.into_parts();
    shared.access.may_turn(&parts.headers)?;
    is_json(&parts.headers)?;
    let command = command(body, &shared.limits).await?;
    let heard = desk.leave(command).map_err(|why| match why {
        NotTaken::Busy => Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("the program is busy; {MAX_WAITING_ORDERS} orders wait already"),
        ),
        NotTaken::Closed => over(),
    })?;
    match timeout(PATIENCE, heard).await {
        Ok(Ok(Ok(()))) => Ok((StatusCode::OK, "done\n").into_response()),
        Ok(Ok(Err(words))) => Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, words)),
        Ok(Err(_)) => Err(over()),
        Err(_) => Ok((StatusCode::ACCEPTED, "taken; not done yet\n").into_response()),
    }
}

fn over() -> Refusal {
    Refusal::new(StatusCode::GONE, "the run is over")
}

/// Pages from elsewhere cannot send this kind without being asked for it first, which is refused.
fn is_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if kind.split(';').next().map(str::trim) == Some("application/json") {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        format!("Content-Type: found {kind:?}, allowed: application/json"),
    ))
}

async fn command(body: Body, limits: &Limits) -> Result<Command, Refusal> {
    let arriving = to_bytes(body, limits.body_bytes);
    let bytes = match timeout(limits.request, arriving).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(Refusal::body(limits.body_bytes)),
        Err(_) => return Err(Refusal::late(limits.request)),
    };
    serde_json::from_slice(&bytes).map_err(|error| {
        let words = format!("the message is no command: {error}");
        Refusal::new(StatusCode::BAD_REQUEST, words)
    })
}
