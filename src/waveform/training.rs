//! What the training symbols and the header tell: offset, channel, first noise estimate, and the header itself.

use std::f32::consts::TAU;

use num_complex::Complex32;

use super::acquisition::{Acquisition, rotate};
use super::channel::{ChannelEstimate, ChannelEstimator, window_advance_samples};
use super::equalizer::equalize;
use super::framing::BurstLayout;
use super::numerology::{CarrierPlan, Numerology};
use super::ofdm::OfdmDemodulator;
use super::prbs;
use super::preamble::{PREAMBLE_SAMPLES, training_carriers, training_prefix_samples};
use super::snr::NoiseEstimate;
use crate::bits::header::{Header, HeaderCodec, HeaderError, Unchecked};
use crate::bits::qpsk;

/// Variance of the acquisition's offset at SNR 1: Cramer-Rao over preamble and training, (cycles a sample)^2.
const ACQUISITION_VARIANCE: f32 = 2.0e-10;
/// Noise over signal below which only rounding is seen.
const LEAST_NOISE: f32 = 1e-8;
/// Offsets tried beside the estimate when the header does not decode, cycles a sample: a quarter radian at its end each.
const HEADER_SHIFTS: [f32; 5] = [0.0, 4e-5, -4e-5, 8e-5, -8e-5];
/// Residual offset that the header's pilots may still correct, cycles a sample (one sigma).
const HEADER_RESIDUAL: f32 = 5e-5;

/// Positions of the FFT windows, counted from the start of the preamble on its first path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows(pub Numerology);

impl Windows {
    /// First training window.
    pub(crate) fn first(self) -> usize {
        PREAMBLE_SAMPLES + training_prefix_samples(self.0) - window_advance_samples(self.0)
    }

    /// Window of body symbol `t`, relative to [`Windows::first`].
    pub(crate) fn body(self, t: usize) -> usize {
        2 * self.0.carriers() + self.0.prefix_samples() + t * self.0.symbol_samples()
    }

    /// Instant to which the channel estimate belongs, relative to [`Windows::first`].
    pub(crate) fn estimate(self) -> f32 {
        self.0.carriers() as f32 / 2.0
    }

    /// Samples from the start of the preamble to the end of the header's last window.
    pub(crate) fn header_end(self) -> usize {
        self.first() + self.body(self.0.header_symbols())
    }
}

/// What the training part tells.
#[derive(Clone, Debug)]
pub(crate) struct Training {
    /// Raw gains of both symbols, turned to the instant of the estimate.
    pub raw: [Vec<Complex32>; 2],
    /// Carrier offset, cycles a sample.
    pub cfo: f32,
    /// Windowed channel.
    pub channel: ChannelEstimate,
    /// Noise from the difference of both symbols.
    pub noise: NoiseEstimate,
}

/// Reads training and header; keeps plans and tables.
pub(crate) struct TrainingReader {
    pub(crate) plan: CarrierPlan,
    pub(crate) windows: Windows,
    pub(crate) ofdm: OfdmDemodulator,
    pub(crate) estimator: ChannelEstimator,
    pub(crate) header_codec: HeaderCodec,
    reference: Vec<Complex32>,
}

impl TrainingReader {
    pub(crate) fn new(numerology: Numerology) -> Self {
        let header_bits = BurstLayout::new(numerology, 0, 0).header_bits();
        Self {
            header_codec: HeaderCodec::new(header_bits)
                .expect("every numerology has room for a header"),
            plan: CarrierPlan::new(numerology),
            windows: Windows(numerology),
            ofdm: OfdmDemodulator::new(numerology),
            estimator: ChannelEstimator::new(numerology),
            reference: training_carriers(numerology),
        }
    }

    /// Training and header of the burst whose preamble starts at `samples[0]` (at least to the header's end).
    pub(crate) fn read(
        &mut self,
        samples: &[Complex32],
        acquisition: Acquisition,
    ) -> (Training, Result<Header<Unchecked>, HeaderError>) {
        let training = self.training(samples, acquisition.cfo, acquisition.share);
        let header = self.header(samples, &training);
        (training, header)
    }

    fn training(&mut self, samples: &[Complex32], cfo: f32, share: f32) -> Training {
        let n = self.windows.0.carriers();
        let first = self.windows.first();
        let mut window = samples[first..first + 2 * n].to_vec();
        rotate(&mut window, -cfo, 0.0);
        let [mut a, mut b] = [0, n].map(|at| {
            let mut raw = Vec::with_capacity(self.reference.len());
            self.ofdm.symbol(&window[at..at + n], &mut raw);
            raw.iter_mut()
                .zip(&self.reference)
                .for_each(|(y, x)| *y *= x.conj());
            raw
        });
        let residual = residual_cfo(&a, &b, n as f32, share);
        let half = Complex32::cis(TAU * residual * n as f32 / 2.0);
        a.iter_mut().for_each(|x| *x *= half);
        b.iter_mut().for_each(|x| *x *= half.conj());
        let difference: f32 = a.iter().zip(&b).map(|(a, b)| (a - b).norm_sqr()).sum();
        let power: f32 = a.iter().map(|x| x.norm_sqr()).sum();
        let sum = (difference / 2.0).max(LEAST_NOISE * power);
        let noise = NoiseEstimate::from_sum(sum, a.len() as f32 - 0.5);
        let mean: Vec<Complex32> = a.iter().zip(&b).map(|(a, b)| (a + b) / 2.0).collect();
        let channel = self.estimator.estimate(&mean, noise.variance / 2.0);
        Training {
            raw: [a, b],
            cfo: cfo + residual,
            channel,
            noise,
        }
    }

