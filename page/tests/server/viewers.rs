//! What viewers get, and that nobody waits for them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use heliograph_page::state::{Stage, StageView};
use heliograph_page::{BindError, Image, Limits, Publisher, Server, ServerConfig, State};

use crate::client::{follow, get, served, until, wait_for};

fn view(stage: Stage) -> StageView {
    StageView {
        stage,
        revision: 0,
        words: "all bursts".to_owned(),
        url: String::new(),
        seconds: 0.1,
        figures: Vec::new(),
    }
}

#[test]
fn the_page_is_served_with_a_policy_that_lets_nothing_else_in() {
    let (server, _publisher) = served(Limits::default());
    let page = get(server.address(), "/");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("<title>Heliograph</title>"));
    let policy = "content-security-policy: default-src 'none'; script-src 'self'";
    assert!(page.contains(policy) && page.contains("x-frame-options: DENY"));
    let script = get(server.address(), "/assets/main.js");
    assert!(script.contains("text/javascript") && script.contains("EventSource"));
    for gone in [
        "/assets/../Cargo.toml",
        "/assets/none.js",
        "/picture/1/fast.png",
        "/etc/passwd",
    ] {
        assert!(
            get(server.address(), gone).starts_with("HTTP/1.1 404"),
            "{gone}"
        );
    }
}

#[test]
fn the_state_is_json_of_the_version_and_the_metrics_are_text() {
    let (server, publisher) = served(Limits::default());
    publisher.update(|live| live.bursts.received = 7);
    let image = Image::new(2, 1, &[1, 2, 3, 4, 5, 6]).unwrap();
    publisher.stage(1, view(Stage::Fast), image);
    let answer = get(server.address(), "/api/state");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("application/json") && head.contains("no-store"));
    let state: State = serde_json::from_str(body).unwrap();
    assert_eq!(state, publisher.state());
    assert_eq!((state.live.bursts.received, state.pictures.len()), (7, 1));
    let metrics = get(server.address(), "/metrics");
    assert!(
        metrics.contains("version=0.0.4") && metrics.contains("heliograph_bursts_received_total 7")
    );
    let url = &state.pictures[0].stages[0].url;
    assert!(get(server.address(), url).contains("content-type: image/png"));
}

#[test]
fn a_viewer_gets_the_state_at_once_and_then_what_is_new() {
    let (server, publisher) = served(Limits::default());
    let mut viewer = follow(server.address());
    let first = until(&mut viewer, "event: pictures\ndata: []");
    assert!(first.contains("event: live\ndata: {\"version\":1"));
    publisher.update(|live| live.run.words = "news".to_owned());
    let news = until(&mut viewer, "\"words\":\"news\"");
    assert!(
        !news.contains("event: pictures"),
        "what is not new is not sent"
    );
}

#[test]
fn a_viewer_that_takes_nothing_slows_nobody_and_is_dropped() {
    let limits = Limits {
        stall: Duration::from_millis(300),
        interval: Duration::ZERO,
        ..Limits::default()
    };
    let (server, publisher) = served(limits);
    let _slow = follow(server.address());
    wait_for("it is counted", || publisher.viewers() == 1);
    let words = "x".repeat(200_000);
    let start = Instant::now();
    for _ in 0..200 {
        publisher.update(|live| live.run.words.clone_from(&words));
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    publisher.update(|live| live.run.words = "newest".to_owned());
    let mut quick = follow(server.address());
    until(&mut quick, "\"words\":\"newest\"");
    wait_for("the slow one is dropped", || publisher.viewers() <= 1);
    drop(quick);
    publisher.update(|live| live.bursts.received += 1);
}

/// Follows a state of a megabyte, taking 16 KiB at a time every 20 ms, for eight seconds: is the viewer still there?
fn stays_while_it_takes_800_kb_a_second(stall: Duration, stall_bytes: usize) -> bool {
    use std::io::Read;
    let limits = Limits {
        stall,
        stall_bytes,
        interval: Duration::ZERO,
        ..Limits::default()
    };
    let (server, publisher) = served(limits);
    let mut slow = follow(server.address());
    wait_for("it is counted", || publisher.viewers() == 1);
    publisher.update(|live| live.run.words = "x".repeat(1_000_000));
    let start = Instant::now();
    while publisher.viewers() > 0 && start.elapsed() < Duration::from_secs(8) {
        publisher.update(|live| live.bursts.received += 1);
        let _ = slow.read(&mut [0; 16 << 10]);
        std::thread::sleep(Duration::from_millis(20));
    }
    publisher.viewers() == 1
}

#[test]
fn a_viewer_that_is_slow_stays_and_one_that_takes_next_to_nothing_does_not() {
    // A busy machine may not let it read for a while.
    let patient = Duration::from_millis(2500);
    assert!(stays_while_it_takes_800_kb_a_second(patient, 16 << 10));
    let impatient = Duration::from_millis(500);
    assert!(!stays_while_it_takes_800_kb_a_second(impatient, 4 << 20));
}

#[test]
fn a_port_that_is_taken_is_named_with_a_way_out() {
    let (server, _publisher) = served(Limits::default());
    let address = server.address();
    let again = Server::bind(ServerConfig::at(address), Publisher::new("receive"));
    let error = again.err().unwrap();
    assert!(matches!(error, BindError::Taken { .. }));
    let (words, next) = (error.to_string(), address.port() + 1);
    assert!(
        words.contains(&address.to_string()) && words.contains("taken"),
        "{words}"
    );
    assert!(
        words.contains(&format!("--page=127.0.0.1:{next}")),
        "{words}"
    );
    let elsewhere: SocketAddr = "203.0.113.1:8073".parse().unwrap();
    let error = Server::bind(ServerConfig::at(elsewhere), Publisher::new("receive"));
    let words = error.err().unwrap().to_string();
    assert!(
        words.contains("203.0.113.1") && words.contains("allowed"),
        "{words}"
    );
}

#[test]
fn files_go_out_whole() {
    let (server, publisher) = served(Limits::default());
    let path =
        std::env::temp_dir().join(format!("heliograph-page-{}.sigmf-data", std::process::id()));
    let bytes: Vec<u8> = (0..300_000u32).map(|i| b'a' + (i % 23) as u8).collect();
    std::fs::write(&path, &bytes).unwrap();
    publisher.recording(Default::default(), std::slice::from_ref(&path));
    let url = publisher.state().live.recording.unwrap().files[0]
        .url
        .clone();
    let answer = get(server.address(), &url);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-length: 300000") && head.contains("attachment"));
    assert_eq!(body.as_bytes(), bytes);
    std::fs::remove_file(path).unwrap();
    assert!(get(server.address(), &url).contains("no longer there"));
}
