//! Pictures, reports, recordings.

use std::path::Path as FilePath;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::Shared;
use super::refusal::Refusal;
use crate::gallery::{Content, encoded};

/// A file goes out in pieces of so many bytes.
const PIECE: usize = 64 << 10;

/// `GET /picture/ID/PART`: `linear.png`, `fast.png`, `painted.png`, `thumbnail.png`, `report.json`.
pub async fn picture(
    State(shared): State<Arc<Shared>>,
    Path((id, part)): Path<(u64, String)>,
) -> Result<Response, Refusal> {
    serve(shared.publisher.content(id, &part)).await
}

/// `GET /picture/ID/file/NAME`
pub async fn picture_file(
    State(shared): State<Arc<Shared>>,
    Path((id, name)): Path<(u64, String)>,
) -> Result<Response, Refusal> {
    serve(shared.publisher.picture_file(id, &name)).await
}

/// `GET /recording/NAME`
pub async fn recording(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    serve(shared.publisher.recording_file(&name)).await
}

async fn serve(content: Option<Content>) -> Result<Response, Refusal> {
    match content.ok_or_else(Refusal::not_found)? {
        Content::Png(image) => {
            let encoding = tokio::task::spawn_blocking(move || image.png());
            let png = encoding.await.ok().flatten();
            let png = png.ok_or_else(|| failed("the picture cannot be encoded"))?;
            Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
        }
        Content::Json(text) => {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            Ok((kind, text.as_ref().clone()).into_response())
        }
        Content::File(path) => file(&path).await,
    }
}

fn failed(words: &str) -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, words)
}

/// A file as it is now; one that grows is cut where it ended when it was opened.
async fn file(path: &FilePath) -> Result<Response, Refusal> {
    let gone = |_| Refusal::new(StatusCode::NOT_FOUND, "the file is no longer there");
    let file = File::open(path).await.map_err(gone)?;
    let length = file.metadata().await.map_err(gone)?.len();
    let pieces = stream::unfold(file.take(length), |mut file| async {
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(n) => {
                piece.truncate(n);
                Some((Ok(Bytes::from(piece)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    });
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let disposition = format!("attachment; filename*=UTF-8''{}", encoded(&name));
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    let kind = match path.extension().and_then(|e| e.to_str()) {
        Some("png") => "image/png",
        Some("json" | "sigmf-meta") => "application/json",
        _ => "application/octet-stream",
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}
