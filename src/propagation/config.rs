//! Description of a channel: the fields of a TOML file or of a program's flags.
//!
//! Everything is optional and the default is the ideal channel. Fields that flags change singly lie at the top.

use serde::{Deserialize, Serialize};

/// A channel and the radios at its ends. The default changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PropagationConfig {
    /// Es/N0 on an occupied carrier, in dB (-100 to 200); noiseless if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snr_db: Option<f64>,
    /// Received carrier frequency above the sent one, in Hz; at most half the sample rate either way.
    pub cfo_hz: f64,
    /// Transmitter's sampling clock over the receiver's, in parts per million (-1000 to 1000).
    pub sfo_ppm: f64,
    /// Constant delay, in samples, whole and fractional (0 to 1,000,000).
    pub delay_samples: f64,
    /// Gain of the receiver ahead of its converter, on signal and noise, in dB (-100 to 100).
    pub receiver_gain_db: f64,
    /// Largest magnitude that the transmitter's amplifier passes, in dB above the nominal rms (-40 to 60).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transmitter_clipping_db: Option<f64>,
    /// Largest |I| and |Q| that the receiver's converter passes, in dB above the nominal rms (-40 to 60).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clipping_db: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multipath: Option<MultipathConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase_noise: Option<PhaseNoiseConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iq_imbalance: Option<IqImbalanceConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dc_offset: Option<DcOffsetConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impulses: Option<ImpulsesConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantization: Option<QuantizationConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drops: Option<SampleDropsConfig>,
}

/// Paths between the antennas.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MultipathConfig {
    pub profile: MultipathProfile,
    /// Delay spread of a TDL profile, in ns (0 to 1,000,000; the longest path at most 4096 samples).
    pub delay_spread_ns: f64,
    /// Largest Doppler shift of fading taps, in Hz (at most a hundredth of the sample rate); 0: they stand still.
    pub doppler_hz: f64,
    /// Samples between independent draws of fading taps (block fading); 0: one draw for the run.
    pub coherence_samples: u64,
    /// The paths of `static` and `rayleigh` (1 to 64).
    pub taps: Vec<TapConfig>,
    pub tap_power: TapPower,
}

/// Where the taps come from and whether they fade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MultipathProfile {
    /// `taps` with the gains and phases given.
    #[default]
    Static,
    /// `taps` as mean powers of Rayleigh taps.
    Rayleigh,
    /// 3GPP TR 38.901 Table 7.7.2-1.
    TdlA,
    /// 3GPP TR 38.901 Table 7.7.2-2.
    TdlB,
    /// 3GPP TR 38.901 Table 7.7.2-3.
    TdlC,
}

/// Whether the gains of `taps` are relative or absolute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TapPower {
    /// Scaled to unit power in all, so that `snr_db` keeps its meaning.
    #[default]
    Unit,
    /// As written.
    AsGiven,
}

/// One path, its delay in ns or in samples (not both; 0 if neither).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TapConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ns: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_samples: Option<f64>,
    /// Gain, in dB of power (-200 to 60).
    pub gain_db: f64,
    /// Phase, in degrees.
    pub phase_deg: f64,
}

/// Noise of the oscillators' phase.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhaseNoiseConfig {
    /// Full width at half maximum of the carrier's Lorentzian line, in Hz (0 to 1,000,000).
    pub linewidth_hz: f64,
    /// Density of the white phase floor, in dBc/Hz (-250 to -30); none if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor_dbc_hz: Option<f64>,
}

/// Unequal branches of the receiver's mixer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IqImbalanceConfig {
    /// Gain of I over Q, in dB (-20 to 20).
    pub gain_db: f64,
    /// Error of the right angle between I and Q, in degrees (-45 to 45).
    pub phase_deg: f64,
}

/// Leakage of the receiver's oscillator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DcOffsetConfig {
    /// Power relative to unit power, in dB (-200 to 60); the noise has `-snr_db` on this scale.
    pub level_db: f64,
    /// Phase, in degrees.
    pub phase_deg: f64,
}

/// Bursts of interference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImpulsesConfig {
    /// Mean number of bursts per second of quiet, in Hz (0 to the sample rate).
    pub rate_hz: f64,
    /// Mean power within a burst relative to unit power, in dB (-100 to 100).
    pub power_db: f64,
    /// Length of a burst, in samples (1 to 1,000,000).
    pub duration_samples: u64,
}

/// The receiver's converter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuantizationConfig {
    /// Bits of I and of Q (2 to 16).
    pub bits: u32,
    /// Full scale of I and of Q, in dB above the nominal rms of the complex signal (-20 to 100).
    pub full_scale_db: f64,
}

/// Samples lost on the way to the host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SampleDropsConfig {
    /// Probability that a drop starts at a sample (0 to 1).
    pub probability: f64,
    /// Shortest and longest drop, in samples (1 to 16,777,216).
    pub min_samples: u64,
    pub max_samples: u64,
}

impl Default for DcOffsetConfig {
    /// 30 dB below an occupied carrier, on neither axis.
    fn default() -> Self {
        Self {
            level_db: -30.0,
            phase_deg: 30.0,
        }
    }
}

impl Default for ImpulsesConfig {
    /// No bursts; if a rate is given, 20 dB above an occupied carrier for 20 samples.
    fn default() -> Self {
        Self {
            rate_hz: 0.0,
            power_db: 20.0,
            duration_samples: 20,
        }
    }
}

impl Default for QuantizationConfig {
    /// A HackRF whose gain leaves 12 dB of headroom.
    fn default() -> Self {
        Self {
            bits: 8,
            full_scale_db: 12.0,
        }
    }
}

impl Default for SampleDropsConfig {
    /// No drops; if a probability is given, one sample up to a HackRF transfer of 131,072.
    fn default() -> Self {
        Self {
            probability: 0.0,
            min_samples: 1,
            max_samples: 131_072,
        }
    }
}

#[cfg(test)]
mod tests;