    fn header(
        &mut self,
        samples: &[Complex32],
        training: &Training,
    ) -> Result<Header<Unchecked>, HeaderError> {
        let symbols = self.windows.0.header_symbols();
        let carriers = self.body(samples, training.cfo, 0..symbols);
        let residual = self.header_residual(&carriers, training);
        let mut last = Err(HeaderError::Crc);
        // In deep noise three symbols of pilots are not enough; the code itself tells which offset was right.
        for shift in HEADER_SHIFTS {
            last = self.decode_header(&carriers, training, residual + shift);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    fn decode_header(
        &mut self,
        carriers: &[Complex32],
        training: &Training,
        residual: f32,
    ) -> Result<Header<Unchecked>, HeaderError> {
        let used = self.plan.used.len();
        let (mut points, mut variances) = (Vec::new(), Vec::new());
        for (t, row) in carriers.chunks_exact(used).enumerate() {
            let turn = Complex32::cis(-TAU * residual * self.time(t));
            for &i in &self.plan.data {
                let noise = training.noise.variance + training.channel.error_variance;
                let (x, v) = equalize(row[i] * turn, training.channel.gains[i], noise);
                points.push(x);
                variances.push(v);
            }
        }
        self.header_codec
            .decode(&qpsk::demodulate(&points, &variances))
    }

    /// Used carriers of the body symbols in `range`, offset removed; symbols beyond the samples are left out.
    pub(crate) fn body(
        &mut self,
        samples: &[Complex32],
        cfo: f32,
        range: std::ops::Range<usize>,
    ) -> Vec<Complex32> {
        let n = self.windows.0.carriers();
        let first = self.windows.first();
        let mut out = Vec::with_capacity(range.len() * self.plan.used.len());
        let mut window = vec![Complex32::default(); n];
        for t in range {
            let at = self.windows.body(t);
            let Some(seen) = samples.get(first + at..first + at + n) else {
                break;
            };
            window.copy_from_slice(seen);
            let start = -f64::from(cfo) * at as f64;
            rotate(&mut window, -cfo, start.fract() as f32);
            self.ofdm.symbol(&window, &mut out);
        }
        out
    }

    /// Samples from the instant of the estimate to body symbol `t`.
    pub(crate) fn time(&self, t: usize) -> f32 {
        self.windows.body(t) as f32 - self.windows.estimate()
    }

    /// Offset that is left, from the header's pilots, held near zero by what is known already.
    fn header_residual(&self, carriers: &[Complex32], training: &Training) -> f32 {
        let noise = training.noise.variance.max(f32::MIN_POSITIVE);
        let (mut top, mut bottom) = (0.0, HEADER_RESIDUAL.powi(-2));
        for (t, row) in carriers.chunks_exact(self.plan.used.len()).enumerate() {
            let matched: Complex32 = self
                .plan
                .pilots
                .iter()
                .enumerate()
                .map(|(p, &i)| row[i] * training.channel.gains[i].conj() * prbs::pilot(t, p))
                .sum();
            let power: f32 = self
                .plan
                .pilots
                .iter()
                .map(|&i| training.channel.gains[i].norm_sqr())
                .sum();
            let (lever, information) = (TAU * self.time(t), 2.0 * power / noise);
            top += lever * information * matched.arg();
            bottom += lever * lever * information;
        }
        top / bottom
    }
}

/// Offset between two equal symbols `spacing` samples apart, shrunk by how well the acquisition knew it already.
fn residual_cfo(a: &[Complex32], b: &[Complex32], spacing: f32, share: f32) -> f32 {
    let product: Complex32 = a.iter().zip(b).map(|(a, b)| a.conj() * b).sum();
    let difference: f32 = a.iter().zip(b).map(|(a, b)| (a - b).norm_sqr()).sum();
    let seen = product.arg() / (TAU * spacing);
    // Phase variance of the product; the acquisition saw only the strongest path, `share` of the energy.
    let phase = difference / (2.0 * product.norm()).max(f32::MIN_POSITIVE) / a.len() as f32;
    let seen_variance = phase / (TAU * spacing).powi(2);
    let known_variance = ACQUISITION_VARIANCE * (1.0 - share).max(1e-6) / share.max(1e-3);
    seen * known_variance / (known_variance + seen_variance)
}
