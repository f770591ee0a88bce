//! `heliograph receive`: pictures from a radio, as they come.

mod args;
mod controls;
mod on_demand;
mod radio;

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use heliograph_hardware::{RadioSettings, RxStream};
use heliograph_queue::Publisher;

pub use args::{ReceiveArgs, ReceptionArgs};
use radio::{Link, WhenGone};

use crate::codec_args::refuse_painting;
use crate::exit::Ending;
use crate::figures::hertz;
use crate::live::{self, Page, Pausable, WhilePaused};
use crate::painters::Painters;
use crate::queue::Spool;
use crate::radio_args::rates;
use crate::reception::{
    self, BurstListener, Ends, KeepSymbols, Limits, NoTake, PictureFiles, Pictures, RadioState,
    Reception, ReceptionSettings,
};
use crate::say::say;
use crate::{interrupt, json, output, recording};

/// How often it is looked for Ctrl-C.
const WATCH: Duration = Duration::from_millis(50);

/// Receives until something ends it.
///
/// # Errors
/// Flags that do not go together; a radio that cannot be opened; files that cannot be written.
pub fn run(args: ReceiveArgs) -> anyhow::Result<Ending> {
    let mut pictures = Receiver::prepare(args.reception, "receive")?;
    let when_gone = match args.no_reconnect {
        true => WhenGone::End,
        false => WhenGone::OpenAgain {
            gone_after: args.gone_after,
        },
    };
    let link = radio::open(&args.radio, when_gone)?;
    pictures.announce(&link)?;
    pictures.show(&link.name, &link.settings, "receiving");
    let rate_hz = link.settings.sample_rate_hz;
    let while_paused = link.tuning.while_paused();
    let Some(path) = &args.record else {
        let (stream, recorder) = controls::join(&pictures, link.stream, &link.tuning);
        let source = Source {
            stream,
            state: link.state,
            while_paused,
        };
        let ending = pictures.receive(source, rate_hz, &mut NoTake);
        // A recording that was begun on the page ends with the run.
        let finished = recorder.stop().map_err(anyhow::Error::msg);
        let published = pictures.publish_rest();
        return ending.and_then(|ending| finished.map(|()| ending.or_failed(!published)));
    };
    controls::tune(&pictures, &link.tuning, None);
    let (stream, mut recording) = recording::tee(
        link.stream,
        path,
        &link.settings,
        &link.name,
        args.record_as,
    )?;
    controls::show_recording(&pictures, &recording, path);
    let source = Source {
        stream,
        state: link.state,
        while_paused,
    };
    let ending = pictures.receive(source, rate_hz, &mut recording);
    let finished = recording.finish();
    let published = pictures.publish_rest();
    // A recording that failed says at its end only that it did.
    ending.and_then(|ending| finished.map(|()| ending.or_failed(!published)))
}

/// What is received from.
pub struct Source {
    pub stream: Box<dyn RxStream>,
    pub state: RadioState,
    /// What becomes of its samples when the page pauses the run.
    pub while_paused: WhilePaused,
}

/// A receiver whose flags and weights are known to be good, and whose page is open.
pub struct Receiver {
    args: ReceptionArgs,
    painters: Option<Painters>,
    /// Where pictures are painted by others, with this receiver's name.
    publisher: Option<(String, Publisher)>,
    /// What was received, once something was.
    pictures: Option<Pictures>,
    page: Option<Page>,
}

impl Receiver {
    /// Opens the page, then the painters.
    ///
    /// # Errors
    /// A port that is taken; flags or weights that cannot be used.
    pub fn prepare(args: ReceptionArgs, command: &str) -> anyhow::Result<Self> {
        let page = args.page.open(command, &args.painter, &args.model)?;
        let publisher = args.publish.open()?;
        let painters = match publisher {
            Some(_) => {
                refuse_painting(&args.painter, &args.model)?;
                Painters::lazy(args.painter.clone(), args.model.clone())
            }
            None => Painters::new(args.painter.clone(), args.model.clone())?,
        };
        if let (Some(page), Some(_)) = (&page, &publisher) {
            page.paints_nothing();
        }
        Ok(Self {
            publisher,
            pictures: None,
            args,
            painters: Some(painters),
            page,
        })
    }

