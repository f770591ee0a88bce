//! Bilinear enlargement, pixel centres at halves (PyTorch's `align_corners=False`, ONNX' `pytorch_half_pixel`).

use rayon::prelude::*;

use crate::nn::rows::Rows;

/// One plane in another size: rows and columns of both.
pub(crate) fn stretched(plane: &[f32], from: (usize, usize), to: (usize, usize)) -> Vec<f32> {
    let (rows, columns) = (taps(from.0, to.0), taps(from.1, to.1));
    let mut out = vec![0.0; to.0 * to.1];
    let lines = out.par_chunks_exact_mut(to.1).zip(rows);
    lines.for_each(|(out, row)| {
        let line = |at: usize| &plane[at * from.1..][..from.1];
        let (above, below) = (line(row.first), line(row.second));
        for (value, tap) in out.iter_mut().zip(&columns) {
            *value = row.mix(
                tap.mix(above[tap.first], above[tap.second]),
                tap.mix(below[tap.first], below[tap.second]),
            );
        }
    });
    out
}

/// All channels in another size.
pub(super) fn enlarged(x: &Rows, height: usize, width: usize) -> Rows {
    let channels = x.channels();
    let (rows, columns) = (taps(x.height(), height), taps(x.width(), width));
    let mut out = Rows::new(channels, height, width);
    let len = out.row_len();
    let lines = out.grow(height).par_chunks_exact_mut(len).zip(rows);
    lines.for_each(|(out, row)| {
        let (above, below) = (x.pixels(row.first), x.pixels(row.second));
        let pixels = out[channels..len - channels].chunks_exact_mut(channels);
        for (out, tap) in pixels.zip(&columns) {
            let (first, second) = (tap.first * channels, tap.second * channels);
            for (c, value) in out.iter_mut().enumerate() {
                *value = row.mix(
                    tap.mix(above[first + c], above[second + c]),
                    tap.mix(below[first + c], below[second + c]),
                );
            }
        }
    });
    out
}

/// Two neighbours, and how much of the second.
#[derive(Clone, Copy)]
struct Tap {
    first: usize,
    second: usize,
    share: f32,
}

impl Tap {
    fn mix(self, first: f32, second: f32) -> f32 {
        first * (1.0 - self.share) + second * self.share
    }
}

fn taps(from: usize, to: usize) -> Vec<Tap> {
    let scale = from as f32 / to as f32;
    let tap = |at: usize| {
        let place = ((at as f32 + 0.5) * scale - 0.5).max(0.0);
        let first = (place as usize).min(from - 1);
        Tap {
            first,
            second: (first + 1).min(from - 1),
            share: place - first as f32,
        }
    };
    (0..to).map(tap).collect()
}
