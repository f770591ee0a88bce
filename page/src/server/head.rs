//! The head of a request, read before anything is done for it: bounded in bytes and time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, timeout};

use super::Limits;
use super::refusal::Refusal;

const END: &[u8] = b"\r\n\r\n";

/// Reads a request's head; `Ok(None)` from whoever said nothing and left.
pub async fn read(stream: &mut TcpStream, limits: &Limits) -> Result<Option<Vec<u8>>, Refusal> {
    let mut head = Vec::new();
    let arriving = async {
        let mut part = [0; 1024];
        loop {
            let n = match stream.read(&mut part).await {
                Ok(0) | Err(_) => return Ok(None),
                Ok(n) => n,
            };
            head.extend_from_slice(&part[..n]);
            // Empty lines ahead of a request are none (RFC 9112, section 2.2), and are not waited behind.
            let blank = head
                .iter()
                .take_while(|byte| b"\r\n".contains(byte))
                .count();
            if blank > 0 {
                head.drain(..blank);
            }
            match head.windows(END.len()).position(|w| w == END) {
                Some(end) if end <= limits.head_bytes => return Ok(Some(())),
                None if head.len() <= limits.head_bytes => {}
                _ => return Err(Refusal::head(limits.head_bytes)),
            }
        }
    };
    match timeout(limits.request, arriving).await {
        Ok(Ok(Some(()))) => Ok(Some(head)),
        Ok(Ok(None)) => Ok(None),
        Ok(Err(refusal)) => Err(refusal),
        Err(_) => Err(Refusal::late(limits.request)),
    }
}

/// A connection whose first bytes were read already, and which ends when its other side takes next to nothing for a while.
pub struct Patient {
    head: Vec<u8>,
    taken: usize,
    stream: TcpStream,
    limits: Limits,
    /// From the first write that had to wait.
    stalled: Option<Stall>,
}

/// A wait, and the bytes that were taken since it began.
struct Stall {
    over: Pin<Box<Sleep>>,
    taken: usize,
    /// Does a write wait now?
    waits: bool,
}

impl Patient {
    pub fn new(stream: TcpStream, head: Vec<u8>, limits: Limits) -> Self {
        Self {
            head,
            taken: 0,
            stream,
            limits,
            stalled: None,
        }
    }

    /// What a write said, unless too little was taken for too long.
    fn watched(
        &mut self,
        cx: &mut Context<'_>,
        said: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let limits = self.limits;
        if let Poll::Ready(taken) = &said {
            if let Some(stall) = &mut self.stalled {
                stall.waits = false;
                stall.taken += taken.as_ref().map_or(0, |n| *n);
            }
            return said;
        }
        let new = || Stall {
            over: Box::pin(sleep(limits.stall)),
            taken: 0,
            waits: true,
        };
        let stall = self.stalled.get_or_insert_with(new);
        // Time in which nothing waited is not held against anyone.
        if stall.taken >= limits.stall_bytes || (!stall.waits && stall.over.is_elapsed()) {
            *stall = new();
        }
        stall.waits = true;
        match stall.over.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.head[self.taken..];
        if rest.is_empty() {
            self.head = Vec::new();
            self.taken = 0;
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let n = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..n]);
        self.taken += n;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let said = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watched(cx, said)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Says the refusal and reads what still comes for a moment, so that the other side gets to hear it.
pub async fn refuse(mut stream: TcpStream, refusal: &Refusal) {
    use tokio::io::AsyncWriteExt;
    let until = Instant::now() + std::time::Duration::from_millis(500);
    let saying = async {
        stream.write_all(&refusal.bytes()).await?;
        stream.shutdown().await?;
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        io::Result::Ok(())
    };
    // Whoever does not listen has not heard it.
    let _ = tokio::time::timeout_at(until, saying).await;
}

/// Says the refusal if the other side takes it at once, and is gone.
pub fn refuse_in_passing(stream: TcpStream, refusal: &Refusal) {
    use std::io::Write;
    let Ok(mut stream) = stream.into_std() else {
        return;
    };
    // It does not block: what does not fit the socket's buffer is not said.
    let _ = stream.write(&refusal.bytes());
    let _ = stream.shutdown(std::net::Shutdown::Write);
}
