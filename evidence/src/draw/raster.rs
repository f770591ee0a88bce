//! A scene as pixels, with exact coverage.

use ab_glyph::{Font, ScaleFont, point};
use ab_glyph_rasterizer::Rasterizer;
use image::{Rgb, RgbImage};

use super::colour::{Colour, PAPER, mix};
use super::scene::{Anchor, Item, Point, Scene, Words};
use super::{font, shapes};

/// A white page.
pub fn blank(width: u32, height: u32) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(PAPER))
}

/// The scene at `scale` pixels a unit.
pub fn rasterize(scene: &Scene, scale: f32) -> RgbImage {
    let side = |length: f32| (length * scale).round() as u32;
    let mut page = blank(side(scene.width), side(scene.height));
    for item in &scene.items {
        lay(&mut page, item, scale);
    }
    page
}

/// Lays one thing on a page.
pub fn lay(page: &mut RgbImage, item: &Item, scale: f32) {
    match item {
        Item::Fill {
            points,
            colour,
            alpha,
        } => fill(page, std::slice::from_ref(points), scale, *colour, *alpha),
        Item::Line {
            points,
            colour,
            width,
            dash,
        } => {
            let pieces = match dash.lengths() {
                None => vec![points.clone()],
                Some((on, off)) => shapes::dashes(points, on, off),
            };
            for piece in pieces {
                let polygons = shapes::stroke(&piece, *width);
                fill(page, &polygons, scale, *colour, 1.0);
            }
        }
        Item::Mark {
            at,
            marker,
            radius,
            colour,
            hollow,
        } => {
            if *hollow {
                let mut outline = shapes::marker(*marker, *at, *radius);
                // Once around and over the first corner, so that it is joined too.
                outline.extend_from_within(..2);
                let polygons = shapes::stroke(&outline, 1.8);
                return fill(page, &polygons, scale, *colour, 1.0);
            }
            // A rim keeps markers that touch apart.
            for (radius, colour) in [(radius + 0.5, PAPER), (radius - 0.5, *colour)] {
                let outline = shapes::marker(*marker, *at, radius);
                fill(page, &[outline], scale, colour, 1.0);
            }
        }
        Item::Words(words) => set(page, words, scale),
    }
}

/// A rectangle of whole pixels.
pub fn fill_rect(page: &mut RgbImage, (x, y): (u32, u32), (w, h): (u32, u32), colour: Colour) {
    for py in y..(y + h).min(page.height()) {
        for px in x..(x + w).min(page.width()) {
            page.put_pixel(px, py, Rgb(colour));
        }
    }
}

fn fill(page: &mut RgbImage, polygons: &[Vec<Point>], scale: f32, colour: Colour, alpha: f32) {
    let points = || {
        polygons
            .iter()
            .flatten()
            .map(|(x, y)| (x * scale, y * scale))
    };
    let low = |c: fn(Point) -> f32| points().map(c).fold(f32::INFINITY, f32::min).floor() - 1.0;
    let high = |c: fn(Point) -> f32| points().map(c).fold(0.0, f32::max).ceil() + 1.0;
    if points().next().is_none() {
        return;
    }
    let (left, top) = (low(|p| p.0), low(|p| p.1));
    let (width, height) = (high(|p| p.0) - left, high(|p| p.1) - top);
    let mut coverage = Rasterizer::new(width as usize, height as usize);
    for polygon in polygons {
        let corner = |i: usize| {
            let (x, y) = polygon[i % polygon.len()];
            point(x * scale - left, y * scale - top)
        };
        for i in 0..polygon.len() {
            coverage.draw_line(corner(i), corner(i + 1));
        }
    }
    coverage.for_each_pixel_2d(|x, y, cover| {
        let at = (left as i64 + i64::from(x), top as i64 + i64::from(y));
        blend(page, at, colour, alpha * cover.min(1.0));
    });
}

fn set(page: &mut RgbImage, words: &Words, scale: f32) {
    let face = words.weight.font();
    let size = words.weight.scale(words.size * scale);
    let length = font::width(&words.text, words.size, words.weight) * scale;
    let mut pen = match words.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -length / 2.0,
        Anchor::End => -length,
    };
    let (x, y) = (words.x * scale, words.y * scale);
    for c in words.text.chars().filter(|c| !c.is_control()) {
        let id = face.glyph_id(c);
        // Words that read upwards are set on a line of their own and turned pixel by pixel.
        let at = if words.upwards {
            (pen, 0.0)
        } else {
            (x + pen, y)
        };
        let glyph = id.with_scale_and_position(size, point(at.0, at.1));
        if let Some(outline) = face.outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, cover| {
                let px = corner.x as i64 + i64::from(dx);
                let py = corner.y as i64 + i64::from(dy);
                let at = if words.upwards {
                    (x as i64 + py, y as i64 - px)
                } else {
                    (px, py)
                };
                blend(page, at, words.colour, cover.min(1.0));
            });
        }
        pen += face.as_scaled(size).h_advance(id);
    }
}

fn blend(page: &mut RgbImage, (x, y): (i64, i64), colour: Colour, share: f32) {
    let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
        return;
    };
    if let Some(pixel) = page.get_pixel_mut_checked(x, y) {
        pixel.0 = mix(pixel.0, colour, share);
    }
}
