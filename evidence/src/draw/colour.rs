//! The palette: ink on white, and hues that the colour-blind tell apart (Okabe and Ito 2008, yellow left out as too pale).

/// An sRGB colour.
pub type Colour = [u8; 3];

pub const PAPER: Colour = [255, 255, 255];
pub const INK: Colour = [24, 28, 34];
/// Labels and remarks; 5.9:1 against white.
pub const QUIET: Colour = [94, 102, 114];
pub const RULE: Colour = [196, 202, 210];
pub const GRID: Colour = [232, 235, 239];
/// Places where a picture is missing.
pub const PANEL: Colour = [240, 242, 244];
/// Figures of others.
pub const PUBLISHED: Colour = [109, 64, 128];

pub const ORANGE: Colour = [222, 143, 5];
pub const GREEN: Colour = [0, 143, 104];
pub const BLUE: Colour = [0, 108, 178];
pub const VERMILION: Colour = [208, 82, 0];
pub const ROSE: Colour = [192, 98, 152];
pub const SKY: Colour = [74, 170, 222];
pub const BROWN: Colour = [134, 90, 40];
pub const OLIVE: Colour = [120, 130, 20];

/// `share` of `over` on `under`, 0 to 1.
pub fn mix(under: Colour, over: Colour, share: f32) -> Colour {
    let share = share.clamp(0.0, 1.0);
    std::array::from_fn(|i| {
        let (u, o) = (f32::from(under[i]), f32::from(over[i]));
        (u + (o - u) * share).round() as u8
    })
}

/// As SVG and CSS write it.
pub fn hex([r, g, b]: Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}
