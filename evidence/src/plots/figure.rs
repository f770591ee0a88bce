//! A figure: panels in rows, a heading above, one legend beneath.

use super::axis::Axis;
use super::legend::{self, Group};
use super::style::Style;
use crate::draw::colour::{GRID, INK, QUIET, RULE};
use crate::draw::{Anchor, Dash, Item, Point, Scene, Weight, shortened};

const WIDTH: f32 = 1200.0;
const MARGIN: f32 = 24.0;
const TITLE: f32 = 24.0;
const LABEL: f32 = 17.0;
const TICK: f32 = 16.0;
/// Left of a panel, for the numbers and the name of its axis.
const NUMBERS: f32 = 78.0;
/// Above a panel, for its title.
const ABOVE: f32 = 34.0;
/// Beneath a panel, for the numbers and the name of its axis.
const BENEATH: f32 = 62.0;
const BAND_ALPHA: f32 = 0.1;

/// How the points of a series are marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    Full,
    /// Figures of others.
    Hollow,
    /// A line that joins the points of other series.
    Absent,
}

/// Points of one codec in a panel.
#[derive(Clone, Debug)]
pub struct Series {
    pub style: Style,
    pub points: Vec<(f64, f64)>,
    /// Place, low and high end of the interval.
    pub band: Vec<(f64, f64, f64)>,
    pub marks: Marks,
    pub is_joined: bool,
    /// To the right of its place, pixels: single points side by side instead of on each other.
    pub shift: f32,
}

/// A pair of axes with curves.
#[derive(Clone, Debug)]
pub struct Panel {
    pub title: String,
    pub height: f32,
    pub x: Axis,
    pub y: Axis,
    pub series: Vec<Series>,
}

/// What goes onto the page.
#[derive(Clone, Debug)]
pub struct Figure {
    pub title: String,
    pub subtitle: String,
    pub panels: Vec<Panel>,
    pub columns: usize,
    pub legend: Vec<Group>,
}

impl Figure {
    pub fn draw(&self, alt: &str) -> Scene {
        let mut scene = Scene {
            width: WIDTH,
            height: 0.0,
            title: alt.to_owned(),
            items: Vec::new(),
        };
        let mut y = MARGIN + TITLE;
        let line = |text, size, weight| shortened(text, size, weight, WIDTH - 2.0 * MARGIN);
        let title = line(&self.title, TITLE, Weight::SemiBold);
        scene.heading((MARGIN, y), &title, TITLE, INK);
        y += 28.0;
        let subtitle = line(&self.subtitle, TICK, Weight::Regular);
        scene.words((MARGIN, y), &subtitle, TICK, QUIET, Anchor::Start);
        y += 18.0;
        let columns = self.columns.max(1);
        let cell = (WIDTH - 2.0 * MARGIN) / columns as f32;
        for row in self.panels.chunks(columns) {
            let height = row.iter().map(|p| p.height).fold(0.0, f32::max);
            // A row without titles belongs to the one above it.
            let above = if row.iter().all(|p| p.title.is_empty()) {
                10.0
            } else {
                ABOVE
            };
            for (column, panel) in row.iter().enumerate() {
                // A place that only fills its row.
                if panel.series.is_empty() {
                    continue;
                }
                let left = MARGIN + cell * column as f32 + NUMBERS;
                let frame = Frame {
                    left,
                    top: y + above,
                    width: cell - NUMBERS - 14.0,
                    height,
                };
                frame.draw(&mut scene, panel);
            }
            y += above + height + BENEATH;
        }
        y += 14.0;
        y += legend::draw(&mut scene, &self.legend, MARGIN, y);
        scene.height = (y + 8.0).ceil();
        scene
    }
}

/// Where a panel lies.
#[derive(Clone, Copy)]
struct Frame {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

impl Frame {
    fn place(self, panel: &Panel, x: f64, y: f64) -> Point {
        (
            self.left + self.width * panel.x.place(x),
            self.top + self.height * (1.0 - panel.y.place(y)),
        )
    }

