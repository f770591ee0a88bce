//! The state of a running link: what `/api/state` gives and the page shows. `docs/guide/page.md` explains it to users.
//!
//! Absent parts (`null`, empty lists) are what the command does not have or has not heard yet. Units stand in the names.

mod controls;
mod link;
mod pictures;

use serde::{Deserialize, Serialize};

pub use controls::{Controls, Dial, NamedDial};
pub use link::{
    Advice, Bursts, ChannelEstimate, Constellation, Ledger, LedgerEntry, Level, Link, Recording,
    Samples, Sent, Spectrum, Trend,
};
pub use pictures::{Download, Figure, Picture, Stage, StageView};

/// Version of the state: raised when a field changes its meaning or goes; new fields may come without.
pub const STATE_VERSION: u32 = 1;

/// All of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// What changes many times a second.
    #[serde(flatten)]
    pub live: Live,
    /// Pictures, newest first.
    pub pictures: Vec<Picture>,
}

/// What changes many times a second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// [`STATE_VERSION`].
    pub version: u32,
    /// Counts up with every state.
    pub sequence: u64,
    /// What runs.
    pub program: Program,
    /// How it goes.
    pub run: Run,
    /// The radio, as it took its settings.
    pub radio: Option<Radio>,
    /// Power at the converter.
    pub level: Option<Level>,
    /// Power over frequency; each is a row of the waterfall.
    pub spectrum: Option<Spectrum>,
    /// What the latest burst said.
    pub link: Option<Link>,
    /// What the bursts before it said.
    pub trend: Trend,
    /// Equalized points of the latest bursts.
    pub constellation: Constellation,
    /// The channel at the latest burst.
    pub channel: Option<ChannelEstimate>,
    /// What became of bursts.
    pub bursts: Bursts,
    /// What became of samples.
    pub samples: Samples,
    /// Where the channel went for the latest picture.
    pub ledger: Option<Ledger>,
    /// What went out, at a transmitter.
    pub sent: Option<Sent>,
    /// What is wrong and what to turn; the most pressing first.
    pub advice: Vec<Advice>,
    /// A recording of the samples.
    pub recording: Option<Recording>,
    /// What can be turned.
    pub controls: Controls,
    /// Pages that look on.
    pub viewers: u64,
}

/// What runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// `heliograph`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The command: `receive`, `loopback`, `replay`, `transmit`.
    pub command: String,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The page is there, the radio not yet.
    #[default]
    Starting,
    /// It goes on.
    Running,
    /// Paused from the page.
    Paused,
    /// The last state of a run that is over.
    Ended,
}

/// How the run goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Where it stands.
    pub phase: Phase,
    /// Seconds since its start, by the clock.
    pub seconds: f64,
    /// What it does now, in a few words.
    pub words: String,
    /// What is wrong with the radio, if something is.
    pub trouble: Option<String>,
}

/// A radio's settings, or what stands for one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Radio {
    /// Name for people.
    pub name: String,
    /// Centre frequency; `None` where nothing is on the air.
    pub frequency_hz: Option<f64>,
    /// Samples per second.
    pub sample_rate_hz: f64,
    /// Gain; `None` leaves it to the radio.
    pub gain_db: Option<f64>,
    /// Width of the signal.
    pub occupied_bandwidth_hz: f64,
    /// Sizes of the OFDM symbol, by name.
    pub numerology: String,
}

impl Live {
    /// Of a run of `command` that has heard nothing yet.
    pub fn new(command: &str) -> Self {
        Self {
            version: STATE_VERSION,
            sequence: 0,
            program: Program {
                name: "heliograph".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                command: command.to_owned(),
            },
            run: Run::default(),
            radio: None,
            level: None,
            spectrum: None,
            link: None,
            trend: Trend::default(),
            constellation: Constellation::default(),
            channel: None,
            bursts: Bursts::default(),
            samples: Samples::default(),
            ledger: None,
            sent: None,
            advice: Vec::new(),
            recording: None,
            controls: Controls::default(),
            viewers: 0,
        }
    }
}

#[cfg(test)]
mod tests;
