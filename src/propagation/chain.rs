//! The stages of a channel in their physical order, as one.

use num_complex::{Complex32, Complex64};
use serde::{Deserialize, Serialize};

use super::config::{MultipathConfig, MultipathProfile, PropagationConfig, TapConfig, TapPower};
use super::tdl::{ProfileTap, TDL_A, TDL_B, TDL_C};
use super::{
    Awgn, Cfo, DcOffset, EnvelopeClipping, Gain, Impairment, Impulses, IqImbalance, Multipath,
    PhaseNoise, PropagationError, Quantization, RailClipping, SampleDrops, Sfo, Tap, TapFading,
};

/// Samples taken through all stages at a time: they stay in the processor's cache.
const BLOCK_SAMPLES: usize = 4096;

/// A channel: samples in, samples out, in chunks of any size.
#[derive(Debug)]
pub struct Propagation {
    /// Apart from the other stages, so that its response can be asked for.
    before_multipath: Vec<Box<dyn Impairment>>,
    multipath: Option<Multipath>,
    after_multipath: Vec<Box<dyn Impairment>>,
    block: Vec<Complex32>,
    samples_in: u64,
    samples_out: u64,
}

/// What the stages of a channel counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropagationStatistics {
    pub samples_in: u64,
    pub samples_out: u64,
    /// Drops, and the samples they removed.
    pub drops: u64,
    pub samples_dropped: u64,
    /// Samples limited by the transmitter's amplifier.
    pub samples_clipped_at_transmitter: u64,
    /// Samples with I or Q limited by the receiver's rails.
    pub samples_clipped: u64,
    /// Samples with I or Q beyond the quantizer's codes.
    pub samples_saturated: u64,
    /// Bursts of interference.
    pub impulses: u64,
}

impl Propagation {
    /// The channel that `config` describes, at `sample_rate_hz`.
    ///
    /// # Errors
    /// [`PropagationError::Field`] for a field out of range, also of those that depend on the sample rate.
    pub fn new(
        config: &PropagationConfig,
        sample_rate_hz: f64,
        seed: u64,
    ) -> Result<Self, PropagationError> {
        config.validate_at(sample_rate_hz)?;
        let multipath = config.multipath.as_ref();
        Ok(Self {
            before_multipath: before_multipath(config),
            multipath: multipath.map(|m| m.stage(sample_rate_hz, seed)),
            after_multipath: after_multipath(config, sample_rate_hz, seed),
            block: Vec::with_capacity(BLOCK_SAMPLES),
            samples_in: 0,
            samples_out: 0,
        })
    }

    /// What leaves the channel for these samples; filters hold a few back.
    pub fn push(&mut self, samples: &[Complex32]) -> Vec<Complex32> {
        let mut output = Vec::with_capacity(samples.len() + 1);
        self.push_into(samples, &mut output);
        output
    }

    /// As [`push`](Self::push), appended to `output`.
    pub fn push_into(&mut self, samples: &[Complex32], output: &mut Vec<Complex32>) {
        self.samples_in += samples.len() as u64;
        for chunk in samples.chunks(BLOCK_SAMPLES) {
            self.block.clear();
            self.block.extend_from_slice(chunk);
            for stage in stages(
                &mut self.before_multipath,
                &mut self.multipath,
                &mut self.after_multipath,
            ) {
                stage.process(&mut self.block);
            }
            output.extend_from_slice(&self.block);
            self.samples_out += self.block.len() as u64;
        }
    }

    /// What the filters held back, the echoes of the last samples included. Nothing may be pushed afterwards.
    pub fn finish(&mut self) -> Vec<Complex32> {
        let mut tail = Vec::new();
        for stage in stages(
            &mut self.before_multipath,
            &mut self.multipath,
            &mut self.after_multipath,
        ) {
            stage.finish(&mut tail);
        }
        self.samples_out += tail.len() as u64;
        tail
    }

    /// Counts since the beginning.
    pub fn statistics(&self) -> PropagationStatistics {
        let mut statistics = PropagationStatistics {
            samples_in: self.samples_in,
            samples_out: self.samples_out,
            ..PropagationStatistics::default()
        };
        for stage in self.before_multipath.iter().chain(&self.after_multipath) {
            stage.count(&mut statistics);
        }
        statistics
    }

    /// Frequency response of the paths at `frequency_hz` from the carrier as of the last pushed samples: the fading, not
    /// the offsets. One without multipath.
    pub fn multipath_response(&self, frequency_hz: f64, sample_rate_hz: f64) -> Complex64 {
        let response = |m: &Multipath| m.response(frequency_hz / sample_rate_hz);
        self.multipath.as_ref().map_or(Complex64::ONE, response)
    }
}

fn stages<'a>(
    before: &'a mut [Box<dyn Impairment>],
    multipath: &'a mut Option<Multipath>,
    after: &'a mut [Box<dyn Impairment>],
) -> impl Iterator<Item = &'a mut dyn Impairment> {
    let multipath = multipath.as_mut().map(|stage| stage as &mut dyn Impairment);
    let before = before
        .iter_mut()
        .map(|stage| &mut **stage as &mut dyn Impairment);
    before.chain(multipath).chain(
        after
            .iter_mut()
            .map(|stage| &mut **stage as &mut dyn Impairment),
    )
}

