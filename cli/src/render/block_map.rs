//! Values of a photo's blocks as colours over the photo in grey.

use heliograph::codec::BlockSymbols;
use heliograph::regions::{BLOCK_PIXELS, Importance};
use image::{Rgb, RgbImage};

use super::colour::{Colour, mix};
use crate::figures::number;

/// A grid of values.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockMap {
    pub title: String,
    pub remark: String,
    pub columns: usize,
    /// Row by row.
    pub values: Vec<f64>,
    /// What is shown brightest.
    pub highest: f64,
    /// Blocks of exactly nothing are striped.
    pub marks_nothing: bool,
}

impl BlockMap {
    /// Where the symbols go.
    pub fn symbols(blocks: BlockSymbols) -> Self {
        let values = blocks.symbols;
        let highest = values.iter().copied().fold(0.0, f64::max);
        let lowest = values.iter().copied().fold(highest, f64::min);
        Self {
            title: "Symbols a block".to_owned(),
            remark: [lowest, highest].map(|value| number(value, 0)).join(" to "),
            columns: blocks.columns,
            values,
            highest,
            marks_nothing: true,
        }
    }

    /// What matters.
    pub fn importance(importance: &Importance) -> Self {
        let share = number(100.0 * key_share(importance), 0);
        Self {
            title: "Importance".to_owned(),
            remark: format!("{share} % of blocks"),
            columns: importance.columns(),
            values: importance.values().iter().map(|v| f64::from(*v)).collect(),
            highest: 1.0,
            marks_nothing: false,
        }
    }

    /// `shown` in grey under the colours; the photo itself is of `size` pixels.
    pub fn over(&self, shown: &RgbImage, size: (u32, u32)) -> RgbImage {
        let rows = self.values.len() / self.columns;
        let block = |place: u32, shown: u32, side: u32, count: usize| {
            let pixel = u64::from(place) * u64::from(side) / u64::from(shown);
            (pixel as usize / BLOCK_PIXELS).min(count - 1)
        };
        RgbImage::from_fn(shown.width(), shown.height(), |x, y| {
            let column = block(x, shown.width(), size.0, self.columns);
            let row = block(y, shown.height(), size.1, rows);
            let value = self.values[row * self.columns + column];
            if self.marks_nothing && value == 0.0 && (x + y) % 10 < 3 {
                return Rgb(heat(0.0));
            }
            let value = value / self.highest.max(f64::MIN_POSITIVE);
            let [r, g, b] = shown.get_pixel(x, y).0.map(u32::from);
            let grey = [((3 * r + 6 * g + b) / 10) as u8; 3];
            Rgb(mix(grey, heat(value as f32), 0.62))
        })
    }
}

/// Share of the blocks that are no background.
pub fn key_share(importance: &Importance) -> f64 {
    let count = importance.values().len();
    let key = (0..count).filter(|block| importance.is_key(*block)).count();
    key as f64 / count as f64
}

/// Dark blue for nothing, by teal and yellow to white for the most.
fn heat(value: f32) -> Colour {
    const STOPS: [Colour; 5] = [
        [20, 22, 60],
        [28, 90, 130],
        [40, 160, 120],
        [240, 200, 60],
        [255, 250, 220],
    ];
    let place = value.clamp(0.0, 1.0) * (STOPS.len() - 1) as f32;
    let first = (place as usize).min(STOPS.len() - 2);
    mix(STOPS[first], STOPS[first + 1], place - first as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_has_its_colour_at_any_scale() {
        let symbols = BlockSymbols {
            columns: 3,
            rows: 1,
            symbols: vec![0.0, 10.0, 40.0],
            rate_map_bytes: 0,
        };
        let map = BlockMap::symbols(symbols);
        assert_eq!(map.remark, "0 to 40");
        for (width, height) in [(96, 32), (48, 16), (960, 320), (96, 5)] {
            let shown = RgbImage::from_pixel(width, height, Rgb([90; 3]));
            let drawn = map.over(&shown, (96, 32));
            let at = |third: u32| drawn.get_pixel((2 * third + 1) * width / 6, height / 2).0;
            let light = [0, 1, 2].map(|third| at(third).map(u32::from).iter().sum::<u32>());
            assert!(light[0] < light[1] && light[1] < light[2], "{light:?}");
        }
    }
}
