//! The page `side-by-side.png`: sent and received, what was lost, the caption, the figures.
//!
//! ```text
//! Sent  photo.jpg, 768 × 512        Received  PSNR 31.4 dB
//! +--------------------------+      +--------------------------+
//! +--------------------------+      +--------------------------+
//! | 1 of 4 bursts lost
//! Caption, as received
//! An espresso in a red cup
//! figure    figure    figure    figure
//! ------------------------------------------------------------
//! program, settings
//! ```
//! Long panoramas lie one above the other.

use image::RgbImage;

use super::canvas::Canvas;
use super::colour::{LOSS, PANEL, RULE};
use super::font::{BODY, HEADING, LABEL, Style, VALUE, WARNING};
use super::geometry::{Item, Placed, Rect, Side};
use super::paragraph::{ellipsis, wrap};
use super::scale::{self, Shown, View};

const MARGIN: u32 = 40;
/// Between the two pictures.
const GUTTER: u32 = 28;
/// Narrowest content: room for four figures and a readable caption.
const MIN_CONTENT: u32 = 760;
/// Widest column of text: about 80 characters.
const MEASURE: u32 = 860;
/// Narrowest column of figures.
const CELL: u32 = 208;
/// Bounds of a picture beside the other, and above it.
const BESIDE: (u32, u32) = (1024, 1024);
const ABOVE: (u32, u32) = (1600, 800);
/// And of a thread, from this ratio of height to width on: it would leave the page empty.
const UPRIGHT: (u32, u32) = (1024, 560);
const THREAD: f64 = 8.0;
/// From this ratio of width to height on the pictures lie one above the other.
const PANORAMA: f64 = 3.0;
/// Lines of caption, at most: 1,024 bytes take a dozen.
const CAPTION_LINES: usize = 30;

/// A figure beneath the pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub label: String,
    pub value: String,
    pub remark: String,
}

/// What became of the caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caption {
    /// None was sent.
    None,
    Received(String),
    /// What was sent and did not arrive.
    Lost(String),
}

/// What goes onto the page.
pub struct Contents<'a> {
    pub name: String,
    pub sent: View<'a>,
    /// `None` when nothing arrived.
    pub received: Option<View<'a>>,
    /// How good the received picture is, in a few words.
    pub quality: String,
    /// What was lost, a sentence each.
    pub losses: Vec<String>,
    pub caption: Caption,
    pub figures: Vec<Figure>,
    /// Program and settings.
    pub imprint: String,
}

/// Draws the page.
pub fn draw(contents: &Contents<'_>) -> RgbImage {
    let page = lay_out(contents);
    let mut canvas = Canvas::new(page.width, page.height);
    for Placed { rect, item } in &page.items {
        match item {
            Item::Line(text, style) => canvas.text(rect.x as f32, rect.y as f32, text, *style),
            Item::Fill(colour) => canvas.fill(*rect, *colour),
            Item::Vacancy => vacancy(&mut canvas, *rect),
            Item::Picture(side) => {
                if let Some(photo) = contents.side(*side) {
                    canvas.paste(&scale::resample(photo, page.shown), rect.x, rect.y);
                }
            }
        }
    }
    canvas.into_image()
}

fn vacancy(canvas: &mut Canvas, rect: Rect) {
    canvas.fill(rect, PANEL);
    canvas.frame(rect, RULE);
}

impl<'a> Contents<'a> {
    fn side(&self, side: Side) -> Option<&View<'a>> {
        match side {
            Side::Sent => Some(&self.sent),
            Side::Received => self.received.as_ref(),
        }
    }
}

/// A page with everything in its place.
struct Page {
    width: u32,
    height: u32,
    shown: Shown,
    items: Vec<Placed>,
}

fn lay_out(contents: &Contents<'_>) -> Page {
    let (width, height) = contents.sent.dimensions();
    let ratio = f64::from(width) / f64::from(height);
    let above = ratio >= PANORAMA;
    let bounds = match ratio {
        r if r >= PANORAMA => ABOVE,
        r if r <= 1.0 / THREAD => UPRIGHT,
        _ => BESIDE,
    };
    let shown = scale::fit(width, height, bounds.0, bounds.1);
    let across = if above {
        shown.width
    } else {
        2 * shown.width + GUTTER
    };
    let mut column = Column {
        width: across.max(MIN_CONTENT),
        y: MARGIN,
        items: Vec::new(),
    };
    if above {
        column.panel(contents, Side::Sent, shown, MARGIN, column.width);
        column.y += GUTTER;
        column.panel(contents, Side::Received, shown, MARGIN, column.width);
    } else {
        let half = (column.width - GUTTER) / 2;
        let top = column.y;
        column.panel(contents, Side::Sent, shown, MARGIN, half);
        column.y = top;
        column.panel(
            contents,
            Side::Received,
            shown,
            MARGIN + half + GUTTER,
            half,
        );
    }
    column.losses(&contents.losses);
    column.caption(&contents.caption);
    column.figures(&contents.figures);
    column.imprint(&contents.imprint);
    Page {
        width: column.width + 2 * MARGIN,
        height: column.y + MARGIN,
        shown,
        items: column.items,
    }
}

