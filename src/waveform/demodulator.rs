//! From a burst to soft bits and analog symbols, each with its noise variance.
//!
//! The header is known by now, so its symbols serve as further training: encoded again they sharpen the channel estimate
//! and the noise estimate. Then the pilots are followed through the burst and every data carrier is equalized.

use num_complex::Complex32;

use super::channel::ChannelEstimate;
use super::clipping::Clipping;
use super::equalizer::equalize;
use super::framing::BurstLayout;
use super::numerology::Numerology;
use super::prbs;
use super::snr::{NoiseEstimate, SnrEstimate};
use super::synchronizer::{AcquiredBurst, layout};
use super::tracking::{PilotGrid, Track};
use super::training::{Training, TrainingReader};
use crate::bits::header::{Checked, Header};
use crate::bits::llr::Llr;
use crate::bits::qpsk;

/// Noise this far below the signal damages nothing, however it stands out.
const LEAST_OUTLIER: f32 = 1e-4;
/// A symbol whose pilots are this much noisier than the burst is taken at its own noise: one in a million by chance.
const OUTLIER: f32 = 3.1;

/// A burst with its contents taken out.
#[derive(Clone, Debug)]
pub struct DemodulatedBurst {
    /// Its header.
    pub header: Header<Checked>,
    /// Position of the preamble in the stream, samples.
    pub start_sample: i64,
    /// Samples from there to its end.
    pub length_samples: usize,
    /// Equalized QPSK symbols of header and digital part: what a constellation shows.
    pub qpsk: Vec<Complex32>,
    /// Soft bits of the digital part, in the order of the air.
    pub digital: Vec<Llr>,
    /// Equalized analog symbols in the order of the air.
    pub analog: Vec<Complex32>,
    /// Noise variance of each analog symbol.
    pub variances: Vec<f32>,
    /// Gain of every used carrier, lowest frequency first: the channel at the head of the burst.
    pub channel: Vec<Complex32>,
    /// Equalized pilots of all symbols, turned so that all of them should lie at 1.
    pub pilots: Vec<Complex32>,
    /// What the burst says about the link.
    pub report: BurstReport,
}

/// Measurements on one burst.
#[derive(Clone, Copy, Debug)]
pub struct BurstReport {
    /// SNR with its standard error.
    pub snr: SnrEstimate,
    /// Carrier offset, cycles a sample.
    pub cfo_cycles_per_sample: f32,
    /// Offset of the sampling clock, parts per million.
    pub clock_ppm: f32,
    /// Error of the equalized header symbols against what they were, dB below their power.
    pub evm_db: f32,
    /// Mean power of the samples, dB against full scale 1.
    pub level_dbfs: f32,
    /// Clipping at the rails of the receiver.
    pub clipping: Clipping,
    /// OFDM symbols that were cut off or far noisier than the rest.
    pub damaged_symbols: usize,
    /// Parameters of the channel window that was chosen.
    pub channel_parameters: usize,
}

/// Demodulates bursts of one numerology.
pub struct Demodulator {
    numerology: Numerology,
    reader: TrainingReader,
}

/// Used carriers of a burst's body, row by row.
struct Body {
    carriers: Vec<Complex32>,
    used: usize,
}

impl Body {
    fn rows(&self) -> impl Iterator<Item = &[Complex32]> {
        self.carriers.chunks_exact(self.used)
    }
}

impl Demodulator {
    /// A demodulator of `numerology`.
    pub fn new(numerology: Numerology) -> Self {
        Self {
            numerology,
            reader: TrainingReader::new(numerology),
        }
    }

    /// Takes a burst apart.
    pub fn demodulate(&mut self, burst: &AcquiredBurst) -> DemodulatedBurst {
        let layout = layout(self.numerology, &burst.header);
        let training = &burst.training;
        let body = Body {
            carriers: self
                .reader
                .body(&burst.samples, training.cfo, 0..layout.body_symbols()),
            used: self.reader.plan.used.len(),
        };
        let header = self.header_points(&burst.header);
        let first = self.track(&body, &training.channel, training.noise.variance);
        let (channel, known_noise) = self.refine(&body, training, &header, &first);
        let track = self.track(&body, &channel, known_noise.variance);
        let gains = Body {
            carriers: self.turned_gains(&channel, &track),
            used: body.used,
        };
        let noise = self.noise(&body, &gains, channel.error_variance, known_noise, layout);
        let (points, variances) =
            self.equalize(&body, &gains, channel.error_variance, &noise, layout);
        let per_symbol = self.numerology.data_carriers();
        let (header_len, digital_len) = (
            layout.header_symbols() * per_symbol,
            layout.digital_symbols() * per_symbol,
        );
        let digital = header_len..header_len + digital_len;
        let observations = (self.reader.plan.used.len() * (2 + layout.header_symbols())) as f32;
        DemodulatedBurst {
            header: burst.header,
            start_sample: burst.start_sample,
            length_samples: layout.samples_from_preamble(),
            qpsk: points[..digital.end].to_vec(),
            digital: qpsk::demodulate(&points[digital.clone()], &variances[digital.clone()]),
            analog: points[digital.end..].to_vec(),
            variances: variances[digital.end..].to_vec(),
            pilots: self.pilots(&body, &gains),
            report: BurstReport {
                snr: SnrEstimate::new(channel.power(), observations, noise.burst),
                cfo_cycles_per_sample: training.cfo + track.cfo,
                clock_ppm: track.clock_ppm,
                evm_db: evm_db(&points[..header_len], &header),
                level_dbfs: level_dbfs(&burst.samples),
                clipping: Clipping::measure(&burst.samples),
                damaged_symbols: noise.damaged + layout.body_symbols() - body.rows().count(),
                channel_parameters: channel.parameters,
            },
            channel: channel.gains,
        }
    }

