//! Figures of others, as marked points where the channel is AWGN and the CBR is the same.

use std::sync::LazyLock;

use super::figure::{Marks, Series};
use super::legend::{Entry, Group};
use super::style::Style;
use crate::draw::colour::PUBLISHED;
use crate::draw::{Dash, Marker};
use crate::summary::{Metric, Summary};

/// What the figures leave out, so that nobody takes them for a fair race.
const HEADING: &str = "published, Kodak, ideal channel, side information free:";

/// One figure.
struct Point {
    method: String,
    cbr: String,
    snr_db: f64,
    psnr_db: Option<f64>,
    ms_ssim: Option<f64>,
    lpips_alex: Option<f64>,
}

static POINTS: LazyLock<Vec<Point>> = LazyLock::new(|| {
    let mut reader =
        csv::Reader::from_reader(include_bytes!("../../assets/published.csv").as_slice());
    let records = reader.records().map(|r| r.expect("the table is whole"));
    records
        .map(|r| Point {
            method: r[0].to_owned(),
            cbr: r[1].to_owned(),
            snr_db: r[2].parse().expect("an SNR"),
            psnr_db: r[3].parse().ok(),
            ms_ssim: r[4].parse().ok(),
            lpips_alex: r[5].parse().ok(),
        })
        .collect()
});

impl Point {
    fn value(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Psnr => self.psnr_db,
            Metric::MsSsim => self.ms_ssim,
            Metric::Lpips => self.lpips_alex,
            _ => None,
        }
    }
}

/// Methods in the order of the table.
fn methods() -> Vec<&'static str> {
    let mut methods: Vec<&str> = Vec::new();
    for point in POINTS.iter() {
        if !methods.contains(&point.method.as_str()) {
            methods.push(&point.method);
        }
    }
    methods
}

fn style(method: usize) -> Style {
    const MARKERS: [Marker; 6] = [
        Marker::Circle,
        Marker::Square,
        Marker::Triangle,
        Marker::Diamond,
        Marker::Pentagon,
        Marker::Down,
    ];
    Style {
        colour: PUBLISHED,
        marker: MARKERS[method % MARKERS.len()],
        dash: Dash::Solid,
    }
}

/// A series a method at a CBR, over SNR.
pub fn over_snr(summary: &Summary, channel: usize, metric: Metric, cbr: &str) -> Vec<Series> {
    let (Some(low), Some(high)) = (summary.snrs.first(), summary.snrs.last()) else {
        return Vec::new();
    };
    let within = low.0..=high.0;
    series(summary, channel, metric, |p| {
        (p.cbr == cbr && within.contains(&p.snr_db)).then_some(p.snr_db)
    })
}

/// A series a method at an SNR, over the CBRs measured.
pub fn over_cbr(summary: &Summary, channel: usize, metric: Metric, snr_db: f64) -> Vec<Series> {
    series(summary, channel, metric, |p| {
        let cbr = summary.cbrs.iter().position(|cbr| *cbr == p.cbr)?;
        (p.snr_db == snr_db).then_some(summary.cbr_values[cbr])
    })
}

fn series(
    summary: &Summary,
    channel: usize,
    metric: Metric,
    place: impl Fn(&Point) -> Option<f64>,
) -> Vec<Series> {
    if summary.channels[channel] != "awgn" {
        return Vec::new();
    }
    let of = |(i, method): (usize, &str)| {
        let points = POINTS.iter().filter(|p| p.method == method);
        let points: Vec<_> = points
            .filter_map(|p| Some((place(p)?, p.value(metric)?)))
            .collect();
        (!points.is_empty()).then(|| Series {
            style: style(i),
            points,
            band: Vec::new(),
            marks: Marks::Hollow,
            is_joined: false,
            shift: 0.0,
        })
    };
    methods().into_iter().enumerate().filter_map(of).collect()
}

/// The entries of the methods that some panel shows.
pub fn legend<'a>(shown: impl Iterator<Item = &'a Series>) -> Group {
    let shown: Vec<Style> = shown
        .filter(|s| s.marks == Marks::Hollow)
        .map(|s| s.style)
        .collect();
    let entries = methods().into_iter().enumerate().filter_map(|(i, method)| {
        let style = style(i);
        shown.contains(&style).then(|| Entry {
            style,
            text: method.to_owned(),
            hollow: true,
            is_joined: false,
        })
    });
    Group {
        heading: Some(HEADING.to_owned()),
        entries: entries.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_told_apart_by_their_markers() {
        let styles: Vec<Style> = (0..methods().len()).map(style).collect();
        assert!((1..styles.len()).all(|i| !styles[..i].contains(&styles[i])));
    }
}
