//! Large models from local files: what feature `large-models` builds in, or what to say where it is left out.

#[cfg(not(feature = "large-models"))]
mod left_out;
#[cfg(feature = "large-models")]
mod present;

#[cfg(not(feature = "large-models"))]
pub use left_out::{MISSING, captioner, finder, synthesis};
#[cfg(feature = "large-models")]
pub use present::{captioner, finder, synthesis};

use heliograph::regions::Region;

/// What a segmenter is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Prompt {
    /// What lies in a rectangle.
    Region(Region),
    /// What a point lies on, or does not; in pixels.
    Point { x: f32, y: f32, is_key: bool },
}
