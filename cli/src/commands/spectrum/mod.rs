//! `heliograph spectrum`: is anything else on this channel?

mod args;
mod finding;
mod plot;
mod terminal;

use std::time::Duration;

use anyhow::Context;
use heliograph::metrics::{Spectrum, SpectrumEstimator};
use heliograph::waveform::clipping::is_at_rail;
use heliograph_hardware::{Direction, Lost, RadioError, RxStream};
use num_complex::Complex32;

pub use args::SpectrumArgs;
use finding::Finding;

use crate::exit::Ending;
use crate::json;
use crate::output;
use crate::progress::Progress;

/// Samples that are asked for at a time.
const PIECE: usize = 1 << 14;
/// A radio that is silent for so long does not work.
const LIMIT: Duration = Duration::from_secs(2);

/// Listens, draws and says what is there.
///
/// # Errors
/// A radio that cannot be opened or is silent; a file that cannot be written.
pub fn run(args: &SpectrumArgs) -> anyhow::Result<Ending> {
    let mut open = args.radio.open(Direction::Receive)?;
    let named = || open.name.clone();
    let mut stream = open.radio.receive().with_context(named)?;
    let samples = (args.seconds * open.settings.sample_rate_hz) as u64;
    let heard =
        listen(&mut *stream, args.bins, samples.max(args.bins as u64)).with_context(named)?;
    let finding = Finding::new(&heard, &open.settings, args.numerology);
    if let Some(path) = &args.out {
        let page = plot::draw(&heard.spectrum, &finding);
        output::write_png(path, &page, page.width(), page.height())?;
    }
    match args.json {
        true => output::print(&json::line(&finding)?)?,
        false => output::print(&format!(
            "{}\n{}",
            terminal::draw(&heard.spectrum, &finding),
            finding.words()
        ))?,
    }
    Ok(Ending::Done)
}

/// What was heard.
pub struct Heard {
    pub spectrum: Spectrum,
    pub samples: u64,
    pub samples_lost: u64,
    pub samples_at_full_scale: u64,
}

/// Hears `samples` samples; windows never reach across a gap.
fn listen(stream: &mut dyn RxStream, bins: usize, samples: u64) -> anyhow::Result<Heard> {
    let progress = Progress::new("listening".to_owned());
    let mut estimator = SpectrumEstimator::new(bins)?;
    let mut buffer = vec![Complex32::ZERO; PIECE];
    let (mut heard, mut lost, mut at_rails) = (0, 0, 0);
    while heard < samples {
        let wanted = buffer.len().min((samples - heard) as usize);
        let reception = match stream.read(&mut buffer[..wanted], LIMIT) {
            Err(RadioError::Ended) if heard > 0 => break,
            reception => reception?,
        };
        match reception.lost {
            Lost::Nothing => {}
            Lost::Samples(n) => lost += n,
            Lost::Unknown => lost += 1,
        }
        if reception.lost != Lost::Nothing {
            estimator.interrupt();
        }
        let fresh = &buffer[..reception.samples];
        estimator.push(fresh);
        at_rails += fresh.iter().filter(|x| is_at_rail(x)).count() as u64;
        heard += fresh.len() as u64;
        progress.say(format!("{heard} of {samples} samples"));
    }
    let spectrum = estimator.spectrum();
    Ok(Heard {
        spectrum: spectrum.context("fewer samples than one window came")?,
        samples: heard,
        samples_lost: lost,
        samples_at_full_scale: at_rails,
    })
}
