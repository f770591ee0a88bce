//! One stream of bursts: sent, distorted, received, compared.
//!
//! A stream is 64 bursts through one synchronizer; its random numbers depend on the seed and on its own number only, so that
//! threads change nothing. Each burst passes a channel of its own (offsets, delay, fading, noise), and the outputs are
//! joined; chunk sizes come from a random stream of their own.

use heliograph::bits::digital::{DigitalDecoder, DigitalStream, Section};
use heliograph::bits::header::HeaderLimits;
use heliograph::metrics::papr_db;
use heliograph::propagation::{Propagation, PropagationConfig};
use heliograph::waveform::CarrierPlan;
use heliograph::waveform::demodulator::{DemodulatedBurst, Demodulator};
use heliograph::waveform::preamble::RAMP_SAMPLES;
use heliograph::waveform::synchronizer::{AcquiredBurst, Synchronizer, SynchronizerCounters};
use num_complex::Complex32;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::chunk::Chunk;
use super::sent::{BurstMaker, SentBurst};
use super::settings::Settings;

/// Bursts of one stream.
pub const STREAM_BURSTS: usize = 64;
/// A burst found this far from one that was sent is that one: the longest echo and some.
const TOLERANCE_SAMPLES: f64 = 96.0;

/// What became of one burst that was sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Record {
    /// Es/N0 that arrived, dB: of the channel times the mean |H|^2 of this draw.
    pub snr_db: Option<f64>,
    pub papr_db: f64,
    pub received: Option<Reception>,
}

/// Measurements on a received burst against what was sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reception {
    pub snr_estimate_db: f64,
    pub snr_standard_error_db: f64,
    pub cfo_error_hz: f64,
    pub clock_error_ppm: f64,
    pub timing_error_samples: f64,
    pub header_evm_db: f64,
    pub clipping_flagged: bool,
    pub damaged_symbols: usize,
    pub caption: Option<Caption>,
    pub analog: Analog,
}

/// What the digital part of one burst gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caption {
    Right,
    Lost,
    /// Another one than was sent: must never happen.
    Wrong,
}

/// Sums over the analog symbols of a burst that were not lost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Analog {
    pub symbols: usize,
    pub lost: usize,
    /// |sent|^2.
    pub power: f64,
    /// |received - sent|^2.
    pub error: f64,
    /// |received - sent|^2 over the variance that a receiver who knows the channel would have.
    pub error_over_ideal: f64,
    /// |received - sent|^2 over the variance claimed.
    pub error_over_claimed: f64,
}

/// A whole stream.
#[derive(Clone, Debug, Default)]
pub struct StreamResult {
    pub records: Vec<Record>,
    pub headers_wrong: u64,
    pub false_bursts: u64,
    pub counters: SynchronizerCounters,
}

/// A sent burst while it may still arrive.
struct Awaited {
    sent: SentBurst,
    start_sample: f64,
    cfo_hz: f64,
    sfo_ppm: f64,
    /// Noise over |H|^2 for each data carrier; empty without noise.
    ideal_variances: Vec<f64>,
}

struct Stream<'a> {
    settings: &'a Settings,
    maker: BurstMaker,
    plan: CarrierPlan,
    receiver: ChunkedReceiver,
    demodulator: Demodulator,
    awaited: Vec<Awaited>,
    result: StreamResult,
}

/// Sends stream number `index` of `bursts` bursts and says what arrived.
///
/// # Errors
/// Settings that no burst can be made of.
pub fn run(settings: &Settings, index: u64, bursts: usize) -> anyhow::Result<StreamResult> {
    let mut rng = random(settings.seed, index, 0);
    let mut stream = Stream {
        settings,
        maker: BurstMaker::new(settings)?,
        plan: CarrierPlan::new(settings.numerology),
        receiver: ChunkedReceiver::new(settings, index),
        demodulator: Demodulator::new(settings.numerology),
        awaited: Vec::new(),
        result: StreamResult::default(),
    };
    for _ in 0..bursts {
        stream.send(&mut rng)?;
    }
    let acquired = stream.receiver.finish();
    stream.take(acquired);
    stream.result.counters = stream.receiver.counters();
    Ok(stream.result)
}

