//! Plots of docs/results/air-interface.md.

use std::fs;
use std::path::Path;

use plotters::prelude::SeriesLabelPosition;
use serde_json::Value;

use crate::plot::Series;
use crate::plot::{Mark, Plot, Point, Scale, flat, read, series};

pub fn plots(folder: &Path) -> anyhow::Result<Vec<Plot>> {
    Ok(vec![
        frame_errors(folder)?,
        snr_bias(folder)?,
        snr_sigma(folder)?,
        loss(folder)?,
        reception(folder)?,
        ldpc(folder)?,
    ])
}

fn frame_errors(folder: &Path) -> anyhow::Result<Plot> {
    let ldpc = read(&folder.with_file_name("ldpc.json"))?;
    let header = curve(folder, "header-", &["bursts", "burst_loss"])?;
    let caption = curve(folder, "caption-", &["bursts", "caption_loss"])?;
    Ok(Plot {
        name: "frame-errors",
        title: "Headers and captions lost in white noise",
        x_label: "Es/N0, dB",
        y_label: "share lost",
        x: (-5.2, 0.2),
        y: (-5.0, 0.0),
        scale: Scale::Logarithmic,
        legend: SeriesLabelPosition::LowerLeft,
        series: vec![
            series("header, whole receiver", 0, Mark::Measured, header),
            series(
                "header code alone, known channel",
                6,
                Mark::Line,
                code(&ldpc, "header-1152", "box-plus", "es_n0_db"),
            ),
            series("caption of 64 bytes, one burst", 1, Mark::Measured, caption),
            series(
                "bar: 1e-3 at -3 dB (header) and 0 dB (caption)",
                7,
                Mark::Bar,
                flat(1e-3, -5.2, 0.2),
            ),
        ],
    })
}

fn snr_bias(folder: &Path) -> anyhow::Result<Plot> {
    let mut all = vec![(0, "white noise".to_owned(), "awgn-".to_owned())];
    all.extend(
        CHANNELS
            .iter()
            .enumerate()
            .map(|(i, (name, label))| (i + 1, (*label).to_owned(), format!("snr-{name}-"))),
    );
    let mut list = Vec::new();
    for (i, label, prefix) in all {
        let points = curve(folder, &prefix, &["bursts", "snr_estimate", "bias_db"])?;
        list.push(series(&label, i, Mark::Measured, points));
    }
    list.push(series(
        "bar in white noise: 0.2 dB",
        7,
        Mark::Bar,
        flat(0.2, 0.0, 25.0),
    ));
    list.push(Series {
        label: String::new(),
        ..series("", 7, Mark::Bar, flat(-0.2, 0.0, 25.0))
    });
    Ok(Plot {
        name: "snr-bias",
        title: "Bias of the SNR estimate",
        x_label: "Es/N0 that arrived, dB",
        y_label: "estimate minus truth, dB",
        x: (-0.5, 25.5),
        y: (-5.5, 0.5),
        scale: Scale::Linear,
        legend: SeriesLabelPosition::LowerLeft,
        series: list,
    })
}

/// Channels beside white noise.
const CHANNELS: [(&str, &str); 6] = [
    ("tdl-a-100ns", "TDL-A 100 ns"),
    ("tdl-b-300ns", "TDL-B 300 ns"),
    ("tdl-c-300ns", "TDL-C 300 ns"),
    ("eight-bits", "8 bits, 12 dB headroom"),
    ("rails-6db", "rails at +6 dB"),
    ("rails-3db", "rails at +3 dB"),
];

fn snr_sigma(folder: &Path) -> anyhow::Result<Plot> {
    let measured = curve(folder, "awgn-", &["bursts", "snr_estimate", "sigma_db"])?;
    let claimed = curve(
        folder,
        "awgn-",
        &["bursts", "snr_estimate", "claimed_standard_error_db"],
    )?;
    Ok(Plot {
        name: "snr-sigma",
        title: "Spread of the SNR estimate and what it claims",
        x_label: "Es/N0, dB",
        y_label: "standard deviation, dB",
        x: (-0.5, 25.5),
        y: (0.0, 0.7),
        scale: Scale::Linear,
        legend: SeriesLabelPosition::UpperRight,
        series: vec![
            series("measured", 0, Mark::Measured, measured),
            series("claimed by the bursts", 1, Mark::Line, claimed),
            series("bar: 0.5 dB", 7, Mark::Bar, flat(0.5, 0.0, 25.0)),
        ],
    })
}

fn loss(folder: &Path) -> anyhow::Result<Plot> {
    let mut list = vec![series(
        "white noise",
        0,
        Mark::Measured,
        curve(folder, "awgn-", &["bursts", "analog", "loss_db"])?,
    )];
    for (i, (name, label)) in CHANNELS.iter().take(3).enumerate() {
        let points = curve(
            folder,
            &format!("snr-{name}-"),
            &["bursts", "analog", "loss_db"],
        )?;
        list.push(series(label, i + 1, Mark::Measured, points));
    }
    list.push(series(
        "bar in white noise: 0.4 dB",
        7,
        Mark::Bar,
        flat(0.4, 0.0, 20.0),
    ));
    Ok(Plot {
        name: "loss",
        title: "Analog symbols against a receiver that knows the channel",
        x_label: "Es/N0, mean over the fading, dB",
        y_label: "loss, dB",
        x: (-0.5, 25.5),
        y: (0.0, 1.0),
        scale: Scale::Linear,
        legend: SeriesLabelPosition::UpperLeft,
        series: list,
    })
}

