//! The palette: ink on white, one colour for each kind of symbol, one for what went wrong.

/// An sRGB colour.
pub type Colour = [u8; 3];

pub const PAPER: Colour = [255, 255, 255];
/// Headings and values.
pub const INK: Colour = [24, 28, 34];
/// Labels and remarks; 5.9:1 against white.
pub const QUIET: Colour = [94, 102, 114];
/// Rules and frames.
pub const RULE: Colour = [222, 226, 232];
/// Grid lines.
pub const GRID: Colour = [234, 237, 241];
/// Panels.
pub const PANEL: Colour = [249, 250, 251];
/// Losses; 5.4:1 against white.
pub const LOSS: Colour = [181, 71, 8];
/// Digital symbols.
pub const DIGITAL: Colour = [29, 78, 176];
/// Analog symbols.
pub const ANALOG: Colour = [13, 112, 104];

/// `share` of `over` on `under`, 0 to 1.
pub fn mix(under: Colour, over: Colour, share: f32) -> Colour {
    let share = share.clamp(0.0, 1.0);
    std::array::from_fn(|i| {
        let (u, o) = (f32::from(under[i]), f32::from(over[i]));
        (u + (o - u) * share).round() as u8
    })
}
