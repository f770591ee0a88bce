//! The status line of a receiver: SNR, offset, level, bursts, losses; on a terminal only.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use heliograph::waveform::demodulator::BurstReport;
use heliograph_flowgraphs::StopFlag;
use heliograph_flowgraphs::receive::Monitor;

use super::advice::{Recently, advice};
use crate::figures::{grouped, hertz, number};
use crate::progress::Progress;

/// How often the line is drawn.
const INTERVAL: Duration = Duration::from_millis(200);

/// What the latest burst said, for the thread that draws.
#[derive(Clone, Default)]
pub struct Latest(Arc<Mutex<Option<BurstReport>>>);

impl Latest {
    /// Keeps it.
    pub fn set(&self, report: BurstReport) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }

    fn get(&self) -> Option<BurstReport> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Draws until it is dropped.
pub struct Status {
    over: StopFlag,
    thread: Option<thread::JoinHandle<()>>,
}

impl Status {
    /// Starts to draw. `radio_state` says what is wrong with the radio, if something is.
    pub fn start(
        monitor: Monitor,
        latest: Latest,
        sample_rate_hz: f64,
        radio_state: impl Fn() -> Option<String> + Send + 'static,
    ) -> Self {
        let over = StopFlag::default();
        let flag = over.clone();
        let thread = thread::spawn(move || {
            let progress = Progress::new("receiving".to_owned());
            let mut recently = Recently::default();
            while !flag.is_set() {
                let line = match radio_state() {
                    Some(trouble) => trouble,
                    None => line(&monitor, latest.get(), sample_rate_hz, &mut recently),
                };
                progress.say(line);
                thread::sleep(INTERVAL);
            }
        });
        Self {
            over,
            thread: Some(thread),
        }
    }
}

impl Drop for Status {
    fn drop(&mut self) {
        self.over.stop();
        if let Some(thread) = self.thread.take() {
            // A line that cannot be drawn is no reason to fail.
            let _ = thread.join();
        }
    }
}

fn line(
    monitor: &Monitor,
    latest: Option<BurstReport>,
    sample_rate_hz: f64,
    recently: &mut Recently,
) -> String {
    let now = monitor.counters();
    let level = monitor.level_dbfs();
    let mut parts = Vec::new();
    if let Some(report) = latest {
        parts.push(format!("SNR {} dB", number(report.snr.db.into(), 1)));
        let cfo_hz = f64::from(report.cfo_cycles_per_sample) * sample_rate_hz;
        parts.push(format!("CFO {}", hertz(cfo_hz)));
    }
    if let Some(level) = level {
        parts.push(format!("level {} dBFS", number(level.into(), 0)));
    }
    parts.push(format!("bursts {}", grouped(now.demodulator.bursts)));
    parts.push(format!("pictures {}", grouped(now.assembler.pictures)));
    if now.assembler.incomplete > 0 {
        parts.push(format!("incomplete {}", grouped(now.assembler.incomplete)));
    }
    if now.radio.gaps > 0 {
        let lost = grouped(now.radio.samples_lost);
        parts.push(format!(
            "lost {lost} samples in {} gaps",
            grouped(now.radio.gaps)
        ));
    }
    if let Some(advice) = advice(&recently.heard(&now, Instant::now()), level) {
        parts.push(advice.to_owned());
    }
    parts.join("  ")
}
