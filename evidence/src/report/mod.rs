//! `report.html`: opens from disk, without scripts and without a network.

mod facts;
mod figures;
mod tables;

use crate::draw::escape;
use crate::grid::Grid;
use crate::plots::Plot;
use crate::rows::Row;
use crate::summary::Summary;

/// All that the report shows.
pub struct Page<'a> {
    pub rows: &'a [Row],
    pub summary: &'a Summary,
    pub plots: &'a [Plot],
    pub grids: &'a [Grid],
    /// Name and value.
    pub settings: &'a [(String, String)],
    /// Picture and reason.
    pub skipped: &'a [(String, String)],
}

impl Page<'_> {
    pub fn to_html(&self) -> String {
        let sections = self.sections();
        let sections: Vec<_> = sections.iter().filter(|s| !s.2.is_empty()).collect();
        let links = sections
            .iter()
            .map(|(id, heading, _)| format!("<a href=\"#{id}\">{heading}</a>\n"));
        let links: String = links.collect();
        let sections = sections.iter().map(|(id, heading, content)| {
            format!("<section id=\"{id}\">\n<h2>{heading}</h2>\n{content}</section>\n")
        });
        let sections: String = sections.collect();
        let lead = facts::lead(self.rows, self.summary);
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>Heliograph: evaluation</title>\n\
             <style>\n{}</style>\n</head>\n<body>\n<main>\n<h1>Evaluation</h1>\n<p class=\"lead\">{lead}</p>\n<nav aria-label=\"Sections\">\n{links}</nav>\n{sections}\
             </main>\n</body>\n</html>\n",
            include_str!("style.css")
        )
    }

    /// Anchor, heading and content; a section without content is left out.
    fn sections(&self) -> [(&'static str, &'static str, String); 8] {
        let (rows, summary) = (self.rows, self.summary);
        [
            ("figures", "Key figures", tables::key_figures(summary)),
            ("plots", "Plots", figures::plots(self.plots)),
            ("pictures", "Pictures", figures::grids(self.grids)),
            ("outcomes", "Outcomes", facts::outcomes(rows, summary)),
            ("gaps", "Gaps", facts::gaps(rows, summary)),
            ("skipped", "Skipped pictures", facts::skipped(self.skipped)),
            ("settings", "Settings", facts::settings(self.settings)),
            (
                "again",
                "How to reproduce",
                facts::again(rows, summary, self.settings),
            ),
        ]
    }
}

/// A table of two columns in its box.
fn pairs(heads: [&str; 2], pairs: impl Iterator<Item = (String, String)>) -> String {
    let rows = pairs.map(|(name, value)| {
        let (name, value) = (escape(&name), escape(&value));
        format!("<tr><th scope=\"row\">{name}</th><td class=\"text\">{value}</td></tr>\n")
    });
    let rows: String = rows.collect();
    let [first, second] = heads;
    boxed(
        &format!("{first} and {second}"),
        &format!(
            "<table class=\"pairs\">\n<thead><tr><th scope=\"col\">{first}</th><th scope=\"col\">{second}</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
        ),
    )
}

/// What is wider than the page scrolls in its box, by keyboard too.
fn boxed(label: &str, content: &str) -> String {
    let label = escape(label);
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{label}\" tabindex=\"0\">\n{content}</div>\n"
    )
}
