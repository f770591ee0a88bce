//! A chain of convolutions run in strips of rows: every layer keeps the few rows that its successor still needs.
//!
//! Nothing is computed twice and nothing is cut, so a strip's height changes neither the values nor the work, only the
//! memory: a picture of any height passes through windows of [`BAND_BYTES`] a layer.

use rayon::prelude::*;

use super::conv::{Conv2d, Epilogue};
use super::rows::Rows;

/// Rows enter in bands whose largest activation takes about this much.
pub(super) const BAND_BYTES: usize = 4 << 20;

/// A channel-wise affine that grows with the perception dial: `x * (1 + p * scale) + p * shift`.
#[derive(Debug, Clone)]
pub(super) struct Dial {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
}

/// A convolution and what follows it, in the order of the fields.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub conv: Conv2d,
    /// Adds the input of this layer of the same chain.
    pub skip: Option<usize>,
    pub relu: bool,
    pub dial: Option<Dial>,
}

/// One strip of work done.
pub(super) type Tick<'a> = &'a mut dyn FnMut();

/// The affine of every layer at one setting of the dial.
type Affines = Vec<Option<(Vec<f32>, Vec<f32>)>>;

/// Rows of work at a time for a picture of `height x width` that enters `layers`.
pub(super) fn band_rows(layers: &[Layer], height: usize, width: usize, band_bytes: usize) -> usize {
    let largest = windows(layers, height, width)
        .iter()
        .map(|w| w.height() * w.row_len() * size_of::<f32>())
        .max()
        .unwrap_or(1);
    let rows = (height as u128 * band_bytes as u128 / largest as u128) as usize;
    rows.clamp(1, height)
}

/// One window before every layer and one after the last.
fn windows(layers: &[Layer], height: usize, width: usize) -> Vec<Rows> {
    let mut all = vec![Rows::new(layers[0].conv.in_channels(), height, width)];
    for Layer { conv, .. } in layers {
        let before = &all[all.len() - 1];
        let [height, width] =
            [before.height(), before.width()].map(|n| conv.sampling().output_len(n));
        all.push(Rows::new(conv.padded_channels(), height, width));
    }
    all
}

/// Runs the chain: `source` fills row `y` (without the zeros at its ends), `sink` takes each finished one.
pub(super) fn run(
    layers: &[Layer],
    [height, width, band]: [usize; 3],
    perception: f32,
    source: &(dyn Fn(usize, &mut [f32]) + Sync),
    sink: &mut dyn FnMut(&Rows, usize),
    tick: Tick,
) {
    let affines = affines(layers, perception);
    let mut windows = windows(layers, height, width);
    let last = layers.len();
    while windows[0].end() < height {
        take(&mut windows[0], band, source);
        for i in 0..layers.len() {
            advance(&layers[i], affines[i].as_ref(), i, &mut windows);
        }
        let done = windows[last].end();
        for y in done - windows[last].len()..done {
            sink(&windows[last], y);
        }
        windows[last].drop_before(done);
        forget(layers, &mut windows);
        tick();
    }
}

fn affines(layers: &[Layer], perception: f32) -> Affines {
    let at = |dial: &Dial| {
        let scale = dial.scale.iter().map(|s| 1.0 + perception * s).collect();
        let shift = dial.shift.iter().map(|s| perception * s).collect();
        (scale, shift)
    };
    let dials = layers.iter().map(|layer| layer.dial.as_ref());
    dials
        .map(|dial| dial.filter(|_| perception > 0.0).map(at))
        .collect()
}

fn take(window: &mut Rows, band: usize, source: &(dyn Fn(usize, &mut [f32]) + Sync)) {
    let from = window.end();
    let (channels, row_len) = (window.channels(), window.row_len());
    let new = window.grow(band.min(window.height() - from));
    new.par_chunks_mut(row_len)
        .enumerate()
        .for_each(|(i, row)| {
            source(from + i, &mut row[channels..row_len - channels]);
        });
}

/// Computes every output row of layer `i` that its input window allows.
fn advance(layer: &Layer, affine: Option<&(Vec<f32>, Vec<f32>)>, i: usize, windows: &mut [Rows]) {
    let (before, after) = windows.split_at_mut(i + 1);
    let (input, output) = (&before[i], &mut after[0]);
    let from = output.end();
    let ready = layer
        .conv
        .sampling()
        .rows_ready(input.end(), input.height());
    let row_len = output.row_len();
    let new = output.grow(ready - from);
    new.par_chunks_mut(row_len)
        .enumerate()
        .for_each(|(n, row)| {
            let y = from + n;
            let epilogue = Epilogue {
                skip: layer.skip.map(|skip| before[skip].row(y as isize)),
                relu: layer.relu,
                affine: affine.map(|(scale, shift)| (scale.as_slice(), shift.as_slice())),
            };
            layer.conv.row(input, y, epilogue, row);
        });
}

/// Drops the rows that no layer will read again.
fn forget(layers: &[Layer], windows: &mut [Rows]) {
    let mut needed = vec![usize::MAX; windows.len()];
    for (i, layer) in layers.iter().enumerate() {
        let next = windows[i + 1].end();
        let first = layer.conv.sampling().first_row(next).max(0) as usize;
        needed[i] = needed[i].min(first);
        if let Some(skip) = layer.skip {
            needed[skip] = needed[skip].min(next);
        }
    }
    for (window, needed) in windows.iter_mut().zip(needed) {
        window.drop_before(needed);
    }
}
