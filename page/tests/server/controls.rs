//! Who may turn what.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use heliograph_page::{Command, Limits, Server};

use crate::client::{LIMIT, controlled, order, served};

const PAUSE: &str = r#"{"control": "pause", "on": true}"#;

/// Orders a second: none comes back while a test runs.
const NEXT_TO_NONE: f64 = 1e-6;
/// How often a program looks whether it is over.
const WATCH: Duration = Duration::from_millis(50);

/// A program that answers every order.
struct Obedient {
    over: Arc<AtomicBool>,
    program: thread::JoinHandle<Vec<Command>>,
}

impl Obedient {
    /// What was ordered.
    fn heard(self) -> Vec<Command> {
        self.over.store(true, Ordering::Relaxed);
        self.program.join().unwrap()
    }
}

fn obedient(server: &mut Server) -> Obedient {
    let orders = server.take_orders().unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let ends = over.clone();
    let program = thread::spawn(move || {
        let mut heard = Vec::new();
        while !ends.load(Ordering::Relaxed) {
            let Some(order) = orders.next(WATCH) else {
                continue;
            };
            heard.push(order.command.clone());
            let outcome = match &order.command {
                Command::GainDb { value } if *value > 76.0 => {
                    Err(format!("gain_db: found {value}, allowed 0 to 76"))
                }
                _ => Ok(()),
            };
            order.answer(outcome);
        }
        heard
    });
    Obedient { over, program }
}

#[test]
fn controls_are_off_unless_asked_for() {
    let (server, publisher) = served(Limits::default());
    let answer = order(server.address(), "", PAUSE);
    assert!(
        answer.starts_with("HTTP/1.1 403") && answer.contains("--page-control"),
        "{answer}"
    );
    assert!(!publisher.state().live.controls.enabled);
}

#[test]
fn an_order_is_obeyed_or_refused_in_the_programs_words() {
    let mut server = controlled("127.0.0.1:0", Limits::default());
    let program = obedient(&mut server);
    assert!(!server.url().contains("token"));
    let answer = order(server.address(), "", PAUSE);
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("done\n"),
        "{answer}"
    );
    let answer = order(
        server.address(),
        "",
        r#"{"control": "gain_db", "value": 99}"#,
    );
    assert!(
        answer.starts_with("HTTP/1.1 422") && answer.contains("allowed 0 to 76"),
        "{answer}"
    );
    let answer = order(server.address(), "", r#"{"control": "explode"}"#);
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("explode"),
        "{answer}"
    );
    assert!(
        answer.contains("perception"),
        "what is allowed is said: {answer}"
    );
    assert_eq!(program.heard().len(), 2);
}

#[test]
fn beyond_this_machine_a_token_is_needed_and_another_is_refused() {
    let mut server = controlled("0.0.0.0:0", Limits::default());
    let program = obedient(&mut server);
    let token = server.token().unwrap();
    assert!(!server.url().contains(token));
    let none = order(server.address(), "", PAUSE);
    assert!(
        none.starts_with("HTTP/1.1 401") && none.contains("a token is needed"),
        "{none}"
    );
    for wrong in [
        token.replace(&token[..1], "g"),
        token[1..].to_owned(),
        String::new(),
    ] {
        let lines = format!("Authorization: Bearer {wrong}\r\n");
        let refused = order(server.address(), &lines, PAUSE);
        assert!(
            refused.starts_with("HTTP/1.1 401") && refused.contains("token"),
            "{refused}"
        );
    }
    let lines = format!("Authorization: Bearer {token}\r\n");
    assert!(order(server.address(), &lines, PAUSE).starts_with("HTTP/1.1 200"));
    assert_eq!(program.heard(), [Command::Pause { on: true }]);
}

#[test]
fn a_foreign_page_turns_nothing() {
    let limits = Limits {
        orders_per_second: NEXT_TO_NONE,
        ..Limits::default()
    };
    let mut server = controlled("127.0.0.1:0", limits);
    let program = obedient(&mut server);
    let foreign = order(server.address(), "Origin: http://evil.example\r\n", PAUSE);
    assert!(
        foreign.starts_with("HTTP/1.1 403") && foreign.contains("evil.example"),
        "{foreign}"
    );
    // However often it tries, it takes nothing from who may.
    for _ in 0..30 {
        order(server.address(), "Origin: http://evil.example\r\n", PAUSE);
    }
    let flooded = order(server.address(), "Origin: http://evil.example\r\n", PAUSE);
    assert!(flooded.starts_with("HTTP/1.1 429"), "{flooded}");
    let own = format!("Origin: http://localhost:{}\r\n", server.address().port());
    assert!(order(server.address(), &own, PAUSE).starts_with("HTTP/1.1 200"));
    assert_eq!(program.heard().len(), 1);
}

#[test]
fn orders_come_no_faster_than_allowed_and_wait_for_a_busy_program_in_bounded_number() {
    let limits = Limits {
        orders_per_second: NEXT_TO_NONE,
        ..Limits::default()
    };
    let mut server = controlled("127.0.0.1:0", limits);
    let orders = server.take_orders().unwrap();
    let address = server.address();
    let answers: Vec<_> = (0..14)
        .map(|_| thread::spawn(move || order(address, "", PAUSE)))
        .collect();
    let mut taken = 0;
    while !answers.iter().all(thread::JoinHandle::is_finished) {
        if let Some(order) = orders.next(WATCH) {
            taken += 1;
            order.answer(Ok(()));
        }
    }
    let answers: Vec<String> = answers.into_iter().map(|a| a.join().unwrap()).collect();
    let refused = answers
        .iter()
        .filter(|a| a.contains("too many orders; allowed are 0.000001 a second"));
    assert_eq!((taken, refused.count()), (10, 4));
    assert!(LIMIT > Duration::from_secs(5));
}
