//! Layers on whole maps, all rows at once, for networks that look at small pictures or at tiles.

use rayon::prelude::*;

use super::conv::{Conv2d, Epilogue};
use super::rows::Rows;

/// A convolution of all rows, clipped at zero from below or not.
pub(super) fn convolved(conv: &Conv2d, x: &Rows, relu: bool) -> Rows {
    filled(conv.padded_channels(), x, |y, row| {
        let epilogue = Epilogue {
            relu,
            ..Epilogue::default()
        };
        conv.row(x, y, epilogue, row);
    })
}

/// Rows of the size of `x`, each filled whole: a pixel of zeros stands at either end.
pub(super) fn filled(channels: usize, x: &Rows, fill: impl Fn(usize, &mut [f32]) + Sync) -> Rows {
    let mut rows = Rows::new(channels, x.height(), x.width());
    let len = rows.row_len();
    let lines = rows.grow(x.height()).par_chunks_exact_mut(len).enumerate();
    lines.for_each(|(y, row)| fill(y, row));
    rows
}

/// The largest of each two by two pixels; an odd last row or column is left out.
pub(super) fn halved(x: &Rows) -> Rows {
    let channels = x.channels();
    let mut out = Rows::new(channels, x.height() / 2, x.width() / 2);
    let len = out.row_len();
    let lines = out.grow(x.height() / 2).par_chunks_exact_mut(len);
    lines.enumerate().for_each(|(y, row)| {
        let (above, below) = (x.pixels(2 * y), x.pixels(2 * y + 1));
        let pixels = row[channels..len - channels].chunks_exact_mut(channels);
        for (i, out) in pixels.enumerate() {
            let left = 2 * i * channels;
            let right = left + channels;
            for (c, value) in out.iter_mut().enumerate() {
                let upper = above[left + c].max(above[right + c]);
                *value = upper.max(below[left + c].max(below[right + c]));
            }
        }
    });
    out
}
