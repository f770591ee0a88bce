//! Power spectral density after Welch (1967, "The use of fast Fourier transform for the estimation of power spectra"), and
//! what stands out of it.

use num_complex::Complex32;
use rustfft::FftPlanner;
use thiserror::Error;

/// Lengths of the transform.
pub const SPECTRUM_BINS: std::ops::RangeInclusive<usize> = 16..=65_536;
/// A bin this far above the floor belongs to a signal, dB: noise averaged over 100 windows is that far off once in 1e9.
const STANDS_OUT_DB: f64 = 6.0;
/// Share of the bins that may hold signals before the floor rises with them.
const FLOOR_QUANTILE: f64 = 0.2;

/// Signals closer than this part of the bins are one: a band whose bins lie around the threshold must not fall to pieces.
const LEAST_GAP: usize = 64;

/// Why there is no spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SpectrumError {
    /// The transform is too short or too long.
    #[error("{found} bins of a spectrum; allowed are 16 to 65536")]
    Bins { found: usize },
}

/// Gathers samples in chunks of any size.
pub struct SpectrumEstimator {
    bins: usize,
    window: Vec<f32>,
    fft: std::sync::Arc<dyn rustfft::Fft<f32>>,
    waiting: Vec<Complex32>,
    sum: Vec<f64>,
    peak: Vec<f64>,
    windows: u64,
}

/// A spectrum: power in each bin relative to full scale 1, in the order of frequency, the carrier in the middle.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// Mean power of each bin, dB against full scale.
    pub mean_dbfs: Vec<f64>,
    /// Largest power that each bin had in one window, dB against full scale.
    pub peak_dbfs: Vec<f64>,
    /// Windows that were averaged.
    pub windows: u64,
}

/// A run of bins that stands out of the floor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Emission {
    /// Lowest frequency, as a share of the sample rate from the carrier, -0.5 to 0.5.
    pub from: f64,
    /// Highest one.
    pub to: f64,
    /// Power in it, dB against full scale.
    pub power_dbfs: f64,
    /// How far its strongest bin stands above the floor, dB.
    pub above_floor_db: f64,
}

impl SpectrumEstimator {
    /// An estimator of `bins` bins; windows overlap by half.
    ///
    /// # Errors
    /// [`SpectrumError::Bins`] outside [`SPECTRUM_BINS`].
    pub fn new(bins: usize) -> Result<Self, SpectrumError> {
        if !SPECTRUM_BINS.contains(&bins) {
            return Err(SpectrumError::Bins { found: bins });
        }
        Ok(Self {
            bins,
            window: window(bins),
            fft: FftPlanner::new().plan_fft_forward(bins),
            waiting: Vec::new(),
            sum: vec![0.0; bins],
            peak: vec![0.0; bins],
            windows: 0,
        })
    }

    /// Takes the next samples; they follow those before without a gap.
    pub fn push(&mut self, samples: &[Complex32]) {
        self.waiting.extend_from_slice(samples);
        let mut at = 0;
        while self.waiting.len() - at >= self.bins {
            self.take(at);
            at += self.bins / 2;
        }
        self.waiting.drain(..at);
    }

    /// Forgets the samples of a window that is not complete: the next ones do not follow them.
    pub fn interrupt(&mut self) {
        self.waiting.clear();
    }

    fn take(&mut self, at: usize) {
        let samples = &self.waiting[at..at + self.bins];
        let weighted = samples.iter().zip(&self.window).map(|(x, w)| x * w);
        let mut bins: Vec<Complex32> = weighted.collect();
        self.fft.process(&mut bins);
        for (i, x) in bins.iter().enumerate() {
            let power = f64::from(x.norm_sqr());
            self.sum[i] += power;
            self.peak[i] = self.peak[i].max(power);
        }
        self.windows += 1;
    }

    /// The spectrum so far; `None` before the first whole window.
    pub fn spectrum(&self) -> Option<Spectrum> {
        if self.windows == 0 {
            return None;
        }
        let ordered = |powers: &[f64], scale: f64| {
            let (low, high) = powers.split_at(self.bins.div_ceil(2));
            let ordered = high.iter().chain(low);
            ordered.map(|p| decibels(p * scale)).collect()
        };
        Some(Spectrum {
            mean_dbfs: ordered(&self.sum, 1.0 / self.windows as f64),
            peak_dbfs: ordered(&self.peak, 1.0),
            windows: self.windows,
        })
    }
}

impl Spectrum {
    /// Frequency of bin `i`, as a share of the sample rate from the carrier.
    pub fn frequency(&self, i: usize) -> f64 {
        let bins = self.mean_dbfs.len();
        (i as f64 - (bins / 2) as f64) / bins as f64
    }

    /// Level of the noise floor a bin, dB against full scale: a low quantile, so that signals do not raise it.
    pub fn floor_dbfs(&self) -> f64 {
        let mut levels = self.mean_dbfs.clone();
        let place = (levels.len() as f64 * FLOOR_QUANTILE) as usize;
        *levels.select_nth_unstable_by(place, f64::total_cmp).1
    }

