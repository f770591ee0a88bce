//! A spectrum as a page: mean and peak power, the band, what stands out.

use heliograph::metrics::Spectrum;
use image::RgbImage;

use super::finding::{Finding, Verdict};
use crate::figures::{hertz, number};
use crate::render::canvas::Canvas;
use crate::render::colour::{ANALOG, Colour, GRID, LOSS, PANEL, QUIET, RULE, mix};
use crate::render::font::{HEADING, LABEL, Style};
use crate::render::geometry::Rect;

const MARGIN: u32 = 40;
const NUMBERS: u32 = 60;
const WIDTH: u32 = 1000;
const HEIGHT: u32 = 420;
/// Numbers at the axes.
const GRID_DB: f64 = 10.0;
const GRID_COLUMNS: u32 = 4;
/// Height of the drawing at most: of a radio without noise, the rest is rounding.
const MOST_DB: f64 = 110.0;

/// The axes.
struct Axes {
    rect: Rect,
    bottom_db: f64,
    top_db: f64,
}

/// Draws the page.
pub fn draw(spectrum: &Spectrum, finding: &Finding) -> RgbImage {
    let top = MARGIN + HEADING.leading() + LABEL.leading() + 24;
    let mut canvas = Canvas::new(
        2 * MARGIN + NUMBERS + WIDTH,
        top + HEIGHT + 2 * LABEL.leading() + 24 + MARGIN,
    );
    let axes = Axes::new(spectrum, Rect::new(MARGIN + NUMBERS, top, WIDTH, HEIGHT));
    headings(&mut canvas, finding);
    axes.draw(&mut canvas, finding);
    axes.curve(&mut canvas, &spectrum.peak_dbfs, mix(PANEL, QUIET, 0.45));
    axes.curve(&mut canvas, &spectrum.mean_dbfs, ANALOG);
    axes.emissions(&mut canvas, finding);
    canvas.frame(axes.rect, RULE);
    canvas.into_image()
}

fn headings(canvas: &mut Canvas, finding: &Finding) {
    let heading = Style {
        size: 24.0,
        ..HEADING
    };
    let title = format!("Spectrum at {}", hertz(finding.frequency_hz));
    canvas.text(MARGIN as f32, MARGIN as f32, &title, heading);
    let verdict = match finding.verdict {
        Verdict::Free => "free",
        Verdict::Occupied => "occupied",
        Verdict::Overloaded => "the receiver clips",
    };
    let line = format!(
        "{}  ·  level {} dBFS  ·  floor {} dBFS/Hz  ·  {} samples a second  ·  green: mean, grey: peak",
        verdict,
        number(finding.level_dbfs, 1),
        number(finding.floor_dbfs_hz, 1),
        hertz(finding.sample_rate_hz)
            .replace(" MHz", " M")
            .replace(" kHz", " k"),
    );
    let y = MARGIN + heading.leading() + 2;
    canvas.text(MARGIN as f32, y as f32, &line, LABEL);
}

impl Axes {
    fn new(spectrum: &Spectrum, rect: Rect) -> Self {
        let highest = spectrum.peak_dbfs.iter().copied().fold(f64::MIN, f64::max);
        // The floor is a median: of a band that a signal fills, the signal's. What lies lower must show as well.
        let mean = spectrum.mean_dbfs.iter().copied();
        let lowest = mean.fold(spectrum.floor_dbfs() - 6.0, f64::min) - 2.0;
        let lowest = lowest.max(highest - MOST_DB);
        Self {
            rect,
            bottom_db: (lowest / GRID_DB).floor() * GRID_DB,
            top_db: ((highest + 2.0) / GRID_DB).ceil() * GRID_DB,
        }
    }

    fn y(&self, db: f64) -> u32 {
        let share = ((self.top_db - db) / (self.top_db - self.bottom_db)).clamp(0.0, 1.0);
        self.rect.y + (share * f64::from(HEIGHT - 1)) as u32
    }

