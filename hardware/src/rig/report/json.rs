//! The report for programs.

use serde::Serialize;

use super::{RigReport, ScenarioReport};
use crate::datetime::to_rfc3339;
use crate::rig::measured::Measured;
use crate::rig::verdict::{Check, Outcome};

/// Version of the schema: raised when a field changes its meaning or goes; new fields may come without.
pub const REPORT_SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    program: &'a str,
    rig: &'a str,
    wiring: &'a str,
    started: String,
    outcome: Outcome,
    seconds: f64,
    scenarios: Vec<Scenario<'a>>,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    outcome: Outcome,
    quarantine: Option<&'a str>,
    checks: &'a [Check],
    measured: &'a Measured,
}

impl<'a> From<&'a ScenarioReport> for Scenario<'a> {
    fn from(report: &'a ScenarioReport) -> Self {
        Self {
            name: &report.name,
            outcome: report.verdict.outcome(),
            quarantine: report.quarantine.as_deref(),
            checks: &report.verdict.checks,
            measured: &report.measured,
        }
    }
}

/// The report as JSON. What is absent or not finite is `null`.
///
/// # Errors
/// None that are known: every field is plain.
pub fn to_json(report: &RigReport) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&Report {
        schema_version: REPORT_SCHEMA_VERSION,
        program: &report.program,
        rig: &report.rig,
        wiring: &report.wiring,
        started: to_rfc3339(report.started),
        outcome: report.outcome(),
        seconds: report.seconds(),
        scenarios: report.scenarios.iter().map(Scenario::from).collect(),
    })
}
