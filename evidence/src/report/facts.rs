//! What was run and what became of it: outcomes, gaps, skipped pictures, settings, commands.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;

use super::{boxed, pairs};
use crate::draw::escape;
use crate::rows::{Outcome, Row};
use crate::summary::Summary;

/// Of `heliograph evaluate`, as JSON writes it.
const USUAL_SAMPLE_RATE: &str = "2000000.0";

/// One sentence on the size of the evaluation.
pub fn lead(rows: &[Row], summary: &Summary) -> String {
    let pictures = distinct(rows, |r| &r.picture);
    let received = rows.iter().filter(|r| r.outcome.is_received()).count();
    let share = 100.0 * received as f64 / rows.len() as f64;
    let counts = [
        (rows.len(), "transfer", "transfers"),
        (pictures, "picture", "pictures"),
        (summary.codecs.len(), "codec", "codecs"),
        (summary.snrs.len(), "SNR", "SNRs"),
        (summary.cbrs.len(), "CBR", "CBRs"),
        (summary.channels.len(), "channel", "channels"),
        (distinct(rows, |r| &r.seed), "seed", "seeds"),
    ];
    let words = counts.map(|(n, one, many)| format!("{n} {}", if n == 1 { one } else { many }));
    format!("{}; {share:.1} % received.", words.join(", "))
}

fn distinct(rows: &[Row], of: impl Fn(&Row) -> &String) -> usize {
    rows.iter().map(of).collect::<BTreeSet<_>>().len()
}

/// Outcomes counted by codec.
pub fn outcomes(rows: &[Row], summary: &Summary) -> String {
    let mut counts: BTreeMap<(&str, Outcome), usize> = BTreeMap::new();
    for row in rows {
        *counts.entry((&row.codec, row.outcome)).or_default() += 1;
    }
    let heads =
        Outcome::ALL.map(|o| format!("<th scope=\"col\">{}</th>", o.name().replace('_', " ")));
    let line = |codec: &String| {
        let cells = Outcome::ALL.map(|o| {
            let count = counts.get(&(codec.as_str(), o)).copied().unwrap_or(0);
            format!("<td>{count}</td>")
        });
        format!(
            "<tr><th scope=\"row\">{}</th>{}</tr>\n",
            escape(codec),
            cells.concat()
        )
    };
    let lines: String = summary.codecs.iter().map(line).collect();
    let table = format!(
        "<table>\n<thead><tr><th scope=\"col\">codec</th>{}</tr></thead>\n<tbody>\n{lines}</tbody>\n</table>\n",
        heads.concat()
    );
    boxed("Outcomes", &table)
}

/// Cells with fewer rows than the others; nothing when all are full.
pub fn gaps(rows: &[Row], summary: &Summary) -> String {
    let wanted = distinct(rows, |r| &r.picture) * distinct(rows, |r| &r.seed);
    let axes = summary.channels.len() * summary.cbrs.len() * summary.snrs.len();
    let mut lines = Vec::new();
    for (i, codec) in summary.codecs.iter().enumerate() {
        let cells = summary.cells().filter(|((_, _, _, codec), _)| *codec == i);
        let found: usize = cells.map(|(_, cell)| cell.count).sum();
        if found < axes * wanted {
            lines.push((codec.clone(), format!("{found} of {} rows", axes * wanted)));
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let note = "<p class=\"note\">Not every codec was measured on every picture, channel, CBR, SNR and seed. Means of different \
                pictures cannot be compared: look at the column <code>count</code> of summary.csv.</p>\n";
    note.to_owned() + &pairs(["codec", "rows"], lines.into_iter())
}

pub fn skipped(skipped: &[(String, String)]) -> String {
    if skipped.is_empty() {
        return String::new();
    }
    pairs(["picture", "reason"], skipped.iter().cloned())
}

pub fn settings(settings: &[(String, String)]) -> String {
    if settings.is_empty() {
        return String::new();
    }
    pairs(["setting", "value"], settings.iter().cloned())
}

/// The commands, put together from the settings, and from the rows where there are none.
pub fn again(rows: &[Row], summary: &Summary, settings: &[(String, String)]) -> String {
    let command = command(rows, summary, settings);
    format!(
        "<p>The rows, with the same pictures and weights:</p>\n{}<p>Summary, differences and plots from <code>rows.csv</code> alone, byte for byte; settings here and picture grids also need <code>run.json</code> and <code>pictures/</code>:</p>\n{}",
        boxed("Command", &format!("<pre>{}</pre>\n", escape(&command))),
        boxed("Command", "<pre>heliograph plot DIR</pre>\n"),
    )
}

fn command(rows: &[Row], summary: &Summary, settings: &[(String, String)]) -> String {
    let set = |name: &str| {
        let found = settings.iter().find(|(setting, _)| setting == name);
        found.map(|(_, value)| value.replace(", ", ","))
    };
    let files = set("files").unwrap_or_default();
    let files: Vec<&str> = files.split(',').collect();
    let snrs: Vec<String> = summary.snrs.iter().map(|s| s.0.to_string()).collect();
    let parts = [
        ("--snr-db", set("snr_db").unwrap_or_else(|| snrs.join(","))),
        (
            "--cbr",
            set("cbr").unwrap_or_else(|| summary.cbrs.join(",")),
        ),
        (
            "--codecs",
            set("codecs").unwrap_or_else(|| summary.codecs.join(",")),
        ),
        (
            "--channels",
            with_files(
                &set("channels").unwrap_or_else(|| summary.channels.join(",")),
                &files,
            ),
        ),
        ("--seeds", distinct(rows, |r| &r.seed).to_string()),
    ];
    let mut command = "heliograph evaluate --pictures DIR".to_owned();
    for (flag, value) in parts {
        command += &format!(" {flag} {value}");
    }
    if let Some(rate) = set("sample_rate_hz").filter(|rate| rate != USUAL_SAMPLE_RATE) {
        command += &format!(" --sample-rate {rate}");
    }
    if set("semantic").is_some_and(|hash| hash != "null") {
        command += " --semantic FILE";
    }
    for flag in ["--model", "--adapter"] {
        let given = files.iter().find(|file| file.starts_with(flag));
        command += &given.map_or_else(String::new, |given| format!(" {given}"));
    }
    command + " --out DIR"
}

/// Channels that came from files, by the names of these.
fn with_files(channels: &str, files: &[&str]) -> String {
    let typed = |channel: &str| {
        let mut names = files.iter().filter_map(|f| f.strip_prefix("--channels "));
        let from = names.find(|file| Path::new(file).file_stem() == Some(OsStr::new(channel)));
        from.unwrap_or(channel).to_owned()
    };
    let typed: Vec<String> = channels.split(',').map(typed).collect();
    typed.join(",")
}
