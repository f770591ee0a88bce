//! What was run and what became of it: outcomes, gaps, skipped pictures, settings, commands.

use std::collections::{BTreeMap, BTreeSet};

use super::{boxed, pairs};
use crate::draw::escape;
use crate::rows::{Outcome, Row};
use crate::summary::Summary;

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

/// The commands; that of `run.json` where it holds one, else one put together from the rows.
pub fn again(rows: &[Row], summary: &Summary, settings: &[(String, String)]) -> String {
    let stated = settings.iter().find(|(name, _)| name == "command");
    let command = stated.map_or_else(|| from_rows(rows, summary), |(_, command)| command.clone());
    format!(
        "<p>The rows, with the same pictures and weights:</p>\n{}<p>Everything else from <code>rows.csv</code> alone, byte for byte:</p>\n{}",
        boxed("Command", &format!("<pre>{}</pre>\n", escape(&command))),
        boxed("Command", "<pre>heliograph plot DIR</pre>\n"),
    )
}

fn from_rows(rows: &[Row], summary: &Summary) -> String {
    let snrs: Vec<String> = summary.snrs.iter().map(|s| s.0.to_string()).collect();
    format!(
        "heliograph evaluate --pictures DIR --snr-db {} --cbr {} --codecs {} --channels {} --seeds {} --out DIR",
        snrs.join(","),
        summary.cbrs.join(","),
        summary.codecs.join(","),
        summary.channels.join(","),
        distinct(rows, |r| &r.seed),
    )
}
