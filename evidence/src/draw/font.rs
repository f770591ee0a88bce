//! The typeface of the program: widths of lines, and shortening to a width.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

static REGULAR: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    embedded(include_bytes!(
        "../../../cli/assets/fonts/Inter-Regular.otf"
    ))
});
static SEMIBOLD: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    embedded(include_bytes!(
        "../../../cli/assets/fonts/Inter-SemiBold.otf"
    ))
});

fn embedded(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the embedded font is whole")
}

/// Weight of the typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    SemiBold,
}

impl Weight {
    pub fn font(self) -> &'static FontRef<'static> {
        match self {
            Self::Regular => &REGULAR,
            Self::SemiBold => &SEMIBOLD,
        }
    }

    /// The scale at which the em square has `size` pixels.
    pub fn scale(self, size: f32) -> PxScale {
        let font = self.font();
        let em = font.units_per_em().unwrap_or(1000.0);
        PxScale::from(size * font.height_unscaled() / em)
    }
}

/// Width of a line, pixels.
pub fn width(text: &str, size: f32, weight: Weight) -> f32 {
    let font = weight.font().as_scaled(weight.scale(size));
    text.chars().map(|c| font.h_advance(font.glyph_id(c))).sum()
}

/// `text`, its end replaced by an ellipsis if it is wider than `most` pixels.
pub fn shortened(text: &str, size: f32, weight: Weight, most: f32) -> String {
    if width(text, size, weight) <= most {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().take(200).collect();
    while !kept.is_empty() {
        kept.pop();
        let line: String = kept.iter().collect::<String>() + "…";
        if width(&line, size, weight) <= most {
            return line;
        }
    }
    "…".to_owned()
}
