//! What a spectrum says about the channel.

use heliograph::metrics::Emission;
use heliograph::waveform::Numerology;
use heliograph_hardware::RadioSettings;
use serde::Serialize;

use super::Heard;
use crate::figures::{hertz, number};

/// Version of the JSON.
const SCHEMA_VERSION: u32 = 1;
/// The oscillator's leakage reaches this far from the centre, in carriers: those that the waveform leaves empty.
const LEAKAGE_CARRIERS: f64 = 2.5;

/// Emissions that are said in words, the strongest.
const MOST_SAID: usize = 8;

/// What was found, all frequencies and levels of it.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    pub schema_version: u32,
    pub frequency_hz: f64,
    pub sample_rate_hz: f64,
    /// The band that the waveform would use, Hz.
    pub band_hz: [f64; 2],
    pub floor_dbfs_hz: f64,
    pub level_dbfs: f64,
    pub samples: u64,
    pub samples_lost: u64,
    pub samples_at_full_scale: u64,
    pub emissions: Vec<Heading>,
    pub verdict: Verdict,
}

/// Something that stands out of the floor.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Heading {
    pub from_hz: f64,
    pub to_hz: f64,
    pub power_dbfs: f64,
    pub above_floor_db: f64,
    pub in_band: bool,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing but noise where the signal would be.
    Free,
    /// Something stands in the band.
    Occupied,
    /// The receiver clips: what it shows may be its own making.
    Overloaded,
}

impl Finding {
    pub fn new(heard: &Heard, settings: &RadioSettings, numerology: Numerology) -> Self {
        let rate_hz = settings.sample_rate_hz;
        let half_band_hz = numerology.occupied_bandwidth_hz(rate_hz) / 2.0;
        let leakage = LEAKAGE_CARRIERS * numerology.carrier_spacing_hz(rate_hz) / rate_hz;
        let centre_hz = settings.frequency_hz;
        let heading = |e: Emission| Heading {
            from_hz: centre_hz + e.from * rate_hz,
            to_hz: centre_hz + e.to * rate_hz,
            power_dbfs: e.power_dbfs,
            above_floor_db: e.above_floor_db,
            in_band: e.from * rate_hz < half_band_hz && e.to * rate_hz > -half_band_hz,
        };
        let emissions = heard.spectrum.emissions(leakage).into_iter();
        let emissions: Vec<Heading> = emissions.map(heading).collect();
        let bins = heard.spectrum.mean_dbfs.len() as f64;
        Self {
            schema_version: SCHEMA_VERSION,
            frequency_hz: centre_hz,
            sample_rate_hz: rate_hz,
            band_hz: [centre_hz - half_band_hz, centre_hz + half_band_hz],
            floor_dbfs_hz: heard.spectrum.floor_dbfs() - 10.0 * (rate_hz / bins).log10(),
            level_dbfs: heard.spectrum.power_dbfs(),
            samples: heard.samples,
            samples_lost: heard.samples_lost,
            samples_at_full_scale: heard.samples_at_full_scale,
            verdict: verdict(heard, &emissions),
            emissions,
        }
    }

    /// In words, a line for each thing.
    pub fn words(&self) -> String {
        let mut lines = vec![format!(
            "level {} dBFS, floor {} dBFS/Hz, band {} to {}",
            number(self.level_dbfs, 1),
            number(self.floor_dbfs_hz, 1),
            hertz(self.band_hz[0]),
            hertz(self.band_hz[1]),
        )];
        let mut strongest: Vec<&Heading> = self.emissions.iter().collect();
        strongest.sort_by(|a, b| b.power_dbfs.total_cmp(&a.power_dbfs));
        let more = strongest.len().saturating_sub(MOST_SAID);
        strongest.truncate(MOST_SAID);
        lines.extend(strongest.iter().map(|e| {
            format!(
                "{} to {}: {} dBFS, {} dB above the floor{}",
                hertz(e.from_hz),
                hertz(e.to_hz),
                number(e.power_dbfs, 1),
                number(e.above_floor_db, 1),
                if e.in_band { ", in the band" } else { "" },
            )
        }));
        if more > 0 {
            lines.push(format!("and {more} weaker ones (--json has all)"));
        }
        if self.samples_lost > 0 {
            lines.push(format!(
                "{} samples lost while listening",
                self.samples_lost
            ));
        }
        lines.push(
            match self.verdict {
                Verdict::Free => "the channel is free",
                Verdict::Occupied => "the channel is occupied: choose another frequency, or wait",
                Verdict::Overloaded => {
                    "the receiver clips: lower its gain by 6 dB and listen again"
                }
            }
            .to_owned(),
        );
        lines.join("\n")
    }
}

fn verdict(heard: &Heard, emissions: &[Heading]) -> Verdict {
    if heard.samples_at_full_scale * 1000 > heard.samples {
        Verdict::Overloaded
    } else if emissions.iter().any(|e| e.in_band) {
        Verdict::Occupied
    } else {
        Verdict::Free
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use heliograph::metrics::SpectrumEstimator;
    use num_complex::Complex32;

    /// A faint hum at `offset` of the sample rate over an almost silent floor.
    pub fn heard(offset: f32, level: f32) -> Heard {
        let mut state = 1u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        let sample = |n: usize| {
            // In f32 the phase would be too coarse: spurs in the band.
            let turns = (f64::from(offset) * n as f64).fract() as f32;
            let tone = Complex32::cis(std::f32::consts::TAU * turns);
            tone * level + Complex32::new(noise(), noise()) * 1e-3
        };
        let samples: Vec<Complex32> = (0..60_000).map(sample).collect();
        let mut estimator = SpectrumEstimator::new(256).unwrap();
        estimator.push(&samples);
        Heard {
            spectrum: estimator.spectrum().unwrap(),
            samples: 60_000,
            samples_lost: 0,
            samples_at_full_scale: samples.iter().filter(|x| x.re.abs() > 0.999).count() as u64,
        }
    }

    pub fn finding(offset: f32, level: f32) -> Finding {
        let settings = RadioSettings::new(868e6, 2e6);
        Finding::new(&heard(offset, level), &settings, Numerology::Standard)
    }

    #[test]
    fn a_hum_in_the_band_occupies_it_and_one_beside_it_does_not() {
        let inside = finding(0.2, 0.05);
        assert_eq!(inside.verdict, Verdict::Occupied);
        // As wide as the window's main lobe over a floor 64 dB below.
        let hum = inside.emissions[0];
        assert!(868.35e6 < hum.from_hz && hum.from_hz < 868.4e6, "{hum:?}");
        assert!(868.4e6 < hum.to_hz && hum.to_hz < 868.45e6, "{hum:?}");
        assert_eq!(finding(0.46, 0.05).verdict, Verdict::Free);
        assert_eq!(
            finding(0.0, 0.05).verdict,
            Verdict::Free,
            "leakage of the oscillator"
        );
        assert_eq!(finding(0.1, 1.5).verdict, Verdict::Overloaded);
    }

    #[test]
    fn the_words_end_with_the_verdict() {
        let words = finding(0.2, 0.05).words();
        assert!(words.contains("868.355 MHz to 868.441 MHz"), "{words}");
        assert!(
            words.lines().last().unwrap().contains("occupied"),
            "{words}"
        );
    }
}