    fn bottom(self) -> f32 {
        self.top + self.height
    }

    fn draw(self, scene: &mut Scene, panel: &Panel) {
        let title = shortened(&panel.title, LABEL, Weight::SemiBold, self.width);
        scene.heading((self.left, self.top - 12.0), &title, LABEL, INK);
        self.draw_axes(scene, panel);
        for series in &panel.series {
            self.draw_band(scene, panel, series);
        }
        for series in panel.series.iter().filter(|s| s.is_joined) {
            let points: Vec<Point> = self.points(panel, series).collect();
            scene.line(&points, series.style.colour, 2.6, series.style.dash);
        }
        // Hollow marks come last, with ours seen through them.
        for series in &panel.series {
            self.draw_marks(scene, panel, series);
        }
    }

    fn points(self, panel: &Panel, series: &Series) -> impl Iterator<Item = Point> {
        let held = series
            .points
            .iter()
            .filter(|(x, y)| panel.x.holds(*x) && panel.y.holds(*y));
        held.map(move |(x, y)| {
            let (x, y) = self.place(panel, *x, *y);
            (x + series.shift, y)
        })
    }

    fn draw_axes(self, scene: &mut Scene, panel: &Panel) {
        let (right, bottom) = (self.left + self.width, self.bottom());
        for (value, name) in &panel.y.ticks {
            let (_, y) = self.place(panel, panel.x.low, *value);
            scene.line(&[(self.left, y), (right, y)], GRID, 1.0, Dash::Solid);
            let at = (self.left - 9.0, y + TICK * 0.36);
            scene.words(at, name, TICK, QUIET, Anchor::End);
        }
        // Names that would touch their neighbour are left out.
        let mut free_from = f32::NEG_INFINITY;
        for (value, name) in &panel.x.ticks {
            let (x, _) = self.place(panel, *value, panel.y.low);
            scene.line(&[(x, self.top), (x, bottom)], GRID, 1.0, Dash::Solid);
            let half = crate::draw::width(name, TICK, Weight::Regular) / 2.0;
            if x - half >= free_from {
                let at = (x, bottom + 23.0);
                scene.words(at, name, TICK, QUIET, Anchor::Middle);
                free_from = x + half + 8.0;
            }
        }
        let corner = [(self.left, self.top), (self.left, bottom), (right, bottom)];
        scene.line(&corner, RULE, 1.4, Dash::Solid);
        let middle = self.left + self.width / 2.0;
        let label = &panel.x.label;
        scene.words((middle, bottom + 48.0), label, LABEL, INK, Anchor::Middle);
        let at = (self.left - 58.0, self.top + self.height / 2.0);
        scene.words_upwards(at, &panel.y.label, LABEL, INK);
    }

    fn draw_band(self, scene: &mut Scene, panel: &Panel, series: &Series) {
        let clip = |y: f64| y.clamp(panel.y.low, panel.y.high);
        let end = |x: f64, y: f64| self.place(panel, x, clip(y));
        if let [(x, low, high)] = series.band[..] {
            let ends = [end(x, low), end(x, high)].map(|(x, y)| (x + series.shift, y));
            scene.line(&ends, series.style.colour, 1.6, Dash::Solid);
            return;
        }
        let upper = series.band.iter().map(|(x, _, high)| end(*x, *high));
        let lower = series.band.iter().rev().map(|(x, low, _)| end(*x, *low));
        let points: Vec<Point> = upper.chain(lower).collect();
        if !points.is_empty() {
            scene.items.push(Item::Fill {
                points,
                colour: series.style.colour,
                alpha: BAND_ALPHA,
            });
        }
    }

    fn draw_marks(self, scene: &mut Scene, panel: &Panel, series: &Series) {
        if series.marks == Marks::Absent {
            return;
        }
        let hollow = series.marks == Marks::Hollow;
        for at in self.points(panel, series) {
            scene.items.push(Item::Mark {
                at,
                marker: series.style.marker,
                radius: if hollow { 6.0 } else { 5.0 },
                colour: series.style.colour,
                hollow,
            });
        }
    }
}
