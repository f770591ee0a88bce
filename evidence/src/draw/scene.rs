//! What is drawn, in pixels from the upper left corner.

use super::colour::Colour;
use super::font::Weight;

pub type Point = (f32, f32);

/// Shape of a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
    Pentagon,
    /// On its point; of published figures.
    Down,
}

impl Marker {
    /// Those that measured codecs take turns with.
    pub const ALL: [Self; 5] = [
        Self::Circle,
        Self::Square,
        Self::Triangle,
        Self::Diamond,
        Self::Pentagon,
    ];
}

/// How a line is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    Solid,
    Dashed,
    Dotted,
}

impl Dash {
    /// Lengths drawn and left out, pixels.
    pub fn lengths(self) -> Option<(f32, f32)> {
        match self {
            Self::Solid => None,
            Self::Dashed => Some((9.0, 5.0)),
            Self::Dotted => Some((3.0, 4.0)),
        }
    }
}

/// Where the words lie from their point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of words; (`x`, `y`) lies on its baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    pub x: f32,
    pub y: f32,
    pub text: String,
    pub size: f32,
    pub weight: Weight,
    pub colour: Colour,
    pub anchor: Anchor,
    /// Read from the bottom to the top.
    pub upwards: bool,
}

/// One thing on the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Fill {
        points: Vec<Point>,
        colour: Colour,
        alpha: f32,
    },
    Line {
        points: Vec<Point>,
        colour: Colour,
        width: f32,
        dash: Dash,
    },
    Mark {
        at: Point,
        marker: Marker,
        radius: f32,
        colour: Colour,
        hollow: bool,
    },
    Words(Words),
}

/// A page: things drawn later lie above.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    pub width: f32,
    pub height: f32,
    /// What the page shows, for those who cannot see it.
    pub title: String,
    pub items: Vec<Item>,
}

impl Scene {
    pub fn line(&mut self, points: &[Point], colour: Colour, width: f32, dash: Dash) {
        self.items.push(Item::Line {
            points: points.to_vec(),
            colour,
            width,
            dash,
        });
    }

    pub fn words(&mut self, (x, y): Point, text: &str, size: f32, colour: Colour, anchor: Anchor) {
        self.items.push(Item::Words(Words {
            x,
            y,
            text: text.to_owned(),
            size,
            weight: Weight::Regular,
            colour,
            anchor,
            upwards: false,
        }));
    }

    /// Words in semibold.
    pub fn heading(&mut self, at: Point, text: &str, size: f32, colour: Colour) {
        self.words(at, text, size, colour, Anchor::Start);
        if let Some(Item::Words(words)) = self.items.last_mut() {
            words.weight = Weight::SemiBold;
        }
    }

    /// Words that read from the bottom to the top, their middle at the point.
    pub fn words_upwards(&mut self, at: Point, text: &str, size: f32, colour: Colour) {
        self.words(at, text, size, colour, Anchor::Middle);
        if let Some(Item::Words(words)) = self.items.last_mut() {
            words.upwards = true;
        }
    }
}
