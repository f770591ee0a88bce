//! Orthonormal colours, the 3-point DCT over (R, G, B), as SoftCast has them.

use std::f32::consts::FRAC_1_SQRT_2;

use rayon::prelude::*;

use crate::nn::Planes;

const INVERSE_SQRT_3: f32 = 0.577_350_26;
const INVERSE_SQRT_6: f32 = FRAC_1_SQRT_2 * INVERSE_SQRT_3;

/// R, G, B to brightness, red against blue, green against both; in place.
pub(super) fn from_rgb(planes: &mut Planes) {
    on_pixels(planes, |[r, g, b]| {
        [
            (r + g + b) * INVERSE_SQRT_3,
            (r - b) * FRAC_1_SQRT_2,
            (2.0 * g - r - b) * INVERSE_SQRT_6,
        ]
    });
}

/// The inverse of [`from_rgb`].
pub(super) fn to_rgb(planes: &mut Planes) {
    on_pixels(planes, |[y, u, v]| {
        let grey = y * INVERSE_SQRT_3;
        let (u, v) = (u * FRAC_1_SQRT_2, v * INVERSE_SQRT_6);
        [grey + u - v, grey + 2.0 * v, grey - u - v]
    });
}

/// Values of one parallel task.
const TASK: usize = 1 << 14;

fn on_pixels(planes: &mut Planes, f: impl Fn([f32; 3]) -> [f32; 3] + Sync) {
    let plane = planes.height() * planes.width();
    let (first, rest) = planes.data_mut().split_at_mut(plane);
    let (second, third) = rest.split_at_mut(plane);
    let parts = first
        .par_chunks_mut(TASK)
        .zip(second.par_chunks_mut(TASK))
        .zip(third.par_chunks_mut(TASK));
    parts.for_each(|((a, b), c)| {
        for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
            [*a, *b, *c] = f([*a, *b, *c]);
        }
    });
}
