//! The live page from the command line.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::Folder;

/// What never takes so long.
const LIMIT: Duration = Duration::from_secs(120);

#[test]
fn a_port_that_is_taken_is_said_before_any_radio_is_opened() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let page = format!("--page={}", taken.local_addr().unwrap());
    let folder = Folder::new("page-taken");
    let commands: [&[&str]; 4] = [
        &[
            "receive",
            "--radio",
            "file:no/such.sigmf-meta",
            "--frequency",
            "1G",
        ],
        &[
            "transmit",
            "--radio",
            "file:no/such/folder.sigmf-meta",
            "--frequency",
            "1G",
        ],
        &["replay", "no/such.sigmf-meta"],
        &["loopback", "--loop"],
    ];
    for words in commands {
        let run = folder.run(&[words, &[page.as_str()]].concat());
        let said = run.err();
        assert_eq!(run.code(), 1, "{said}");
        assert!(
            said.contains("the port is taken") && said.contains("--page="),
            "{said}"
        );
        assert!(!said.contains("no/such"), "{said}");
    }
}

#[test]
fn a_page_without_a_loop_and_controls_without_a_page_are_refused() {
    let folder = Folder::new("page-flags");
    let refused = |words: &[&str], named: &str| {
        let run = folder.run(words);
        assert!(
            run.code() == 2 && run.err().contains(named),
            "{}",
            run.err()
        );
    };
    refused(&["loopback", "--page"], "--loop");
    refused(&["loopback", "--loop", "--page-control"], "--page");
    refused(&["loopback", "--loop", "--page=moon"], "ADDRESS:PORT");
}

/// A running program with its page; killed when it is dropped.
struct Running {
    child: Child,
    port: u16,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(folder: &Folder, words: &[&str]) -> Self {
        let mut command = folder.command(words);
        command.arg("--page=127.0.0.1:0");
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let port = line.trim().trim_end_matches('/').rsplit(':').next();
        let port = port.and_then(|port| port.parse().ok());
        // Lines that nobody reads would stop it.
        std::thread::spawn(move || said.read_to_end(&mut Vec::new()));
        let Some(port) = port else {
            let _ = child.kill();
            panic!("no page: {line}");
        };
        Self { child, port }
    }

    fn request(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        write!(
            stream,
            "{head} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        // Some are pictures.
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn state(&self) -> Value {
        let answer = self.request("GET /api/state", "");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// The first state that has what is wanted.
    fn wait_for(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let state = self.state();
            if wanted(&state) {
                return state;
            }
            assert!(start.elapsed() < LIMIT, "{what}: {state}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn a_loop_shows_its_pictures_and_turns_the_dial() {
    let folder = Folder::new("page-loop");
    let words = "loopback --loop --pause 0.1 --codec softcast --page-control";
    let words: Vec<&str> = words.split(' ').collect();
    let running = Running::start(&folder, &words);
    let painted =
        |state: &Value| state["pictures"][2]["stages"][0]["figures"][0]["value"].is_number();
    // The newest may be on its way still.
    let state = running.wait_for("three pictures", painted);
    assert_eq!(state["version"], 1);
    assert_eq!(state["radio"]["sample_rate_hz"], 2e6);
    assert!(
        state["bursts"]["received"].as_u64() >= Some(6),
        "{}",
        state["bursts"]
    );
    assert_eq!(
        state["spectrum"]["power_dbfs"].as_array().unwrap().len(),
        256
    );
    assert!(!state["channel"]["gain_db"].as_array().unwrap().is_empty());
    let answer = running.request(
        "POST /api/control",
        r#"{"control": "perception", "value": 0.25}"#,
    );
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = running.request(
        "POST /api/control",
        r#"{"control": "perception", "value": 7}"#,
    );
    assert!(
        answer.starts_with("HTTP/1.1 422") && answer.contains("0 to 1"),
        "{answer}"
    );
    let answer = running.request("POST /api/control", r#"{"control": "gain_db", "value": 7}"#);
    assert!(answer.contains("no such control"), "{answer}");
    running.request("POST /api/control", r#"{"control": "pause", "on": true}"#);
    running.wait_for("it is paused", |state| state["run"]["phase"] == "paused");
}

#[test]
fn a_replay_has_the_page_of_the_live_run_and_stays() {
    let folder = Folder::new("page-replay");
    let words = "transmit --codec softcast --frequency 433M --radio file:sent.sigmf-meta";
    folder.run(&words.split(' ').collect::<Vec<_>>()).ok();
    let running = Running::start(&folder, &["replay", "sent.sigmf-meta", "--out", "out"]);
    let state = running.wait_for("the end", |state| state["run"]["phase"] == "ended");
    let picture = &state["pictures"][0];
    assert_eq!(
        (&picture["name"], &picture["outcome"]),
        (&"0001".into(), &"received".into())
    );
    assert_eq!(state["bursts"]["received"], picture["bursts_expected"]);
    let report = std::fs::read_to_string(folder.path("out/0001.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    for figure in picture["stages"].as_array().unwrap().last().unwrap()["figures"]
        .as_array()
        .unwrap()
    {
        let name = figure["name"].as_str().unwrap();
        assert_eq!(figure["value"], report[name], "{name}");
    }
    let file = running.request("GET /picture/1/file/0001.png", "");
    assert!(
        file.contains("content-disposition: attachment"),
        "{:?}",
        file.lines().next()
    );
}
