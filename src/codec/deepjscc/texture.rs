//! Noise in the latents of empty blocks beside what was sent, which the inpainter makes texture of.

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::Grid;
use crate::codec::block_latents::Received;

/// One seed for all: a picture is painted the same every time.
const SEED: u64 = 0;

/// Adds noise of `amount` times what is uncertain of them to the latents of blocks that sent nothing, where one of the eight around
/// them did.
///
/// All of `amount` from the middle of the dial on, none at its end of least distortion.
pub(super) fn add_noise(received: &mut Received, grid: Grid, amount: f32, perception: f32) {
    let amount = amount * (2.0 * perception).min(1.0);
    if amount == 0.0 {
        return;
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let [channels, height, width] = received.latents.shape();
    let (latents, deviations) = (received.latents.data_mut(), received.deviations.data());
    let empty = &received.empty_blocks;
    let was_sent = |block: usize| empty.binary_search(&block).is_err();
    let beside = empty.iter().filter(|&&b| grid.around(b).any(was_sent));
    for (y, columns) in beside.flat_map(|&block| grid.rows_of(block)) {
        for row in (0..channels).map(|channel| (channel * height + y) * width) {
            let run = row + columns.start..row + columns.end;
            for (value, deviation) in latents[run.clone()].iter_mut().zip(&deviations[run]) {
                let grain: f32 = StandardNormal.sample(&mut random);
                *value += amount * deviation * grain;
            }
        }
    }
}
