//! Rigs: two radios on a bench, scenarios to run on them, and limits that the results must keep.
//!
//! Nothing here touches a radio. [`Rig`] is the description in TOML (`hardware/rigs`), [`Measured`] is what a run brought,
//! [`Verdict`] compares it with the [`Limits`], and [`RigReport`] becomes JUnit XML, JSON and a page for people.
//!
//! ```
//! use heliograph_hardware::rig::{Measured, Outcome, Rig, Verdict};
//!
//! let rig = Rig::from_toml_str(r#"
//!     name = "desk"
//!     [transmitter]
//!     radio = "driver=heliograph,ether=desk,id=roof"
//!     [receiver]
//!     radio = "driver=heliograph,ether=desk,id=lab"
//!     [[scenario]]
//!     name = "quiet"
//!     photos = 2
//!     receiver_args = "noise_dbfs=-26"
//!     [scenario.limits]
//!     pictures_min = 2
//! "#, "desk.toml")?;
//!
//! let measured = Measured { pictures_sent: 2, ..Measured::default() };
//! let verdict = Verdict::of(&rig.scenarios[0].limits, &measured);
//! assert_eq!(verdict.checks[0].to_string(), "pictures_min: found 0, allowed at least 2");
//! assert_eq!(verdict.outcome(), Outcome::Failed);
//! # Ok::<(), heliograph_hardware::config::ConfigError>(())
//! ```

mod limits;

mod scenario;

mod read;

mod measured;

mod verdict;

mod report;

use std::path::PathBuf;

use crate::config::ConfigError;
use crate::profile::{Overrides, Profile};
use crate::settings::Direction;

pub use limits::{Bound, Limit, Limits};
pub use measured::{Measured, PictureFigures};
pub use report::{
    PictureSource, REPORT_SCHEMA_VERSION, RigReport, ScenarioReport, to_html, to_json, to_junit,
};
pub use scenario::{Photos, Scenario};
pub use verdict::{Check, CheckResult, Outcome, Verdict};

/// Two radios and what is to be tried on them.
#[derive(Clone, Debug, PartialEq)]
pub struct Rig {
    /// Name, also of the reports.
    pub name: String,
    /// For the person at the bench: cables, attenuators, antennas, bands, power.
    pub wiring: String,
    pub transmitter: RigRadio,
    pub receiver: RigRadio,
    /// In the order in which they are run; at least one.
    pub scenarios: Vec<Scenario>,
    /// Folder of the file, which paths in it start from; `None` for a text.
    pub folder: Option<PathBuf>,
    /// The file, for errors.
    origin: String,
}

/// One end of a rig.
#[derive(Clone, Debug, PartialEq)]
pub struct RigRadio {
    /// What [`Profile::find`] takes.
    pub radio: String,
    /// Settings in the place of the profile's.
    pub overrides: Overrides,
}

impl Rig {
    /// The radio of one direction as a scenario wants it: profile, the rig's settings, the scenario's.
    ///
    /// # Errors
    /// Those of [`Profile::find`], [`Profile::with_args`] and [`Profile::with_overrides`].
    pub fn profile(
        &self,
        direction: Direction,
        scenario: &Scenario,
    ) -> Result<Profile, ConfigError> {
        let (end, args, overrides) = match direction {
            Direction::Receive => (&self.receiver, &scenario.receiver_args, &scenario.receiver),
            Direction::Transmit => (
                &self.transmitter,
                &scenario.transmitter_args,
                &scenario.transmitter,
            ),
        };
        Profile::find(&end.radio)?
            .with_args(args)?
            .with_overrides(direction, &end.overrides, &self.origin)?
            .with_overrides(direction, overrides, &self.origin)
    }
}

#[cfg(test)]
mod tests;
