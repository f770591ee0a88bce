//! A plot without scripts: one figure of every picture, in SVG; colours come from the page.

use std::fmt::Write;

use super::escape::escape;
use crate::rig::verdict::number;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 22.0;
/// Lines across at most.
const MAX_TICKS: f64 = 5.0;

/// A value of every picture, and limits as dashed lines.
pub(super) struct Plot<'a> {
    pub title: &'a str,
    pub values: Vec<Option<f64>>,
    pub limits: Vec<f64>,
}

impl Plot<'_> {
    /// The plot; empty if no value is finite.
    pub fn to_svg(&self) -> String {
        let values = self.values.iter().flatten().chain(&self.limits);
        let finite: Vec<f64> = values.copied().filter(|v| v.is_finite()).collect();
        if !self.values.iter().flatten().any(|v| v.is_finite()) {
            return String::new();
        }
        let least = finite.iter().copied().fold(f64::INFINITY, f64::min);
        let most = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let axis = Axis::new(least, most);
        let title = escape(self.title);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">\
             <text x=\"0\" y=\"12\">{title}</text>"
        );
        axis.write(&mut svg);
        for limit in self.limits.iter().filter(|limit| limit.is_finite()) {
            write_line(&mut svg, axis.y(*limit), "limit");
        }
        self.write_points(&mut svg, &axis);
        svg.push_str("</svg>");
        svg
    }

    fn write_points(&self, svg: &mut String, axis: &Axis) {
        let steps = (self.values.len().max(2) - 1) as f64;
        let x = |i: usize| LEFT + (WIDTH - LEFT - RIGHT) * i as f64 / steps;
        let finite = self.values.iter().enumerate();
        let finite = finite.filter_map(|(i, v)| Some((i, v.filter(|v| v.is_finite())?)));
        let points: Vec<_> = finite.map(|(i, v)| (i, v, x(i), axis.y(v))).collect();
        let line: Vec<_> = points
            .iter()
            .map(|(_, _, x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        // Writing to a String cannot fail.
        let _ = write!(
            svg,
            "<polyline class=\"curve\" points=\"{}\"/>",
            line.join(" ")
        );
        for (i, value, x, y) in &points {
            let _ = write!(
                svg,
                "<circle class=\"point\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"><title>picture {}: {}</title></circle>",
                i + 1,
                number(*value)
            );
        }
        let last = self.values.len();
        let y = HEIGHT - 6.0;
        let _ = write!(svg, "<text x=\"{LEFT}\" y=\"{y}\">picture 1</text>");
        if last > 1 {
            let x = WIDTH - RIGHT;
            let _ = write!(
                svg,
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{last}</text>"
            );
        }
    }
}

/// From values to heights.
struct Axis {
    min: f64,
    max: f64,
    step: f64,
}

impl Axis {
    /// Round numbers around `least` to `most`.
    fn new(least: f64, most: f64) -> Self {
        let span = (most - least).max(1.0);
        let rough = span / MAX_TICKS;
        let power = 10f64.powf(rough.log10().floor());
        let factors = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
        let step = factors.into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let min = (least / step).floor() * step;
        let max = (most / step).ceil() * step;
        Self {
            min,
            max: max.max(min + step),
            step,
        }
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value - self.min) / (self.max - self.min);
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    }

    fn write(&self, svg: &mut String) {
        let ticks = ((self.max - self.min) / self.step).round() as usize;
        for i in 0..=ticks {
            let value = self.min + i as f64 * self.step;
            let y = self.y(value);
            write_line(svg, y, "grid");
            let (x, y) = (LEFT - 6.0, y + 4.0);
            let text = number(value);
            let _ = write!(
                svg,
                "<text x=\"{x}\" y=\"{y:.1}\" text-anchor=\"end\">{text}</text>"
            );
        }
    }
}

fn write_line(svg: &mut String, y: f64, class: &str) {
    let right = WIDTH - RIGHT;
    let _ = write!(
        svg,
        "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"
    );
}
