//! Pseudo-random values by position: pilots, scrambling and filler, the same at both ends without a state to share.
//!
//! The finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014) over a counter.

use num_complex::Complex32;

/// What the values are for; purposes never share values.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Pilot = 1,
    Rotation = 2,
    Filler = 3,
    Interleaver = 4,
}

/// 64 pseudo-random bits for `index` under `seed`.
pub(crate) fn bits(purpose: Purpose, seed: u64, index: u64) -> u64 {
    let mut x = index
        .wrapping_add(seed.wrapping_mul(0xd134_2543_de82_ef95))
        .wrapping_add((purpose as u64) << 56)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Value of a continuous pilot: +-1, changing from symbol to symbol so that no carrier holds a constant.
pub(crate) fn pilot(symbol: usize, pilot: usize) -> f32 {
    1.0 - 2.0 * (bits(Purpose::Pilot, symbol as u64, pilot as u64) & 1) as f32
}

/// A quarter-turn rotation: one of 1, j, -1, -j.
pub(crate) fn quarter_turn(seed: u64, index: u64) -> Complex32 {
    match bits(Purpose::Rotation, seed, index) & 3 {
        0 => Complex32::new(1.0, 0.0),
        1 => Complex32::new(0.0, 1.0),
        2 => Complex32::new(-1.0, 0.0),
        _ => Complex32::new(0.0, -1.0),
    }
}

/// A QPSK symbol that carries nothing.
pub(crate) fn filler(seed: u64, index: u64) -> Complex32 {
    let b = bits(Purpose::Filler, seed, index);
    let half = std::f32::consts::FRAC_1_SQRT_2;
    Complex32::new(
        half * (1.0 - 2.0 * (b & 1) as f32),
        half * (1.0 - 2.0 * (b >> 1 & 1) as f32),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_balanced_and_purposes_differ() {
        let ones: u32 = (0..10_000)
            .map(|i| bits(Purpose::Pilot, 7, i).count_ones())
            .sum();
        assert!((ones as f64 / 640_000.0 - 0.5).abs() < 0.003, "{ones}");
        assert_ne!(bits(Purpose::Pilot, 7, 1), bits(Purpose::Filler, 7, 1));
        assert_ne!(bits(Purpose::Pilot, 7, 1), bits(Purpose::Pilot, 8, 1));
    }

    #[test]
    fn pilots_of_a_carrier_have_no_constant_part() {
        for p in 0..12 {
            let sum: f32 = (0..1024).map(|s| pilot(s, p)).sum();
            assert!(sum.abs() < 130.0, "pilot {p}: {sum}");
        }
    }
}
