//! What can be turned from the page, and within which limits.

use serde::{Deserialize, Serialize};

/// The controls; a part that is absent is one that the command or its radio does not have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Controls {
    /// Were they asked for?
    pub enabled: bool,
    /// Is a token needed?
    pub needs_token: bool,
    /// Gain of the radio, dB.
    pub gain_db: Option<Dial>,
    /// Gains of its stages, dB.
    pub gain_elements_db: Vec<NamedDial>,
    /// Centre frequency, Hz.
    pub frequency_hz: Option<Dial>,
    /// Can it record, and does it?
    pub recording: Option<bool>,
    /// The painter in use, where there is a choice.
    pub painter: Option<String>,
    /// Names of all painters.
    pub painters: Vec<String>,
    /// Steps of painter diffusion.
    pub steps: Option<Dial>,
    /// From least distortion (0) to best perception (1).
    pub perception: Option<Dial>,
    /// Can it be paused, and is it?
    pub paused: Option<bool>,
}

/// A number that can be turned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dial {
    /// Where it stands.
    pub value: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// Between two places of it.
    pub step: f64,
}

/// A number with a name that can be turned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamedDial {
    /// The radio's name for it.
    pub name: String,
    /// The number.
    #[serde(flatten)]
    pub dial: Dial,
}