    /// The header part as it was sent.
    fn header_points(&self, header: &Header<Checked>) -> Vec<Complex32> {
        qpsk::modulate(&self.reader.header_codec.encode(header))
    }

    fn track(&self, body: &Body, channel: &ChannelEstimate, noise: f32) -> Track {
        let plan = &self.reader.plan;
        let mut matched = Vec::new();
        for (t, row) in body.rows().enumerate() {
            matched.extend(
                plan.pilots
                    .iter()
                    .enumerate()
                    .map(|(p, &i)| row[i] * channel.gains[i].conj() * prbs::pilot(t, p)),
            );
        }
        let training: f32 = channel.gains.iter().map(|h| h.norm_sqr()).sum();
        PilotGrid {
            matched,
            powers: plan
                .pilots
                .iter()
                .map(|&i| channel.gains[i].norm_sqr())
                .collect(),
            carriers: plan.pilots.iter().map(|&i| plan.used[i] as f32).collect(),
            times: (0..body.rows().count())
                .map(|t| self.reader.time(t))
                .collect(),
            fft: self.numerology.carriers() as f32,
            noise: noise.max(1e-12),
            anchor: 2.0 * training,
        }
        .track()
    }

    /// Channel and noise from training and header together.
    fn refine(
        &self,
        body: &Body,
        training: &Training,
        header: &[Complex32],
        track: &Track,
    ) -> (ChannelEstimate, NoiseEstimate) {
        let mut looks: Vec<Vec<Complex32>> = training.raw.to_vec();
        let per_symbol = self.numerology.data_carriers();
        for (t, (row, sent)) in body.rows().zip(header.chunks_exact(per_symbol)).enumerate() {
            let known = self.sent_row(t, sent);
            let turns = self.turns(track, t);
            let look = row.iter().zip(&known).zip(&turns);
            looks.push(look.map(|((y, x), turn)| y * (x * turn).conj()).collect());
        }
        let (count, used) = (looks.len() as f32, body.used);
        let mean: Vec<Complex32> = (0..used)
            .map(|i| looks.iter().map(|look| look[i]).sum::<Complex32>() / count)
            .collect();
        let spread: f32 = looks
            .iter()
            .flat_map(|look| look.iter().zip(&mean))
            .map(|(x, m)| (x - m).norm_sqr())
            .sum();
        let noise = NoiseEstimate::from_sum(spread, (count - 1.0) * (used as f32 - 1.0));
        let channel = self
            .reader
            .estimator
            .estimate(&mean, noise.variance / count);
        (channel, noise)
    }

    /// All used carriers of a symbol whose data are known (unit modulus).
    fn sent_row(&self, t: usize, data: &[Complex32]) -> Vec<Complex32> {
        let plan = &self.reader.plan;
        let mut row = vec![Complex32::default(); plan.used.len()];
        for (&i, &x) in plan.data.iter().zip(data) {
            row[i] = x;
        }
        for (p, &i) in plan.pilots.iter().enumerate() {
            row[i] = prbs::pilot(t, p).into();
        }
        row
    }

    fn turns(&self, track: &Track, t: usize) -> Vec<Complex32> {
        let used = &self.reader.plan.used;
        let mut out = Vec::with_capacity(used.len());
        track.turns(t, used, self.numerology.carriers() as f32, &mut out);
        out
    }

    /// Gain of every used carrier in every symbol: the channel, turned as the pilots say.
    fn turned_gains(&self, channel: &ChannelEstimate, track: &Track) -> Vec<Complex32> {
        let used = &self.reader.plan.used;
        let fft = self.numerology.carriers() as f32;
        let mut out = Vec::with_capacity(used.len() * track.phases.len());
        for t in 0..track.phases.len() {
            track.turns(t, used, fft, &mut out);
        }
        for row in out.chunks_exact_mut(used.len()) {
            row.iter_mut()
                .zip(&channel.gains)
                .for_each(|(turn, h)| *turn *= h);
        }
        out
    }