/// The page from top to bottom; `y` is where the next thing goes.
struct Column {
    width: u32,
    y: u32,
    items: Vec<Placed>,
}

impl Column {
    fn line(&mut self, x: u32, y: u32, text: String, style: Style) {
        let rect = Rect::new(x, y, style.width(&text).max(1), style.line_height());
        let item = Item::Line(text, style);
        self.items.push(Placed { rect, item });
    }

    fn lines(&mut self, x: u32, lines: Vec<String>, style: Style) {
        for text in lines {
            self.line(x, self.y, text, style);
            self.y += style.leading();
        }
    }

    /// A picture under its heading.
    fn panel(&mut self, contents: &Contents<'_>, side: Side, shown: Shown, x: u32, width: u32) {
        let title = match side {
            Side::Sent => "Sent",
            Side::Received => "Received",
        };
        self.line(x, self.y, title.to_owned(), HEADING);
        let indent = HEADING.width(title) + 12;
        let remark = ellipsis(&remark(contents, side, shown), LABEL, width - indent);
        let drop = (HEADING.ascent() - LABEL.ascent()).round() as u32;
        self.line(x + indent, self.y + drop, remark, LABEL);
        self.y += HEADING.line_height() + 10;
        let item = match contents.side(side) {
            Some(_) => Item::Picture(side),
            None => Item::Vacancy,
        };
        let rect = Rect::new(x, self.y, shown.width, shown.height);
        self.items.push(Placed { rect, item });
        self.y += shown.height;
    }

    /// What was lost, beside a bar.
    fn losses(&mut self, losses: &[String]) {
        let width = self.width.min(MEASURE) - 16;
        let wrapped = losses.iter().flat_map(|text| wrap(text, WARNING, width, 4));
        let lines: Vec<String> = wrapped.collect();
        if lines.is_empty() {
            return;
        }
        self.y += 26;
        let top = self.y;
        self.lines(MARGIN + 16, lines, WARNING);
        let rect = Rect::new(MARGIN, top, 4, self.y - top);
        let item = Item::Fill(LOSS);
        self.items.push(Placed { rect, item });
    }

    fn caption(&mut self, caption: &Caption) {
        let (label, style, text, body) = match caption {
            Caption::None => return,
            Caption::Received(text) => ("Caption, as received", LABEL, text, BODY),
            Caption::Lost(text) => ("Caption lost; what was sent:", WARNING, text, quiet(BODY)),
        };
        self.y += 26;
        self.line(MARGIN, self.y, label.to_owned(), style);
        self.y += style.leading() + 3;
        let lines = wrap(text, body, self.width.min(MEASURE), CAPTION_LINES);
        self.lines(MARGIN, lines, body);
    }

    /// Figures in columns of equal width, filled row by row.
    fn figures(&mut self, figures: &[Figure]) {
        let columns = (self.width / CELL).clamp(1, figures.len().max(1) as u32);
        // The last row is as full as the others where that is possible.
        let rows = (figures.len() as u32).div_ceil(columns).max(1);
        let columns = (figures.len() as u32).div_ceil(rows).max(1);
        let cell = self.width / columns;
        for row in figures.chunks(columns as usize) {
            self.y += 26;
            for (i, figure) in row.iter().enumerate() {
                self.figure(MARGIN + i as u32 * cell, cell - 16, figure);
            }
            self.y += LABEL.leading() + VALUE.leading() + LABEL.line_height();
        }
    }

    fn figure(&mut self, x: u32, width: u32, figure: &Figure) {
        let rows = [
            (&figure.label, LABEL, 0),
            (&figure.value, VALUE, LABEL.leading()),
            (&figure.remark, LABEL, LABEL.leading() + VALUE.leading()),
        ];
        for (text, style, down) in rows {
            if !text.is_empty() {
                self.line(x, self.y + down, ellipsis(text, style, width), style);
            }
        }
    }

    fn imprint(&mut self, imprint: &str) {
        self.y += 28;
        let rect = Rect::new(MARGIN, self.y, self.width, 1);
        let item = Item::Fill(RULE);
        self.items.push(Placed { rect, item });
        self.y += 14;
        self.lines(MARGIN, wrap(imprint, LABEL, self.width, 6), LABEL);
    }
}

fn quiet(style: Style) -> Style {
    Style {
        colour: LABEL.colour,
        ..style
    }
}

