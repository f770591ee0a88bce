//! From the window of the flowgraph to the page's state, ten times a second.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use heliograph::link::{Ledger as Uses, ReceivedPicture};
use heliograph::waveform::Numerology;
use heliograph::waveform::demodulator::BurstReport;
use heliograph_flowgraphs::StopFlag;
use heliograph_flowgraphs::counters::RadioSinkCounters;
use heliograph_flowgraphs::window::Window;
use heliograph_page::Publisher;
use heliograph_page::state::{
    Advice, Ledger, LedgerEntry, Link, Live, Phase, Recording, Sent, Trend,
};

use super::Link as Source;
use super::look::{self, Converter};
use crate::reception::advice;

/// How often.
const INTERVAL: Duration = Duration::from_millis(100);
/// Bursts of the past that are shown.
const MAX_TREND: usize = 160;
/// A peak is held so long.
const HOLD: Duration = Duration::from_secs(60);
/// Clipping is shown so long.
const MARK: Duration = Duration::from_secs(3);

/// What the page is fed with. Clones share it.
#[derive(Clone)]
pub struct Feed {
    window: Window,
    notes: Arc<Mutex<Notes>>,
}

/// What is remembered between two looks.
struct Notes {
    start: Instant,
    numerology: Numerology,
    sample_rate_hz: f64,
    converter: Converter,
    rows: u64,
    peak: Option<(Instant, f32)>,
    clipped: Option<Instant>,
    trend: Trend,
    latest: Option<BurstReport>,
    lost: u64,
    repaired: u64,
    ledger: Option<Ledger>,
    bursts_shown: u64,
    recording: Option<LatestRecording>,
    recording_shown: Option<Recording>,
    recently: advice::Recently,
}

/// The latest recording and its files.
type LatestRecording = Arc<dyn Fn() -> Option<(Recording, Vec<PathBuf>)> + Send + Sync>;

impl Feed {
    pub fn new(window: Window) -> Self {
        let notes = Notes {
            start: Instant::now(),
            numerology: Numerology::default(),
            sample_rate_hz: 1.0,
            converter: Converter::Radio,
            rows: 0,
            peak: None,
            clipped: None,
            trend: Trend::default(),
            latest: None,
            lost: 0,
            repaired: 0,
            ledger: None,
            bursts_shown: 0,
            recording: None,
            recording_shown: None,
            recently: advice::Recently::default(),
        };
        Self {
            window,
            notes: Arc::new(Mutex::new(notes)),
        }
    }

