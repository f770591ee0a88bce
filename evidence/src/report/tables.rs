//! Key figures: a table a channel and CBR, a group of rows a metric, the best of each column bold.

use super::boxed;
use crate::draw::escape;
use crate::statistics::Estimate;
use crate::summary::{Metric, Snr, Summary};

/// All tables, with what their figures mean.
pub fn key_figures(summary: &Summary) -> String {
    let note = "<p class=\"note\">Mean over the pictures ± half the 95 % confidence interval (Student t over pictures, seeds averaged \
                first). The best mean of a column is bold. The intervals hold how pictures differ; all codecs had the same \
                pictures unless <em>Gaps</em> says otherwise, so a difference between two codecs is surer than their intervals look. \
                <em>Charged</em>: mean of all complex channel uses over 3 × pixels, overhead included. <em>n</em>: pictures with a \
                figure, where not all have one; such a mean is of easier or harder pictures than its neighbours; \
                where lost pictures have none, the plots leave it out.</p>\n";
    let mut out = note.to_owned();
    for channel in 0..summary.channels.len() {
        for cbr in 0..summary.cbrs.len() {
            out.push_str(&table(summary, channel, cbr));
        }
    }
    out
}

fn table(summary: &Summary, channel: usize, cbr: usize) -> String {
    let is_measured = |snr: &Snr| {
        (0..summary.codecs.len()).any(|c| summary.cell(channel, cbr, *snr, c).is_some())
    };
    let snrs: Vec<Snr> = summary.snrs.iter().copied().filter(is_measured).collect();
    if snrs.is_empty() {
        return String::new();
    }
    let table = Table {
        summary,
        channel,
        cbr,
        snrs,
    };
    let title = format!("{}, CBR {}", summary.channels[channel], summary.cbrs[cbr]);
    // The tables of the first channel are open, those of the others wait for a click.
    let open = if channel == 0 { " open" } else { "" };
    let (heading, content) = (escape(&title), boxed(&title, &table.to_html()));
    format!("<details{open}>\n<summary>{heading}</summary>\n{content}</details>\n")
}

struct Table<'a> {
    summary: &'a Summary,
    channel: usize,
    cbr: usize,
    snrs: Vec<Snr>,
}

impl Table<'_> {
    fn to_html(&self) -> String {
        let heads = self
            .snrs
            .iter()
            .map(|snr| format!("<th scope=\"col\">{} dB</th>", snr.0));
        let heads: String = heads.collect();
        let groups: String = Metric::SHOWN.into_iter().map(|m| self.group(m)).collect();
        format!(
            "<table class=\"figures\">\n<thead><tr><th scope=\"col\">SNR</th>{heads}<th scope=\"col\">charged</th></tr></thead>\n{groups}</table>\n"
        )
    }

    fn group(&self, metric: Metric) -> String {
        let rows: String = (0..self.summary.codecs.len())
            .map(|c| self.row(metric, c))
            .collect();
        if rows.is_empty() {
            return String::new();
        }
        let span = self.snrs.len() + 2;
        let axis = metric.axis();
        format!(
            "<tbody>\n<tr class=\"group\"><th scope=\"colgroup\" colspan=\"{span}\"><span>{axis}</span></th></tr>\n{rows}</tbody>\n"
        )
    }

    fn row(&self, metric: Metric, codec: usize) -> String {
        let estimates: Vec<Option<Estimate>> = self
            .snrs
            .iter()
            .map(|snr| self.estimate(metric, codec, *snr))
            .collect();
        if estimates.iter().all(Option::is_none) {
            return String::new();
        }
        let cells: String = self
            .snrs
            .iter()
            .zip(&estimates)
            .map(|(snr, e)| self.cell(metric, *snr, *e))
            .collect();
        let name = escape(&self.summary.codecs[codec]);
        let charged = self.charged(codec);
        format!("<tr><th scope=\"row\">{name}</th>{cells}<td>{charged}</td></tr>\n")
    }

    fn estimate(&self, metric: Metric, codec: usize, snr: Snr) -> Option<Estimate> {
        self.summary
            .cell(self.channel, self.cbr, snr, codec)?
            .of(metric)
    }

    fn cell(&self, metric: Metric, snr: Snr, estimate: Option<Estimate>) -> String {
        let Some(e) = estimate else {
            return "<td>–</td>".to_owned();
        };
        let decimals = metric.decimals();
        let shown = |value: f64| format!("{value:.decimals$}");
        let interval = e
            .half_width
            .map_or(String::new(), |h| format!("<small>±{}</small>", shown(h)));
        // A mean of the pictures that happened to arrive is no mean of all.
        let few = if e.pictures < self.summary.pictures {
            format!("<small>n = {}</small>", e.pictures)
        } else {
            String::new()
        };
        let mean = shown(e.mean);
        // What rounds to the same figure is as good.
        let best = self.best(metric, snr).map(shown);
        if best.as_ref() == Some(&mean) {
            format!("<td class=\"best\"><b>{mean}</b>{interval}{few}</td>")
        } else {
            format!("<td>{mean}{interval}{few}</td>")
        }
    }

    fn best(&self, metric: Metric, snr: Snr) -> Option<f64> {
        let all = 0..self.summary.codecs.len();
        let means = all.filter_map(|codec| Some(self.estimate(metric, codec, snr)?.mean));
        means.reduce(|a, b| if metric.is_better(b, a) { b } else { a })
    }

    /// Mean over the SNRs of the channel uses charged.
    fn charged(&self, codec: usize) -> String {
        let cells = self
            .snrs
            .iter()
            .filter_map(|snr| self.summary.cell(self.channel, self.cbr, *snr, codec));
        let totals: Vec<f64> = cells.filter_map(|c| c.cbr_total).collect();
        if totals.is_empty() {
            return "–".to_owned();
        }
        let mean = totals.iter().sum::<f64>() / totals.len() as f64;
        if mean > 1.0 {
            return format!("{mean:.1}");
        }
        format!("1/{:.1}", 1.0 / mean)
    }
}
