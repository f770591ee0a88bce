//! The embedded typeface: sizes, widths, outlines.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont};

use super::colour::{Colour, INK, LOSS, QUIET};
use super::fallback;

static REGULAR: LazyLock<FontRef<'static>> =
    LazyLock::new(|| embedded(include_bytes!("../../assets/fonts/Inter-Regular.otf")));
static SEMIBOLD: LazyLock<FontRef<'static>> =
    LazyLock::new(|| embedded(include_bytes!("../../assets/fonts/Inter-SemiBold.otf")));

fn embedded(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the embedded font is whole")
}

/// Weight of the typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    SemiBold,
}

/// How a line is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// Size of the em square, pixels.
    pub size: f32,
    pub weight: Weight,
    pub colour: Colour,
}

/// Heading of a page or panel.
pub const HEADING: Style = Style {
    size: 20.0,
    weight: Weight::SemiBold,
    colour: INK,
};
/// Words of the caption.
pub const BODY: Style = Style {
    size: 20.0,
    weight: Weight::Regular,
    colour: INK,
};
/// A figure.
pub const VALUE: Style = Style {
    size: 21.0,
    weight: Weight::SemiBold,
    colour: INK,
};
/// What a figure is, and remarks.
pub const LABEL: Style = Style {
    size: 14.0,
    weight: Weight::Regular,
    colour: QUIET,
};
/// What was lost.
pub const WARNING: Style = Style {
    size: 16.0,
    weight: Weight::SemiBold,
    colour: LOSS,
};

/// What one character of a line is drawn as.
#[derive(Clone, Copy, Debug)]
pub enum Mark {
    /// A glyph of the font.
    Glyph(GlyphId),
    /// A box with the code point of a character that the font lacks.
    Box(char),
}

impl Style {
    pub fn font(self) -> &'static FontRef<'static> {
        match self.weight {
            Weight::Regular => &REGULAR,
            Weight::SemiBold => &SEMIBOLD,
        }
    }

    pub fn scale(self) -> PxScale {
        let font = self.font();
        let em = font.units_per_em().unwrap_or(1000.0);
        PxScale::from(self.size * font.height_unscaled() / em)
    }

    /// From the top of a line to its baseline, pixels.
    pub fn ascent(self) -> f32 {
        self.font().as_scaled(self.scale()).ascent()
    }

    /// Height of a single line with its descenders, pixels.
    pub fn line_height(self) -> u32 {
        self.font().as_scaled(self.scale()).height().ceil() as u32
    }

    /// From baseline to baseline in running text, pixels.
    pub fn leading(self) -> u32 {
        (self.size * 1.45).round() as u32
    }

    /// Visible characters of `text` with their widths in pixels.
    pub fn marks(self, text: &str) -> impl Iterator<Item = (Mark, f32)> {
        let font = self.font().as_scaled(self.scale());
        let shown = text.chars().filter(|&c| !fallback::is_invisible(c));
        shown.map(move |c| {
            let glyph = font.glyph_id(c);
            if glyph.0 == 0 {
                (Mark::Box(c), fallback::width(self.size))
            } else {
                (Mark::Glyph(glyph), font.h_advance(glyph))
            }
        })
    }

    /// Width of a line, pixels.
    pub fn width(self, text: &str) -> u32 {
        let width: f32 = self.marks(text).map(|(_, width)| width).sum();
        width.ceil() as u32
    }
}
