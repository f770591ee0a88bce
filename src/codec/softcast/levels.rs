//! Entropy coding of node levels: prediction from neighbours and from the plane before, the rest by
//! adaptive bits. One function describes the format for both ends.

use super::colour::PLANES;
use super::spectrum::{Axes, MAX_LEVEL};
use crate::codec::range_coder::{BinaryCoder, Bit};

/// Models of the magnitude beyond which all share the last.
const MAGNITUDES: usize = 6;

/// Bits of one kind of residual.
#[derive(Debug, Clone, Copy)]
struct ResidualModels {
    zero: Bit,
    sign: Bit,
    more: [Bit; MAGNITUDES],
}

impl ResidualModels {
    /// Starts at the statistics of training photos: `zero` is the share of exact predictions.
    fn new(zero: f64, more: f64) -> Self {
        let share = |p: f64| (p * 65_536.0) as u16;
        Self {
            zero: Bit::new(share(zero), 12),
            sign: Bit::new(share(0.5), 12),
            more: [Bit::new(share(1.0 - more), 8); MAGNITUDES],
        }
    }

    /// Codes `value`, given its prediction; both within `0..=limit`.
    fn code(&mut self, coder: &mut impl BinaryCoder, value: u8, predicted: u8, limit: u8) -> u8 {
        if limit == 0 {
            return 0;
        }
        if coder.bit(&mut self.zero, u8::from(value != predicted)) == 0 {
            return predicted;
        }
        // At either end of the range there is only one way to go.
        let below = match predicted {
            0 => 0,
            _ if predicted == limit => 1,
            _ => coder.bit(&mut self.sign, u8::from(value < predicted)),
        };
        let room = if below == 1 {
            predicted
        } else {
            limit - predicted
        };
        let magnitude = value.abs_diff(predicted);
        let mut coded = 1;
        while coded < room {
            let model = &mut self.more[usize::from(coded - 1).min(MAGNITUDES - 1)];
            if coder.bit(model, u8::from(magnitude > coded)) == 0 {
                break;
            }
            coded += 1;
        }
        if below == 1 {
            predicted - coded
        } else {
            predicted + coded
        }
    }
}

/// Models for all node levels of a picture.
#[derive(Debug)]
pub(super) struct LevelModels {
    /// First node, edges, inside; beside nodes at the floor (last), for each kind of plane.
    kinds: [[ResidualModels; 4]; PLANES],
}

impl LevelModels {
    pub(super) fn new() -> Self {
        let kinds = [
            ResidualModels::new(0.15, 0.75),
            ResidualModels::new(0.33, 0.45),
            ResidualModels::new(0.42, 0.28),
            ResidualModels::new(0.93, 0.25),
        ];
        Self {
            kinds: [kinds; PLANES],
        }
    }

    /// Codes the levels of a plane, each in `floor..=MAX_LEVEL`; the decoder gets them in `levels`.
    /// `before` is the plane coded before this one in the same tile, or the same plane of the tile
    /// before.
    pub(super) fn code(
        &mut self,
        coder: &mut impl BinaryCoder,
        axes: &Axes,
        floor: u8,
        plane: usize,
        before: Option<&[u8]>,
        levels: &mut [u8],
    ) {
        let limit = MAX_LEVEL - floor;
        for at in 0..axes.nodes() {
            let (kind, predicted) = predict(axes.y.nodes(), floor, levels, before, at);
            let models = &mut self.kinds[plane][kind];
            let value = levels[at].saturating_sub(floor);
            levels[at] = floor + models.code(coder, value, predicted.min(limit), limit);
        }
    }
}

/// Kind of node and predicted height above the floor. Weights are a regression on training photos
/// (docs/decisions/0001-softcast-chunks.md), in 64ths.
fn predict(rows: usize, floor: u8, levels: &[u8], before: Option<&[u8]>, at: usize) -> (usize, u8) {
    let (column, row) = (at / rows, at % rows);
    let height = |at: usize| i32::from(levels[at].saturating_sub(floor));
    let earlier = |at: usize| before.map(|levels| i32::from(levels[at].saturating_sub(floor)));
    let left = (column > 0).then(|| at - rows);
    let up = (row > 0).then(|| at - 1);
    let (kind, sum) = match (left, up, earlier(at)) {
        (None, None, None) => (0, 64 * 16),
        (None, None, Some(here)) => (0, 64 * here - 64 * 4),
        (Some(next), None, None) | (None, Some(next), None) => (1, 64 * height(next) - 64 * 3),
        (Some(next), None, Some(here)) | (None, Some(next), Some(here)) => {
            let change = here - earlier(next).unwrap_or(here);
            (1, 64 * height(next) + 38 * change - 64)
        }
        (Some(left), Some(up), None) => (
            2,
            29 * height(left) + 29 * height(up) + 6 * height(left - 1) - 120,
        ),
        (Some(left), Some(up), Some(here)) => {
            let neighbours = earlier(left).unwrap_or(here) + earlier(up).unwrap_or(here);
            (
                2,
                29 * (height(left) + height(up)) + 28 * here - 12 * neighbours - 54,
            )
        }
    };
    let at_floor = [left, up]
        .into_iter()
        .flatten()
        .all(|next| height(next) == 0);
    let kind = if kind > 0 && at_floor { 3 } else { kind };
    let predicted = ((sum + 32) >> 6).clamp(0, i32::from(MAX_LEVEL)) as u8;
    (kind, if kind == 3 { 0 } else { predicted })
}

#[cfg(test)]
mod tests {
    use super::super::spectrum::NodeSpacing;
    use super::*;
    use crate::codec::range_coder::{Decoder, Encoder};
    use proptest::prelude::*;

    fn coded(coder: &mut impl BinaryCoder, axes: &Axes, floor: u8, planes: &mut [Vec<u8>]) {
        let mut models = LevelModels::new();
        for plane in 0..planes.len() {
            let (done, rest) = planes.split_at_mut(plane);
            let before = done.last().map(Vec::as_slice);
            models.code(coder, axes, floor, plane % PLANES, before, &mut rest[0]);
        }
    }

    proptest! {
        #[test]
        fn levels_of_any_planes_come_back(
            width in 1usize..200,
            height in 1usize..200,
            floor in 0u8..=MAX_LEVEL,
            seed in prop::collection::vec(any::<u8>(), 1..40),
        ) {
            let axes = Axes::new(width, height, NodeSpacing::Fine);
            let mut random = seed.iter().cycle();
            let mut level = || floor + random.next().unwrap() % (MAX_LEVEL - floor + 1);
            let mut planes: Vec<Vec<u8>> = (0..3)
                .map(|_| (0..axes.nodes()).map(|_| level()).collect())
                .collect();
            let sent = planes.clone();
            let mut encoder = Encoder::new();
            coded(&mut encoder, &axes, floor, &mut planes);
            let bytes = encoder.finish();
            let mut received = vec![vec![0; axes.nodes()]; 3];
            coded(&mut Decoder::new(&bytes), &axes, floor, &mut received);
            prop_assert_eq!(received, sent);
        }

        #[test]
        fn hostile_bytes_give_levels_between_floor_and_limit(
            bytes in prop::collection::vec(any::<u8>(), 0..80),
            floor in 0u8..=MAX_LEVEL,
        ) {
            let axes = Axes::new(640, 480, NodeSpacing::Finest);
            let mut planes = vec![vec![0; axes.nodes()]; 3];
            coded(&mut Decoder::new(&bytes), &axes, floor, &mut planes);
            prop_assert!(planes.iter().flatten().all(|level| (floor..=MAX_LEVEL).contains(level)));
        }
    }
}
