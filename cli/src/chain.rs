//! One photo through transmitter, channel and receiver: the flowgraph of the loopback, fed with one photo.

use std::sync::Arc;

use heliograph::codec::{Cbr, Codec};
use heliograph::link::{Ledger, ReceivedPicture, ReceiverConfig, TransmitterConfig};
use heliograph::photo::Photo;
use heliograph::propagation::PropagationConfig;
use heliograph::waveform::Numerology;
use heliograph_flowgraphs::event::Event;
use heliograph_flowgraphs::loopback::{LoopbackConfig, LoopbackSummary, run};
use heliograph_flowgraphs::supervisor::Stage;
use heliograph_flowgraphs::window::Window;
use num_complex::Complex32;

use crate::live::Page;
use crate::output;
use crate::progress::Progress;

/// A stream buffer is mapped twice, one after the other.
const BUFFER_COPIES: u64 = 2;

/// Settings of both ends and what lies between.
#[derive(Clone)]
pub struct ChainConfig {
    pub codec: Arc<dyn Codec>,
    pub cbr: Cbr,
    pub numerology: Numerology,
    pub repeats: u8,
    pub peak_limit_db: Option<f32>,
    pub sample_rate_hz: f64,
    pub channel: PropagationConfig,
    pub drop_probability: f64,
    pub seed: u64,
    /// For those who look on.
    pub window: Option<Window>,
}

/// What came of it.
#[derive(Default)]
pub struct Crossing {
    /// What was sent beside it.
    pub caption: Option<String>,
    /// Channel uses of the transmission.
    pub ledger: Ledger,
    /// Bursts, repetitions included.
    pub bursts_sent: u64,
    /// Those of them lost on purpose.
    pub bursts_dropped: u64,
    /// `None` when not one burst arrived.
    pub picture: Option<Arc<ReceivedPicture>>,
    /// Peak-to-average power ratio of the samples sent.
    pub papr_db: Option<f64>,
    /// Equalized symbols of the digital part.
    pub qpsk: Vec<Complex32>,
    /// Computing time by stage.
    pub seconds: Vec<(&'static str, f64)>,
}

impl ChainConfig {
    fn transmitter(&self) -> TransmitterConfig {
        TransmitterConfig {
            numerology: self.numerology,
            cbr: self.cbr,
            repeats: self.repeats,
            seed: self.seed,
            peak_limit_db: self.peak_limit_db,
        }
    }

    fn loopback(&self) -> LoopbackConfig {
        LoopbackConfig {
            transmitter: self.transmitter(),
            receiver: ReceiverConfig {
                numerology: self.numerology,
                ..ReceiverConfig::default()
            },
            propagation: self.channel.clone(),
            sample_rate_hz: self.sample_rate_hz,
            drop_probability: self.drop_probability,
            seed: self.seed,
            window: self.window.clone(),
            ..LoopbackConfig::new(self.codec.clone())
        }
    }
}

/// Sends the photo.
///
/// # Errors
/// Settings that the link or the channel refuse, and whatever a block of the graph fails with.
pub fn cross(
    config: &ChainConfig,
    photo: &Photo,
    caption: Option<&str>,
    progress: &Progress,
    page: Option<&Page>,
) -> anyhow::Result<Crossing> {
    let loopback = config.loopback();
    output::check_temporary_folder(BUFFER_COPIES * 8 * loopback.buffer_samples as u64)?;
    progress.busy("encoding");
    let mut crossing = Crossing {
        caption: caption.map(str::to_owned),
        ..Crossing::default()
    };
    let pictures = [(photo.clone(), caption.map(str::to_owned))];
    let summary = run(loopback, pictures, |event| match event {
        Event::Sent(sent) => {
            crossing.ledger = sent.ledger;
            crossing.bursts_sent = sent.bursts as u64;
            progress.expect(sent.bursts as u64, "bursts");
        }
        Event::Burst(burst) => {
            progress.step();
            if let Some(page) = page {
                page.burst(&burst.report);
            }
        }
        Event::Picture(picture) => keep_fuller(&mut crossing.picture, picture),
        Event::Started { .. } | Event::Transmitted(_) => {}
    })?;
    crossing.bursts_dropped = summary.dropper.dropped;
    crossing.papr_db = summary.papr_db;
    crossing.seconds = seconds(&summary);
    crossing.qpsk = summary.constellation.qpsk.into();
    Ok(crossing)
}

/// A picture that paused too long comes in two parts: the fuller one counts.
fn keep_fuller(kept: &mut Option<Arc<ReceivedPicture>>, fresh: Box<ReceivedPicture>) {
    let fuller = |old: &ReceivedPicture| fresh.bursts_received > old.bursts_received;
    if kept.as_deref().is_none_or(fuller) {
        *kept = Some(Arc::from(fresh));
    }
}

/// The photo is read before the graph starts.
fn seconds(summary: &LoopbackSummary) -> Vec<(&'static str, f64)> {
    let stages = summary.seconds.iter().filter(|(s, _)| *s != Stage::Read);
    stages.map(|(stage, s)| (stage.name(), *s)).collect()
}
