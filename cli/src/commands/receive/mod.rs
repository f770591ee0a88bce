//! `heliograph receive`: pictures from a radio, as they come.

mod args;
mod radio;

use heliograph_hardware::RxStream;

pub use args::{ReceiveArgs, ReceptionArgs};
use radio::{Link, WhenGone};

use crate::exit::Ending;
use crate::figures::{grouped, hertz};
use crate::painters::Painters;
use crate::reception::{
    self, BurstListener, Ends, KeepSymbols, Limits, NoTake, Pictures, RadioState, Reception,
    ReceptionSettings,
};
use crate::{interrupt, output, recording};

/// Receives until something ends it.
///
/// # Errors
/// Flags that do not go together; a radio that cannot be opened; files that cannot be written.
pub fn run(args: ReceiveArgs) -> anyhow::Result<Ending> {
    let mut pictures = Receiver::prepare(args.reception)?;
    let when_gone = match args.no_reconnect {
        true => WhenGone::End,
        false => WhenGone::OpenAgain,
    };
    let link = radio::open(&args.radio, when_gone)?;
    pictures.announce(&link)?;
    let rate_hz = link.settings.sample_rate_hz;
    let Some(path) = &args.record else {
        return pictures.receive(link.stream, link.state, rate_hz, &mut NoTake);
    };
    let (stream, mut recording) = recording::tee(
        link.stream,
        path,
        &link.settings,
        &link.name,
        args.record_as,
    )?;
    let ending = pictures.receive(stream, link.state, rate_hz, &mut recording);
    let finished = recording.finish();
    // A recording that failed says at its end only that it did.
    ending.and_then(|ending| finished.map(|()| ending))
}

/// A receiver whose flags and weights are known to be good.
pub struct Receiver {
    args: ReceptionArgs,
    painters: Option<Painters>,
}

impl Receiver {
    /// Opens the painters.
    ///
    /// # Errors
    /// Flags or weights that cannot be used.
    pub fn prepare(args: ReceptionArgs) -> anyhow::Result<Self> {
        let painters = Painters::new(args.painter.clone(), args.model.clone())?;
        Ok(Self {
            args,
            painters: Some(painters),
        })
    }

    /// Says that the radio receives, and how it is set.
    fn announce(&self, link: &Link) -> anyhow::Result<()> {
        let settings = &link.settings;
        if self.args.json {
            return output::print(&serde_json::to_string(&serde_json::json!({
                "receiving": link.name,
                "frequency_hz": settings.frequency_hz,
                "sample_rate_hz": settings.sample_rate_hz,
                "gain_db": settings.gain_db,
                "antenna": settings.antenna,
            }))?);
        }
        output::print(&format!(
            "receiving: {}, {}, {} samples per second",
            link.name,
            hertz(settings.frequency_hz),
            grouped(settings.sample_rate_hz as u64)
        ))
    }

    /// Receives from `stream` to its end, a limit, or Ctrl-C.
    ///
    /// # Errors
    /// A radio that is gone; files that cannot be written.
    pub fn receive(
        &mut self,
        stream: Box<dyn RxStream>,
        state: RadioState,
        sample_rate_hz: f64,
        listener: &mut dyn BurstListener,
    ) -> anyhow::Result<Ending> {
        let args = &self.args;
        let settings = ReceptionSettings {
            folder: args.out.clone(),
            numerology: args.numerology,
            sample_rate_hz,
            timeout_seconds: args.timeout,
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
        let mut pictures = Pictures::new(&args.out, painters, sample_rate_hz, symbols)?;
        let interrupted = interrupt::take_first();
        let announce = |reception: &Reception| match args.json {
            true => output::print(&serde_json::to_string(reception)?),
            false => output::print(&reception.words()),
        };
        let ends = Ends {
            pictures: &mut pictures,
            announce: &announce,
            listener,
        };
        let summary = reception::run(stream, state, &settings, ends, interrupted)?;
        match args.json {
            true => output::print(&serde_json::to_string(&summary)?)?,
            false => output::print(&summary.words())?,
        }
        Ok(match summary.pictures {
            0 => Ending::NothingArrived,
            _ => Ending::Done,
        })
    }
}
