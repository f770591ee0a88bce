//! Ranges of a channel's fields, with errors that name the field, what was found and what is allowed.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::PropagationError;
use super::config::{
    DcOffsetConfig, ImpulsesConfig, IqImbalanceConfig, MultipathConfig, MultipathProfile,
    PhaseNoiseConfig, PropagationConfig, QuantizationConfig, SampleDropsConfig, TapConfig,
};

type Checked = Result<(), PropagationError>;

/// Most taps of a profile of one's own.
const MAX_TAPS: usize = 64;

/// Longest path, in samples: bounds memory and time of the filter.
const MAX_PATH_SAMPLES: f64 = 4096.0;

/// The largest magnitude of a phase; more turns lose the digits of the angle.
const PHASE_DEG: RangeInclusive<f64> = -36_000.0..=36_000.0;

impl PropagationConfig {
    /// Checks every range that does not depend on the sample rate.
    ///
    /// # Errors
    /// [`PropagationError::Field`] for the first field out of range.
    pub fn validate(&self) -> Checked {
        optional("snr_db", self.snr_db, -100.0..=200.0)?;
        within("cfo_hz", self.cfo_hz, -1e9..=1e9)?;
        within("sfo_ppm", self.sfo_ppm, -1000.0..=1000.0)?;
        within("delay_samples", self.delay_samples, 0.0..=1e6)?;
        within("receiver_gain_db", self.receiver_gain_db, -100.0..=100.0)?;
        optional(
            "transmitter_clipping_db",
            self.transmitter_clipping_db,
            -40.0..=60.0,
        )?;
        optional("clipping_db", self.clipping_db, -40.0..=60.0)?;
        each(&self.multipath, multipath)?;
        each(&self.phase_noise, phase_noise)?;
        each(&self.iq_imbalance, iq_imbalance)?;
        each(&self.dc_offset, dc_offset)?;
        each(&self.impulses, impulses)?;
        each(&self.quantization, quantization)?;
        each(&self.drops, drops)
    }

    /// Checks every range, those that the sample rate sets included.
    pub(super) fn validate_at(&self, sample_rate_hz: f64) -> Checked {
        within("sample_rate_hz", sample_rate_hz, 1.0..=1e9)?;
        self.validate()?;
        within(
            "cfo_hz",
            self.cfo_hz,
            -sample_rate_hz / 2.0..=sample_rate_hz / 2.0,
        )?;
        each(&self.impulses, |i| {
            within("impulses.rate_hz", i.rate_hz, 0.0..=sample_rate_hz)
        })?;
        each(&self.multipath, |m| multipath_at(m, sample_rate_hz))
    }
}

fn multipath(config: &MultipathConfig) -> Checked {
    within(
        "multipath.delay_spread_ns",
        config.delay_spread_ns,
        0.0..=1e6,
    )?;
    within("multipath.doppler_hz", config.doppler_hz, 0.0..=1e7)?;
    let own_taps = matches!(
        config.profile,
        MultipathProfile::Static | MultipathProfile::Rayleigh
    );
    let allowed = if own_taps { 1..=MAX_TAPS } else { 0..=0 };
    if !allowed.contains(&config.taps.len()) {
        let found = format!("{} taps", config.taps.len());
        let allowed = match own_taps {
            true => format!("1 to {MAX_TAPS} taps for this profile"),
            false => "no taps: this profile brings its own".to_owned(),
        };
        return Err(field("multipath.taps", found, allowed));
    }
    config
        .taps
        .iter()
        .enumerate()
        .try_for_each(|(i, config)| tap(&format!("multipath.taps[{i}]"), config))
}