    /// Says on the page, if there is one, what is received.
    pub fn show(&self, name: &str, settings: &RadioSettings, words: &str) {
        if let Some(page) = &self.page {
            let numerology = self.args.numerology;
            let radio = live::radio(name, settings, numerology);
            page.running(
                live::Link {
                    radio,
                    numerology,
                    converter: live::Converter::Radio,
                },
                words.to_owned(),
            );
        }
    }

    /// The page, if there is one.
    fn page(&self) -> Option<&Page> {
        self.page.as_ref()
    }

    /// A recording is over soon: its page stays until Ctrl-C.
    pub fn stay(&self) {
        let interrupted = interrupt::take_first();
        if self.page.is_some() && !interrupted.load(Ordering::Relaxed) {
            say!("page: it stays until Ctrl-C");
            while !interrupted.load(Ordering::Relaxed) {
                thread::sleep(WATCH);
            }
        }
    }

    /// Says that the radio receives, and how it is set.
    fn announce(&self, link: &Link) -> anyhow::Result<()> {
        let settings = &link.settings;
        if self.args.json {
            return output::print(&json::line(&serde_json::json!({
                "receiving": link.name,
                "frequency_hz": settings.frequency_hz,
                "sample_rate_hz": settings.sample_rate_hz,
                "radio_rate_hz": settings.radio_rate_hz,
                "gain_db": settings.gain_db,
                "antenna": settings.antenna,
            }))?);
        }
        output::print(&format!(
            "receiving: {}, {}, {}",
            link.name,
            hertz(settings.frequency_hz),
            rates(settings)
        ))
    }

    /// Receives from `stream` to its end, a limit, or Ctrl-C.
    ///
    /// # Errors
    /// A radio that is gone; files that cannot be written.
    pub fn receive(
        &mut self,
        source: Source,
        sample_rate_hz: f64,
        listener: &mut dyn BurstListener,
    ) -> anyhow::Result<Ending> {
        let args = &self.args;
        let stream = match &self.page {
            Some(page) => {
                page.allow_pause();
                let dials = page.dials().clone();
                Box::new(Pausable::new(source.stream, dials, source.while_paused))
            }
            None => source.stream,
        };
        let settings = ReceptionSettings {
            folder: args.out.clone(),
            numerology: args.numerology,
            sample_rate_hz,
            timeout_seconds: args.timeout,
            max_pixels: 1_000_000 * u64::from(args.max_megapixels),
            limits: Limits {
                pictures: args.pictures,
                seconds: args.seconds,
            },
        };
        let symbols = if args.symbols {
            KeepSymbols::OfAll
        } else {
            KeepSymbols::OfUnpainted
        };
        let painters = self.painters.take().expect("a receiver receives once");
        let files = PictureFiles::new(&args.out, symbols)?;
        let spool = self.publisher.take();
        let spool = spool.map(|(name, publisher)| Spool::open(&args.out, name, publisher));
        let pictures = Pictures::new(files, painters, spool.transpose()?, sample_rate_hz)?;
        let pictures = self.pictures.insert(pictures);
        let interrupted = interrupt::take_first();
        let announce = |reception: &Reception| match args.json {
            true => output::print(&json::line(reception)?),
            false => output::print(&reception.words()),
        };
        let ends = Ends {
            pictures,
            announce: &announce,
            listener,
            page: self.page.as_ref(),
        };
        let summary = reception::run(stream, source.state, &settings, ends, interrupted)?;
        if let Some(page) = &self.page {
            page.ended(summary.words());
        }
        match args.json {
            true => output::print(&json::line(&summary)?)?,
            false => output::print(&summary.words())?,
        }
        Ok(match summary.pictures {
            0 => Ending::NothingArrived,
            _ => Ending::Done,
        })
    }

    /// Publishes what still waits, if it is published at all; whether nothing is left.
    pub fn publish_rest(&mut self) -> bool {
        self.pictures.take().is_none_or(Pictures::finish)
    }
}