    /// Power of all bins together, dB against full scale.
    pub fn power_dbfs(&self) -> f64 {
        decibels(self.mean_dbfs.iter().map(|db| linear(*db)).sum())
    }

    /// What stands out of the floor, from low to high frequency. Bins within `ignored` (a share of the sample rate from the
    /// carrier, for the oscillator's own leakage) are passed over.
    pub fn emissions(&self, ignored: f64) -> Vec<Emission> {
        let bins = self.mean_dbfs.len();
        let limit = self.floor_dbfs() + STANDS_OUT_DB;
        let loud = |i: &usize| self.mean_dbfs[*i] > limit && self.frequency(*i).abs() > ignored;
        let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
        for i in (0..bins).filter(loud) {
            match runs.last_mut() {
                Some(run) if i - run.end <= bins / LEAST_GAP => run.end = i + 1,
                _ => runs.push(i..i + 1),
            }
        }
        runs.into_iter().map(|run| self.emission(run)).collect()
    }

    fn emission(&self, bins: std::ops::Range<usize>) -> Emission {
        let half = 0.5 / self.mean_dbfs.len() as f64;
        let levels = &self.mean_dbfs[bins.clone()];
        let strongest = levels.iter().copied().fold(f64::MIN, f64::max);
        Emission {
            from: self.frequency(bins.start) - half,
            to: self.frequency(bins.end - 1) + half,
            power_dbfs: decibels(levels.iter().map(|db| linear(*db)).sum()),
            above_floor_db: strongest - self.floor_dbfs(),
        }
    }
}

/// Hann window, scaled so that white noise of power 1 has 1/bins in each bin.
fn window(bins: usize) -> Vec<f32> {
    let phase = |i: usize| std::f64::consts::TAU * i as f64 / bins as f64;
    let raw: Vec<f64> = (0..bins).map(|i| 0.5 - 0.5 * phase(i).cos()).collect();
    let energy: f64 = raw.iter().map(|w| w * w).sum();
    let scale = 1.0 / (energy * bins as f64).sqrt();
    raw.iter().map(|w| (w * scale) as f32).collect()
}

/// Below this there is nothing.
const SILENCE: f64 = 1e-30;

fn decibels(power: f64) -> f64 {
    10.0 * power.max(SILENCE).log10()
}

fn linear(db: f64) -> f64 {
    10f64.powf(db / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// White noise of unit power.
    fn noise(samples: usize) -> Vec<Complex32> {
        let mut generator = Xoshiro256PlusPlus::seed_from_u64(5);
        let mut part = move || -> f32 { StandardNormal.sample(&mut generator) };
        let scale = std::f32::consts::FRAC_1_SQRT_2;
        (0..samples)
            .map(|_| Complex32::new(part(), part()) * scale)
            .collect()
    }

    #[test]
    fn white_noise_is_flat_and_its_power_is_kept_whatever_the_chunks() {
        let samples = noise(200_000);
        let mut whole = SpectrumEstimator::new(256).unwrap();
        whole.push(&samples);
        let mut parts = SpectrumEstimator::new(256).unwrap();
        samples.chunks(777).for_each(|chunk| parts.push(chunk));
        let spectrum = whole.spectrum().unwrap();
        assert_eq!(parts.spectrum().unwrap(), spectrum);
        assert!(
            spectrum.power_dbfs().abs() < 0.1,
            "{}",
            spectrum.power_dbfs()
        );
        assert!(spectrum.emissions(0.0).is_empty());
    }

    #[test]
    fn a_tone_is_found_where_it_is_with_its_power() {
        let mut samples = noise(100_000);
        for (n, x) in samples.iter_mut().enumerate() {
            let turns = 0.25 * n as f32;
            *x = *x * 0.01 + Complex32::cis(std::f32::consts::TAU * turns.fract()) * 0.1;
        }
        let mut estimator = SpectrumEstimator::new(512).unwrap();
        estimator.push(&samples);
        let found = estimator.spectrum().unwrap().emissions(0.0);
        let [tone] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert!(tone.from < 0.25 && tone.to > 0.25 && tone.to - tone.from < 0.02);
        assert!((tone.power_dbfs + 20.0).abs() < 0.1, "{tone:?}");
    }

    #[test]
    fn leakage_at_the_carrier_can_be_passed_over() {
        let samples: Vec<_> = noise(50_000).iter().map(|x| x * 0.01 + 0.1).collect();
        let mut estimator = SpectrumEstimator::new(256).unwrap();
        estimator.push(&samples);
        let spectrum = estimator.spectrum().unwrap();
        assert_eq!(spectrum.emissions(0.0).len(), 1);
        assert!(spectrum.emissions(0.02).is_empty());
    }

    #[test]
    fn sizes_out_of_range_are_refused_and_no_samples_give_nothing() {
        assert!(SpectrumEstimator::new(8).is_err());
        let mut estimator = SpectrumEstimator::new(16).unwrap();
        assert_eq!(estimator.spectrum(), None);
        estimator.push(&[Complex32::ZERO; 16]);
        assert_eq!(
            estimator.spectrum().unwrap().power_dbfs(),
            10.0 * (16.0 * SILENCE).log10()
        );
    }
}
