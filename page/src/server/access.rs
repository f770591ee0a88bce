//! Who may look, and who may turn: the address that was asked for, where the asking page comes from, the token, the rate.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::http::{HeaderMap, StatusCode, header};

use super::refusal::Refusal;
use crate::token::Token;

/// Orders that may come at once.
const BURST: f64 = 10.0;
/// Header of the token, as in RFC 6750.
const SCHEME: &str = "Bearer ";

/// The rules of one server.
pub struct Access {
    address: SocketAddr,
    token: Option<Token>,
    /// Orders of those who may.
    rate: Mutex<Bucket>,
    /// Tries of those who may not: they take nothing from the others.
    failures: Mutex<Bucket>,
}

/// A token bucket: fills by `per_second`, holds [`BURST`].
struct Bucket {
    left: f64,
    per_second: f64,
    at: Instant,
}

impl Access {
    pub fn new(address: SocketAddr, token: Option<Token>, per_second: f64) -> Self {
        let at = Instant::now();
        let bucket = || {
            Mutex::new(Bucket {
                left: BURST,
                per_second,
                at,
            })
        };
        Self {
            address,
            token,
            rate: bucket(),
            failures: bucket(),
        }
    }

    /// May the request be answered at all? A name that somebody else has pointed at this machine (DNS rebinding) is none of
    /// ours: only addresses and `localhost` are.
    pub fn may_look(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let host = one(headers, header::HOST).unwrap_or_default();
        let name = host_name(host);
        let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>();
        let allowed = match is_address {
            Ok(ip) if self.address.ip().is_loopback() => ip.is_loopback(),
            Ok(_) => true,
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        };
        if allowed {
            return Ok(());
        }
        let address = self.address;
        Err(Refusal::new(
            StatusCode::MISDIRECTED_REQUEST,
            format!("Host: found {host:?}, allowed: localhost or an address, like {address}"),
        ))
    }

    /// May the request turn something?
    pub fn may_turn(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match self.is_known(headers) {
            Ok(()) => within(&self.rate),
            Err(refusal) => within(&self.failures).and(Err(refusal)),
        }
    }

    fn is_known(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        same_origin(headers)?;
        let Some(token) = &self.token else {
            return Ok(());
        };
        let presented = one(headers, header::AUTHORIZATION).and_then(|v| v.strip_prefix(SCHEME));
        match presented {
            Some(presented) if token.is(presented) => Ok(()),
            Some(_) => Err(Refusal::new(
                StatusCode::UNAUTHORIZED,
                "wrong token; the right one was printed when the program started",
            )),
            None => Err(Refusal::new(
                StatusCode::UNAUTHORIZED,
                "a token is needed; it was printed when the program started",
            )),
        }
    }
}

/// Takes one from the bucket.
fn within(bucket: &Mutex<Bucket>) -> Result<(), Refusal> {
    let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Instant::now();
    let filled = (now - bucket.at).as_secs_f64() * bucket.per_second;
    bucket.left = (bucket.left + filled).min(BURST);
    bucket.at = now;
    if bucket.left >= 1.0 {
        bucket.left -= 1.0;
        return Ok(());
    }
    let words = format!(
        "too many orders; allowed are {} a second",
        bucket.per_second
    );
    Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, words))
}

/// A browser says where the asking page comes from; it must be from here.
fn same_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    if !headers.contains_key(header::ORIGIN) {
        // Not a browser: nobody's page can send from here without saying so.
        return Ok(());
    }
    let host = one(headers, header::HOST).unwrap_or_default();
    let origin = one(headers, header::ORIGIN).unwrap_or("two of them");
    if origin
        .strip_prefix("http://")
        .is_some_and(|o| o.eq_ignore_ascii_case(host))
    {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::FORBIDDEN,
        format!("Origin: found {origin:?}, allowed: http://{host}"),
    ))
}

/// The header, if it is there exactly once and is text.
fn one(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut all = headers.get_all(name).iter();
    let value = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(value)
}

/// Without the port.
fn host_name(host: &str) -> &str {
    match host.rfind(':') {
        Some(at) if !host[at..].contains(']') => &host[..at],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        let pair = |(name, value): &(header::HeaderName, &str)| {
            (name.clone(), value.parse().expect("a value"))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let at = |address: &str| Access::new(address.parse().unwrap(), None, 1.0);
        let (near, far) = (at("127.0.0.1:8073"), at("0.0.0.0:8073"));
        let asks = |access: &Access, host: &str| {
            access.may_look(&headers(&[(header::HOST, host)])).is_ok()
        };
        for host in [
            "127.0.0.1:8073",
            "localhost:9000",
            "[::1]:8073",
            "LOCALHOST",
        ] {
            assert!(asks(&near, host), "{host}");
        }
        for host in [
            "evil.example:8073",
            "192.168.1.7:8073",
            "",
            "127.0.0.1.evil.example",
        ] {
            assert!(!asks(&near, host), "{host}");
        }
        assert!(asks(&far, "192.168.1.7:8073") && !asks(&far, "evil.example:8073"));
        let twice = headers(&[(header::HOST, "localhost"), (header::HOST, "evil")]);
        let mut twice = twice;
        twice.append(header::HOST, "localhost".parse().unwrap());
        assert!(near.may_look(&twice).is_err());
    }

    #[test]
    fn orders_come_from_the_page_itself_and_not_too_fast() {
        let access = Access::new("127.0.0.1:8073".parse().unwrap(), None, 0.0);
        let from = |origin: &str| {
            let pairs = [(header::HOST, "localhost:8073"), (header::ORIGIN, origin)];
            access.may_turn(&headers(&pairs))
        };
        assert_eq!(from("http://localhost:8073"), Ok(()));
        let foreign = from("http://evil.example").unwrap_err();
        assert!(foreign.words.contains("evil.example") && foreign.words.contains("localhost:8073"));
        assert!(from("null").is_err() && from("http://localhost:1").is_err());
        for _ in 0..10 {
            let _ = from("http://localhost:8073");
        }
        let fast = from("http://localhost:8073").unwrap_err();
        assert_eq!(fast.status, StatusCode::TOO_MANY_REQUESTS);
    }
}
