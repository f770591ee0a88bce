//! Maps to bytes and back, and what is refused.

use proptest::prelude::*;

use super::*;
use crate::photo::{Photo, PhotoSize};

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
fn economical_levels_save_bits_where_errors_count_little() {
    // Busy blocks at the left, quiet ones at the right, up to a level apart from its neighbours.
    let wobble = |i: u32| 2f32.powf((i.wrapping_mul(2_654_435_761) >> 30) as f32 / 6.0);
    let shares: Vec<f32> = (0..24 * 16u32)
        .map(|i| wobble(i) * if i % 24 < 12 { 16.0 } else { 1.0 })
        .collect();
    let exact = RateMap::near((24, 16), shares.clone(), 1000).expect("fits");
    let found = RateMap::economical((24, 16), &shares, 1.0, 1000).expect("fits");
    let bytes = [&found, &exact].map(|map| map.to_bytes().len());
    assert!(bytes[0] * 4 < bytes[1] * 3, "{bytes:?}");
    let off = |columns: std::ops::Range<usize>| {
        let cells = (0..24 * 16).filter(|at| columns.contains(&(at % 24)));
        let largest = shares.iter().copied().fold(0.0, f32::max);
        let wanted = |at: usize| 15.0 + 2.0 * (shares[at] / largest).log2();
        cells
            .map(|at| (wanted(at) - f32::from(found.levels()[at])).abs())
            .sum::<f32>()
    };
    let [busy, quiet] = [off(0..12), off(12..24)];
    assert!(1.5 * busy < quiet, "{busy}, {quiet}");
    assert!(found.levels().iter().all(|level| *level > 0));
    assert_eq!(RateMap::economical((24, 16), &shares, 1.0, 20), None);
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

fn region(x: u32, y: u32, width: u32, height: u32) -> Region {
    Region {
        x,
        y,
        width,
        height,
    }
}

#[test]
fn rectangles_count_by_the_share_of_a_block_they_cover() {
    let size = PhotoSize::new(80, 40).unwrap();
    let found = Importance::regions(&[region(0, 0, 48, 32), region(64, 32, 8, 8)], size).unwrap();
    assert_eq!((found.columns(), found.rows()), (3, 2));
    // The last column has 16 pixels, the last row 8.
    assert_eq!(found.values(), [1.0, 0.5, 0.0, 0.0, 0.0, 0.5]);
    // The same place twice is that place.
    let twice = Importance::regions(&[region(0, 0, 16, 32); 2], size).unwrap();
    assert_eq!(twice.values()[..2], [0.5, 0.0]);
    // A pixel of a block makes it one that matters.
    let corner = Importance::regions(&[region(31, 31, 1, 1)], size).unwrap();
    assert!(corner.is_key(0) && !corner.is_key(1));
}

#[test]
fn rectangles_outside_are_refused_with_what_is_allowed() {
    let size = PhotoSize::new(80, 40).unwrap();
    for wrong in [
        region(0, 0, 0, 5),
        region(79, 0, 2, 1),
        region(0, 40, 1, 1),
        region(u32::MAX, 0, 2, 1),
    ] {
        let said = Importance::regions(&[wrong], size).unwrap_err().to_string();
        assert!(said.contains("80x40") && said.contains("pixels"), "{said}");
    }
}

#[test]
fn a_mask_of_any_size_is_laid_over_the_photo() {
    let size = PhotoSize::new(64, 96).unwrap();
    let mut white_left = vec![0; 3 * 4 * 3];
    for pixel in white_left.chunks_exact_mut(3).step_by(2) {
        pixel.fill(255);
    }
    // Two columns: white, black.
    let mask = Photo::new(PhotoSize::new(2, 6).unwrap(), white_left).unwrap();
    let found = Importance::mask(&mask, size);
    assert_eq!(found.values(), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    let one = Photo::filled(PhotoSize::new(1, 1).unwrap(), [51; 3]);
    let found = Importance::mask(&one, size);
    assert!(found.values().iter().all(|v| (v - 0.2).abs() < 1e-6));
    // More pixels in a block than f32 counts.
    let large = Photo::filled(PhotoSize::new(6000, 3000).unwrap(), [255; 3]);
    let one = PhotoSize::new(20, 20).unwrap();
    assert_eq!(Importance::mask(&large, one).values(), [1.0]);
}

#[test]
fn what_matters_gets_higher_levels_and_background_as_asked() {
    let size = PhotoSize::new(160, 96).unwrap();
    let importance = Importance::regions(&[region(32, 32, 64, 32)], size).unwrap();
    let map = |gain, background| {
        let priorities = Priorities { gain, background };
        rate_map(&importance, priorities).unwrap()
    };
    let levels = |background| map(16.0, background).unwrap().levels().to_vec();
    let low = levels(Background::Low);
    // 16^(1 / 1.61) are 2.5 octaves.
    assert_eq!((low[6], low[0]), (15, 10), "{low:?}");
    let none = levels(Background::None);
    assert_eq!((none[0], none[6]), (0, 15));
    assert_eq!(map(16.0, Background::Same), None);
    assert_eq!(map(1.0, Background::Low), None);
}

#[test]
fn a_photo_in_which_nothing_stands_out_has_no_map() {
    let photo = Photo::filled(PhotoSize::new(200, 100).unwrap(), [90, 120, 160]);
    let importance = Importance::salient(&photo);
    assert_eq!((importance.columns(), importance.rows()), (7, 4));
    assert!(!importance.has_key(), "{:?}", importance.values());
    assert_eq!(rate_map(&importance, Priorities::default()), Ok(None));
}

#[test]
fn regions_too_scattered_to_send_are_an_error() {
    let side = 512;
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let noise = std::iter::successors(Some(1u32), next).map(|state| [(state >> 24) as u8; 3]);
    let mask = noise.take((side * side) as usize).flatten().collect();
    let mask = Photo::new(PhotoSize::new(side, side).unwrap(), mask).unwrap();
    let size = PhotoSize::new(32 * side, 32 * side).unwrap();
    let priorities = Priorities {
        background: Background::None,
        ..Priorities::default()
    };
    let found = rate_map(&Importance::mask(&mask, size), priorities);
    assert!(
        matches!(found, Err(RateMapError::TooLong { .. })),
        "{found:?}"
    );
}
