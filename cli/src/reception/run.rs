//! One run of the receiver: from a stream of samples to files, until something ends it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use heliograph::bits::header::HeaderLimits;
use heliograph::link::{AssemblerConfig, ReceivedPicture, ReceiverConfig};
use heliograph::waveform::Numerology;
use heliograph_flowgraphs::StopFlag;
use heliograph_flowgraphs::event::{Event, ReceivedBurst};
use heliograph_flowgraphs::receive::{Monitor, ReceiveConfig, ReceiveGraph};
use heliograph_hardware::RxStream;

use super::on_page;
use super::picture_files::Taken;
use super::pictures::Pictures;
use super::report::Reception;
use super::status::{Latest, Status};
use super::summary::{GivenOut, Summary};
use crate::exit;
use crate::json;
use crate::live::Page;
use crate::output;
use crate::render::constellation;

/// File of the summary in the folder of the results.
const SUMMARY: &str = "summary.json";
/// File of the constellation there.
const CONSTELLATION: &str = "constellation.png";
/// How often it is looked whether the run is over.
const WATCH: Duration = Duration::from_millis(50);

/// How a run is set.
pub struct ReceptionSettings {
    pub folder: PathBuf,
    pub numerology: Numerology,
    pub sample_rate_hz: f64,
    /// Seconds without a burst after which an incomplete picture is given out.
    pub timeout_seconds: f64,
    /// Pixels of a picture, at most: bounds memory and time, whatever bursts announce.
    pub max_pixels: u64,
    pub limits: Limits,
}

/// What ends a run beside Ctrl-C and the end of the stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Pictures received.
    pub pictures: Option<u64>,
    /// Seconds by the clock.
    pub seconds: Option<f64>,
}

/// What is known of the radio beside its samples.
#[derive(Default)]
pub struct RadioState {
    /// What is wrong now, if something is.
    pub trouble: Option<Box<dyn Fn() -> Option<String> + Send>>,
    /// Times that it had to be opened again.
    pub reconnections: Option<Box<dyn Fn() -> u64 + Send>>,
}

/// Where what is received goes.
pub struct Ends<'a> {
    pub pictures: &'a mut Pictures,
    /// Hears of every picture that was written.
    pub announce: &'a dyn Fn(&Reception) -> anyhow::Result<()>,
    pub listener: &'a mut dyn BurstListener,
    /// Who looks on.
    pub page: Option<&'a Page>,
}

/// Hears of every burst.
pub trait BurstListener {
    /// A burst was received.
    ///
    /// # Errors
    /// What it writes cannot be written.
    fn hear(&mut self, burst: &ReceivedBurst) -> anyhow::Result<()>;
}

/// Takes no notice of bursts.
pub struct NoTake;

impl BurstListener for NoTake {
    fn hear(&mut self, _burst: &ReceivedBurst) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Receives until the stream ends, a limit is reached or `interrupted` is raised.
///
/// # Errors
/// The radio is gone, or the folder cannot be written; what was received before is there, with the summary.
pub fn run(
    radio: Box<dyn RxStream>,
    state: RadioState,
    settings: &ReceptionSettings,
    ends: Ends<'_>,
    interrupted: &'static AtomicBool,
) -> anyhow::Result<Summary> {
    let config = ReceiveConfig {
        window: ends.page.map(Page::window),
        ..config(settings)
    };
    let stop = config.stop.clone();
    let graph = ReceiveGraph::build(config, radio)?;
    let (monitor, latest) = (graph.monitor(), Latest::default());
    let trouble = state.trouble.unwrap_or_else(|| Box::new(|| None));
    let page = ends.page;
    let trouble = match page {
        Some(page) => page.overhears(trouble),
        None => trouble,
    };
    let status = Status::start(
        monitor.clone(),
        latest.clone(),
        settings.sample_rate_hz,
        trouble,
    );
    let watch = Watch::start(stop.clone(), interrupted, settings.limits.seconds);
    let mut intake = Intake {
        ends,
        limit: settings.limits.pictures,
        latest,
        given: GivenOut::default(),
        failure: None,
        takes_no_more: false,
    };
    let outcome = graph.run(|event| {
        if intake.take(event) == Appetite::Full {
            stop.stop();
        }
    });
    drop((status, watch));
    if let Some(page) = page {
        page.settle();
    }
    let reconnections = state.reconnections.map_or(0, |count| count());
    let summary = Summary::new(intake.given, &monitor.counters(), reconnections);
    let written = write(settings, &summary, &monitor);
    if let Some(failure) = intake.failure {
        return Err(failure);
    }
    outcome?;
    written.map(|()| summary)
}

fn config(settings: &ReceptionSettings) -> ReceiveConfig {
    let timeout_samples = (settings.timeout_seconds * settings.sample_rate_hz) as i64;
    ReceiveConfig {
        receiver: ReceiverConfig {
            numerology: settings.numerology,
            limits: HeaderLimits {
                max_pixels: settings.max_pixels,
                ..HeaderLimits::default()
            },
            assembler: AssemblerConfig {
                timeout_samples,
                ..AssemblerConfig::default()
            },
        },
        ..ReceiveConfig::default()
    }
}

/// Takes what comes.
struct Intake<'a> {
    ends: Ends<'a>,
    /// Pictures wanted.
    limit: Option<u64>,
    latest: Latest,
    given: GivenOut,
    /// The first. A recording that failed ends the run, but not before what came is painted.
    failure: Option<anyhow::Error>,
    /// Pictures cannot be written.
    takes_no_more: bool,
}

