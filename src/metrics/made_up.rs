//! Weights that tests and `training/made_up.py` make up alike, for networks whose real ones are not in the repository.

/// `count` values in -reach..reach, as the bytes of f32.
pub fn made_up(seed: u64, count: usize, reach: f32) -> Vec<u8> {
    let value = |place: u64| {
        let mut x = (place * 2_654_435_761 + seed * 40_503 + 12_345) % (1 << 32);
        x = ((x ^ (x >> 15)) * 2_246_822_519) % (1 << 32);
        x ^= x >> 13;
        ((x >> 8) as f32 / 8_388_608.0 - 1.0) * reach
    };
    let values = (0..count as u64).map(value);
    values.flat_map(f32::to_le_bytes).collect()
}
