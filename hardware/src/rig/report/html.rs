//! The report for people: one page, no scripts, light and dark, readable on a phone.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::escape::{escape, link};
use super::plot::Plot;
use super::{RigReport, ScenarioReport};
use crate::datetime::to_rfc3339;
use crate::rig::measured::PictureFigures;
use crate::rig::verdict::{Check, CheckResult, Outcome, number};

const STYLE: &str = include_str!("html.css");

/// How the page shows a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PictureSource {
    /// As a link to its file, relative to the page.
    Link,
    /// Within the page, from the bytes of a PNG.
    Png(Vec<u8>),
    /// Not at all.
    Absent,
}

/// The report as a page. `source` is asked for each picture by its path: bytes make the page one file that can be mailed,
/// links keep it small.
pub fn to_html(report: &RigReport, source: &dyn Fn(&str) -> PictureSource) -> String {
    let name = escape(&report.rig);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{name}: {outcome}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <h1>{name}: {badge}</h1>\n<p class=\"soft\">{started}, {seconds:.0} s, {program}</p>\n",
        outcome = word(report.outcome()),
        badge = badge(report.outcome()),
        started = to_rfc3339(report.started),
        seconds = report.seconds(),
        program = escape(&report.program),
    );
    if !report.wiring.is_empty() {
        let wiring = escape(report.wiring.trim());
        // Writing to a String cannot fail.
        let _ = writeln!(
            page,
            "<details><summary>Wiring</summary><pre>{wiring}</pre></details>"
        );
    }
    for scenario in &report.scenarios {
        write_scenario(&mut page, scenario, source);
    }
    page.push_str("</body>\n</html>\n");
    page
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
    }
}

fn badge(outcome: Outcome) -> String {
    let word = word(outcome);
    format!("<span class=\"{word}\">{word}</span>")
}

fn write_scenario(
    page: &mut String,
    scenario: &ScenarioReport,
    source: &dyn Fn(&str) -> PictureSource,
) {
    let measured = &scenario.measured;
    let _ = writeln!(
        page,
        "<section>\n<h2>{}: {}</h2>\n<p class=\"soft\">{} of {} pictures in {:.1} s</p>",
        escape(&scenario.name),
        badge(scenario.verdict.outcome()),
        measured.pictures.len(),
        measured.pictures_sent,
        measured.seconds,
    );
    if let Some(reason) = &scenario.quarantine {
        let reason = escape(reason);
        let _ = writeln!(
            page,
            "<p class=\"quarantine\">in quarantine, does not count: {reason}</p>"
        );
    }
    if let Some(error) = &scenario.verdict.error {
        let _ = writeln!(page, "<p class=\"failed\">{}</p>", escape(error));
    }
    write_checks(page, &scenario.verdict.checks);
    write_plots(page, scenario);
    if !measured.notes.is_empty() {
        let _ = writeln!(page, "<pre>{}</pre>", escape(&measured.notes.join("\n")));
    }
    write_pictures(page, &measured.pictures, source);
    page.push_str("</section>\n");
}

fn write_checks(page: &mut String, checks: &[Check]) {
    page.push_str(
        "<div class=\"wide\"><table>\n<tr><th>limit</th><th class=\"number\">found</th>\
         <th class=\"number\">allowed</th><th></th></tr>\n",
    );
    for check in checks {
        let result = match check.result {
            CheckResult::Passed => "passed",
            CheckResult::Failed => "failed",
            CheckResult::Missing => "missing",
        };
        let _ = writeln!(
            page,
            "<tr><td>{}<br><span class=\"soft\">{}</span></td><td class=\"number\">{}</td>\
             <td class=\"number\">{} {}</td><td class=\"{result}\">{result}</td></tr>",
            check.limit,
            check.what,
            check.found.map_or("nothing".to_owned(), number),
            check.bound,
            number(check.allowed),
        );
    }
    page.push_str("</table></div>\n");
}

fn write_plots(page: &mut String, scenario: &ScenarioReport) {
    let pictures = &scenario.measured.pictures;
    let limits = |names: &[&str]| -> Vec<f64> {
        let checks = scenario.verdict.checks.iter();
        let named = checks.filter(|check| names.contains(&check.limit));
        named.map(|check| check.allowed).collect()
    };
    let plots = [
        Plot {
            title: "SNR by picture, dB",
            values: pictures.iter().map(|p| p.snr_db).collect(),
            limits: limits(&["snr_db_min", "snr_db_max"]),
        },
        Plot {
            title: "PSNR by picture, dB (the limit is for the mean)",
            values: pictures.iter().map(|p| p.psnr_db).collect(),
            limits: limits(&["psnr_db_min"]),
        },
    ];
    for plot in plots {
        page.push_str(&plot.to_svg());
        page.push('\n');
    }
}

fn write_pictures(
    page: &mut String,
    pictures: &[PictureFigures],
    source: &dyn Fn(&str) -> PictureSource,
) {
    page.push_str("<div class=\"pictures\">\n");
    for (i, picture) in pictures.iter().enumerate() {
        let sent = image(picture.sent.as_deref(), "sent", source);
        let received = image(picture.received.as_deref(), "received", source);
        let _ = writeln!(
            page,
            "<figure><div class=\"pair\">{sent}{received}</div><figcaption>{}</figcaption></figure>",
            caption(i + 1, picture)
        );
    }
    page.push_str("</div>\n");
}

/// The picture as an element, empty if there is none.
fn image(path: Option<&str>, what: &str, source: &dyn Fn(&str) -> PictureSource) -> String {
    let Some(path) = path else {
        return String::new();
    };
    let address = match source(path) {
        PictureSource::Link => link(path),
        PictureSource::Png(bytes) => format!("data:image/png;base64,{}", STANDARD.encode(bytes)),
        PictureSource::Absent => return String::new(),
    };
    format!("<img loading=\"lazy\" alt=\"{what}\" src=\"{address}\">")
}

/// Figures of a picture in a line.
fn caption(index: usize, picture: &PictureFigures) -> String {
    let figure = |name: &str, value: Option<f64>, unit: &str| {
        value.map(|value| format!("{name} {value:.2}{unit}"))
    };
    let words = match picture.caption_exact {
        Some(true) => Some("caption exact".to_owned()),
        Some(false) => Some("caption wrong".to_owned()),
        None => None,
    };
    let figures = [
        Some(picture.outcome.clone()),
        figure("SNR", picture.snr_db, " dB"),
        figure("EVM", picture.evm_db, " dB"),
        figure("PSNR", picture.psnr_db, " dB"),
        figure("LPIPS", picture.lpips_alex, ""),
        words,
    ];
    let figures: Vec<_> = figures.into_iter().flatten().collect();
    let mut text = format!("{index}. {}: {}", picture.name, figures.join(", "));
    if let Some(caption) = &picture.caption {
        let _ = write!(text, ", “{caption}”");
    }
    escape(&text)
}
