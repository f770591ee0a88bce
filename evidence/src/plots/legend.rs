//! The legend beneath the panels: entries in rows, groups under a heading.

use super::style::Style;
use crate::draw::colour::{INK, QUIET};
use crate::draw::{Anchor, Item, Scene, Weight, shortened, width};

const SIZE: f32 = 17.0;
const ROW: f32 = 28.0;
const SWATCH: f32 = 38.0;
const GAP: f32 = 26.0;
/// Longest label, pixels.
const LONGEST: f32 = 420.0;

/// A line of the legend.
#[derive(Clone, Debug)]
pub struct Entry {
    pub style: Style,
    pub text: String,
    pub hollow: bool,
    pub is_joined: bool,
}

/// Entries with what they have in common.
#[derive(Clone, Debug, Default)]
pub struct Group {
    pub heading: Option<String>,
    pub entries: Vec<Entry>,
}

/// Draws the groups from `top` on; gives the height taken.
pub fn draw(scene: &mut Scene, groups: &[Group], left: f32, top: f32) -> f32 {
    let right = scene.width - left;
    let mut y = top;
    for group in groups.iter().filter(|g| !g.entries.is_empty()) {
        let mut x = left;
        if let Some(heading) = &group.heading {
            scene.words((x, y + SIZE), heading, SIZE, QUIET, Anchor::Start);
            y += ROW;
        }
        for entry in &group.entries {
            let text = shortened(&entry.text, SIZE, Weight::Regular, LONGEST);
            let length = SWATCH + 10.0 + width(&text, SIZE, Weight::Regular);
            if x > left && x + length > right {
                (x, y) = (left, y + ROW);
            }
            swatch(scene, entry, x, y + SIZE * 0.64);
            let at = (x + SWATCH + 10.0, y + SIZE);
            scene.words(at, &text, SIZE, INK, Anchor::Start);
            // Fonts of others may be a little wider.
            x += length * 1.04 + GAP;
        }
        y += ROW;
    }
    y - top
}

fn swatch(scene: &mut Scene, entry: &Entry, x: f32, y: f32) {
    let style = entry.style;
    if entry.is_joined {
        let ends = [(x, y), (x + SWATCH, y)];
        scene.line(&ends, style.colour, 2.6, style.dash);
    }
    scene.items.push(Item::Mark {
        at: (x + SWATCH / 2.0, y),
        marker: style.marker,
        radius: 5.5,
        colour: style.colour,
        hollow: entry.hollow,
    });
}
