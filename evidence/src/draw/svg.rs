//! A scene as SVG: words stay words, so that they can be searched and set in the reader's typeface.

use std::fmt::Write;

use super::colour::{PAPER, hex};
use super::font::Weight;
use super::scene::{Anchor, Item, Marker, Point, Scene, Words};
use super::shapes;

/// The text of the file.
pub fn to_svg(scene: &Scene) -> String {
    let (w, h) = (number(scene.width), number(scene.height));
    let title = escape(&scene.title);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
         font-family=\"Inter, 'Helvetica Neue', Arial, sans-serif\">\n<title>{title}</title>\n\
         <rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>\n",
        hex(PAPER)
    );
    for item in &scene.items {
        out.push_str(&element(item));
        out.push('\n');
    }
    out + "</svg>\n"
}

fn element(item: &Item) -> String {
    match item {
        Item::Fill {
            points,
            colour,
            alpha,
        } => format!(
            "<path d=\"{}Z\" fill=\"{}\" fill-opacity=\"{}\"/>",
            path(points),
            hex(*colour),
            number(*alpha)
        ),
        Item::Line {
            points,
            colour,
            width,
            dash,
        } => {
            let dash = dash.lengths().map_or(String::new(), |(on, off)| {
                format!(" stroke-dasharray=\"{} {}\"", number(on), number(off))
            });
            format!(
                "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"{dash}/>",
                path(points),
                hex(*colour),
                number(*width)
            )
        }
        Item::Mark {
            at,
            marker,
            radius,
            colour,
            hollow,
        } => {
            let (fill, stroke) = if *hollow {
                ("none".to_owned(), hex(*colour))
            } else {
                (hex(*colour), hex(PAPER))
            };
            let paint = format!(
                "fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{}\"",
                if *hollow { 1.8 } else { 1.0 }
            );
            match marker {
                Marker::Circle => format!(
                    "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {paint}/>",
                    number(at.0),
                    number(at.1),
                    number(*radius)
                ),
                shape => format!(
                    "<path d=\"{}Z\" {paint}/>",
                    path(&shapes::marker(*shape, *at, *radius))
                ),
            }
        }
        Item::Words(words) => text(words),
    }
}

fn text(words: &Words) -> String {
    let (x, y) = (number(words.x), number(words.y));
    let anchor = match words.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let weight = match words.weight {
        Weight::Regular => "",
        Weight::SemiBold => " font-weight=\"600\"",
    };
    let turn = if words.upwards {
        format!(" transform=\"rotate(-90 {x} {y})\"")
    } else {
        String::new()
    };
    format!(
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\"{anchor}{weight}{turn}>{}</text>",
        number(words.size),
        hex(words.colour),
        escape(&words.text)
    )
}

fn path(points: &[Point]) -> String {
    let mut d = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let command = if i == 0 { 'M' } else { 'L' };
        let _ = write!(d, "{command}{} {}", number(*x), number(*y));
    }
    d
}

/// Two decimals, without what says nothing.
fn number(value: f32) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// Text for XML and HTML, in elements and in attributes; control characters, which XML forbids, become spaces.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
