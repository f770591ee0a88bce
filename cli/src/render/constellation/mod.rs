//! The plot `constellation.png`: digital and analog symbols as they came out of the equalizer.
//!
//! Two square panels with equal axes. Points are counted on the grid of pixels as small discs and inked by their density,
//! so that a handful of symbols shows as dots and a million as a cloud.

mod axes;

use image::RgbImage;
use num_complex::Complex32;

use super::canvas::Canvas;
use super::colour::{ANALOG, Colour, DIGITAL, INK, PAPER, RULE, mix};
use super::font::{HEADING, LABEL, Style};
use super::geometry::Rect;
use super::paragraph::ellipsis;
use axes::{Axes, NUMBERS, PANEL_SIDE, limit};

const MARGIN: u32 = 40;
const GUTTER: u32 = 52;
/// Points drawn a panel, at most; more are thinned evenly.
const MAX_POINTS: usize = 60_000;
/// Radius of a point, pixels.
const POINT_RADIUS: f32 = 2.2;
/// What goes onto the plot.
pub struct Contents<'a> {
    /// Equalized symbols of the digital part.
    pub digital: &'a [Complex32],
    /// Equalized symbols of the analog part; lost ones left out.
    pub analog: &'a [Complex32],
    /// Beneath the heading.
    pub subtitle: String,
}

/// Draws the plot.
pub fn draw(contents: &Contents<'_>) -> RgbImage {
    let panel = NUMBERS + PANEL_SIDE;
    let width = 2 * MARGIN + 2 * panel + GUTTER;
    let top = MARGIN + HEADING.leading() + LABEL.leading() + 30;
    let height = top + LABEL.leading() + 14 + PANEL_SIDE + 50 + MARGIN;
    let mut canvas = Canvas::new(width, height);
    let heading = Style {
        size: 24.0,
        ..HEADING
    };
    canvas.text(MARGIN as f32, MARGIN as f32, "Received symbols", heading);
    let subtitle = ellipsis(&contents.subtitle, LABEL, width - 2 * MARGIN);
    let subtitle_y = MARGIN + heading.leading() + 2;
    canvas.text(MARGIN as f32, subtitle_y as f32, &subtitle, LABEL);
    let digital = Panel {
        title: "Digital part, QPSK",
        points: contents.digital,
        colour: DIGITAL,
        marks: &QPSK,
    };
    let analog = Panel {
        title: "Analog part",
        points: contents.analog,
        colour: ANALOG,
        marks: &[],
    };
    digital.draw(&mut canvas, MARGIN, top);
    analog.draw(&mut canvas, MARGIN + panel + GUTTER, top);
    canvas.into_image()
}

const QPSK: [(f32, f32); 4] = {
    let r = std::f32::consts::FRAC_1_SQRT_2;
    [(r, r), (r, -r), (-r, r), (-r, -r)]
};

/// One kind of symbol on its own axes.
struct Panel<'a> {
    title: &'static str,
    points: &'a [Complex32],
    colour: Colour,
    /// Where symbols were sent, if that is known.
    marks: &'a [(f32, f32)],
}

impl Panel<'_> {
    fn draw(&self, canvas: &mut Canvas, x: u32, y: u32) {
        let axes = Axes {
            rect: Rect::new(
                x + NUMBERS,
                y + LABEL.leading() + 14,
                PANEL_SIDE,
                PANEL_SIDE,
            ),
            limit: limit(self.points),
        };
        let outside = self.points.iter().filter(|p| !axes.holds(**p)).count();
        self.headings(canvas, axes, y, outside);
        axes.draw(canvas);
        self.ink(canvas, axes);
        for &(re, im) in self.marks {
            let (cx, cy) = axes.place(Complex32::new(re, im));
            canvas.ring(cx, cy, 7.5, 3.0, PAPER);
            canvas.ring(cx, cy, 7.5, 1.6, INK);
        }
        canvas.frame(axes.rect, RULE);
    }

    fn headings(&self, canvas: &mut Canvas, axes: Axes, y: u32, outside: usize) {
        let x = axes.rect.x as f32;
        let title = Style {
            size: 16.0,
            colour: self.colour,
            ..HEADING
        };
        canvas.text(x, y as f32, self.title, title);
        let mut remark = count(self.points.len());
        if outside > 0 {
            remark += &format!(", {} beyond the axes", share(outside, self.points.len()));
        }
        if !self.marks.is_empty() {
            remark = format!("sample of {remark}; rings: as sent");
        }
        let right = axes.rect.right() as f32 - LABEL.width(&remark) as f32;
        let drop = title.ascent() - LABEL.ascent();
        canvas.text(right, y as f32 + drop, &remark, LABEL);
    }

    fn ink(&self, canvas: &mut Canvas, axes: Axes) {
        let density = self.density(axes);
        let peak = density.iter().copied().fold(1.0, f32::max);
        for (i, d) in density.iter().enumerate().filter(|(_, d)| **d > 0.0) {
            let (dx, dy) = (i as u32 % PANEL_SIDE, i as u32 / PANEL_SIDE);
            let share = tone(*d, peak);
            // Where points crowd, the ink deepens.
            let ink = mix(self.colour, INK, (share - 0.7) * 1.6);
            let (x, y) = (axes.rect.x + dx, axes.rect.y + dy);
            canvas.blend(x.into(), y.into(), ink, share);
        }
    }

    /// Points on each pixel of the panel.
    fn density(&self, axes: Axes) -> Vec<f32> {
        let side = PANEL_SIDE as i64;
        let mut density = vec![0f32; (side * side) as usize];
        let step = self.points.len().div_ceil(MAX_POINTS).max(1);
        let reach = POINT_RADIUS.ceil() as i64;
        for &point in self.points.iter().step_by(step).filter(|p| axes.holds(**p)) {
            let (x, y) = axes.place(point);
            let (x, y) = (x - axes.rect.x as f32, y - axes.rect.y as f32);
            for py in y as i64 - reach..=y as i64 + reach {
                for px in x as i64 - reach..=x as i64 + reach {
                    let distance = (px as f32 + 0.5 - x).hypot(py as f32 + 0.5 - y);
                    let cover = (POINT_RADIUS + 0.5 - distance).clamp(0.0, 1.0);
                    if (0..side).contains(&px) && (0..side).contains(&py) {
                        density[(py * side + px) as usize] += cover;
                    }
                }
            }
        }
        density
    }
}

