//! Drawing: a scene of shapes and words, written as SVG and as PNG from one description.

pub mod colour;
pub mod font;
mod raster;
mod scene;
mod shapes;
mod svg;

pub use colour::Colour;
pub use font::{Weight, shortened, width};
pub use raster::{blank, fill_rect, lay, rasterize};
pub use scene::{Anchor, Dash, Item, Marker, Point, Scene, Words};
pub use svg::{escape, to_svg};
