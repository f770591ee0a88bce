//! The viewers' end: a small web server on a thread of its own, with a limit on everything that comes from outside.

mod access;
mod assets;
mod connection;
mod controls;
mod downloads;
mod events;
mod head;
mod refusal;
mod routes;

use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, thread};

use thiserror::Error;
use tokio::sync::oneshot;

use crate::control::{Desk, Orders, desk};
use crate::publisher::Publisher;
use crate::token::Token;
use access::Access;

/// Bytes that the system may hold for a viewer: what is older than these is not sent to one who is slow.
const SEND_BUFFER: usize = 64 << 10;

/// What a server lets happen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Connections at a time; further ones are refused.
    pub connections: usize,
    /// Pages that follow the state at a time; further ones are refused.
    pub viewers: usize,
    /// Bytes of a request's head.
    pub head_bytes: usize,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Time for a request to arrive.
    pub request: Duration,
    /// Time in which a connection takes at least [`stall_bytes`](Self::stall_bytes) of what waits for it.
    pub stall: Duration,
    /// See [`stall`](Self::stall): whoever takes less is gone, or holds a place on purpose.
    pub stall_bytes: usize,
    /// Least time between two states to the same viewer.
    pub interval: Duration,
    /// Orders a second, over all viewers.
    pub orders_per_second: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            viewers: 32,
            head_bytes: 8 << 10,
            body_bytes: 1 << 10,
            request: Duration::from_secs(5),
            stall: Duration::from_secs(20),
            stall_bytes: 16 << 10,
            interval: Duration::from_millis(100),
            orders_per_second: 20.0,
        }
    }
}

/// May viewers turn something?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Control {
    Off,
    On,
}

/// How a server is set.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    address: SocketAddr,
    control: Control,
    limits: Limits,
}

impl ServerConfig {
    /// At `address` (port 0: any free one), without controls.
    pub fn at(address: SocketAddr) -> Self {
        Self {
            address,
            control: Control::Off,
            limits: Limits::default(),
        }
    }

    /// With controls; beyond loopback addresses they need [`Server::token`].
    #[must_use]
    pub fn with_control(mut self) -> Self {
        self.control = Control::On;
        self
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// Why there is no page.
#[derive(Debug, Error)]
pub enum BindError {
    /// Another program has the port.
    #[error(
        "{address}: the port is taken; end the program that has it, or give another: --page={}",
        next_address(*.address)
    )]
    Taken { address: SocketAddr },
    /// The address is none of this machine, or needs rights.
    #[error("{address}: {cause}; allowed are addresses of this machine and ports from 1024")]
    Address {
        address: SocketAddr,
        cause: io::Error,
    },
    /// There is no thread for it.
    #[error("the page's thread cannot start: {0}")]
    Thread(io::Error),
}

fn next_address(mut address: SocketAddr) -> SocketAddr {
    address.set_port(address.port().checked_add(1).unwrap_or(8073));
    address
}

/// A running server; it ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    token: Option<Token>,
    orders: Option<Orders>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What every connection shares.
pub(crate) struct Shared {
    publisher: Publisher,
    access: Access,
    limits: Limits,
    desk: Option<Desk>,
}

impl Server {
    /// Takes the port and starts to serve.
    ///
    /// # Errors
    /// [`BindError`]: the port is taken, or the address cannot be had.
    pub fn bind(config: ServerConfig, publisher: Publisher) -> Result<Self, BindError> {
        let ServerConfig {
            address,
            control,
            limits,
        } = config;
        let listener = listen(address)?;
        let address = listener.local_addr().map_err(BindError::Thread)?;
        let (desk, orders) = match control {
            Control::On => Some(desk()).unzip(),
            Control::Off => (None, None),
        };
        let is_remote = !address.ip().is_loopback();
        let token = (control == Control::On && is_remote).then(Token::random);
        publisher.update(|live| {
            live.controls.enabled = control == Control::On;
            live.controls.needs_token = token.is_some();
        });
        let shared = Shared {
            publisher,
            access: Access::new(address, token.clone(), limits.orders_per_second),
            limits,
            desk,
        };
        let (end, ended) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("page".to_owned())
            .spawn(move || connection::serve(listener, shared, ended))
            .map_err(BindError::Thread)?;
        Ok(Self {
            address,
            token,
            orders,
            end: Some(end),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where to look at it.
    pub fn url(&self) -> String {
        let mut shown = self.address;
        if shown.ip().is_unspecified() {
            shown.set_ip(own_address().unwrap_or(shown.ip()));
        }
        format!("http://{shown}/")
    }

    /// What controls beyond loopback addresses need, to be shown once; never part of an address, which browsers keep.
    pub fn token(&self) -> Option<&str> {
        self.token.as_ref().map(Token::reveal)
    }

    /// What viewers turn; `Some` once, with controls only.
    pub fn take_orders(&mut self) -> Option<Orders> {
        self.orders.take()
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, BindError> {
    let refused = |cause: io::Error| match cause.kind() {
        io::ErrorKind::AddrInUse => BindError::Taken { address },
        _ => BindError::Address { address, cause },
    };
    let listener = TcpListener::bind(address).map_err(refused)?;
    // Connections have it from here.
    let socket = socket2::SockRef::from(&listener);
    socket.set_send_buffer_size(SEND_BUFFER).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    Ok(listener)
}

/// The address of the interface that leads to other machines. Nothing is sent.
fn own_address() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    // An address of the block for documentation (RFC 5737): only the routing table is asked.
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip())
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A page that fails is no reason for the program to.
            let _ = thread.join();
        }
    }
}
