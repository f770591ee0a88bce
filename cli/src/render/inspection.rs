//! The page of `heliograph inspect`: the photo, grids of its blocks, and a bar of what everything costs.

use image::RgbImage;

use super::block_map::BlockMap;
use super::canvas::Canvas;
use super::colour::{ANALOG, Colour, DIGITAL, LOSS, QUIET, RULE, mix};
use super::font::{BODY, HEADING, LABEL};
use super::geometry::Rect;
use super::paragraph::{ellipsis, wrap};
use super::scale::{self, View};

const MARGIN: u32 = 40;
const GUTTER: u32 = 28;
/// Bounds of a panel.
const PANEL: (u32, u32) = (600, 600);
/// Narrowest content: the bar with its legend.
const MIN_CONTENT: u32 = 900;
const BAR: u32 = 34;
/// Column of the legend.
const ENTRY: u32 = 290;

/// What goes onto the page.
pub struct Contents<'a> {
    pub name: String,
    pub photo: View<'a>,
    pub maps: Vec<BlockMap>,
    pub caption: Option<&'a str>,
    /// Kind and channel uses.
    pub costs: Vec<(&'static str, f64)>,
    pub total: String,
}

/// Draws the page.
pub fn draw(contents: &Contents<'_>) -> RgbImage {
    let (width, height) = contents.photo.dimensions();
    let shown = scale::fit(width, height, PANEL.0, PANEL.1);
    let photo = scale::resample(&contents.photo, shown);
    let count = 1 + contents.maps.len() as u32;
    let across = (count * shown.width + (count - 1) * GUTTER).max(MIN_CONTENT);
    let caption = contents.caption.map(|text| wrap(text, BODY, across, 6));
    let caption = caption.unwrap_or_default();
    let lines = caption.len() as u32 * BODY.leading();
    let entries: Vec<_> = contents.costs.iter().filter(|cost| cost.1 > 0.0).collect();
    let columns = (across / ENTRY).max(1);
    let legend = (entries.len() as u32).div_ceil(columns) * LABEL.leading();
    let top = MARGIN + HEADING.line_height() + 10 + shown.height;
    let total = top + 24 + lines + 26 + HEADING.leading() + BAR + 14 + legend + MARGIN;
    let mut canvas = Canvas::new(across + 2 * MARGIN, total);
    let step = shown.width + GUTTER;
    panel(&mut canvas, MARGIN, ("Photo", &contents.name), &photo);
    for (i, map) in contents.maps.iter().enumerate() {
        let tinted = map.over(&photo, (width, height));
        let x = MARGIN + (i as u32 + 1) * step;
        panel(&mut canvas, x, (&map.title, &map.remark), &tinted);
    }
    let mut y = top + 24;
    for line in caption {
        canvas.text(MARGIN as f32, y as f32, &line, BODY);
        y += BODY.leading();
    }
    y += 26;
    canvas.text(MARGIN as f32, y as f32, &contents.total, LABEL);
    y += HEADING.leading();
    bar(&mut canvas, Rect::new(MARGIN, y, across, BAR), &entries);
    y += BAR + 14;
    for (i, (kind, uses)) in entries.iter().enumerate() {
        let (column, row) = (i as u32 % columns, i as u32 / columns);
        let (x, y) = (MARGIN + column * ENTRY, y + row * LABEL.leading());
        canvas.fill(Rect::new(x, y + 3, 12, 12), colour(kind));
        let share = 100.0 * uses / entries.iter().map(|cost| cost.1).sum::<f64>();
        let text = format!("{kind}  {uses:.0} ({share:.1} %)");
        let text = ellipsis(&text, LABEL, ENTRY - 30);
        canvas.text((x + 20) as f32, y as f32, &text, LABEL);
    }
    canvas.into_image()
}

fn panel(canvas: &mut Canvas, x: u32, (title, remark): (&str, &str), picture: &RgbImage) {
    let title = ellipsis(title, HEADING, picture.width());
    canvas.text(x as f32, MARGIN as f32, &title, HEADING);
    let indent = HEADING.width(&title) + 12;
    let drop = HEADING.ascent() - LABEL.ascent();
    if let Some(room) = picture
        .width()
        .checked_sub(indent)
        .filter(|room| *room > 60)
    {
        let remark = ellipsis(remark, LABEL, room);
        canvas.text((x + indent) as f32, MARGIN as f32 + drop, &remark, LABEL);
    }
    canvas.paste(picture, x, MARGIN + HEADING.line_height() + 10);
}

fn bar(canvas: &mut Canvas, rect: Rect, entries: &[&(&'static str, f64)]) {
    let total: f64 = entries.iter().map(|cost| cost.1).sum();
    let mut from = 0.0;
    for (kind, uses) in entries {
        let place = |uses: f64| (uses / total * f64::from(rect.width)).round() as u32;
        let (left, right) = (place(from), place(from + uses));
        let part = Rect::new(rect.x + left, rect.y, right - left, rect.height);
        canvas.fill(part, colour(kind));
        from += uses;
    }
}

/// What carries the picture, what carries words and maps, what keeps the link.
fn colour(kind: &str) -> Colour {
    match kind {
        "picture (analog)" => ANALOG,
        "caption" => DIGITAL,
        "rate map" => LOSS,
        "other side information" => [120, 60, 150],
        "header" => [90, 130, 200],
        "pilots" => mix(QUIET, RULE, 0.2),
        "prefix" => mix(QUIET, RULE, 0.45),
        "preamble" => mix(QUIET, RULE, 0.6),
        "training" => mix(QUIET, RULE, 0.7),
        _ => mix(QUIET, RULE, 0.85),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_of_any_shape_get_a_page() {
        for (width, height) in [(1, 1), (700, 3), (40, 4000), (333, 222)] {
            let rgb = vec![120; 3 * width * height];
            let grid = (width.div_ceil(32), height.div_ceil(32));
            let contents = Contents {
                name: "a photo".to_owned(),
                photo: View::from_raw(width as u32, height as u32, &rgb).unwrap(),
                maps: vec![BlockMap {
                    title: "Symbols a block".to_owned(),
                    remark: "0 to 9".to_owned(),
                    columns: grid.0,
                    values: vec![9.0; grid.0 * grid.1],
                    highest: 9.0,
                    marks_nothing: true,
                }],
                caption: Some("Words that travel beside it"),
                costs: vec![("picture (analog)", 900.0), ("caption", 100.0)],
                total: "1000 channel uses".to_owned(),
            };
            let page = draw(&contents);
            assert!(page.width() >= MIN_CONTENT && page.height() > 100);
            assert!(page.pixels().any(|pixel| pixel.0 == DIGITAL));
        }
    }
}
