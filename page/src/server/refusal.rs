//! Refusals in words.

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Why a request is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub words: String,
}

impl Refusal {
    pub fn new(status: StatusCode, words: impl Into<String>) -> Self {
        let words = words.into();
        Self { status, words }
    }

    pub fn connections(allowed: usize) -> Self {
        let words = format!("too many connections; allowed are {allowed} at a time");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, words)
    }

    pub fn viewers(allowed: usize) -> Self {
        let words = format!("too many viewers; allowed are {allowed} at a time");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, words)
    }

    pub fn head(allowed_bytes: usize) -> Self {
        let words = format!("the request's head is too long; allowed are {allowed_bytes} bytes");
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, words)
    }

    pub fn body(allowed_bytes: usize) -> Self {
        let words = format!("the message is too long; allowed are {allowed_bytes} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, words)
    }

    pub fn late(allowed: Duration) -> Self {
        let seconds = allowed.as_secs_f64();
        let words = format!("the request did not arrive; allowed are {seconds} seconds");
        Self::new(StatusCode::REQUEST_TIMEOUT, words)
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing at this address")
    }

    /// The whole answer, for a connection that got no further.
    pub fn bytes(&self) -> Vec<u8> {
        let Self { status, words } = self;
        let length = words.len() + 1;
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n{words}\n"
        )
        .into_bytes()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        (self.status, kind, self.words + "\n").into_response()
    }
}
