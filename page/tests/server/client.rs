//! A client that sends bytes as they are and reads what comes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use heliograph_page::{Limits, Publisher, Server, ServerConfig};

/// What never takes so long.
pub const LIMIT: Duration = Duration::from_secs(30);

/// A server at a free port of this machine, with what fills it.
pub fn served(limits: Limits) -> (Server, Publisher) {
    let publisher = Publisher::new("receive");
    let config = ServerConfig::at("127.0.0.1:0".parse().unwrap()).with_limits(limits);
    let server = Server::bind(config, publisher.clone()).unwrap();
    (server, publisher)
}

/// One with controls, at `address`.
pub fn controlled(address: &str, limits: Limits) -> Server {
    let config = ServerConfig::at(address.parse().unwrap())
        .with_control()
        .with_limits(limits);
    Server::bind(config, Publisher::new("receive")).unwrap()
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let near = SocketAddr::from(([127, 0, 0, 1], address.port()));
    let stream = TcpStream::connect_timeout(&near, LIMIT).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.set_write_timeout(Some(LIMIT)).unwrap();
    stream
}

/// The whole answer to bytes that may be no request at all.
pub fn answer(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(address);
    // It may be refused before it is through.
    let _ = stream.write_all(bytes);
    rest(&mut stream)
}

/// All that still comes.
pub fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A connection that is reset has said what it had to say.
    let _ = stream.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

pub fn get(address: SocketAddr, path: &str) -> String {
    let port = address.port();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    answer(address, request.as_bytes())
}

/// Posts an order with further header lines.
pub fn order(address: SocketAddr, lines: &str, body: &str) -> String {
    let (port, length) = (address.port(), body.len());
    let request = format!(
        "POST /api/control HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{lines}\r\n{body}"
    );
    answer(address, request.as_bytes())
}

/// Follows the state; the head of the answer is read.
pub fn follow(address: SocketAddr) -> TcpStream {
    let mut stream = connect(address);
    let request = "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    // What comes behind the head, perhaps at once, is for whoever reads on.
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream
            .read_exact(&mut byte)
            .expect("the head comes in time");
        head.extend(byte);
    }
    stream
}

/// Reads until `mark` came; gives what was read.
pub fn until(stream: &mut TcpStream, mark: &str) -> String {
    let (mut text, mut part) = (String::new(), [0; 4096]);
    let start = Instant::now();
    while !text.contains(mark) {
        let n = stream.read(&mut part).expect("it comes in time");
        assert!(n > 0 && start.elapsed() < LIMIT, "{mark:?} not in {text:?}");
        text.push_str(&String::from_utf8_lossy(&part[..n]));
    }
    text
}

/// Waits until something holds.
pub fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
