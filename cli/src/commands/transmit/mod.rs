//! `heliograph transmit`: photos to a radio.

mod args;
mod on_page;
mod photos;
mod radio;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use heliograph::link::TransmitterConfig;
use heliograph_flowgraphs::StopFlag;
use heliograph_flowgraphs::blocks::{OnRefusal, Pause};
use heliograph_flowgraphs::event::{Event, SentPicture, TransmittedPicture};
use heliograph_flowgraphs::transmit::{self, TransmitConfig, TransmitSummary};
use heliograph_hardware::sigmf::MAX_SILENCE_S;
use serde::Serialize;

pub use args::TransmitArgs;
use photos::{Queue, photos};
use radio::Link;

use crate::exit::{self, Ending, UsageError};
use crate::figures::{counted, grouped, seconds};
use crate::live::{Page, SentPhoto};
use crate::progress::{CurrentProgress, Progress};
use crate::{interrupt, json, output};

/// How often it is looked for Ctrl-C.
const WATCH: Duration = Duration::from_millis(50);

/// A photo that went out, as a line of JSON.
#[derive(Debug, Serialize)]
struct Sent {
    photo: String,
    path: Option<PathBuf>,
    caption: Option<String>,
    picture_id: u16,
    bursts: u64,
    bursts_planned: u64,
    samples_clipped: u64,
    air_time_seconds: f64,
    cbr_total: f64,
}

/// Sends the photos.
///
/// # Errors
/// A radio that cannot be opened or goes away; flags that do not go together.
pub fn run(args: TransmitArgs) -> anyhow::Result<Ending> {
    check_pause(&args)?;
    let progress = CurrentProgress::default();
    let page = args
        .page
        .open("transmit", &args.codec.painter, &args.codec.model)?;
    let codec = args.codec.open(progress.listener())?.codec;
    let captioner = args.captioner.open(args.codec.model.device())?;
    let Link {
        radio,
        name,
        rate_hz,
    } = radio::open(&args, page.as_ref())?;
    let (defaults, queue) = (TransmitConfig::new(codec), Queue::default());
    let config = TransmitConfig {
        transmitter: TransmitterConfig {
            numerology: args.numerology,
            cbr: args.cbr,
            repeats: args.repeat,
            seed: args.seed.unwrap_or_else(seed_of_the_clock),
            peak_limit_db: args.peak_limit_db,
        },
        level_dbfs: args.level_dbfs,
        pause: pause(&args, defaults.pause, rate_hz),
        on_refusal: Some(left_out(queue.clone())),
        window: page.as_ref().map(Page::window),
        hold: page
            .as_ref()
            .map(|page| page.dials().hold())
            .unwrap_or_default(),
        ..defaults
    };
    follow(config.stop.clone(), interrupt::take_first());
    let bar = Progress::new("transmitting".to_owned());
    let mut announcer = Announcer {
        json: args.json,
        rate_hz,
        queue: queue.clone(),
        waiting: Vec::new(),
        page: page.as_ref(),
        codec: args.codec.codec.name(),
    };
    let mut failure = None;
    let stop = config.stop.clone();
    let silence = config.pause.samples as u64;
    let photos = photos(&args, captioner, queue.clone(), page.is_some());
    let summary = transmit::run(config, radio, photos, |event| {
        if let Err(error) = announcer.hear(event, &bar) {
            failure.get_or_insert(error);
            stop.stop();
        }
    })
    .with_context(|| name)?;
    drop(bar);
    if let Some(page) = &page {
        page.ended(words(&summary));
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    conclude(&args, &summary, queue.unread(), silence)
}

/// Silence takes room in a file.
fn check_pause(args: &TransmitArgs) -> anyhow::Result<()> {
    match args.pause {
        Some(found) if args.radio.is_file() && found > MAX_SILENCE_S => {
            let allowed = format!("allowed at most {MAX_SILENCE_S} s into a file");
            Err(UsageError(format!("--pause: found {found} s, {allowed}")).into())
        }
        _ => Ok(()),
    }
}

/// A file has no clock but its samples: the pause is silence there.
fn pause(args: &TransmitArgs, usual: Pause, rate_hz: f64) -> Pause {
    let seconds = args.pause.unwrap_or_default();
    match args.radio.is_file() {
        true => Pause {
            samples: usual.samples + (seconds * rate_hz) as usize,
            ..usual
        },
        false => Pause {
            rest: Duration::from_secs_f64(seconds),
            ..usual
        },
    }
}

/// A photo that cannot be encoded is said and left out, as one that cannot be read.
fn left_out(queue: Queue) -> OnRefusal {
    Arc::new(move |cause| queue.refuse(cause.into()))
}

/// Two transmitters that start together must not use the same numbers.
fn seed_of_the_clock() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanoseconds = now.map_or(0, |now| now.as_nanos() as u64);
    nanoseconds ^ (u64::from(std::process::id()) << 40)
}

