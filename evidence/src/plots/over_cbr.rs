//! A metric against CBR, a panel an SNR.

use super::axis::Axis;
use super::figure::Panel;
use super::over_snr::finish;
use super::{Plot, published, series};
use crate::summary::{Metric, Summary};

/// Panels, at most.
const MOST: usize = 6;

/// The plot, or none where the metric was measured at fewer than two CBRs.
pub fn draw(summary: &Summary, channel: usize, metric: Metric) -> Option<Plot> {
    if summary.cbrs.len() < 2 {
        return None;
    }
    let codecs = series::ordinary(summary);
    let mut panels = Vec::new();
    for place in series::spread(summary.snrs.len(), MOST) {
        let snr = summary.snrs[place];
        let curve = |codec: &usize| {
            let cells = summary.cbr_values.iter().enumerate();
            let cells = cells.map(|(c, cbr)| (*cbr, summary.cell(channel, c, snr, *codec)));
            series::of(summary, *codec, metric, cells)
        };
        let mut series: Vec<_> = codecs.iter().filter_map(curve).collect();
        if series.is_empty() {
            continue;
        }
        series.extend(published::over_cbr(summary, channel, metric, snr.0));
        panels.push(Panel {
            title: format!("SNR {} dB", snr.0),
            height: 0.0,
            x: Axis::cbr(&summary.cbr_values, &summary.cbrs),
            y: Axis::round(std::iter::empty(), 7.0, metric.axis()),
            series,
        });
    }
    let name = &summary.channels[channel];
    let heading = format!("{} against CBR, {name}", metric.name());
    finish(summary, panels, metric, &heading).map(|(alt, scene)| Plot {
        name: format!("{}-over-cbr_{name}", metric.name().to_lowercase()),
        heading,
        alt,
        scene,
    })
}
