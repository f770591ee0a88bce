//! One photo through transmitter, channel and receiver.

use std::sync::Arc;
use std::time::Instant;

use heliograph::bits::llr::Llr;
use heliograph::codec::{Cbr, Codec};
use heliograph::link::{
    Ledger, ReceivedPicture, Receiver, ReceiverConfig, ReceiverEvent, Transmitter,
    TransmitterConfig,
};
use heliograph::photo::Photo;
use heliograph::propagation::{Propagation, PropagationConfig};
use heliograph::waveform::Numerology;
use heliograph::waveform::demodulator::DemodulatedBurst;
use num_complex::Complex32;

use crate::progress::Progress;

/// Digital symbols kept for the constellation, at most.
const MAX_QPSK: usize = 60_000;

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
pub struct Crossing {
    /// Channel uses of the transmission.
    pub ledger: Ledger,
    /// Bursts, repetitions included.
    pub bursts_sent: u64,
    /// Those of them lost on purpose.
    pub bursts_dropped: u64,
    /// `None` when not one burst arrived.
    pub picture: Option<Box<ReceivedPicture>>,
    /// Of the samples sent.
    pub papr_db: Option<f64>,
    /// Equalized symbols of the digital part.
    pub qpsk: Vec<Complex32>,
    /// Computing time by stage.
    pub seconds: Vec<(&'static str, f64)>,
}

/// Sends the photo.
///
/// # Errors
/// Settings that the link or the channel refuse.
pub fn cross(
    config: &ChainConfig,
    photo: &Photo,
    caption: Option<&str>,
    progress: &Progress,
) -> anyhow::Result<Crossing> {
    progress.busy("encoding");
    let start = Instant::now();
    let transmitter = TransmitterConfig {
        numerology: config.numerology,
        cbr: config.cbr,
        repeats: config.repeats,
        seed: config.seed,
        peak_limit_db: config.peak_limit_db,
    };
    let transmission =
        Transmitter::new(transmitter, config.codec.clone())?.picture(photo, caption)?;
    let encode = start.elapsed().as_secs_f64();
    let mut channel = Propagation::new(&config.channel, config.sample_rate_hz, config.seed)?;
    let receiver = ReceiverConfig {
        numerology: config.numerology,
        ..ReceiverConfig::default()
    };
    let mut receiver = Receiver::new(receiver);
    let (ledger, bursts) = (transmission.ledger(), transmission.burst_count() as u64);
    let mut crossing = Crossing {
        ledger,
        bursts_sent: bursts,
        bursts_dropped: 0,
        picture: None,
        papr_db: None,
        qpsk: Vec::new(),
        seconds: Vec::new(),
    };
    let carriers = config.numerology.data_carriers();
    progress.expect(bursts, "bursts");
    let start = Instant::now();
    receive(
        &mut crossing,
        carriers,
        receiver.push(&channel.push(&vec![Complex32::default(); 3_000])),
    );
    let (mut peak, mut power, mut count) = (0f64, 0f64, 0u64);
    for (i, mut samples) in transmission.enumerate() {
        for x in &samples {
            let p = f64::from(x.norm_sqr());
            peak = peak.max(p);
            power += p;
        }
        count += samples.len() as u64;
        if dropped(config, i as u64) {
            crossing.bursts_dropped += 1;
            samples.fill(Complex32::default());
        }
        receive(
            &mut crossing,
            carriers,
            receiver.push(&channel.push(&samples)),
        );
        progress.step();
    }
    receive(
        &mut crossing,
        carriers,
        receiver.push(&channel.push(&vec![Complex32::default(); 2_000])),
    );
    receive(&mut crossing, carriers, receiver.push(&channel.finish()));
    receive(&mut crossing, carriers, receiver.finish());
    crossing.papr_db = Some(10.0 * (peak * count as f64 / power).log10());
    crossing.seconds = vec![("encode", encode), ("link", start.elapsed().as_secs_f64())];
    Ok(crossing)
}

fn dropped(config: &ChainConfig, burst: u64) -> bool {
    let x = (config.seed ^ (burst + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x >> 11) as f64 / (1u64 << 53) as f64) < config.drop_probability
}

fn receive(crossing: &mut Crossing, carriers: usize, events: Vec<ReceiverEvent>) {
    for event in events {
        match event {
            ReceiverEvent::Burst(burst) => {
                let room = MAX_QPSK.saturating_sub(crossing.qpsk.len());
                crossing
                    .qpsk
                    .extend(qpsk(&burst, carriers).into_iter().take(room));
            }
            ReceiverEvent::Picture(picture) => keep_fuller(&mut crossing.picture, picture),
        }
    }
}

/// A picture that paused too long comes in two parts: the fuller one counts.
fn keep_fuller(kept: &mut Option<Box<ReceivedPicture>>, fresh: Box<ReceivedPicture>) {
    let fuller = |old: &ReceivedPicture| fresh.bursts_received > old.bursts_received;
    if kept.as_deref().is_none_or(fuller) {
        *kept = Some(fresh);
    }
}

/// Points of the digital part out of its soft bits: LLR = 2 sqrt(2) x / variance of the carrier.
fn qpsk(burst: &DemodulatedBurst, carriers: usize) -> Vec<Complex32> {
    let value = |llr: Llr, variance: f32| llr.0 * variance / 8f32.sqrt();
    burst
        .digital
        .chunks_exact(2)
        .zip(
            burst.variances[..carriers.min(burst.variances.len())]
                .iter()
                .cycle(),
        )
        .filter(|(_, variance)| variance.is_finite())
        .map(|(bits, &v)| Complex32::new(value(bits[0], v), value(bits[1], v)))
        .collect()
}
