//! One photo through transmitter, channel and receiver: the flowgraph of the loopback, fed with one photo.

use std::sync::Arc;

use heliograph::codec::{Cbr, Codec};
use heliograph::link::{
    Ledger, LinkError, ReceivedPicture, ReceiverConfig, Transmission, Transmitter,
    TransmitterConfig,
};
use heliograph::photo::Photo;
use heliograph::propagation::PropagationConfig;
use heliograph::waveform::Numerology;
use heliograph_flowgraphs::event::LoopbackEvent;
use heliograph_flowgraphs::loopback::{LoopbackConfig, LoopbackSummary, run};
use heliograph_flowgraphs::supervisor::Stage;
use num_complex::Complex32;

use crate::progress::Progress;

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
}

/// What came of it.
#[derive(Default)]
pub struct Crossing {
    /// Channel uses of the transmission.
    pub ledger: Ledger,
    /// Bursts, repetitions included.
    pub bursts_sent: u64,
    /// Those of them lost on purpose.
    pub bursts_dropped: u64,
    /// `None` when not one burst arrived.
    pub picture: Option<Box<ReceivedPicture>>,
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
) -> anyhow::Result<Crossing> {
    progress.busy("encoding");
    let mut crossing = Crossing::default();
    let pictures = [(photo.clone(), caption.map(str::to_owned))];
    let summary = run(config.loopback(), pictures, |event| match event {
        LoopbackEvent::Sent(sent) => {
            crossing.ledger = sent.ledger;
            crossing.bursts_sent = sent.bursts as u64;
            progress.expect(sent.bursts as u64, "bursts");
        }
        LoopbackEvent::Burst(_) => progress.step(),
        LoopbackEvent::Picture(picture) => keep_fuller(&mut crossing.picture, picture),
        LoopbackEvent::Started { .. } => {}
    })?;
    crossing.bursts_dropped = summary.dropper.dropped;
    crossing.seconds = seconds(&summary);
    crossing.qpsk = summary.constellation.qpsk.into();
    Ok(crossing)
}

/// A picture that paused too long comes in two parts: the fuller one counts.
fn keep_fuller(kept: &mut Option<Box<ReceivedPicture>>, fresh: Box<ReceivedPicture>) {
    let fuller = |old: &ReceivedPicture| fresh.bursts_received > old.bursts_received;
    if kept.as_deref().is_none_or(fuller) {
        *kept = Some(fresh);
    }
}

/// The photo is read before the graph starts.
fn seconds(summary: &LoopbackSummary) -> Vec<(&'static str, f64)> {
    let stages = summary.seconds.iter().filter(|(s, _)| *s != Stage::Read);
    stages.map(|(stage, s)| (stage.name(), *s)).collect()
}

/// Peak-to-average power ratio of the samples sent, dB: the bursts are made again, as the graph keeps no samples.
///
/// # Errors
/// As [`cross`].
pub fn papr_db(
    config: &ChainConfig,
    photo: &Photo,
    caption: Option<&str>,
) -> Result<Option<f64>, LinkError> {
    let mut transmitter = Transmitter::new(config.transmitter(), config.codec.clone())?;
    Ok(papr_db_of(transmitter.picture(photo, caption)?))
}

fn papr_db_of(transmission: Transmission) -> Option<f64> {
    let (mut peak, mut sum, mut count) = (0f64, 0f64, 0u64);
    for burst in transmission {
        count += burst.len() as u64;
        for power in burst.iter().map(|x| f64::from(x.norm_sqr())) {
            peak = peak.max(power);
            sum += power;
        }
    }
    (sum > 0.0).then(|| 10.0 * (peak * count as f64 / sum).log10())
}
