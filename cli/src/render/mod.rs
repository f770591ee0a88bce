//! The pictures that the program draws: sent beside received, and the constellation.
//!
//! A page is laid out first (rectangles and what goes into them, a pure function that tests look at) and drawn then.
//! Sizes are pixels, text is set in Inter, sRGB throughout.

pub mod block_map;
pub mod canvas;
pub mod colour;
mod fallback;
pub mod font;
pub mod geometry;
mod paragraph;
mod scale;

pub mod constellation;
pub mod inspection;
pub mod side_by_side;

pub use scale::View;
