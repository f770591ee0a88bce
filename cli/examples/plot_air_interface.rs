//! Plots of docs/results/air-interface.md, from the committed JSON alone: SVG and PNG beside it.
//!
//! `cargo run --release -p heliograph-cli --example plot_air_interface [-- docs/results/air-interface]`

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use serde_json::Value;

const SIZE: (u32, u32) = (960, 600);
const INK: RGBColor = RGBColor(38, 42, 51);
const FAINT: RGBColor = RGBColor(222, 226, 232);
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 95, 153),
    RGBColor(208, 86, 0),
    RGBColor(0, 128, 96),
    RGBColor(176, 52, 112),
    RGBColor(118, 100, 190),
    RGBColor(122, 106, 0),
    RGBColor(84, 92, 104),
    RGBColor(190, 40, 40),
];

/// A value with its interval.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
    low: f64,
    high: f64,
}

enum Mark {
    /// Line with dots and intervals.
    Measured,
    /// Line alone.
    Line,
    /// Diamonds: somebody else's points.
    Published,
    /// Dashes: a bar to reach.
    Bar,
}

struct Series {
    label: String,
    colour: RGBColor,
    mark: Mark,
    points: Vec<Point>,
}

struct Plot {
    name: &'static str,
    title: &'static str,
    x_label: &'static str,
    y_label: &'static str,
    x: (f64, f64),
    /// Of the values; of their decimal logarithms when `logarithmic`.
    y: (f64, f64),
    scale: Scale,
    legend: SeriesLabelPosition,
    series: Vec<Series>,
}

#[derive(Clone, Copy, PartialEq)]
enum Scale {
    Linear,
    Logarithmic,
}

fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1);
    let folder = PathBuf::from(folder.as_deref().unwrap_or("docs/results/air-interface"));
    register(
        "sans-serif",
        FontStyle::Normal,
        include_bytes!("../assets/fonts/Inter-Regular.otf"),
    );
    register(
        "sans-serif",
        FontStyle::Bold,
        include_bytes!("../assets/fonts/Inter-SemiBold.otf"),
    );
    for plot in [
        frame_errors(&folder)?,
        snr_bias(&folder)?,
        snr_sigma(&folder)?,
        loss(&folder)?,
        reception(&folder)?,
        ldpc(&folder)?,
    ] {
        plot.write(&folder)?;
    }
    Ok(())
}

fn register(name: &str, style: FontStyle, bytes: &'static [u8]) {
    // It is the project's own font: a failure would show at once.
    let _ = register_font(name, style, bytes);
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

fn read(file: &Path) -> anyhow::Result<Value> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| file.display().to_string())
}

fn series(label: &str, colour: usize, mark: Mark, points: Vec<Point>) -> Series {
    Series {
        label: label.to_owned(),
        colour: COLOURS[colour],
        mark,
        points,
    }
}

fn flat(y: f64, from: f64, to: f64) -> Vec<Point> {
    [from, to]
        .map(|x| Point {
            x,
            y,
            low: y,
            high: y,
        })
        .to_vec()
}

impl Plot {
    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let svg = folder.join(format!("{}.svg", self.name));
        self.draw(SVGBackend::new(&svg, SIZE).into_drawing_area())?;
        let mut pixels = vec![0; (SIZE.0 * SIZE.1 * 3) as usize];
        self.draw(BitMapBackend::with_buffer(&mut pixels, SIZE).into_drawing_area())?;
        let png = folder.join(format!("{}.png", self.name));
        image::save_buffer(&png, &pixels, SIZE.0, SIZE.1, image::ColorType::Rgb8)?;
        println!("{}", png.display());
        Ok(())
    }

    fn draw<B: DrawingBackend>(&self, area: DrawingArea<B, Shift>) -> anyhow::Result<()>
    where
        B::ErrorType: 'static,
    {
        area.fill(&WHITE)?;
        let font = |size: u32| ("sans-serif", size).into_font().color(&INK);
        let mut chart = ChartBuilder::on(&area)
            .caption(
                self.title,
                ("sans-serif", 24)
                    .into_font()
                    .style(FontStyle::Bold)
                    .color(&INK),
            )
            .margin(18)
            .x_label_area_size(52)
            .y_label_area_size(76)
            .build_cartesian_2d(self.x.0..self.x.1, self.y.0..self.y.1)?;
        let scale = self.scale;
        let y_label = |y: &f64| match scale {
            Scale::Linear => format!("{y:.2}"),
            Scale::Logarithmic => format!("1e{}", y.round()),
        };
        let steps = match scale {
            Scale::Linear => 10,
            Scale::Logarithmic => (self.y.1 - self.y.0) as usize + 1,
        };
        chart
            .configure_mesh()
            .bold_line_style(FAINT)
            .light_line_style(TRANSPARENT)
            .axis_style(INK)
            .label_style(font(16))
            .axis_desc_style(font(17))
            .x_desc(self.x_label)
            .y_desc(self.y_label)
            .y_labels(steps)
            .y_label_formatter(&y_label)
            .draw()?;
        for s in &self.series {
            // Nothing lost: only the upper end of the interval says something.
            let seen = |p: &&Point| scale == Scale::Linear || p.y > 0.0;
            let line = s.points.iter().filter(seen).map(|p| (p.x, self.place(p.y)));
            let colour = s.colour;
            let drawn = match s.mark {
                Mark::Measured => {
                    chart.draw_series(s.points.iter().map(|p| {
                        let ends = vec![(p.x, self.place(p.low)), (p.x, self.place(p.high))];
                        PathElement::new(ends, colour.mix(0.6).stroke_width(2))
                    }))?;
                    let limits = s.points.iter().filter(|p| !seen(p));
                    chart.draw_series(limits.map(|p| {
                        Cross::new((p.x, self.place(p.high)), 5, colour.stroke_width(2))
                    }))?;
                    chart
                        .draw_series(line.clone().map(|at| Circle::new(at, 4, colour.filled())))?;
                    chart.draw_series(LineSeries::new(line, colour.stroke_width(2)))?
                }
                Mark::Line => {
                    chart.draw_series(DashedLineSeries::new(line, 9, 4, colour.stroke_width(2)))?
                }
                Mark::Bar => {
                    chart.draw_series(DashedLineSeries::new(line, 3, 4, colour.stroke_width(2)))?
                }
                Mark::Published => {
                    chart.draw_series(line.map(|at| TriangleMarker::new(at, 8, colour.filled())))?
                }
            };
            if !s.label.is_empty() {
                let (dash, thick) = match s.mark {
                    Mark::Measured => (20, 2),
                    Mark::Line => (8, 1),
                    Mark::Bar => (3, 1),
                    Mark::Published => (9, 4),
                };
                drawn.label(s.label.as_str()).legend(move |(x, y)| {
                    let first = Rectangle::new([(0, -thick), (dash, thick)], colour.filled());
                    let second =
                        Rectangle::new([(20 - dash, -thick), (20, thick)], colour.filled());
                    EmptyElement::at((x - 4, y)) + first + second
                });
            }
        }
        chart
            .configure_series_labels()
            .position(self.legend.clone())
            .background_style(WHITE.mix(0.85))
            .border_style(FAINT)
            .label_font(font(15))
            .draw()?;
        area.present()?;
        Ok(())
    }

    /// Where a value stands on the axis; nothing leaves it.
    fn place(&self, y: f64) -> f64 {
        let y = match self.scale {
            Scale::Linear => y,
            Scale::Logarithmic => y.max(1e-12).log10(),
        };
        y.clamp(self.y.0, self.y.1)
    }
}
