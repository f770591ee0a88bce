//! The cliff: fixed-rate digital links beside the analog codecs, PSNR above and the share received beneath.

use super::axis::Axis;
use super::figure::{Figure, Marks, Panel, Series};
use super::over_snr::legend;
use super::{Plot, series, style};
use crate::codecs::Label;
use crate::summary::{Cell, Metric, Summary};

/// The plot, or none without a fixed-rate digital link.
pub fn draw(summary: &Summary, channel: usize) -> Option<Plot> {
    let codecs = shown(summary);
    if !codecs
        .iter()
        .any(|i| Label::new(&summary.codecs[*i]).is_fixed_rate())
    {
        return None;
    }
    let (mut quality, mut arrived) = (Vec::new(), Vec::new());
    for (c, cbr) in summary.cbrs.iter().enumerate() {
        let cells = |codec: usize| {
            let at =
                move |snr: &crate::summary::Snr| (snr.0, summary.cell(channel, c, *snr, codec));
            summary.snrs.iter().map(at)
        };
        let curves = codecs
            .iter()
            .filter_map(|codec| series::of(summary, *codec, Metric::Psnr, cells(*codec)));
        quality.push(panel(summary, cbr, Metric::Psnr.axis(), curves.collect()));
        let shares = codecs
            .iter()
            .filter_map(|codec| share(summary, *codec, cells(*codec)));
        let mut panel = panel(summary, "", "received (%)", shares.collect());
        panel.y = Axis::round([0.0, 100.0].into_iter(), 2.0, "received (%)");
        arrived.push(panel);
    }
    let values = quality
        .iter()
        .flat_map(|p| &p.series)
        .flat_map(|s| &s.points);
    let y = Axis::round(values.map(|p| p.1), 7.0, Metric::Psnr.axis());
    for panel in &mut quality {
        panel.y = y.clone();
    }
    finish(summary, channel, &codecs, quality, arrived)
}

fn finish(
    summary: &Summary,
    channel: usize,
    codecs: &[usize],
    quality: Vec<Panel>,
    arrived: Vec<Panel>,
) -> Option<Plot> {
    let name = &summary.channels[channel];
    let heading = format!("The cliff of fixed-rate digital links, {name}");
    let columns = quality.len().min(3);
    // Each row of PSNR has its row of shares beneath it.
    let rows = quality.chunks(columns).zip(arrived.chunks(columns));
    let panels: Vec<Panel> = rows
        .flat_map(|(q, a)| [pad(q, columns), pad(a, columns)].concat())
        .collect();
    let group = legend(summary, codecs, &panels);
    let names: Vec<&str> = group.entries.iter().map(|e| e.text.as_str()).collect();
    let alt = format!(
        "{heading}: PSNR and the share received against SNR. Codecs: {}.",
        names.join(", ")
    );
    let figure = Figure {
        title: heading.clone(),
        subtitle: "Means over the pictures; an analog codec at its least-distortion dial; received: with losses or without"
            .to_owned(),
        columns,
        legend: vec![group],
        panels,
    };
    Some(Plot {
        name: format!("cliff_{name}"),
        heading,
        scene: figure.draw(&alt),
        alt,
    })
}

/// Fills a row, so that the next one begins at the left.
fn pad(row: &[Panel], columns: usize) -> Vec<Panel> {
    let mut row = row.to_vec();
    while row.len() < columns {
        let mut empty = row[0].clone();
        empty.series.clear();
        row.push(empty);
    }
    row
}

/// Every digital link, and of each other family its first dial.
fn shown(summary: &Summary) -> Vec<usize> {
    let mut families: Vec<&str> = Vec::new();
    let mut shown = Vec::new();
    for (i, codec) in summary.codecs.iter().enumerate() {
        let label = Label::new(codec);
        if label.is_digital() || !families.contains(&label.family) {
            families.push(label.family);
            shown.push(i);
        }
    }
    shown
}

fn panel(summary: &Summary, cbr: &str, label: &str, mut series: Vec<Series>) -> Panel {
    for series in &mut series {
        // A cliff is steep enough; bands would hide it.
        series.band.clear();
    }
    let snrs: Vec<f64> = summary.snrs.iter().map(|s| s.0).collect();
    Panel {
        height: if cbr.is_empty() { 120.0 } else { 290.0 },
        title: if cbr.is_empty() {
            String::new()
        } else {
            format!("CBR {cbr}")
        },
        x: Axis::snr(&snrs),
        y: Axis::round(std::iter::empty(), 7.0, label),
        series,
    }
}

fn share<'a>(
    summary: &Summary,
    codec: usize,
    cells: impl Iterator<Item = (f64, Option<&'a Cell>)>,
) -> Option<Series> {
    let points: Vec<_> = cells
        .filter_map(|(x, cell)| Some((x, 100.0 * cell?.received_share())))
        .collect();
    (!points.is_empty()).then(|| Series {
        style: style::of(summary, codec),
        points,
        band: Vec::new(),
        marks: Marks::Full,
        is_joined: true,
        shift: 0.0,
    })
}
