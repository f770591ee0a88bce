//! Counters and points over the control port, and runs that end although it is asked all the time.

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use heliograph_flowgraphs::event::Event;
use heliograph_flowgraphs::loopback::{LoopbackBlock, run};
use serde_json::Value;
use support::{config, photo, pictures, within};

/// One request; `None` if nothing sensible comes back.
fn request(address: SocketAddr, method: &str, path: &str, body: &str) -> Option<Value> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: radio\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.1 200").then_some(())?;
    serde_json::from_str(body).ok()
}

fn call(address: SocketAddr, block: LoopbackBlock, handler: &str) -> Option<Value> {
    let path = format!("/api/fg/0/block/{}/call/{handler}/", block as usize);
    request(address, "POST", &path, "\"Null\"")
}

fn local() -> Option<SocketAddr> {
    Some(SocketAddr::from(([127, 0, 0, 1], 0)))
}

#[test]
fn counters_and_constellation_are_readable_while_the_run_goes_on() {
    within(60, || {
        let mut config = config();
        config.control_port = local();
        let stop = config.stop.clone();
        let endless = (0..).map(|i| (photo(96, 64, i), None));
        let mut address = None;
        run(config, endless, |event| match event {
            Event::Started { control_port } => address = control_port,
            Event::Picture(_) if !stop.is_set() => {
                let address = address.expect("the port is told first");
                let count = |block, name: &str| {
                    let counters = call(address, block, "counters").expect("an answer");
                    counters["MapStrPmt"][name]["U64"].as_u64().unwrap()
                };
                assert!(count(LoopbackBlock::Source, "pictures") >= 1);
                assert!(count(LoopbackBlock::Modulator, "bursts") >= 1);
                assert!(count(LoopbackBlock::Dropper, "bursts") >= 1);
                assert!(count(LoopbackBlock::Propagation, "samples_out") >= 1);
                assert!(count(LoopbackBlock::Synchronizer, "detected") >= 1);
                assert!(count(LoopbackBlock::Demodulator, "bursts") >= 1);
                assert!(count(LoopbackBlock::Assembler, "pictures") >= 1);
                let points = call(address, LoopbackBlock::Demodulator, "constellation").unwrap();
                let analog = points["MapStrPmt"]["analog"]["VecCF32"].as_array().unwrap();
                assert!((1..=2048).contains(&analog.len()));
                stop.stop();
            }
            _ => (),
        })
        .unwrap();
    });
}

#[test]
fn the_graph_describes_itself_with_the_blocks_where_they_are_said_to_be() {
    within(60, || {
        let mut config = config();
        config.control_port = local();
        let mut description = None;
        run(config, pictures(1), |event| {
            if let Event::Started { control_port } = event {
                description = request(control_port.unwrap(), "GET", "/api/fg/0/", "");
            }
        })
        .unwrap();
        let description = description.unwrap();
        let name = |b: LoopbackBlock| description["blocks"][b as usize]["type_name"].clone();
        assert_eq!(name(LoopbackBlock::Source), "PictureSource");
        assert_eq!(name(LoopbackBlock::Dropper), "BurstDropper");
        assert_eq!(name(LoopbackBlock::Demodulator), "DemodulatorBlock");
        assert_eq!(name(LoopbackBlock::Sink), "PictureSink");
    });
}

#[test]
fn a_run_ends_although_all_blocks_are_asked_all_the_time() {
    within(60, || {
        let over = Arc::new(AtomicBool::new(false));
        let answers = Arc::new(AtomicU64::new(0));
        let mut asker = None;
        for _ in 0..3 {
            let mut config = config();
            config.control_port = local();
            let summary = run(config, pictures(3), |event| {
                if let Event::Started { control_port } = event {
                    asker = control_port.map(|a| ask_on(a, over.clone(), answers.clone()));
                }
            })
            .unwrap();
            assert_eq!(summary.assembler.pictures, 3);
            over.store(true, Ordering::Relaxed);
            asker.take().unwrap().join().unwrap();
            over.store(false, Ordering::Relaxed);
        }
        assert!(answers.load(Ordering::Relaxed) > 0);
    });
}

/// Asks source and description without pause until `over`.
fn ask_on(
    address: SocketAddr,
    over: Arc<AtomicBool>,
    answers: Arc<AtomicU64>,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        while !over.load(Ordering::Relaxed) {
            let answered = [
                call(address, LoopbackBlock::Source, "counters"),
                request(address, "GET", "/api/fg/0/", ""),
            ];
            let count = answered.iter().flatten().count() as u64;
            answers.fetch_add(count, Ordering::Relaxed);
        }
    })
}

#[test]
fn without_an_address_there_is_no_control_port() {
    within(60, || {
        run(config(), pictures(1), |event| {
            if let Event::Started { control_port } = event {
                assert_eq!(control_port, None);
            }
        })
        .unwrap();
    });
}