fn remark(contents: &Contents<'_>, side: Side, shown: Shown) -> String {
    let (width, height) = contents.sent.dimensions();
    let said = match side {
        Side::Received => return contents.quality.clone(),
        Side::Sent => format!("{width} × {height}"),
    };
    // The size comes first: a long name may be cut.
    match shown.remark {
        Some(remark) => format!("{said}, {remark}  ·  {}", contents.name),
        None => format!("{said}  ·  {}", contents.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(count: usize) -> Vec<Figure> {
        let figure = |i| Figure {
            label: format!("Figure {i}"),
            value: "−12.34 ± 0.56 dB".to_owned(),
            remark: "a remark that is far too long for its cell".to_owned(),
        };
        (0..count).map(figure).collect()
    }

    fn page_of(size: (u32, u32), caption: Caption, losses: usize, arrived: bool) -> Page {
        let pixels = vec![90; 3 * size.0 as usize * size.1 as usize];
        let view = || View::from_raw(size.0, size.1, pixels.as_slice()).unwrap();
        lay_out(&Contents {
            name: "a-file-with-a-long-name".repeat(9),
            sent: view(),
            received: arrived.then(view),
            quality: "PSNR 31.42 dB  ·  SSIM 0.912".to_owned(),
            losses: vec!["2 of 9 bursts were lost.".to_owned(); losses],
            caption,
            figures: figures(9),
            imprint: "Heliograph 0.1.0  ·  softcast  ·  ".repeat(8),
        })
    }

    fn check(page: &Page, what: &str) {
        let whole = Rect::new(
            MARGIN,
            MARGIN,
            page.width - 2 * MARGIN,
            page.height - 2 * MARGIN,
        );
        for (i, a) in page.items.iter().enumerate() {
            assert!(whole.contains(a.rect), "{what}: {a:?} leaves {whole:?}");
            for b in &page.items[..i] {
                assert!(!a.rect.overlaps(b.rect), "{what}: {a:?} on {b:?}");
            }
        }
    }

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_page_whatever_is_on_it() {
        let sizes = [
            (1, 1),
            (8, 8),
            (3, 5000),
            (5000, 3),
            (16_384, 20),
            (768, 512),
            (512, 768),
            (3000, 2000),
        ];
        let captions = [
            Caption::None,
            Caption::Received("An espresso in a red cup".to_owned()),
            Caption::Lost("wörter 😀 ".repeat(80)),
            Caption::Received("w".repeat(1024)),
        ];
        for size in sizes {
            for caption in &captions {
                for (losses, arrived) in [(0, true), (3, false)] {
                    let page = page_of(size, caption.clone(), losses, arrived);
                    check(&page, &format!("{size:?} {caption:?} {losses}"));
                }
            }
        }
    }

    #[test]
    fn the_page_is_bounded_for_the_largest_photo() {
        let page = page_of((16_384, 4096), Caption::Received("i ".repeat(512)), 3, true);
        assert!(
            page.width <= 1700 && page.height <= 2400,
            "{}x{}",
            page.width,
            page.height
        );
    }

    #[test]
    fn ordinary_photos_stand_side_by_side_and_panoramas_above_each_other() {
        for (size, beside) in [((768, 512), true), ((1200, 300), false)] {
            let page = page_of(size, Caption::None, 0, true);
            let pictures: Vec<Rect> = page
                .items
                .iter()
                .filter(|p| matches!(p.item, Item::Picture(_)))
                .map(|p| p.rect)
                .collect();
            assert_eq!(pictures[0].y == pictures[1].y, beside, "{size:?}");
            assert_eq!(pictures[0].x == pictures[1].x, !beside, "{size:?}");
        }
    }

    #[test]
    fn a_picture_that_did_not_arrive_leaves_an_empty_frame() {
        let page = page_of((64, 64), Caption::None, 1, false);
        let count = |wanted: &Item| page.items.iter().filter(|p| p.item == *wanted).count();
        assert_eq!(count(&Item::Vacancy), 1);
        assert_eq!(count(&Item::Picture(Side::Received)), 0);
    }

    #[test]
    fn a_lost_caption_is_said_to_be_lost() {
        let page = page_of((64, 64), Caption::Lost("hello".to_owned()), 0, true);
        let said = page.items.iter().any(|p| {
            matches!(&p.item, Item::Line(text, style) if text.contains("lost") && *style == WARNING)
        });
        assert!(said);
    }

    #[test]
    fn drawing_fills_the_page_that_was_laid_out() {
        let pixels = vec![200; 3 * 40 * 30];
        let contents = Contents {
            name: "x.png".to_owned(),
            sent: View::from_raw(40, 30, pixels.as_slice()).unwrap(),
            received: None,
            quality: "nothing arrived".to_owned(),
            losses: vec![],
            caption: Caption::Received("日本 😀 ok".to_owned()),
            figures: figures(2),
            imprint: "x".to_owned(),
        };
        let page = lay_out(&contents);
        assert_eq!(draw(&contents).dimensions(), (page.width, page.height));
    }
}