impl Stream<'_> {
    fn send(&mut self, rng: &mut Xoshiro256PlusPlus) -> anyhow::Result<()> {
        let mut sent = self.maker.burst(rng);
        let gap = rng.random_range(0..=self.settings.gap_samples_max);
        let config = self.channel_of_burst(rng);
        let mut channel = Propagation::new(&config, self.settings.sample_rate_hz, rng.random())?;
        let mut samples = vec![Complex32::ZERO; gap];
        let burst_samples = std::mem::take(&mut sent.samples);
        samples.extend_from_slice(&burst_samples);
        let mut output = channel.push(&samples);
        let gains = self.gains(&channel);
        output.extend(channel.finish());
        let mean_gain = gains.iter().sum::<f64>() / gains.len() as f64;
        self.result.records.push(Record {
            snr_db: config.snr_db.map(|snr| snr + 10.0 * mean_gain.log10()),
            papr_db: papr_db(&burst_samples).unwrap_or(f64::NAN),
            received: None,
        });
        let emitted = (gap + RAMP_SAMPLES) as f64 + config.delay_samples;
        self.awaited.push(Awaited {
            start_sample: self.receiver.samples as f64 + emitted / (1.0 + config.sfo_ppm * 1e-6),
            cfo_hz: config.cfo_hz,
            sfo_ppm: config.sfo_ppm,
            ideal_variances: self.ideal_variances(&config, &gains),
            sent,
        });
        let acquired = self.receiver.push(&output);
        self.take(acquired);
        Ok(())
    }

    /// The channel with this burst's own offsets and alignment.
    fn channel_of_burst(&self, rng: &mut Xoshiro256PlusPlus) -> PropagationConfig {
        let mut config = self.settings.propagation.clone();
        let mut symmetric = |max: f64| max * rng.random_range(-1.0..=1.0);
        config.cfo_hz += symmetric(self.settings.cfo_hz_max);
        config.sfo_ppm += symmetric(self.settings.sfo_ppm_max);
        config.delay_samples += rng.random_range(0.0..1.0);
        config
    }

    /// |H|^2 of every used carrier.
    fn gains(&self, channel: &Propagation) -> Vec<f64> {
        let rate = self.settings.sample_rate_hz;
        let spacing = self.settings.numerology.carrier_spacing_hz(rate);
        let response = |&k: &i32| channel.multipath_response(f64::from(k) * spacing, rate);
        self.plan
            .used
            .iter()
            .map(|k| response(k).norm_sqr())
            .collect()
    }

    fn ideal_variances(&self, config: &PropagationConfig, gains: &[f64]) -> Vec<f64> {
        let Some(snr_db) = config.snr_db else {
            return Vec::new();
        };
        let noise = 10f64.powf(-snr_db / 10.0);
        self.plan.data.iter().map(|&i| noise / gains[i]).collect()
    }

    fn take(&mut self, acquired: Vec<AcquiredBurst>) {
        for burst in acquired {
            let at = burst.start_sample as f64;
            let distance = |i: &usize| (self.awaited[*i].start_sample - at).abs();
            let nearest =
                (0..self.awaited.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)));
            match nearest.filter(|i| distance(i) < TOLERANCE_SAMPLES) {
                Some(i) if self.result.records[i].received.is_none() => self.receive(i, &burst),
                _ => self.result.false_bursts += 1,
            }
        }
    }

    fn receive(&mut self, index: usize, burst: &AcquiredBurst) {
        if burst.header != self.awaited[index].sent.header {
            self.result.headers_wrong += 1;
            return;
        }
        let received = self.demodulator.demodulate(burst);
        let reception = self.compare(&self.awaited[index], &received);
        self.result.records[index].received = Some(reception);
        // Its symbols are not needed again.
        self.awaited[index].sent.analog = Vec::new();
    }

    fn compare(&self, awaited: &Awaited, received: &DemodulatedBurst) -> Reception {
        let report = &received.report;
        let cfo_hz = f64::from(report.cfo_cycles_per_sample) * self.settings.sample_rate_hz;
        Reception {
            snr_estimate_db: report.snr.db.into(),
            snr_standard_error_db: report.snr.standard_error_db.into(),
            cfo_error_hz: cfo_hz - awaited.cfo_hz,
            clock_error_ppm: f64::from(report.clock_ppm) - awaited.sfo_ppm,
            timing_error_samples: received.start_sample as f64 - awaited.start_sample,
            header_evm_db: report.evm_db.into(),
            clipping_flagged: report.clipping.is_flagged(),
            damaged_symbols: report.damaged_symbols,
            caption: self.caption(awaited, received),
            analog: Analog::compare(&awaited.sent.analog, received, &awaited.ideal_variances),
        }
    }

    fn caption(&self, awaited: &Awaited, received: &DemodulatedBurst) -> Option<Caption> {
        let mut decoder = DigitalDecoder::new(self.maker.digital_code()?.clone());
        if decoder.accept(0, &received.digital).is_err() {
            return Some(Caption::Lost);
        }
        let stream = DigitalStream::from_outcome(&decoder.decode());
        Some(match stream.caption {
            Section::Received(text) if Some(&text) == awaited.sent.caption.as_ref() => {
                Caption::Right
            }
            Section::Received(_) | Section::Absent => Caption::Wrong,
            Section::Lost => Caption::Lost,
        })
    }
}