fn before_multipath(config: &PropagationConfig) -> Vec<Box<dyn Impairment>> {
    let clipping = config.transmitter_clipping_db.map(EnvelopeClipping::new);
    clipping
        .into_iter()
        .map(|stage| Box::new(stage) as _)
        .collect()
}

fn after_multipath(
    config: &PropagationConfig,
    sample_rate_hz: f64,
    seed: u64,
) -> Vec<Box<dyn Impairment>> {
    let mut stages: Vec<Box<dyn Impairment>> = Vec::new();
    if config.sfo_ppm != 0.0 || config.delay_samples != 0.0 {
        stages.push(Box::new(Sfo::new(config.sfo_ppm, config.delay_samples)));
    }
    if config.cfo_hz != 0.0 {
        stages.push(Box::new(Cfo::new(config.cfo_hz, sample_rate_hz)));
    }
    if let Some(p) = &config.phase_noise {
        stages.push(Box::new(PhaseNoise::new(
            p.linewidth_hz,
            p.floor_dbc_hz,
            sample_rate_hz,
            seed,
        )));
    }
    if let Some(iq) = &config.iq_imbalance {
        stages.push(Box::new(IqImbalance::new(iq.gain_db, iq.phase_deg)));
    }
    if let Some(dc) = &config.dc_offset {
        stages.push(Box::new(DcOffset::new(dc.level_db, dc.phase_deg)));
    }
    if let Some(i) = &config.impulses {
        stages.push(Box::new(Impulses::new(
            i.rate_hz / sample_rate_hz,
            i.power_db,
            i.duration_samples,
            seed,
        )));
    }
    if let Some(snr_db) = config.snr_db {
        stages.push(Box::new(Awgn::new(snr_db, seed)));
    }
    push_converter(&mut stages, config);
    if let Some(d) = &config.drops {
        stages.push(Box::new(SampleDrops::new(
            d.probability,
            d.min_samples,
            d.max_samples,
            seed,
        )));
    }
    stages
}

fn push_converter(stages: &mut Vec<Box<dyn Impairment>>, config: &PropagationConfig) {
    if config.receiver_gain_db != 0.0 {
        stages.push(Box::new(Gain::new(config.receiver_gain_db)));
    }
    if let Some(level_db) = config.clipping_db {
        stages.push(Box::new(RailClipping::new(level_db)));
    }
    if let Some(q) = &config.quantization {
        stages.push(Box::new(Quantization::new(q.bits, q.full_scale_db)));
    }
}

impl MultipathConfig {
    /// Longest delay of a table profile, in delay spreads; none for taps of one's own.
    pub(super) fn longest_delay(&self) -> Option<f64> {
        let delays = self.table()?.iter().map(|(delay, _)| *delay);
        Some(delays.fold(0.0, f64::max))
    }

    fn table(&self) -> Option<&'static [ProfileTap]> {
        match self.profile {
            MultipathProfile::Static | MultipathProfile::Rayleigh => None,
            MultipathProfile::TdlA => Some(&TDL_A),
            MultipathProfile::TdlB => Some(&TDL_B),
            MultipathProfile::TdlC => Some(&TDL_C),
        }
    }

    fn stage(&self, sample_rate_hz: f64, seed: u64) -> Multipath {
        let fading = match self.profile {
            MultipathProfile::Static => TapFading::Fixed,
            _ => TapFading::Rayleigh {
                doppler: self.doppler_hz / sample_rate_hz,
                coherence_samples: self.coherence_samples,
            },
        };
        Multipath::new(self.taps_at(sample_rate_hz), fading, seed)
    }

    fn taps_at(&self, sample_rate_hz: f64) -> Vec<Tap> {
        let spread_samples = self.delay_spread_ns * 1e-9 * sample_rate_hz;
        let of_table = |(delay, power_db): &ProfileTap| Tap {
            delay_samples: delay * spread_samples,
            gain: 10f64.powf(power_db / 20.0).into(),
        };
        match self.table() {
            Some(table) => unit_power(table.iter().map(of_table).collect()),
            None => {
                let taps = self.taps.iter().map(|tap| tap.at(sample_rate_hz)).collect();
                match self.tap_power {
                    TapPower::Unit => unit_power(taps),
                    TapPower::AsGiven => taps,
                }
            }
        }
    }
}

impl TapConfig {
    fn at(&self, sample_rate_hz: f64) -> Tap {
        let from_ns = self.delay_ns.map(|ns| ns * 1e-9 * sample_rate_hz);
        Tap {
            delay_samples: self.delay_samples.or(from_ns).unwrap_or(0.0),
            gain: Complex64::from_polar(
                10f64.powf(self.gain_db / 20.0),
                self.phase_deg.to_radians(),
            ),
        }
    }
}

fn unit_power(mut taps: Vec<Tap>) -> Vec<Tap> {
    let power: f64 = taps.iter().map(|tap| tap.gain.norm_sqr()).sum();
    for tap in &mut taps {
        tap.gain /= power.sqrt();
    }
    taps
}

#[cfg(test)]
mod tests;