/// Raises the flag of the run when Ctrl-C comes.
fn follow(stop: StopFlag, interrupted: &'static AtomicBool) {
    // It ends with the program.
    thread::spawn(move || {
        while !interrupted.load(Ordering::Relaxed) {
            thread::sleep(WATCH);
        }
        stop.stop();
    });
}

/// Says what went out.
struct Announcer<'a> {
    json: bool,
    rate_hz: f64,
    queue: Queue,
    /// Encoded and not yet out.
    waiting: Vec<SentPicture>,
    page: Option<&'a Page>,
    codec: &'static str,
}

impl Announcer<'_> {
    fn hear(&mut self, event: Event, bar: &Progress) -> anyhow::Result<()> {
        match event {
            Event::Sent(sent) => {
                bar.say(format!("{} pictures encoded", sent.index + 1));
                self.waiting.push(sent);
                Ok(())
            }
            Event::Transmitted(out) => self.announce(out),
            _ => Ok(()),
        }
    }

    fn announce(&mut self, out: TransmittedPicture) -> anyhow::Result<()> {
        let place = self.waiting.iter().position(|s| s.index == out.index);
        let Some(sent) = place.map(|place| self.waiting.remove(place)) else {
            return Ok(());
        };
        let photo = self.queue.next();
        if let (Some(page), Some(look)) = (self.page, &photo.look) {
            page.sent(&SentPhoto {
                name: &photo.name,
                photo: look,
                caption: photo.caption.as_deref(),
                codec: self.codec,
                bursts: out.bursts,
                bursts_planned: out.bursts_planned,
                ledger: &sent.ledger,
            });
        }
        let line = Sent {
            photo: photo.name,
            path: photo.path,
            caption: photo.caption,
            picture_id: out.picture_id,
            bursts: out.bursts,
            bursts_planned: out.bursts_planned,
            samples_clipped: out.samples_clipped,
            air_time_seconds: sent.ledger.samples as f64 / self.rate_hz,
            cbr_total: sent.ledger.total() / (3.0 * sent.size.pixels() as f64),
        };
        if self.json {
            return output::print(&json::line(&line)?);
        }
        let clipped = match line.samples_clipped {
            0 => String::new(),
            n => format!("  {} samples clipped", grouped(n)),
        };
        output::print(&format!(
            "{}  {}  {} of {}  {}{clipped}",
            line.photo,
            sent.size,
            line.bursts,
            counted(line.bursts_planned, "burst"),
            seconds(line.air_time_seconds),
        ))
    }
}

/// The last line, and how it ended; behind each picture was `silence`, samples.
fn conclude(
    args: &TransmitArgs,
    summary: &TransmitSummary,
    unread: u64,
    silence: u64,
) -> anyhow::Result<Ending> {
    let radio = &summary.radio;
    if args.json {
        output::print(&json::line(&serde_json::json!({
            "pictures": radio.pictures,
            "pictures_not_read": unread,
            "bursts": radio.bursts,
            "samples": radio.samples,
            "samples_clipped": radio.samples_clipped,
            "underflows": radio.underflows,
            "late": radio.late,
            "confirmed": radio.confirmed,
            "wall_seconds": summary.wall_seconds,
        }))?)?;
    } else if radio.pictures > 0 {
        output::print(&words(summary))?;
    }
    let heard = radio
        .samples
        .saturating_sub(radio.pictures.saturating_mul(silence));
    if radio.samples_clipped * 1000 > heard {
        exit::say(&anyhow::anyhow!(
            "more than 0.1 % of the samples were clipped: lower --level-dbfs, or set --peak-limit-db"
        ));
    }
    Ok(match (unread, radio.pictures) {
        (0, _) => Ending::Done,
        _ => Ending::Failed,
    })
}

fn words(summary: &TransmitSummary) -> String {
    let radio = &summary.radio;
    let mut words = format!(
        "{} in {}",
        counted(radio.pictures, "picture"),
        counted(radio.bursts, "burst")
    );
    for (count, what) in [
        (radio.underflows, "underflow"),
        (radio.late, "late transmission"),
        (radio.samples_clipped, "clipped sample"),
    ] {
        if count > 0 {
            words.push_str(&format!("; {}", counted(count, what)));
        }
    }
    words
}
