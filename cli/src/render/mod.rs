//! The pictures that the program draws: sent beside received, and the constellation.
//!
//! A page is laid out first (rectangles and what goes into them, a pure function that tests look at) and drawn then.
//! Sizes are pixels, text is set in Inter, sRGB throughout.

mod canvas;
mod colour;
mod fallback;
mod font;
mod geometry;
mod paragraph;
mod scale;

pub mod constellation;
pub mod side_by_side;

pub use scale::View;