    pub fn window(&self) -> Window {
        self.window.clone()
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the samples are.
    pub fn set_link(&self, link: &Source) {
        let mut notes = self.notes();
        notes.numerology = link.numerology;
        notes.sample_rate_hz = link.radio.sample_rate_hz;
        notes.converter = link.converter;
    }

    /// Where the latest recording comes from.
    pub fn set_recording(&self, latest: LatestRecording) {
        self.notes().recording = Some(latest);
    }

    /// Shows the latest recording, where it changed.
    fn show_recording(&self, publisher: &Publisher) {
        let Some((recording, files)) = self.changed_recording() else {
            return;
        };
        publisher.recording(recording, &files);
    }

    fn changed_recording(&self) -> Option<(Recording, Vec<PathBuf>)> {
        // Not under the lock: a recording that ends may wait for its disk.
        let latest = self.notes().recording.clone()?;
        let (recording, files) = latest()?;
        let before = self.notes().recording_shown.replace(recording.clone());
        (before.as_ref() != Some(&recording)).then_some((recording, files))
    }

    /// A burst was received.
    pub fn burst(&self, report: &BurstReport) {
        let mut notes = self.notes();
        let link = look::link(report, notes.sample_rate_hz);
        let seconds = look::short(notes.start.elapsed().as_secs_f32(), 2);
        let shown = Link {
            snr_db: link.snr_db.and_then(|db| look::finite(db, 2)),
            snr_standard_error_db: link
                .snr_standard_error_db
                .and_then(|db| look::finite(db, 2)),
            clock_offset_ppm: look::short(link.clock_offset_ppm, 2),
            ..link
        };
        notes.trend.push(seconds, &shown, MAX_TREND);
        notes.latest = Some(*report);
    }

    /// A picture was given out.
    pub fn picture(&self, picture: &ReceivedPicture) {
        let mut notes = self.notes();
        let repeats = u64::from(picture.header.fields().repeat_count);
        let missing = picture.bursts_missing as u64;
        let copies_lost = (picture.bursts_expected - picture.bursts_received) as u64;
        notes.lost += missing;
        notes.repaired += copies_lost.saturating_sub(missing * repeats);
        notes.ledger = Some(ledger(&picture.ledger, picture.size().pixels()));
    }

    /// Channel uses of a picture that is sent.
    pub fn sent(&self, uses: &Uses, pixels: usize) {
        self.notes().ledger = Some(ledger(uses, pixels));
    }

    /// A last look, when a run ends.
    pub fn flush(&self, publisher: &Publisher) {
        publisher.update(|live| self.fill(live));
    }

    /// Fills the state with what there is now.
    fn fill(&self, live: &mut Live) {
        let mut notes = self.notes();
        let now = Instant::now();
        if live.run.phase != Phase::Ended {
            live.run.seconds = (notes.start.elapsed().as_secs_f64() * 10.0).round() / 10.0;
        }
        let is_paused = live.run.phase == Phase::Paused;
        // What is silent on purpose is not shown.
        if let Some(samples) = self.window.take_samples().filter(|_| !is_paused) {
            notes.rows += 1;
            live.spectrum = look::spectrum(&samples, notes.sample_rate_hz, notes.rows);
            let mut level = look::level(&samples, notes.converter);
            notes.hold(&mut level.held_peak_dbfs, now);
            notes.clipped = level.clips.then_some(now).or(notes.clipped);
            live.level = Some(level);
        }
        if let Some(level) = &mut live.level {
            level.clips = notes.clipped.is_some_and(|at| now - at < MARK);
        }
        self.bursts(&mut notes, live);
        let counters = self.window.counters();
        live.bursts.detected = counters.synchronizer.detected;
        live.bursts.received = counters.demodulator.bursts;
        live.bursts.clipped = counters.demodulator.clipped;
        live.bursts.headers_lost = counters.synchronizer.headers_lost;
        live.bursts.refused = counters.assembler.refused;
        (live.bursts.lost, live.bursts.repaired) = (notes.lost, notes.repaired);
        live.samples.received = counters.radio.samples.max(counters.synchronizer.samples);
        live.samples.lost = counters.radio.samples_lost;
        live.samples.gaps = counters.radio.gaps;
        live.samples.gaps_of_unknown_length = counters.radio.gaps_of_unknown_length;
        live.samples.at_full_scale = counters.radio.samples_at_full_scale;
        live.ledger.clone_from(&notes.ledger);
        let level = live.level.as_ref().map(|level| level.mean_dbfs);
        live.sent = self.window.sent().map(sent);
        live.advice = match self.window.sent() {
            Some(sent) => advice::of_transmitter(&sent).map(shown).collect(),
            None => {
                let heard = notes.recently.heard(&counters, now);
                advice::all(&heard, level).map(shown).collect()
            }
        };
        if is_paused {
            // Silence on purpose is nothing to advise on, now or afterwards.
            live.advice.clear();
            notes.recently = advice::Recently::default();
        }
    }

    /// What bursts showed, if there are new ones.
    fn bursts(&self, notes: &mut Notes, live: &mut Live) {
        if let Some(burst) = self.window.take_burst() {
            live.channel = look::channel(notes.numerology, &burst.channel);
            live.constellation.pilots = look::thinned(&burst.pilots);
        }
        let bursts = self.window.counters().demodulator.bursts;
        if bursts != notes.bursts_shown
            && let Some(monitor) = self.window.monitor()
        {
            notes.bursts_shown = bursts;
            let points = monitor.constellation();
            live.constellation.qpsk = look::points(points.qpsk.iter());
            live.constellation.latents = look::points(points.analog.iter());
        }
        if let Some(report) = &notes.latest {
            live.link = Some(look::link(report, notes.sample_rate_hz));
            live.trend.clone_from(&notes.trend);
        }
    }
}

impl Notes {
    /// The largest peak of the last minute, about.
    fn hold(&mut self, peak: &mut f32, now: Instant) {
        match self.peak {
            Some((at, held)) if held >= *peak && now - at < HOLD => *peak = held,
            _ => self.peak = Some((now, *peak)),
        }
    }
}

fn shown(advice: advice::Advice) -> Advice {
    Advice {
        words: advice.words.to_owned(),
        cause: advice.cause.to_owned(),
        remedy: advice.remedy.to_owned(),
    }
}

fn sent(now: RadioSinkCounters) -> Sent {
    Sent {
        pictures: now.pictures,
        bursts: now.bursts,
        samples: now.samples,
        samples_clipped: now.samples_clipped,
        underflows: now.underflows,
        late: now.late,
    }
}

/// Channel uses as the page shows them.
fn ledger(uses: &Uses, pixels: usize) -> Ledger {
    let entry = |(kind, uses): (&str, f64)| LedgerEntry {
        kind: kind.to_owned(),
        uses: uses.round(),
    };
    Ledger {
        entries: uses.kinds().into_iter().map(entry).collect(),
        total: uses.total().round(),
        analog_share: uses.analog_share(),
        cbr_total: uses.total() / (3.0 * pixels as f64),
    }
}

/// Feeds until it is dropped.
pub struct Feeder {
    over: StopFlag,
    thread: Option<thread::JoinHandle<()>>,
}

impl Feeder {
    pub fn start(feed: Feed, publisher: Publisher) -> Self {
        let over = StopFlag::default();
        let flag = over.clone();
        let thread = thread::spawn(move || {
            while !flag.is_set() {
                publisher.update(|live| feed.fill(live));
                feed.show_recording(&publisher);
                thread::sleep(INTERVAL);
            }
        });
        Self {
            over,
            thread: Some(thread),
        }
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.over.stop();
        if let Some(thread) = self.thread.take() {
            // A page that is not fed is no reason to fail.
            let _ = thread.join();
        }
    }
}
