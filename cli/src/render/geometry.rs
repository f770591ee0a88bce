//! Rectangles in pixels, and things that were given a place.

use super::colour::Colour;
use super::font::Style;

/// A rectangle; `x` and `y` are its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl Rect {
    pub fn new(x: u32, y: u32, width: u32, height: u32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// First column to the right of it.
    pub fn right(self) -> u32 {
        self.x + self.width
    }

    /// First row beneath it.
    pub fn bottom(self) -> u32 {
        self.y + self.height
    }
}

#[cfg(test)]
impl Rect {
    pub fn overlaps(self, other: Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    pub fn contains(self, other: Self) -> bool {
        other.x >= self.x
            && other.y >= self.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }
}

/// Which picture of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Sent,
    Received,
}

/// What can lie on a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// One line of text, from the left edge of its rectangle.
    Line(String, Style),
    /// A picture that fills its rectangle.
    Picture(Side),
    /// A grid of the photo's blocks, by its number.
    Map(usize),
    /// Where a picture would be, had it arrived.
    Vacancy,
    /// A rule or mark of one colour.
    Fill(Colour),
}

/// An item with its place on the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    pub rect: Rect,
    pub item: Item,
}