/// Is more wanted?
#[derive(PartialEq, Eq)]
enum Appetite {
    More,
    Full,
}

impl Intake<'_> {
    fn take(&mut self, event: Event) -> Appetite {
        if self.is_full() {
            return Appetite::Full;
        }
        let taken = match event {
            Event::Burst(burst) => {
                self.latest.set(burst.report);
                if let Some(page) = self.ends.page {
                    page.burst(&burst.report);
                }
                self.ends.listener.hear(&burst)
            }
            Event::Picture(picture) => {
                let taken = self.picture(&Arc::from(picture));
                self.takes_no_more = taken.is_err();
                taken
            }
            _ => Ok(()),
        };
        if let Err(error) = taken {
            self.failure.get_or_insert(error);
        }
        if self.is_full() || self.failure.is_some() {
            Appetite::Full
        } else {
            Appetite::More
        }
    }

    fn picture(&mut self, picture: &Arc<ReceivedPicture>) -> anyhow::Result<()> {
        let Taken {
            reception, photo, ..
        } = match self.ends.page {
            Some(page) => on_page::take(page, self.ends.pictures, picture)?,
            None => self.ends.pictures.take(picture)?,
        };
        drop(photo);
        self.given.pictures += 1;
        self.given.incomplete += u64::from(reception.bursts_missing > 0);
        self.given.not_painted += u64::from(reception.not_painted.is_some());
        self.given.published += u64::from(reception.id.is_some());
        (self.ends.announce)(&reception)
    }

    fn is_full(&self) -> bool {
        self.takes_no_more || self.limit.is_some_and(|limit| self.given.pictures >= limit)
    }
}

fn write(settings: &ReceptionSettings, summary: &Summary, monitor: &Monitor) -> anyhow::Result<()> {
    let text = json::text(summary)?;
    output::write_text(&settings.folder.join(SUMMARY), &text)?;
    let points = monitor.constellation();
    if points.analog.is_empty() {
        return Ok(());
    }
    let (digital, analog) = (Vec::from(points.qpsk), Vec::from(points.analog));
    let plot = constellation::draw(&constellation::Contents {
        digital: &digital,
        analog: &analog,
        subtitle: summary.words(),
    });
    let path = settings.folder.join(CONSTELLATION);
    output::write_png(&path, &plot, plot.width(), plot.height())
}

/// Raises the flag of a run when its time is over or the user wants it.
struct Watch {
    over: StopFlag,
    thread: Option<thread::JoinHandle<()>>,
}

impl Watch {
    fn start(stop: StopFlag, interrupted: &'static AtomicBool, seconds: Option<f64>) -> Self {
        let over = StopFlag::default();
        let flag = over.clone();
        let start = Instant::now();
        let thread = thread::spawn(move || {
            while !flag.is_set() {
                let is_late = seconds.is_some_and(|s| start.elapsed().as_secs_f64() >= s);
                if is_late || interrupted.load(Ordering::Relaxed) {
                    stop.stop();
                }
                thread::sleep(WATCH);
            }
        });
        Self {
            over,
            thread: Some(thread),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            exit::say(&anyhow::anyhow!(
                "the thread that watches the clock panicked"
            ));
        }
    }
}
