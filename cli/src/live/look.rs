//! Samples, bursts and counters as the page shows them: few enough values, few enough digits.

use heliograph::metrics::SpectrumEstimator;
use heliograph::waveform::clipping::is_at_rail;
use heliograph::waveform::demodulator::BurstReport;
use heliograph::waveform::{CarrierPlan, Numerology};
use heliograph_page::state::{ChannelEstimate, Level, Link, Spectrum};
use num_complex::Complex32;

/// Bins of a spectrum.
pub const BINS: usize = 256;
/// Points of a kind in a constellation.
const MAX_POINTS: usize = 256;

/// The value with so many decimals: shorter on its way, the same to look at.
pub fn short(value: f32, decimals: i32) -> f32 {
    let scale = 10f32.powi(decimals);
    (value * scale).round() / scale
}

/// The same of what may be infinite, for which JSON has no word.
pub fn finite(value: f32, decimals: i32) -> Option<f32> {
    value.is_finite().then(|| short(value, decimals))
}

fn decibels(power: f32) -> f32 {
    short(10.0 * power.max(1e-20).log10(), 1)
}

/// Power over frequency of a piece of samples.
pub fn spectrum(samples: &[Complex32], sample_rate_hz: f64, row: u64) -> Option<Spectrum> {
    let mut estimator = SpectrumEstimator::new(BINS).ok()?;
    estimator.push(samples);
    let mean = estimator.spectrum()?.mean_dbfs;
    Some(Spectrum {
        row,
        span_hz: sample_rate_hz,
        power_dbfs: mean.iter().map(|p| short(*p as f32, 1)).collect(),
    })
}

/// Where samples come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Converter {
    /// A converter with rails at full scale.
    Radio,
    /// A simulated channel, which has none.
    None,
}

/// Mean and peak of a piece of samples, and how many of them are at a converter's rails, where there is one.
pub fn level(samples: &[Complex32], converter: Converter) -> Level {
    let count = samples.len().max(1) as f32;
    let mean = samples.iter().map(|x| x.norm_sqr()).sum::<f32>() / count;
    let largest = |x: &Complex32| x.re.abs().max(x.im.abs());
    let peak = samples.iter().map(largest).fold(0.0, f32::max);
    let at_rail = match converter {
        Converter::Radio => samples.iter().filter(|x| is_at_rail(x)).count(),
        Converter::None => 0,
    };
    Level {
        mean_dbfs: decibels(mean),
        peak_dbfs: decibels(peak * peak),
        share_at_full_scale: at_rail as f32 / count,
        held_peak_dbfs: decibels(peak * peak),
        clips: at_rail > 0,
    }
}

/// What a burst said.
pub fn link(report: &BurstReport, sample_rate_hz: f64) -> Link {
    let cfo_hz = f64::from(report.cfo_cycles_per_sample) * sample_rate_hz;
    Link {
        snr_db: finite(report.snr.db, 3),
        snr_standard_error_db: finite(report.snr.standard_error_db, 3),
        cfo_hz: (cfo_hz * 10.0).round() / 10.0,
        clock_offset_ppm: short(report.clock_ppm, 3),
        evm_db: finite(report.evm_db, 2),
        level_dbfs: short(report.level_dbfs, 1),
        clipped: report.clipping.is_flagged(),
    }
}

/// Gains over carriers; the delay, which turns the phase evenly over frequency, is taken out.
pub fn channel(numerology: Numerology, gains: &[Complex32]) -> Option<ChannelEstimate> {
    let carriers = CarrierPlan::new(numerology).used;
    if carriers.len() != gains.len() {
        return None;
    }
    let neighbours = gains.windows(2).zip(carriers.windows(2));
    let adjacent = neighbours.filter(|(_, k)| k[1] - k[0] == 1);
    let turn: Complex32 = adjacent.map(|(h, _)| h[1] * h[0].conj()).sum();
    let straight =
        |(h, k): (&Complex32, &i32)| short((h * Complex32::cis(-turn.arg() * *k as f32)).arg(), 3);
    Some(ChannelEstimate {
        gain_db: gains.iter().map(|h| decibels(h.norm_sqr())).collect(),
        phase_rad: gains.iter().zip(&carriers).map(straight).collect(),
        carriers: carriers.iter().map(|k| *k as i16).collect(),
    })
}

/// The latest points, real and imaginary parts in turn.
pub fn points<'a>(all: impl ExactSizeIterator<Item = &'a Complex32>) -> Vec<f32> {
    let excess = all.len().saturating_sub(MAX_POINTS);
    let latest = all.skip(excess);
    latest
        .flat_map(|x| [short(x.re, 2), short(x.im, 2)])
        .collect()
}

/// Some of the points, evenly taken.
pub fn thinned(all: &[Complex32]) -> Vec<f32> {
    let step = all.len().div_ceil(MAX_POINTS).max(1);
    let some: Vec<Complex32> = all.iter().copied().step_by(step).collect();
    points(some.iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_stands_where_it_is_and_its_level_is_right() {
        let tone: Vec<_> = (0..4096)
            .map(|n| 0.5 * Complex32::cis(std::f32::consts::TAU * 0.25 * n as f32))
            .collect();
        let spectrum = spectrum(&tone, 2e6, 1).unwrap();
        let strongest =
            (0..BINS).max_by(|a, b| spectrum.power_dbfs[*a].total_cmp(&spectrum.power_dbfs[*b]));
        assert_eq!(strongest, Some(BINS / 2 + BINS / 4));
        let level = level(&tone, Converter::Radio);
        assert_eq!((level.mean_dbfs, level.clips), (-6.0, false));
    }

    #[test]
    fn a_delay_leaves_the_phase_flat() {
        let numerology = Numerology::default();
        let carriers = CarrierPlan::new(numerology).used;
        let gains: Vec<_> = carriers
            .iter()
            .map(|k| 0.1 * Complex32::cis(0.3 - 0.2 * *k as f32))
            .collect();
        let channel = channel(numerology, &gains).unwrap();
        assert!(channel.phase_rad.iter().all(|p| (p - 0.3).abs() < 0.01));
        assert!(channel.gain_db.iter().all(|g| *g == -20.0));
    }
}
