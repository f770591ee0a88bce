//! Orthonormal colour transform: brightness, red against blue, green against both.
//!
//! The 3-point DCT over (R, G, B). Orthonormal, so squared error is the same on both sides.
//! docs/decisions/0001-softcast-chunks.md compares it with a KLT for each picture.

use std::f32::consts::FRAC_1_SQRT_2;

const INVERSE_SQRT_3: f32 = 0.577_350_26;
const INVERSE_SQRT_6: f32 = FRAC_1_SQRT_2 * INVERSE_SQRT_3;

/// Number of planes.
pub(super) const PLANES: usize = 3;

/// RGB in 0 to 255 to the three planes.
pub(super) fn analyze([r, g, b]: [u8; 3]) -> [f32; PLANES] {
    let [r, g, b] = [r, g, b].map(f32::from);
    [
        (r + g + b) * INVERSE_SQRT_3,
        (r - b) * FRAC_1_SQRT_2,
        (2.0 * g - r - b) * INVERSE_SQRT_6,
    ]
}

/// The three planes to RGB, rounded and held within 0 to 255 (a value that is no number gives 0).
pub(super) fn synthesize([y, u, v]: [f32; PLANES]) -> [u8; 3] {
    let grey = y * INVERSE_SQRT_3;
    let (u, v) = (u * FRAC_1_SQRT_2, v * INVERSE_SQRT_6);
    // A cast saturates.
    [grey + u - v, grey + 2.0 * v, grey - u - v].map(|value| value.round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_of_a_coarse_cube_comes_back_and_keeps_its_energy() {
        let steps = (0..=255u8).step_by(17);
        for (r, g, b) in steps
            .clone()
            .flat_map(|r| steps.clone().map(move |g| (r, g)))
            .flat_map(|(r, g)| (0..=255u8).step_by(17).map(move |b| (r, g, b)))
        {
            let planes = analyze([r, g, b]);
            assert_eq!(synthesize(planes), [r, g, b]);
            let energy: f32 = planes.iter().map(|x| x * x).sum();
            let expected: f32 = [r, g, b].map(|x| f32::from(x).powi(2)).iter().sum();
            assert!((energy - expected).abs() <= 1e-3 * expected.max(1.0));
        }
    }

    #[test]
    fn values_that_are_no_numbers_give_some_colour() {
        assert_eq!(synthesize([f32::NAN; 3]), [0; 3]);
        assert_eq!(synthesize([f32::INFINITY, 0.0, 0.0]), [255; 3]);
    }
}
