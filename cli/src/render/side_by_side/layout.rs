//! Where everything goes on the page, from top to bottom.

use super::super::colour::{LOSS, RULE};
use super::super::font::{BODY, HEADING, LABEL, Style, VALUE, WARNING};
use super::super::geometry::{Item, Placed, Rect, Side};
use super::super::paragraph::{ellipsis, wrap};
use super::super::scale::{self, Shown};
use super::{Caption, Contents, Figure};

pub(super) const MARGIN: u32 = 40;
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
/// Narrowest column of a grid: room for its title.
const MAP_CELL: u32 = 240;
/// Lines of caption, at most: 1,024 bytes take a dozen.
const CAPTION_LINES: usize = 30;

/// A page with everything in its place.
pub(super) struct Page {
    pub width: u32,
    pub height: u32,
    pub shown: Shown,
    /// Size of the grids.
    pub reduced: Shown,
    pub items: Vec<Placed>,
}

/// Lays the page out.
pub(super) fn lay_out(contents: &Contents<'_>) -> Page {
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
    let room = (shown.width.max(2 * GUTTER) - GUTTER) / 2;
    let reduced = scale::fit(width, height, room, shown.height / 2);
    column.maps(contents, &reduced);
    column.losses(&contents.losses);
    column.caption(&contents.caption);
    column.figures(&contents.figures);
    column.imprint(&contents.imprint);
    Page {
        width: column.width + 2 * MARGIN,
        height: column.y + MARGIN,
        shown,
        reduced,
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

    /// Grids of blocks beside each other, each under its title.
    fn maps(&mut self, contents: &Contents<'_>, reduced: &Shown) {
        if contents.maps.is_empty() {
            return;
        }
        self.y += 24;
        let cell = reduced.width.max(MAP_CELL);
        for (at, map) in contents.maps.iter().enumerate() {
            let x = MARGIN + at as u32 * (cell + GUTTER);
            let text = format!("{}  ·  {}", map.title, map.remark);
            self.line(x, self.y, ellipsis(&text, LABEL, cell), LABEL);
            let rect = Rect::new(
                x,
                self.y + LABEL.leading() + 4,
                reduced.width,
                reduced.height,
            );
            self.items.push(Placed {
                rect,
                item: Item::Map(at),
            });
        }
        self.y += LABEL.leading() + 4 + reduced.height;
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
