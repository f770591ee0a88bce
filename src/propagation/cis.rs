//! exp(j 2 pi t) in single precision, in a form that compilers vectorize.

use num_complex::Complex32;

/// exp(j 2 pi `turns`) to 2e-7, for |`turns`| < 1e5 (the error grows with the spacing of f32 beyond one turn).
#[inline(always)]
pub(super) fn cis_turns(turns: f32) -> Complex32 {
    // Adding 1.5 * 2^23 rounds to the nearest integer, which stays in the low bits.
    const ROUNDER: f32 = 12_582_912.0;
    let rounded = turns * 4.0 + ROUNDER;
    let quadrant = rounded.to_bits();
    let x = (turns * 4.0 - (rounded - ROUNDER)) * std::f32::consts::FRAC_PI_2;
    let (sin, cos) = (small_sin(x), small_cos(x));
    let (re, im) = if quadrant & 1 == 0 {
        (cos, sin)
    } else {
        (sin, cos)
    };
    let re_sign = (quadrant.wrapping_add(1) & 2) << 30;
    let im_sign = (quadrant & 2) << 30;
    Complex32::new(
        f32::from_bits(re.to_bits() ^ re_sign),
        f32::from_bits(im.to_bits() ^ im_sign),
    )
}

/// Taylor series of the sine, for |x| <= pi/4.
#[inline(always)]
fn small_sin(x: f32) -> f32 {
    let y = x * x;
    x * (1.0 + y * (-1.0 / 6.0 + y * (1.0 / 120.0 + y * (-1.0 / 5040.0 + y * (1.0 / 362_880.0)))))
}

/// Taylor series of the cosine, for |x| <= pi/4.
#[inline(always)]
fn small_cos(x: f32) -> f32 {
    let y = x * x;
    1.0 + y * (-0.5 + y * (1.0 / 24.0 + y * (-1.0 / 720.0 + y * (1.0 / 40_320.0))))
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    #[test]
    fn it_agrees_with_the_library_s_sine_and_cosine() {
        for i in -4000..=4000 {
            let turns = i as f32 / 1000.0;
            let got = cis_turns(turns);
            let (sin, cos) = (f64::from(turns) * TAU).sin_cos();
            let error = (f64::from(got.re) - cos).hypot(f64::from(got.im) - sin);
            assert!(error < 2e-7, "{turns} turns: error {error}");
        }
    }
}
