//! Drawing with coverage: fills, frames, discs, text.

use ab_glyph::{Font, point};
use image::{Rgb, RgbImage};

use super::colour::{Colour, PAPER, mix};
use super::fallback;
use super::font::{Mark, Style};
use super::geometry::Rect;

/// A page to draw on; whatever lies outside of it is left out.
pub struct Canvas {
    image: RgbImage,
}

impl Canvas {
    /// A white page.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            image: RgbImage::from_pixel(width, height, Rgb(PAPER)),
        }
    }

    pub fn into_image(self) -> RgbImage {
        self.image
    }

    /// Lays `share` (0 to 1) of a colour on one pixel.
    pub fn blend(&mut self, x: i64, y: i64, colour: Colour, share: f32) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            return;
        };
        if let Some(pixel) = self.image.get_pixel_mut_checked(x, y) {
            pixel.0 = mix(pixel.0, colour, share);
        }
    }

    pub fn fill(&mut self, rect: Rect, colour: Colour) {
        for y in rect.y..rect.bottom() {
            for x in rect.x..rect.right() {
                self.blend(x.into(), y.into(), colour, 1.0);
            }
        }
    }

    /// A frame of one pixel just inside `rect`.
    pub fn frame(&mut self, rect: Rect, colour: Colour) {
        let (last_x, last_y) = (
            rect.right().saturating_sub(1),
            rect.bottom().saturating_sub(1),
        );
        self.fill(Rect::new(rect.x, rect.y, rect.width, 1), colour);
        self.fill(Rect::new(rect.x, last_y, rect.width, 1), colour);
        self.fill(Rect::new(rect.x, rect.y, 1, rect.height), colour);
        self.fill(Rect::new(last_x, rect.y, 1, rect.height), colour);
    }

    /// A ring around (`x`, `y`), `radius` to the middle of its line, pixels.
    pub fn ring(&mut self, x: f32, y: f32, radius: f32, line: f32, colour: Colour) {
        let reach = (radius + line).ceil() as i64 + 1;
        let (cx, cy) = (x.floor() as i64, y.floor() as i64);
        for py in cy - reach..=cy + reach {
            for px in cx - reach..=cx + reach {
                let distance = (px as f32 + 0.5 - x).hypot(py as f32 + 0.5 - y);
                let cover = 0.5 + line / 2.0 - (distance - radius).abs();
                self.blend(px, py, colour, cover.clamp(0.0, 1.0));
            }
        }
    }

    pub fn paste(&mut self, picture: &RgbImage, x: u32, y: u32) {
        image::imageops::replace(&mut self.image, picture, x.into(), y.into());
    }

    /// Sets a line; (`x`, `y`) is the upper left corner of its first character.
    pub fn text(&mut self, x: f32, y: f32, text: &str, style: Style) {
        let mut pen = x;
        for (mark, width) in style.marks(text) {
            match mark {
                Mark::Glyph(id) => {
                    let at = point(pen, y + style.ascent());
                    let glyph = id.with_scale_and_position(style.scale(), at);
                    self.outline(glyph, style);
                }
                Mark::Box(c) => self.code_point(pen, y, c, style),
            }
            pen += width;
        }
    }

    /// Sets a line that reads upwards on plain paper; (`x`, `y`) is the upper left corner of its rectangle.
    pub fn text_upwards(&mut self, x: u32, y: u32, text: &str, style: Style) {
        let mut line = Self::new(style.width(text) + 1, style.line_height() + 1);
        line.text(0.0, 0.0, text, style);
        self.paste(&image::imageops::rotate270(&line.image), x, y);
    }

    fn outline(&mut self, glyph: ab_glyph::Glyph, style: Style) {
        let Some(outline) = style.font().outline_glyph(glyph) else {
            return;
        };
        let corner = outline.px_bounds().min;
        outline.draw(|dx, dy, cover| {
            let (px, py) = (
                corner.x as i64 + i64::from(dx),
                corner.y as i64 + i64::from(dy),
            );
            self.blend(px, py, style.colour, cover);
        });
    }

    /// The box of a character that the font lacks.
    fn code_point(&mut self, x: f32, y: f32, c: char, style: Style) {
        let (width, height) = (fallback::width(style.size) - 3.0, style.size * 1.05);
        let top = y + style.ascent() - style.size * 0.9;
        let rect = Rect::new(x as u32 + 1, top as u32, width as u32, height as u32);
        self.frame(rect, mix(PAPER, style.colour, 0.55));
        let digits = Style {
            size: fallback::digit_size(style.size),
            ..style
        };
        for (row, text) in fallback::rows(c).iter().enumerate() {
            let indent = (width - digits.width(text) as f32) / 2.0;
            let down = height * (0.26 + 0.46 * row as f32) + digits.size * 0.36;
            let text_y = top + down - digits.ascent();
            self.text(x + 1.0 + indent.max(0.0), text_y, text, digits);
        }
    }
}
