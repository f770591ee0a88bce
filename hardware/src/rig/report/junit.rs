//! The report for build servers: JUnit XML as Jenkins, GitLab and GitHub's actions read it.
//!
//! A scenario is a test suite, a limit a test case; a run that ended before its time is an error of the case `run`. In
//! quarantine both are skipped.

use std::fmt::Write;

use super::escape::escape;
use super::{RigReport, ScenarioReport};
use crate::datetime::to_rfc3339;
use crate::rig::verdict::CheckResult;

/// A test case, and its result as an element with a message.
struct Case {
    name: &'static str,
    result: Option<(&'static str, String)>,
}

/// The report as JUnit XML.
pub fn to_junit(report: &RigReport) -> String {
    let suites: Vec<_> = report.scenarios.iter().map(|s| (s, cases(s))).collect();
    let all = || suites.iter().flat_map(|(_, cases)| cases);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String cannot fail.
    let _ = writeln!(
        xml,
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3}\">",
        escape(&report.rig),
        all().count(),
        count(all(), "failure"),
        count(all(), "error"),
        report.seconds(),
    );
    let timestamp = to_rfc3339(report.started);
    for (i, (scenario, cases)) in suites.iter().enumerate() {
        write_suite(&mut xml, i, (&report.rig, &timestamp), scenario, cases);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn cases(scenario: &ScenarioReport) -> Vec<Case> {
    let verdict = &scenario.verdict;
    let run = Case {
        name: "run",
        result: verdict.error.clone().map(|error| ("error", error)),
    };
    let checks = verdict.checks.iter().map(|check| Case {
        name: check.limit,
        result: match check.result {
            CheckResult::Passed => None,
            _ => Some(("failure", check.to_string())),
        },
    });
    let cases = std::iter::once(run).chain(checks);
    match &scenario.quarantine {
        None => cases.collect(),
        Some(reason) => cases.map(|case| in_quarantine(case, reason)).collect(),
    }
}

fn in_quarantine(case: Case, reason: &str) -> Case {
    let skip = |(_, message)| ("skipped", format!("in quarantine ({reason}): {message}"));
    Case {
        result: case.result.map(skip),
        ..case
    }
}

fn count<'a>(cases: impl IntoIterator<Item = &'a Case>, element: &str) -> usize {
    let has = |case: &&Case| {
        case.result
            .as_ref()
            .is_some_and(|(name, _)| *name == element)
    };
    cases.into_iter().filter(has).count()
}

fn write_suite(
    xml: &mut String,
    id: usize,
    (rig, timestamp): (&str, &str),
    scenario: &ScenarioReport,
    cases: &[Case],
) {
    let name = escape(&scenario.name);
    let class = format!("{}.{name}", escape(rig));
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{name}\" id=\"{id}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" \
         time=\"{:.3}\" timestamp=\"{timestamp}\">",
        cases.len(),
        count(cases, "failure"),
        count(cases, "error"),
        count(cases, "skipped"),
        scenario.measured.seconds,
    );
    for case in cases {
        let time_s = match case.name {
            "run" => scenario.measured.seconds,
            _ => 0.0,
        };
        let head = format!(
            "    <testcase classname=\"{class}\" name=\"{}\" time=\"{time_s:.3}\"",
            case.name
        );
        let _ = match &case.result {
            None => writeln!(xml, "{head}/>"),
            Some((element, message)) => writeln!(
                xml,
                "{head}>\n      <{element} message=\"{}\"/>\n    </testcase>",
                escape(message)
            ),
        };
    }
    if !scenario.measured.notes.is_empty() {
        let notes = escape(&scenario.measured.notes.join("\n"));
        let _ = writeln!(xml, "    <system-out>{notes}</system-out>");
    }
    xml.push_str("  </testsuite>\n");
}