fn reception(folder: &Path) -> anyhow::Result<Plot> {
    let mut list = Vec::new();
    for (i, (name, label)) in CHANNELS.iter().take(3).enumerate() {
        for (mark, rate) in [(Mark::Line, 2), (Mark::Measured, 10)] {
            let file = folder.join(format!("reception-{name}-{rate}msps.json"));
            if file.exists() {
                list.push(series(
                    &format!("{label}, {rate} MS/s"),
                    i,
                    mark,
                    cumulative(&read(&file)?),
                ));
            }
        }
    }
    Ok(Plot {
        name: "reception",
        title: "SNR that arrives over fading, mean 10 dB: share of bursts below",
        x_label: "mean |H|² times SNR, dB",
        y_label: "share of bursts",
        x: (-10.0, 20.0),
        y: (-3.6, 0.0),
        scale: Scale::Logarithmic,
        legend: SeriesLabelPosition::LowerRight,
        series: list,
    })
}

/// Share of the bursts that arrived below each edge of the bins.
fn cumulative(json: &Value) -> Vec<Point> {
    let bins = json["bursts"]["by_received_snr"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let total: f64 = bins.iter().filter_map(|b| b["sent"].as_f64()).sum();
    let mut below = 0.0;
    bins.iter()
        .map(|bin| {
            below += bin["sent"].as_f64().unwrap_or(0.0);
            let y = below / total;
            Point {
                x: bin["high_db"].as_f64().unwrap_or(f64::NAN),
                y,
                low: y,
                high: y,
            }
        })
        .collect()
}

fn ldpc(folder: &Path) -> anyhow::Result<Plot> {
    let json = read(&folder.with_file_name("ldpc.json"))?;
    let mut list = Vec::new();
    for (i, (name, label)) in [
        ("aff3ct-128-64", "(128, 64)"),
        ("aff3ct-576-288", "(576, 288)"),
        ("aff3ct-7680-3840", "(7680, 3840)"),
    ]
    .into_iter()
    .enumerate()
    {
        for (mark, decoder, words) in [
            (Mark::Measured, "box-plus", "own decoder"),
            (
                Mark::Line,
                "ldpc-toolbox HLPhif64",
                "ldpc-toolbox, floating point",
            ),
        ] {
            list.push(series(
                &format!("{label}, {words}"),
                i,
                mark,
                code(&json, name, decoder, "eb_n0_db"),
            ));
        }
    }
    let point = |x, y| Point {
        x,
        y,
        low: y,
        high: y,
    };
    let published = vec![point(3.5, 1e-2), point(2.5, 7.6e-4), point(1.1, 1.1e-2)];
    list.push(series(
        "AFF3CT, its codes: (128, 64), (576, 288), (8192, 4096)",
        7,
        Mark::Published,
        published,
    ));
    Ok(Plot {
        name: "ldpc",
        title: "5G NR base graph 2 at rate 1/2, QPSK in white noise",
        x_label: "Eb/N0, dB",
        y_label: "frame error rate",
        x: (0.5, 4.2),
        y: (-5.0, 0.0),
        scale: Scale::Logarithmic,
        legend: SeriesLabelPosition::LowerLeft,
        series: list,
    })
}

/// Frame errors of a code and decoder.
fn code(json: &Value, code: &str, decoder: &str, x: &str) -> Vec<Point> {
    let points = json["points"].as_array().cloned().unwrap_or_default();
    let wanted = points
        .iter()
        .filter(|p| p["code"] == code && p["decoder"] == decoder);
    let of = |p: &Value, field: &str| p[field].as_f64().unwrap_or(f64::NAN);
    wanted
        .filter(|p| of(p, "fer") > 0.0)
        .map(|p| Point {
            x: of(p, x),
            y: of(p, "fer"),
            low: of(p, "fer_low_95"),
            high: of(p, "fer_high_95"),
        })
        .collect()
}

/// One figure of all files `<prefix><SNR>.json`, over the SNR.
fn curve(folder: &Path, prefix: &str, path: &[&str]) -> anyhow::Result<Vec<Point>> {
    let mut points = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        let stem = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some(x) = stem.strip_prefix(prefix).and_then(|snr| snr.parse().ok()) else {
            continue;
        };
        let json = read(&file)?;
        let figure = path.iter().fold(&json, |value, key| &value[key]);
        points.extend(point(x, figure));
    }
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    Ok(points)
}

fn point(x: f64, figure: &Value) -> Option<Point> {
    if let Some(y) = figure.as_f64() {
        return Some(Point {
            x,
            y,
            low: y,
            high: y,
        });
    }
    let y = figure["value"].as_f64().or(figure["rate"].as_f64())?;
    Some(Point {
        x,
        y,
        low: figure["low_95"].as_f64()?,
        high: figure["high_95"].as_f64()?,
    })
}