impl Analog {
    fn compare(sent: &[Complex32], received: &DemodulatedBurst, ideal: &[f64]) -> Self {
        let mut sums = Self {
            symbols: sent.len(),
            ..Self::default()
        };
        let pairs = sent.iter().zip(&received.analog).zip(&received.variances);
        for (i, ((x, y), &claimed)) in pairs.enumerate() {
            if claimed.is_infinite() {
                sums.lost += 1;
                continue;
            }
            let error = f64::from((x - y).norm_sqr());
            sums.power += f64::from(x.norm_sqr());
            sums.error += error;
            sums.error_over_claimed += error / f64::from(claimed);
            if !ideal.is_empty() {
                sums.error_over_ideal += error / ideal[i % ideal.len()];
            }
        }
        sums
    }

    /// Symbols that were compared.
    pub fn compared(&self) -> usize {
        self.symbols - self.lost
    }
}

/// A synchronizer fed in chunks of its own choice.
pub struct ChunkedReceiver {
    synchronizer: Synchronizer,
    chunk: Chunk,
    rng: Xoshiro256PlusPlus,
    pending: Vec<Complex32>,
    next: usize,
    /// Samples given to it so far.
    pub samples: u64,
}

impl ChunkedReceiver {
    pub fn new(settings: &Settings, stream: u64) -> Self {
        let limits = HeaderLimits {
            digital_bits_per_symbol: 2 * settings.numerology.data_carriers() as u32,
            ..Default::default()
        };
        let mut rng = random(settings.seed, stream, 1);
        Self {
            synchronizer: Synchronizer::new(settings.numerology, limits),
            chunk: settings.chunk,
            next: settings.chunk.draw(&mut rng),
            rng,
            pending: Vec::new(),
            samples: 0,
        }
    }

    pub fn push(&mut self, samples: &[Complex32]) -> Vec<AcquiredBurst> {
        self.samples += samples.len() as u64;
        self.pending.extend_from_slice(samples);
        let (mut bursts, mut done) = (Vec::new(), 0);
        while self.pending.len() - done >= self.next {
            bursts.extend(
                self.synchronizer
                    .push(&self.pending[done..done + self.next]),
            );
            done += self.next;
            self.next = self.chunk.draw(&mut self.rng);
        }
        self.pending.drain(..done);
        bursts
    }

    pub fn finish(&mut self) -> Vec<AcquiredBurst> {
        let mut bursts = self.synchronizer.push(&self.pending);
        self.pending.clear();
        bursts.extend(self.synchronizer.finish());
        bursts
    }

    pub fn counters(&self) -> SynchronizerCounters {
        self.synchronizer.counters()
    }
}

/// Random numbers of one purpose of one stream.
pub fn random(seed: u64, stream: u64, purpose: u64) -> Xoshiro256PlusPlus {
    let mut base = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mixed = base.random::<u64>() ^ (2 * stream + purpose).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Xoshiro256PlusPlus::seed_from_u64(mixed)
}
