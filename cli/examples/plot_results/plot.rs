//! One plot: axes, series, legend; SVG and PNG.

use std::fs;
use std::path::Path;

use anyhow::Context;
use plotters::coord::Shift;
use plotters::prelude::*;
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
pub struct Point {
    pub x: f64,
    pub y: f64,
    pub low: f64,
    pub high: f64,
}

pub enum Mark {
    /// Line with dots and intervals.
    Measured,
    /// Dashed line.
    Line,
    /// Triangles: single points.
    Published,
    /// Short dashes: a bar to reach.
    Bar,
}

pub struct Series {
    pub label: String,
    pub colour: RGBColor,
    pub mark: Mark,
    pub points: Vec<Point>,
}

pub struct Plot {
    pub name: &'static str,
    pub title: &'static str,
    pub x_label: &'static str,
    pub y_label: &'static str,
    pub x: (f64, f64),
    /// Of the values; of their decimal logarithms when `logarithmic`.
    pub y: (f64, f64),
    pub scale: Scale,
    pub legend: SeriesLabelPosition,
    pub series: Vec<Series>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Scale {
    Linear,
    Logarithmic,
}

pub fn read(file: &Path) -> anyhow::Result<Value> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| file.display().to_string())
}

pub fn series(label: &str, colour: usize, mark: Mark, points: Vec<Point>) -> Series {
    Series {
        label: label.to_owned(),
        colour: COLOURS[colour],
        mark,
        points,
    }
}

pub fn flat(y: f64, from: f64, to: f64) -> Vec<Point> {
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
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let svg = folder.join(format!("{}.svg", self.name));
        self.draw(SVGBackend::new(&svg, SIZE).into_drawing_area())?;
        println!("{}", svg.display());
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
