//! `loopback --loop`: the photos again and again, each time with another seed, until Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::jobs::Job;
use super::settings::Settings;
use super::{announce, journey};
use crate::codec_args::CodecArgs;
use crate::exit::{self, Ending};
use crate::interrupt;
use crate::live::{self, Page};

/// How often it is looked for Ctrl-C.
const WATCH: Duration = Duration::from_millis(50);

/// Sends until Ctrl-C; a photo that fails is said and passed over.
///
/// # Errors
/// A round in which nothing could be sent; files that cannot be written.
pub fn run(
    mut settings: Settings,
    codec: &CodecArgs,
    page: Option<&Page>,
    pause: f64,
) -> anyhow::Result<Ending> {
    let interrupted = interrupt::take_first();
    settings.chain.window = page.map(Page::window);
    if let Some(page) = page {
        page.allow_pause();
        begin(page, &settings);
    }
    let jobs = settings.jobs.clone();
    loop {
        let mut failure = None;
        let mut done = 0;
        for (i, job) in jobs.iter().enumerate() {
            rest_while_paused(page, interrupted);
            if interrupted.load(Ordering::Relaxed) {
                return conclude(page);
            }
            match round(&mut settings, codec, job, i, page) {
                Ok(()) => done += 1,
                Err(error) => failure = Some(error),
            }
            rest(Duration::from_secs_f64(pause), interrupted);
        }
        match failure {
            Some(error) if done == 0 => return Err(error),
            Some(error) => exit::say(&error),
            None => {}
        }
    }
}

fn begin(page: &Page, settings: &Settings) {
    let chain = &settings.chain;
    let numerology = chain.numerology;
    let radio = live::channel(&settings.channel_name, chain.sample_rate_hz, numerology);
    page.running(
        live::Link {
            radio,
            numerology,
            converter: live::Converter::None,
        },
        "sending".to_owned(),
    );
}

fn round(
    settings: &mut Settings,
    codec: &CodecArgs,
    job: &Job,
    index: usize,
    page: Option<&Page>,
) -> anyhow::Result<()> {
    if let Some(page) = page {
        settings.turn(codec, page.dials().painter())?;
    }
    let report = journey::run(settings, job, page)?;
    settings.chain.seed = settings.chain.seed.wrapping_add(1);
    announce(settings, index, &report)
}

/// Rests, but not beyond Ctrl-C.
fn rest(time: Duration, interrupted: &AtomicBool) {
    let until = Instant::now() + time;
    while !interrupted.load(Ordering::Relaxed) && Instant::now() < until {
        thread::sleep(WATCH.min(until - Instant::now()));
    }
}

fn rest_while_paused(page: Option<&Page>, interrupted: &AtomicBool) {
    while page.is_some_and(|page| page.dials().is_paused()) && !interrupted.load(Ordering::Relaxed)
    {
        thread::sleep(WATCH);
    }
}

fn conclude(page: Option<&Page>) -> anyhow::Result<Ending> {
    if let Some(page) = page {
        page.ended("ended by Ctrl-C".to_owned());
    }
    Ok(Ending::Interrupted)
}