    fn x(&self, hz: f64, finding: &Finding) -> u32 {
        let share = (hz - finding.frequency_hz) / finding.sample_rate_hz + 0.5;
        self.rect.x + (share.clamp(0.0, 1.0) * f64::from(WIDTH - 1)) as u32
    }

    fn draw(&self, canvas: &mut Canvas, finding: &Finding) {
        canvas.fill(self.rect, PANEL);
        let (from, to) = (
            self.x(finding.band_hz[0], finding),
            self.x(finding.band_hz[1], finding),
        );
        let band = Rect::new(from, self.rect.y, to - from, HEIGHT);
        canvas.fill(band, mix(PANEL, ANALOG, 0.06));
        let lines = ((self.top_db - self.bottom_db) / GRID_DB).round() as i32;
        // At most eight numbers.
        let every = (lines / 8 + 1) as usize;
        for i in (0..=lines).step_by(every) {
            let db = self.bottom_db + f64::from(i) * GRID_DB;
            let y = self.y(db);
            canvas.fill(Rect::new(self.rect.x, y, WIDTH, 1), GRID);
            let text = number(db, 0);
            let x = self.rect.x - 10 - LABEL.width(&text);
            canvas.text(
                x as f32,
                y as f32 - LABEL.line_height() as f32 / 2.0,
                &text,
                LABEL,
            );
        }
        for i in 0..=GRID_COLUMNS {
            let share = f64::from(i) / f64::from(GRID_COLUMNS) - 0.5;
            let hz = finding.frequency_hz + share * finding.sample_rate_hz;
            let x = self.x(hz, finding);
            canvas.fill(Rect::new(x, self.rect.y, 1, HEIGHT), GRID);
            let text = hertz(hz);
            let left = x as f32 - LABEL.width(&text) as f32 / 2.0;
            canvas.text(left, (self.rect.bottom() + 8) as f32, &text, LABEL);
        }
        let y = self.rect.y + (HEIGHT - LABEL.width("dBFS a bin")) / 2;
        canvas.text_upwards(MARGIN - 8, y, "dBFS a bin", LABEL);
        let band = "the band of the waveform is shaded";
        let x = self.rect.x + (WIDTH - LABEL.width(band)) / 2;
        let below = self.rect.bottom() + 12 + LABEL.leading();
        canvas.text(x as f32, below as f32, band, LABEL);
    }

    /// One column a pixel, from the loudest to the softest bin in it.
    fn curve(&self, canvas: &mut Canvas, bins: &[f64], colour: Colour) {
        let mut before: Option<u32> = None;
        for column in 0..WIDTH as usize {
            let from = column * bins.len() / WIDTH as usize;
            let to = ((column + 1) * bins.len() / WIDTH as usize).max(from + 1);
            let (mut top, mut foot) = (u32::MAX, 0);
            for db in &bins[from..to] {
                top = top.min(self.y(*db));
                foot = foot.max(self.y(*db));
            }
            if let Some(y) = before {
                (top, foot) = (top.min(y), foot.max(y));
            }
            before = Some(self.y(bins[to - 1]));
            let x = self.rect.x + column as u32;
            canvas.fill(Rect::new(x, top, 1, (foot - top + 1).max(2)), colour);
        }
    }

    /// A bar above each emission.
    fn emissions(&self, canvas: &mut Canvas, finding: &Finding) {
        for e in &finding.emissions {
            let (from, to) = (self.x(e.from_hz, finding), self.x(e.to_hz, finding));
            let colour = if e.in_band { LOSS } else { QUIET };
            canvas.fill(Rect::new(from, self.rect.y, (to - from).max(2), 4), colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::spectrum::finding::tests::{finding, heard};

    #[test]
    fn the_page_shows_the_tone_where_it_is() {
        let page = draw(&heard(0.25, 0.1).spectrum, &finding(0.25, 0.1));
        let column = MARGIN + NUMBERS + WIDTH * 3 / 4;
        let near = column - 3..=column + 3;
        let marked = near.clone().any(|x| {
            page.get_pixel(x, MARGIN + HEADING.leading() + LABEL.leading() + 25)
                .0
                == LOSS
        });
        assert!(marked, "no bar above the tone");
    }
}
