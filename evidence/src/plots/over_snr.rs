//! A metric against SNR, a panel a CBR.

use super::axis::Axis;
use super::figure::{Figure, Marks, Panel, Series};
use super::legend::{Entry, Group};
use super::{Plot, published, series, style};
use crate::summary::{Metric, Summary};

/// The plot, or none where the metric was not measured.
pub fn draw(summary: &Summary, channel: usize, metric: Metric) -> Option<Plot> {
    let codecs = series::ordinary(summary);
    let snrs: Vec<f64> = summary.snrs.iter().map(|s| s.0).collect();
    let mut panels = Vec::new();
    for (c, cbr) in summary.cbrs.iter().enumerate() {
        let curve = |codec: &usize| {
            let cells = summary.snrs.iter();
            let cells = cells.map(|snr| (snr.0, summary.cell(channel, c, *snr, *codec)));
            series::of(summary, *codec, metric, cells)
        };
        let mut series: Vec<_> = codecs.iter().filter_map(curve).collect();
        if series.is_empty() {
            continue;
        }
        series.extend(published::over_snr(summary, channel, metric, cbr));
        panels.push(Panel {
            title: format!("CBR {cbr}"),
            height: 0.0,
            x: Axis::snr(&snrs),
            y: Axis::round(std::iter::empty(), 7.0, metric.axis()),
            series,
        });
    }
    let name = &summary.channels[channel];
    let heading = format!("{} against SNR, {name}", metric.name());
    finish(summary, panels, metric, &heading).map(|(scene_alt, scene)| Plot {
        name: format!("{}-over-snr_{name}", metric.name().to_lowercase()),
        heading,
        alt: scene_alt,
        scene,
    })
}

/// One scale for all panels, the legend, and the page.
pub fn finish(
    summary: &Summary,
    mut panels: Vec<Panel>,
    metric: Metric,
    heading: &str,
) -> Option<(String, crate::draw::Scene)> {
    if panels.is_empty() {
        return None;
    }
    let y = common(&panels, metric);
    let columns = panels.len().min(3);
    let height = if columns < panels.len() { 270.0 } else { 400.0 };
    for panel in &mut panels {
        spread_single_points(panel);
        panel.height = height;
        panel.y = y.clone();
    }
    let codecs = legend(summary, &series::ordinary(summary), &panels);
    let shown: Vec<String> = codecs.entries.iter().map(|e| e.text.clone()).collect();
    let published = published::legend(panels.iter().flat_map(|p| &p.series));
    let alt = format!("{heading}. Codecs: {}.", shown.join(", "));
    let figure = Figure {
        title: heading.to_owned(),
        subtitle: "Means over the pictures; bands: 95 % confidence (Student t over pictures, seeds averaged)"
            .to_owned(),
        columns,
        panels,
        legend: vec![codecs, published],
    };
    Some((alt.clone(), figure.draw(&alt)))
}

/// Where every codec has one point, they stand side by side.
fn spread_single_points(panel: &mut Panel) {
    let is_own = |s: &&mut Series| s.marks == Marks::Full;
    let own = panel.series.iter_mut().filter(is_own);
    let own: Vec<&mut Series> = own.collect();
    if own.iter().any(|s| s.points.len() > 1) {
        return;
    }
    let middle = (own.len() as f32 - 1.0) / 2.0;
    for (i, series) in own.into_iter().enumerate() {
        series.shift = 16.0 * (i as f32 - middle);
    }
}

/// A vertical axis that holds every mean, and the bands within the range of the metric.
fn common(panels: &[Panel], metric: Metric) -> Axis {
    let series = || panels.iter().flat_map(|p| &p.series);
    let means = series().flat_map(|s| s.points.iter().map(|p| p.1));
    let ends = series().flat_map(|s| s.band.iter().flat_map(|b| [b.1, b.2]));
    // No band of a bounded metric leaves its bounds.
    let top = if metric == Metric::Psnr {
        f64::INFINITY
    } else {
        1.0
    };
    Axis::round(
        means.chain(ends).map(|v| v.clamp(0.0_f64.min(v), top)),
        7.0,
        metric.axis(),
    )
}

/// The codecs that some panel shows.
pub fn legend(summary: &Summary, codecs: &[usize], panels: &[Panel]) -> Group {
    let shown = |style: &style::Style| {
        let mut series = panels.iter().flat_map(|p| &p.series);
        series.any(|s| s.marks == Marks::Full && s.style == *style)
    };
    let entries = codecs.iter().filter_map(|codec| {
        let style = style::of(summary, *codec);
        shown(&style).then(|| Entry {
            style,
            text: summary.codecs[*codec].clone(),
            hollow: false,
            is_joined: true,
        })
    });
    Group {
        heading: None,
        entries: entries.collect(),
    }
}