fn tap(path: &str, config: &TapConfig) -> Checked {
    if let (Some(ns), Some(samples)) = (config.delay_ns, config.delay_samples) {
        let found = format!("delay_ns {ns} and delay_samples {samples}");
        return Err(field(path, found, "one of the two"));
    }
    optional(&format!("{path}.delay_ns"), config.delay_ns, 0.0..=1e9)?;
    optional(
        &format!("{path}.delay_samples"),
        config.delay_samples,
        0.0..=MAX_PATH_SAMPLES,
    )?;
    within(&format!("{path}.gain_db"), config.gain_db, -200.0..=60.0)?;
    within(&format!("{path}.phase_deg"), config.phase_deg, PHASE_DEG)
}

fn multipath_at(config: &MultipathConfig, sample_rate_hz: f64) -> Checked {
    within(
        "multipath.doppler_hz",
        config.doppler_hz,
        0.0..=sample_rate_hz / 100.0,
    )?;
    let longest_ns = MAX_PATH_SAMPLES / sample_rate_hz * 1e9;
    if let Some(longest) = config.longest_delay() {
        within(
            "multipath.delay_spread_ns",
            config.delay_spread_ns,
            0.0..=longest_ns / longest,
        )?;
    }
    for (i, tap) in config.taps.iter().enumerate() {
        optional(
            &format!("multipath.taps[{i}].delay_ns"),
            tap.delay_ns,
            0.0..=longest_ns,
        )?;
    }
    Ok(())
}

fn phase_noise(config: &PhaseNoiseConfig) -> Checked {
    within("phase_noise.linewidth_hz", config.linewidth_hz, 0.0..=1e6)?;
    optional(
        "phase_noise.floor_dbc_hz",
        config.floor_dbc_hz,
        -250.0..=-30.0,
    )
}

fn iq_imbalance(config: &IqImbalanceConfig) -> Checked {
    within("iq_imbalance.gain_db", config.gain_db, -20.0..=20.0)?;
    within("iq_imbalance.phase_deg", config.phase_deg, -45.0..=45.0)
}

fn dc_offset(config: &DcOffsetConfig) -> Checked {
    within("dc_offset.level_db", config.level_db, -200.0..=60.0)?;
    within("dc_offset.phase_deg", config.phase_deg, PHASE_DEG)
}

fn impulses(config: &ImpulsesConfig) -> Checked {
    within("impulses.rate_hz", config.rate_hz, 0.0..=1e9)?;
    within("impulses.power_db", config.power_db, -100.0..=100.0)?;
    within(
        "impulses.duration_samples",
        config.duration_samples,
        1..=1_000_000,
    )
}

fn quantization(config: &QuantizationConfig) -> Checked {
    within("quantization.bits", config.bits, 2..=16)?;
    within(
        "quantization.full_scale_db",
        config.full_scale_db,
        -20.0..=100.0,
    )
}

fn drops(config: &SampleDropsConfig) -> Checked {
    within("drops.probability", config.probability, 0.0..=1.0)?;
    within("drops.min_samples", config.min_samples, 1..=16_777_216)?;
    within(
        "drops.max_samples",
        config.max_samples,
        config.min_samples..=16_777_216,
    )
}

/// NaN is within no range.
fn within<T: PartialOrd + Display>(path: &str, found: T, allowed: RangeInclusive<T>) -> Checked {
    if allowed.contains(&found) {
        return Ok(());
    }
    Err(field(
        path,
        found,
        format!("{} to {}", allowed.start(), allowed.end()),
    ))
}

fn optional(path: &str, found: Option<f64>, allowed: RangeInclusive<f64>) -> Checked {
    found.map_or(Ok(()), |found| within(path, found, allowed))
}

fn each<T>(section: &Option<T>, check: impl FnOnce(&T) -> Checked) -> Checked {
    section.as_ref().map_or(Ok(()), check)
}

fn field(path: &str, found: impl Display, allowed: impl Display) -> PropagationError {
    PropagationError::Field {
        origin: "propagation".to_owned(),
        field: path.to_owned(),
        found: found.to_string(),
        allowed: allowed.to_string(),
    }
}
