//! Limits against figures.

use std::fmt;

use serde::Serialize;

use super::limits::{Bound, Limits};
use super::measured::Measured;

/// What became of a check, a scenario, a rig.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Passed,
    Failed,
}

/// What became of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    Passed,
    /// The limit is broken.
    Failed,
    /// Nothing was measured: as bad as a broken limit.
    Missing,
}

/// A limit and what was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// Field of the limit.
    pub limit: &'static str,
    /// What is measured, in words.
    pub what: &'static str,
    pub bound: &'static str,
    pub allowed: f64,
    pub found: Option<f64>,
    pub result: CheckResult,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.found.map_or("nothing".to_owned(), number);
        let (limit, bound, allowed) = (self.limit, self.bound, number(self.allowed));
        write!(f, "{limit}: found {found}, allowed {bound} {allowed}")
    }
}

/// A number to four decimals, without trailing zeros.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// The checks of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Verdict {
    pub checks: Vec<Check>,
    /// Why the run ended before its time.
    pub error: Option<String>,
}

impl Verdict {
    /// Compares what was measured with what is allowed.
    pub fn of(limits: &Limits, measured: &Measured) -> Self {
        let checks = limits.iter().map(|(limit, allowed)| {
            let found = limit.measure(measured).filter(|found| !found.is_nan());
            let kept = |found: f64| match limit.bound {
                Bound::AtLeast => found >= allowed,
                Bound::AtMost => found <= allowed,
            };
            Check {
                limit: limit.name,
                what: limit.what,
                bound: match limit.bound {
                    Bound::AtLeast => "at least",
                    Bound::AtMost => "at most",
                },
                allowed,
                found,
                result: match found.map(kept) {
                    Some(true) => CheckResult::Passed,
                    Some(false) => CheckResult::Failed,
                    None => CheckResult::Missing,
                },
            }
        });
        Self {
            checks: checks.collect(),
            error: measured.error.clone(),
        }
    }

    /// Passed only if the run came to its end and every limit was kept.
    pub fn outcome(&self) -> Outcome {
        let kept = self
            .checks
            .iter()
            .all(|check| check.result == CheckResult::Passed);
        match kept && self.error.is_none() {
            true => Outcome::Passed,
            false => Outcome::Failed,
        }
    }
}
