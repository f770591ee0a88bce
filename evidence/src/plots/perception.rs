//! Perception against distortion: LPIPS over PSNR, the dials of a codec joined by a line.

use std::collections::BTreeMap;

use super::axis::Axis;
use super::figure::{Figure, Marks, Panel, Series};
use super::over_snr::legend;
use super::{Plot, series, style};
use crate::codecs::Label;
use crate::summary::{Metric, Snr, Summary};

/// Panels, at most.
const MOST: usize = 3;

/// The plot, or none where LPIPS was not measured.
pub fn draw(summary: &Summary, channel: usize, cbr: usize) -> Option<Plot> {
    let measured: Vec<Snr> = summary
        .snrs
        .iter()
        .copied()
        .filter(|snr| !panel_series(summary, channel, cbr, *snr).is_empty())
        .collect();
    let mut panels = Vec::new();
    for place in series::spread(measured.len(), MOST) {
        let snr = measured[place];
        panels.push(panel(panel_series(summary, channel, cbr, snr), snr));
    }
    if panels.is_empty() {
        return None;
    }
    let lpips = panels
        .iter()
        .flat_map(|p| &p.series)
        .flat_map(|s| &s.points)
        .map(|p| p.1);
    let y = Axis::round(lpips.chain([0.0]), 7.0, Metric::Lpips.axis());
    for panel in &mut panels {
        panel.y = y.clone();
    }
    let (name, cbr) = (&summary.channels[channel], &summary.cbrs[cbr]);
    let heading = format!("Perception against distortion, {name}, CBR {cbr}");
    let mut group = legend(summary, &series::ordinary(summary), &panels);
    for entry in &mut group.entries {
        entry.is_joined = false;
    }
    let names: Vec<&str> = group.entries.iter().map(|e| e.text.as_str()).collect();
    let alt = format!("{heading}: LPIPS over PSNR. Codecs: {}.", names.join(", "));
    let figure = Figure {
        title: heading.clone(),
        subtitle: "Better is to the right and down; a line joins the dials of one codec".to_owned(),
        columns: panels.len(),
        panels,
        legend: vec![group],
    };
    Some(Plot {
        name: format!("perception_{name}_{cbr}"),
        heading,
        scene: figure.draw(&alt),
        alt,
    })
}

fn panel(series: Vec<Series>, snr: Snr) -> Panel {
    let psnr = series.iter().flat_map(|s| &s.points).map(|p| p.0);
    Panel {
        title: format!("SNR {} dB", snr.0),
        height: 380.0,
        x: Axis::round(psnr, 4.0, Metric::Psnr.axis()),
        y: Axis::round(std::iter::empty(), 7.0, Metric::Lpips.axis()),
        series,
    }
}

/// Families joined first, so that the points of their codecs lie above.
fn panel_series(summary: &Summary, channel: usize, cbr: usize, snr: Snr) -> Vec<Series> {
    let mut families: BTreeMap<&str, Series> = BTreeMap::new();
    let mut points = Vec::new();
    for codec in series::ordinary(summary) {
        let cell = summary.cell(channel, cbr, snr, codec);
        // As in the curves: no means of those that arrived.
        let cell = cell.filter(|c| !c.is_of_survivors[Metric::Psnr as usize]);
        let both = cell.and_then(|c| Some((c.of(Metric::Psnr)?, c.of(Metric::Lpips)?)));
        let Some((psnr, lpips)) = both else { continue };
        let point = Series {
            style: style::of(summary, codec),
            points: vec![(psnr.mean, lpips.mean)],
            band: Vec::new(),
            marks: Marks::Full,
            is_joined: false,
            shift: 0.0,
        };
        let label = Label::new(&summary.codecs[codec]);
        if !label.is_digital() && label.variant.is_none() {
            let line = families.entry(label.family).or_insert_with(|| Series {
                points: Vec::new(),
                is_joined: true,
                marks: Marks::Absent,
                ..point.clone()
            });
            line.points.extend(&point.points);
        }
        points.push(point);
    }
    families.into_values().chain(points).collect()
}
