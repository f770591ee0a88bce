//! What a run of a rig leaves: for build servers JUnit XML, for programs JSON, for people a page.

mod escape;

mod html;

mod json;

mod junit;

mod plot;

use std::time::SystemTime;

use super::measured::Measured;
use super::verdict::{Outcome, Verdict};
use super::{Rig, Scenario};

pub use html::{PictureSource, to_html};
pub use json::{REPORT_SCHEMA_VERSION, to_json};
pub use junit::to_junit;

/// A run of a rig.
#[derive(Clone, Debug, PartialEq)]
pub struct RigReport {
    /// Name of the rig.
    pub rig: String,
    pub wiring: String,
    /// Name and version of the program.
    pub program: String,
    pub started: SystemTime,
    pub scenarios: Vec<ScenarioReport>,
}

/// A run of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioReport {
    pub name: String,
    /// Why a failure does not count.
    pub quarantine: Option<String>,
    pub verdict: Verdict,
    pub measured: Measured,
}

impl RigReport {
    /// A report without scenarios yet.
    pub fn new(rig: &Rig, program: &str, started: SystemTime) -> Self {
        Self {
            rig: rig.name.clone(),
            wiring: rig.wiring.clone(),
            program: program.to_owned(),
            started,
            scenarios: Vec::new(),
        }
    }

    /// Adds what a scenario brought; gives its verdict.
    pub fn add(&mut self, scenario: &Scenario, measured: Measured) -> &Verdict {
        self.scenarios.push(ScenarioReport {
            name: scenario.name.clone(),
            quarantine: scenario.quarantine.clone(),
            verdict: Verdict::of(&scenario.limits, &measured),
            measured,
        });
        let last = self.scenarios.len() - 1;
        &self.scenarios[last].verdict
    }

    /// Failed if a scenario failed that is not in quarantine, or none was run.
    pub fn outcome(&self) -> Outcome {
        let counts = |s: &&ScenarioReport| s.quarantine.is_none();
        let failed = |s: &ScenarioReport| s.verdict.outcome() == Outcome::Failed;
        let broken = self.scenarios.iter().filter(counts).any(failed);
        match broken || self.scenarios.is_empty() {
            true => Outcome::Failed,
            false => Outcome::Passed,
        }
    }

    /// Seconds of all scenarios.
    pub fn seconds(&self) -> f64 {
        self.scenarios.iter().map(|s| s.measured.seconds).sum()
    }
}
