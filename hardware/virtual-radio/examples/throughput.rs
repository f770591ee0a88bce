//! Two programs, one sending without a pause and one receiving, at the pace of the clock: what is lost, and what it costs.
//!
//! `cargo run --release -p heliograph-virtual-radio --features soapy --example throughput -- [SECONDS [RATE_HZ [ARGUMENTS]]]`
//! with device arguments of the receiver, such as `cfo_hz=1000,noise_dbfs=-40`. Samples are compared with those sent
//! unless there are arguments.

use std::env;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[expect(dead_code, reason = "shared with the tests")]
#[path = "../tests/virtual_radio/radio.rs"]
mod radio;

use radio::{OVERFLOW, Radio, Sample, TIMEOUT, UNDERFLOW};

const PERIOD: usize = 1 << 16;

/// A sample for each place in the period, all different and none zero.
fn pattern() -> Vec<Sample> {
    let sample = |n: usize| {
        [
            ((n & 255) as f32 + 1.0) / 512.0,
            ((n >> 8) as f32 + 1.0) / 512.0,
        ]
    };
    (0..PERIOD).map(sample).collect()
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |at: usize, default| arguments.get(at).map_or(default, |a| a.parse().unwrap());
    let (seconds, rate_hz) = (number(0, 20.0), number(1, 5e6));
    match env::var("HELIOGRAPH_THROUGHPUT_ETHER") {
        Ok(ether) => transmit(&ether, seconds, rate_hz),
        Err(_) => receive(seconds, rate_hz, arguments.get(2).map_or("", |a| a)),
    }
}

fn transmit(ether: &str, seconds: f64, rate_hz: f64) {
    let radio = Radio::transmitter(&format!("ether={ether},id=sender"), rate_hz);
    let pattern = pattern();
    let (end, mut underflows) = (
        Instant::now() + Duration::from_secs_f64(seconds + 2.0),
        0u64,
    );
    let mut at = 0;
    while Instant::now() < end {
        let result = radio.write(&pattern[at..], None, false, 1_000_000);
        assert!(result > 0, "write: {result}");
        at = (at + result as usize) % PERIOD;
        while radio.status(0).result == UNDERFLOW {
            underflows += 1;
        }
    }
    println!("sender: {underflows} underflows, {}", cpu(seconds + 2.0));
}

fn receive(seconds: f64, rate_hz: f64, arguments: &str) {
    let ether = format!("throughput-{}", std::process::id());
    let comma = if arguments.is_empty() { "" } else { "," };
    let radio = Radio::receiver(
        &format!("ether={ether},id=receiver,pace=clock{comma}{arguments}"),
        rate_hz,
    );
    let mut sender = Command::new(env::current_exe().unwrap())
        .args([seconds.to_string(), rate_hz.to_string()])
        .env("HELIOGRAPH_THROUGHPUT_ETHER", &ether)
        .stdout(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut count = Count::new(rate_hz);
    let mut samples = vec![[0f32; 2]; 8192];
    let start = Instant::now();
    while start.elapsed().as_secs_f64() < seconds + 1.0 {
        let outcome = radio.read(&mut samples, 1_000_000);
        match outcome.result {
            OVERFLOW => count.overflows += 1,
            TIMEOUT => count.timeouts += 1,
            taken => count.samples(&samples[..taken as usize], outcome.time_ns),
        }
    }
    println!("receiver: {}, {}", count.report(), cpu(seconds + 1.0));
    if arguments.is_empty() {
        println!("receiver: {} samples differ from those sent", count.wrong);
    }
    assert!(sender.wait().unwrap().success());
}

/// What has arrived since the sender was first heard.
struct Count {
    rate_hz: f64,
    pattern: Vec<Sample>,
    expected: Option<(i64, usize)>,
    received: u64,
    lost: i64,
    wrong: u64,
    overflows: u64,
    timeouts: u64,
}

impl Count {
    fn new(rate_hz: f64) -> Self {
        Self {
            rate_hz,
            pattern: pattern(),
            expected: None,
            received: 0,
            lost: 0,
            wrong: 0,
            overflows: 0,
            timeouts: 0,
        }
    }

    fn samples(&mut self, samples: &[Sample], time_ns: i64) {
        let index = (time_ns as f64 * self.rate_hz / 1e9).round() as i64;
        let (index, samples) = match self.expected {
            Some((expected, _)) => {
                self.lost += index - expected;
                (index, samples)
            }
            None => {
                let Some(first) = samples.iter().position(|&s| s != [0.0, 0.0]) else {
                    return;
                };
                (index + first as i64, &samples[first..])
            }
        };
        let start = match self.expected {
            Some((expected, at)) => at + (index - expected) as usize,
            None => 0,
        };
        for (n, &sample) in samples.iter().enumerate() {
            self.wrong += u64::from(sample != self.pattern[(start + n) % PERIOD]);
        }
        self.received += samples.len() as u64;
        let next = (start + samples.len()) % PERIOD;
        self.expected = Some((index + samples.len() as i64, next));
    }

    fn report(&self) -> String {
        format!(
            "{} samples, {} lost in {} overflows, {} timeouts",
            self.received, self.lost, self.overflows, self.timeouts
        )
    }
}

/// Processor time of this process, relative to the wall clock.
fn cpu(seconds: f64) -> String {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let time = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    let used = time(usage.ru_utime) + time(usage.ru_stime);
    format!(
        "{:.1} % of one core, {} MiB",
        100.0 * used / seconds,
        usage.ru_maxrss / 1024
    )
}