    /// Noise of the burst from known symbols and pilots, and of symbols that stand out.
    fn noise(
        &self,
        body: &Body,
        gains: &Body,
        error_variance: f32,
        known: NoiseEstimate,
        layout: BurstLayout,
    ) -> BurstNoise {
        let pilots = self.reader.plan.pilots.len() as f32;
        let residuals: Vec<f32> = body
            .rows()
            .zip(gains.rows())
            .enumerate()
            .map(|(t, (row, gains))| self.pilot_residual(t, row, gains) / pilots)
            .collect();
        // The channel's own error is in every residual but not in the noise.
        let own = |r: f32| (r - error_variance).max(0.0);
        let fresh = &residuals[layout.header_symbols().min(residuals.len())..];
        let mut burst = known;
        let floor = LEAST_OUTLIER * mean_power(gains);
        let outlier = |burst: NoiseEstimate| floor.max(OUTLIER * (burst.variance + error_variance));
        for _ in 0..2 {
            let limit = outlier(burst);
            let calm: Vec<f32> = fresh
                .iter()
                .copied()
                .filter(|&r| r <= limit)
                .map(own)
                .collect();
            let freedom = calm.len() as f32 * pilots;
            // Phase and clock were fitted to these pilots.
            let spent = (freedom - 2.0).max(1.0) / freedom.max(1.0);
            let sum = calm.iter().sum::<f32>() * pilots / spent;
            burst = known.joined(NoiseEstimate::from_sum(sum, freedom));
        }
        let limit = outlier(burst);
        let symbols: Vec<f32> = residuals
            .iter()
            .map(|&r| if r > limit { own(r) } else { burst.variance })
            .collect();
        let damaged = residuals.iter().filter(|&&r| r > limit).count();
        BurstNoise {
            burst,
            symbols,
            damaged,
        }
    }

    fn pilot_residual(&self, t: usize, row: &[Complex32], gains: &[Complex32]) -> f32 {
        let pilots = self.reader.plan.pilots.iter().enumerate();
        pilots
            .map(|(p, &i)| (row[i] - gains[i] * prbs::pilot(t, p)).norm_sqr())
            .sum()
    }

    /// Equalized pilots, their known signs taken out.
    fn pilots(&self, body: &Body, gains: &Body) -> Vec<Complex32> {
        let plan = &self.reader.plan.pilots;
        let mut points = Vec::with_capacity(body.rows().count() * plan.len());
        for (t, (row, gains)) in body.rows().zip(gains.rows()).enumerate() {
            for (p, &i) in plan.iter().enumerate() {
                let power = gains[i].norm_sqr().max(f32::MIN_POSITIVE);
                points.push(row[i] * gains[i].conj() * prbs::pilot(t, p) / power);
            }
        }
        points
    }

    /// Equalized data carriers of all symbols; those cut off are lost.
    fn equalize(
        &self,
        body: &Body,
        gains: &Body,
        error_variance: f32,
        noise: &BurstNoise,
        layout: BurstLayout,
    ) -> (Vec<Complex32>, Vec<f32>) {
        let all = layout.body_symbols() * self.numerology.data_carriers();
        let (mut points, mut variances) = (Vec::with_capacity(all), Vec::with_capacity(all));
        for ((row, gains), noise) in body.rows().zip(gains.rows()).zip(&noise.symbols) {
            let noise = noise + error_variance;
            for &i in &self.reader.plan.data {
                let (x, v) = equalize(row[i], gains[i], noise);
                points.push(x);
                variances.push(v);
            }
        }
        points.resize(all, Complex32::default());
        variances.resize(all, f32::INFINITY);
        (points, variances)
    }
}

/// Mean |gain|^2 over all carriers and symbols.
fn mean_power(gains: &Body) -> f32 {
    let sum: f32 = gains.carriers.iter().map(|h| h.norm_sqr()).sum();
    sum / gains.carriers.len().max(1) as f32
}

struct BurstNoise {
    burst: NoiseEstimate,
    symbols: Vec<f32>,
    damaged: usize,
}

/// Error vector magnitude of `points` against `sent`, dB.
fn evm_db(points: &[Complex32], sent: &[Complex32]) -> f32 {
    let error: f32 = points
        .iter()
        .zip(sent)
        .map(|(a, b)| (a - b).norm_sqr())
        .sum();
    let power: f32 = sent.iter().map(|x| x.norm_sqr()).sum();
    10.0 * (error / power.max(f32::MIN_POSITIVE)).max(1e-12).log10()
}

fn level_dbfs(samples: &[Complex32]) -> f32 {
    let power = samples.iter().map(|x| x.norm_sqr()).sum::<f32>() / samples.len().max(1) as f32;
    10.0 * power.max(1e-20).log10()
}
