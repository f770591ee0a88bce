//! Connections: at most so many, each with one request, which is read before anything is done for it.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::refusal::Refusal;
use super::{Limits, Shared, head, routes};

/// Connections that are refused with time to listen at once; further ones are told in passing.
const REFUSALS: usize = 64;
/// Time to breathe when there is no room for another connection.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until `ended` is dropped.
pub fn serve(listener: TcpListener, shared: Shared, ended: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Pictures are encoded and files read there.
        .max_blocking_threads(2)
        .build();
    // Without a runtime there is no page, and the program goes on.
    let Ok(runtime) = runtime else { return };
    runtime.block_on(async {
        tokio::select! {
            () = accept(listener, Arc::new(shared)) => {}
            _ = ended => {}
        }
    });
    runtime.shutdown_background();
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let limits = shared.limits;
    let router = routes::router(shared);
    let room = Arc::new(Semaphore::new(limits.connections));
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // No file descriptor is left, most likely.
            tokio::time::sleep(BREATH).await;
            continue;
        };
        if let Ok(permit) = room.clone().try_acquire_owned() {
            tokio::spawn(attend(stream, limits, router.clone(), permit));
        } else if let Ok(permit) = refusals.clone().try_acquire_owned() {
            tokio::spawn(turn_away(stream, limits, permit));
        } else {
            head::refuse_in_passing(stream, &Refusal::connections(limits.connections));
        }
    }
}

async fn turn_away(stream: TcpStream, limits: Limits, _permit: OwnedSemaphorePermit) {
    head::refuse(stream, &Refusal::connections(limits.connections)).await;
}

async fn attend(
    mut stream: TcpStream,
    limits: Limits,
    router: Router,
    _permit: OwnedSemaphorePermit,
) {
    // States are small and are to come at once.
    let _ = stream.set_nodelay(true);
    let head = match head::read(&mut stream, &limits).await {
        Ok(Some(head)) => head,
        Ok(None) => return,
        Err(refusal) => return head::refuse(stream, &refusal).await,
    };
    let stream = TokioIo::new(head::Patient::new(stream, head, limits));
    // Whatever ends a connection early, its viewer is gone.
    let _ = http1::Builder::new()
        .keep_alive(false)
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request)
        .max_buf_size(limits.head_bytes.max(8 << 10) * 2)
        .serve_connection(stream, TowerToHyperService::new(router))
        .await;
}
