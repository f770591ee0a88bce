//! A square panel with equal axes, its grid, numbers and names.

use num_complex::Complex32;

use super::super::canvas::Canvas;
use super::super::colour::{GRID, PANEL, QUIET, mix};
use super::super::font::LABEL;
use super::super::geometry::Rect;

/// Side of a panel, pixels.
pub const PANEL_SIDE: u32 = 560;
/// Left of a panel, for the numbers at its axis.
pub const NUMBERS: u32 = 64;
/// Share of the points that the axes must hold.
const HELD: f64 = 0.995;
/// Longest half axis.
pub const MAX_LIMIT: f32 = 8.0;

/// A square with both axes from -limit to limit.
#[derive(Clone, Copy)]
pub struct Axes {
    pub rect: Rect,
    pub limit: f32,
}

impl Axes {
    /// Does the point lie within?
    pub fn holds(self, point: Complex32) -> bool {
        point.re.abs() <= self.limit && point.im.abs() <= self.limit
    }

    /// Pixels from the corner of the page.
    pub fn place(self, point: Complex32) -> (f32, f32) {
        let half = PANEL_SIDE as f32 / 2.0;
        (
            self.rect.x as f32 + half * (1.0 + point.re / self.limit),
            self.rect.y as f32 + half * (1.0 - point.im / self.limit),
        )
    }

    /// Draws all but the points.
    pub fn draw(self, canvas: &mut Canvas) {
        canvas.fill(self.rect, PANEL);
        for tick in ticks(self.limit) {
            let (x, y) = self.place(Complex32::new(tick, tick));
            let colour = if tick == 0.0 {
                mix(GRID, QUIET, 0.45)
            } else {
                GRID
            };
            canvas.fill(Rect::new(x as u32, self.rect.y, 1, PANEL_SIDE), colour);
            canvas.fill(Rect::new(self.rect.x, y as u32, PANEL_SIDE, 1), colour);
            let number = number(tick);
            let width = LABEL.width(&number) as f32;
            // The minus sign hangs to the left, the digits stand under their line.
            let hang = if tick < 0.0 {
                LABEL.width("−") as f32 / 2.0
            } else {
                0.0
            };
            canvas.text(
                x - width / 2.0 - hang,
                self.rect.bottom() as f32 + 8.0,
                &number,
                LABEL,
            );
            let middle = y - LABEL.line_height() as f32 / 2.0;
            canvas.text(self.rect.x as f32 - width - 10.0, middle, &number, LABEL);
        }
        self.labels(canvas);
    }

    fn labels(self, canvas: &mut Canvas) {
        let (across, up) = ("In-phase (I)", "Quadrature (Q)");
        let below = self.rect.bottom() + 10 + LABEL.leading();
        let x = self.rect.x + (PANEL_SIDE - LABEL.width(across)) / 2;
        canvas.text(x as f32, below as f32, across, LABEL);
        let y = self.rect.y + (PANEL_SIDE - LABEL.width(up)) / 2;
        canvas.text_upwards(self.rect.x - NUMBERS, y, up, LABEL);
    }
}

/// Half axis that holds nearly all points: a multiple of 0.5 from 1.5 on.
pub fn limit(points: &[Complex32]) -> f32 {
    let mut reach: Vec<f32> = points.iter().map(|p| p.re.abs().max(p.im.abs())).collect();
    reach.retain(|r| r.is_finite());
    if reach.is_empty() {
        return 1.5;
    }
    let held = ((reach.len() as f64 * HELD) as usize).min(reach.len() - 1);
    let (_, reach, _) = reach.select_nth_unstable_by(held, f32::total_cmp);
    ((*reach * 2.1).ceil() / 2.0).clamp(1.5, MAX_LIMIT)
}

/// Numbers at the axes: symmetric, whole or half.
pub fn ticks(limit: f32) -> Vec<f32> {
    let step = if limit <= 2.0 {
        0.5
    } else if limit <= 4.0 {
        1.0
    } else {
        2.0
    };
    let most = (limit / step - 0.01).floor() as i32;
    (-most..=most).map(|k| k as f32 * step).collect()
}

fn number(value: f32) -> String {
    let text = if value.fract() == 0.0 {
        format!("{}", value.abs())
    } else {
        format!("{:.1}", value.abs())
    };
    if value < 0.0 {
        format!("−{text}")
    } else {
        text
    }
}