/// Share of ink for `density` points where at most `peak` lie on a pixel: dots stay visible, clouds keep their shades.
fn tone(density: f32, peak: f32) -> f32 {
    let crowd = (peak / 2.0).max(1.0);
    1.0 - (-1.5 * (density / crowd).powf(0.6)).exp()
}

fn count(points: usize) -> String {
    match points {
        0 => "none".to_owned(),
        1 => "1 symbol".to_owned(),
        n => format!("{} symbols", crate::figures::grouped(n as u64)),
    }
}

fn share(part: usize, whole: usize) -> String {
    let percent = 100.0 * part as f64 / whole.max(1) as f64;
    if percent < 0.05 {
        "less than 0.1 %".to_owned()
    } else {
        format!("{percent:.1} %")
    }
}

#[cfg(test)]
mod tests {
    use super::axes::{MAX_LIMIT, ticks};
    use super::*;

    fn contents(points: &[Complex32]) -> Contents<'_> {
        Contents {
            digital: points,
            analog: points,
            subtitle: "SNR 10.0 dB".repeat(40),
        }
    }

    #[test]
    fn a_plot_has_the_same_size_whatever_is_on_it() {
        let odd = [
            Complex32::new(f32::NAN, 0.0),
            Complex32::new(f32::INFINITY, 1.0),
            Complex32::new(1e30, -1e30),
            Complex32::default(),
        ];
        let size = draw(&contents(&[])).dimensions();
        assert_eq!(draw(&contents(&odd)).dimensions(), size);
    }

    #[test]
    fn axes_hold_nearly_all_points_and_stay_bounded() {
        let ring = |r: f32| vec![Complex32::new(r, -r); 1000];
        assert_eq!(limit(&ring(0.1)), 1.5);
        assert_eq!(limit(&ring(2.0)), 2.5);
        assert_eq!(limit(&ring(1e9)), MAX_LIMIT);
        let mut outlier = ring(0.7);
        outlier[0] = Complex32::new(50.0, 0.0);
        assert_eq!(limit(&outlier), 1.5);
    }

    #[test]
    fn ticks_lie_within_the_axes_and_around_zero() {
        for limit in [1.5, 2.0, 2.5, 4.0, 8.0] {
            let ticks = ticks(limit);
            assert!(ticks.len() >= 3 && ticks.len() % 2 == 1);
            assert!(ticks.iter().all(|t| t.abs() < limit));
            assert_eq!(ticks[ticks.len() / 2], 0.0);
        }
    }

    #[test]
    fn a_single_point_is_seen_in_any_crowd_and_a_crowd_is_darker() {
        for peak in [1.0, 3.0, 50.0, 1e4] {
            assert!(tone(1.0, peak) > 0.008, "{peak}");
            assert!(tone(peak, peak) > 0.7, "{peak}");
            assert!(tone(peak / 2.0, peak) < tone(peak, peak) - 0.05);
        }
    }

    #[test]
    fn a_point_is_inked_where_it_lies() {
        let point = [Complex32::new(0.75, 0.0)];
        let axes = Axes {
            rect: Rect::new(0, 0, PANEL_SIDE, PANEL_SIDE),
            limit: 1.5,
        };
        let panel = Panel {
            title: "",
            points: &point,
            colour: DIGITAL,
            marks: &[],
        };
        let density = panel.density(axes);
        let at = |x: u32, y: u32| density[(y * PANEL_SIDE + x) as usize];
        assert!(at(420, 280) > 0.5);
        assert_eq!(at(140, 280), 0.0);
    }
}
