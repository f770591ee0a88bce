//! The page `side-by-side.png`: sent and received, what was lost, the caption, the figures.
//!
//! ```text
//! Sent  photo.jpg, 768 × 512        Received  PSNR 31.4 dB
//! +--------------------------+      +--------------------------+
//! +--------------------------+      +--------------------------+
//! Importance      Symbols a block
//! +-----------+   +-----------+
//! +-----------+   +-----------+
//! | 1 of 4 bursts lost
//! Caption, as received
//! An espresso in a red cup
//! figure    figure    figure    figure
//! ------------------------------------------------------------
//! program, settings
//! ```
//! Long panoramas lie one above the other.

mod layout;
#[cfg(test)]
mod tests;

use image::RgbImage;

use super::block_map::BlockMap;
use super::canvas::Canvas;
use super::colour::{PANEL, RULE};
use super::geometry::{Item, Placed, Rect, Side};
use super::scale::{self, View};
use layout::lay_out;

/// A figure beneath the pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub label: String,
    pub value: String,
    pub remark: String,
}

/// What became of the caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caption {
    /// None was sent.
    None,
    Received(String),
    /// What was sent and did not arrive.
    Lost(String),
}

/// What goes onto the page.
pub struct Contents<'a> {
    pub name: String,
    pub sent: View<'a>,
    /// `None` when nothing arrived.
    pub received: Option<View<'a>>,
    /// How good the received picture is, in a few words.
    pub quality: String,
    /// What was lost, a sentence each.
    pub losses: Vec<String>,
    /// Grids of its blocks, beneath the pictures.
    pub maps: Vec<BlockMap>,
    pub caption: Caption,
    pub figures: Vec<Figure>,
    /// Program and settings.
    pub imprint: String,
}

/// Draws the page.
pub fn draw(contents: &Contents<'_>) -> RgbImage {
    let page = lay_out(contents);
    let mut canvas = Canvas::new(page.width, page.height);
    for Placed { rect, item } in &page.items {
        match item {
            Item::Line(text, style) => canvas.text(rect.x as f32, rect.y as f32, text, *style),
            Item::Fill(colour) => canvas.fill(*rect, *colour),
            Item::Vacancy => vacancy(&mut canvas, *rect),
            Item::Map(at) => {
                let shown = scale::resample(&contents.sent, page.reduced);
                let tinted = contents.maps[*at].over(&shown, contents.sent.dimensions());
                canvas.paste(&tinted, rect.x, rect.y);
            }
            Item::Picture(side) => {
                if let Some(photo) = contents.side(*side) {
                    canvas.paste(&scale::resample(photo, page.shown), rect.x, rect.y);
                }
            }
        }
    }
    canvas.into_image()
}

fn vacancy(canvas: &mut Canvas, rect: Rect) {
    canvas.fill(rect, PANEL);
    canvas.frame(rect, RULE);
}

impl<'a> Contents<'a> {
    fn side(&self, side: Side) -> Option<&View<'a>> {
        match side {
            Side::Sent => Some(&self.sent),
            Side::Received => self.received.as_ref(),
        }
    }
}
