//! Maps to bytes and back, and what is refused.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn every_map_survives_its_bytes(
        columns in 1u16..40,
        rows in 1u16..40,
        seed in prop::collection::vec((0u8..16, 1usize..60), 1..50),
    ) {
        let count = usize::from(columns) * usize::from(rows);
        let levels: Vec<u8> = seed
            .iter()
            .cycle()
            .flat_map(|&(level, run)| std::iter::repeat_n(level, run))
            .take(count)
            .collect();
        let map = RateMap::new(columns, rows, levels).unwrap();
        prop_assert_eq!(RateMap::from_bytes(&map.to_bytes()).unwrap(), map);
    }

    #[test]
    fn hostile_bytes_give_a_map_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(map) = RateMap::from_bytes(&bytes) {
            prop_assert!(map.levels().len() <= 1 << 20);
        }
    }
}

#[test]
fn the_largest_uniform_map_is_short_and_the_busiest_too_long() {
    let (side, count) = (MAX_MAP_SIDE, 1 << 20);
    let uniform = RateMap::new(side, side, vec![3; count]).unwrap();
    assert!(
        uniform.to_bytes().len() < 4096,
        "{}",
        uniform.to_bytes().len()
    );
    let busy = (0..count as u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 28) as u8)
        .collect();
    assert!(matches!(
        RateMap::new(side, side, busy),
        Err(RateMapError::TooLong { .. })
    ));
}

#[test]
fn cut_off_bytes_are_refused() {
    let levels = (0..400u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 28) as u8)
        .collect();
    let bytes = RateMap::new(20, 20, levels).unwrap().to_bytes();
    let message = RateMap::from_bytes(&bytes[..2]).unwrap_err().to_string();
    assert!(message.contains("2 bytes are no rate map"), "{message}");
    assert!(RateMap::from_bytes(&bytes[..bytes.len() - 3]).is_err());
    assert!(RateMap::from_bytes(&[bytes, vec![1; 9]].concat()).is_err());
}

#[test]
fn levels_above_fifteen_and_wrong_counts_name_what_was_found() {
    let message = RateMap::new(2, 1, vec![0, 16]).unwrap_err().to_string();
    assert!(message.contains("level 16 in cell 1"), "{message}");
    let message = RateMap::new(2, 2, vec![0; 3]).unwrap_err().to_string();
    assert!(
        message.contains("3 levels") && message.contains('4'),
        "{message}"
    );
}

#[test]
fn a_level_is_half_an_octave() {
    assert_eq!(
        [weight(15), weight(13), weight(1), weight(0)],
        [1 << 20, 1 << 19, 1 << 13, 0]
    );
    let ratio = weight(15) as f64 / weight(14) as f64;
    assert!((ratio - 2f64.sqrt()).abs() < 1e-5, "{ratio}");
}

#[test]
fn shares_become_the_nearest_levels() {
    let map = RateMap::near((4, 1), vec![8.0, 4.1, 0.0, 0.001], 100).expect("fits");
    assert_eq!(map.levels(), [15, 13, 0, 1]);
}

#[test]
fn a_map_with_few_bytes_to_spend_is_coarser_with_fewer_none() {
    let shares: Vec<f32> = (0..64 * 48u32)
        .map(|i| 1.0 + (i.wrapping_mul(2_654_435_761) >> 26) as f32)
        .collect();
    let sides = |most| {
        let map = RateMap::near((64, 48), shares.clone(), most)?;
        assert!(map.to_bytes().len() <= most);
        Some((map.columns(), map.rows()))
    };
    assert_eq!(sides(5000), Some((64, 48)));
    assert_eq!(sides(400), Some((32, 24)));
    assert_eq!(sides(3), None);
}
