//! Strangers: refused in words, the program goes on, nothing grows.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use heliograph_page::Limits;

use crate::client::{
    LIMIT, answer, connect, controlled, follow, get, order, rest, served, until, wait_for,
};

#[test]
fn a_name_that_somebody_pointed_here_is_refused() {
    let (server, _publisher) = served(Limits::default());
    let asks = |host: &str| {
        let request = format!("GET /api/state HTTP/1.1\r\nHost: {host}\r\n\r\n");
        answer(server.address(), request.as_bytes())
    };
    assert!(asks("127.0.0.1").starts_with("HTTP/1.1 200"));
    for host in ["evil.example", "evil.example:8073", "10.0.0.1"] {
        let refused = asks(host);
        assert!(
            refused.starts_with("HTTP/1.1 421") && refused.contains(host),
            "{refused}"
        );
        assert!(!refused.contains("\"version\""));
    }
}

#[test]
fn a_thousand_connections_are_refused_in_words_while_a_viewer_goes_on() {
    // As many at once as a process may have files: each takes two here.
    const AT_ONCE: u64 = 250;
    let limits = Limits {
        connections: 8,
        request: Duration::from_millis(400),
        ..Limits::default()
    };
    let (server, publisher) = served(limits);
    let mut viewer = follow(server.address());
    until(&mut viewer, "event: live");
    let (mut refused, mut late) = (0, 0);
    for round in 1..=4 {
        let crowd: Vec<TcpStream> = (0..AT_ONCE).map(|_| connect(server.address())).collect();
        for mut stream in crowd {
            let words = rest(&mut stream);
            refused += usize::from(words.contains("too many connections; allowed are 8"));
            late += usize::from(words.contains("did not arrive"));
        }
        publisher.update(|live| live.bursts.received = round);
    }
    // Eight have room, and wait in it until it is given to others: on a busy machine to many.
    assert!(
        refused + late > 950,
        "{refused} and {late} of 1000 were told why"
    );
    assert!(refused > 500, "{refused} of 1000 were refused");
    until(&mut viewer, "\"received\":4");
    wait_for("there is room again", || {
        get(server.address(), "/metrics").contains("200 OK")
    });
}

#[test]
fn a_request_that_does_not_arrive_is_given_up() {
    let limits = Limits {
        request: Duration::from_millis(200),
        ..Limits::default()
    };
    let server = controlled("127.0.0.1:0", limits);
    let half: [&str; 5] = [
        "GET / HTTP/1.1\r\nHost: local",
        "",
        "\r\n\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\n",
        "POST /api/control HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{",
    ];
    for bytes in half {
        let start = Instant::now();
        let words = answer(server.address(), bytes.as_bytes());
        assert!(
            words.contains("408") && words.contains("did not arrive"),
            "{bytes:?}: {words}"
        );
        assert!(start.elapsed() < LIMIT / 2);
    }
    // One byte at a time is no way around it.
    let mut slow = connect(server.address());
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(2) && slow.write_all(b"G").is_ok() {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn messages_that_are_too_long_are_refused() {
    let server = controlled("127.0.0.1:0", Limits::default());
    let head = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    let words = answer(server.address(), head.as_bytes());
    assert!(
        words.starts_with("HTTP/1.1 431") && words.contains("allowed are 8192 bytes"),
        "{words}"
    );
    let words = order(server.address(), "", &"x".repeat(5000));
    assert!(
        words.starts_with("HTTP/1.1 413") && words.contains("allowed are 1024 bytes"),
        "{words}"
    );
    let words = answer(server.address(), b"\x16\x03\x01 this is no request\r\n\r\n");
    assert!(words.starts_with("HTTP/1.1 400"), "{words}");
    assert!(get(server.address(), "/").starts_with("HTTP/1.1 200"));
}

#[test]
fn viewers_beyond_the_limit_are_refused_and_leave_room_when_they_go() {
    let limits = Limits {
        viewers: 2,
        ..Limits::default()
    };
    let (server, publisher) = served(limits);
    let kept = [follow(server.address()), follow(server.address())];
    wait_for("both are counted", || publisher.viewers() == 2);
    let refused = get(server.address(), "/api/events");
    assert!(
        refused.starts_with("HTTP/1.1 503") && refused.contains("allowed are 2"),
        "{refused}"
    );
    drop(kept);
    wait_for("they are gone", || {
        publisher.update(|live| live.bursts.received += 1);
        publisher.viewers() == 0
    });
    follow(server.address());
}
