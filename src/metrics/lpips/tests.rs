//! Agreement with the reference, tiles, limits.

use super::*;
use crate::metrics::test_pictures::{Distortion, pair};
use crate::photo::PhotoSize;

#[test]
fn pairs_agree_with_the_python_reference() {
    // Printed by tests/data/metrics/make.py, with the f32 weights.
    for (distortion, width, height, expected) in [
        (Distortion::Blurred, 161, 200, 0.200_932),
        (Distortion::Noisy, 211, 163, 0.270_915),
        (Distortion::Posterized, 256, 192, 0.163_984),
        (Distortion::Noisy, 31, 40, 0.167_537),
    ] {
        let (reference, distorted) = pair(distortion, width, height);
        let found = lpips_alex(&reference, &distorted).unwrap();
        assert!((found - expected).abs() < 5e-5, "{distortion:?}: {found}");
    }
}

#[test]
fn the_example_images_of_the_reference_package_have_their_published_distances() {
    let open = |name: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/lpips");
        Photo::open(format!("{folder}/{name}.png")).unwrap()
    };
    for (name, expected) in [("ex_p0", 0.7219), ("ex_p1", 0.1376)] {
        let found = lpips_alex(&open("ex_ref"), &open(name)).unwrap();
        assert!((found - expected).abs() < 1e-4, "{name}: {found}");
    }
}

#[test]
fn tiles_of_any_size_give_the_distance_of_the_whole() {
    // The smallest tiles read an area a hundred times their own: a small picture is enough for them.
    for (width, height, sides) in [(70, 245, [16, 48]), (250, 222, [128, 160])] {
        let (a, b) = pair(Distortion::Noisy, width, height);
        let whole = in_tiles(&NETWORK, [&a, &b], TILE_SIDE);
        for side in sides {
            let found = in_tiles(&NETWORK, [&a, &b], side);
            assert!((found - whole).abs() < 1e-6, "{side}: {found} {whole}");
        }
    }
}

#[test]
fn spans_count_every_position_once() {
    for length in 31..700 {
        for side in [16, 64, 256] {
            let sides = network::map_sides(length);
            let mut next = [0; network::LAYERS];
            for span in spans(length, side) {
                let computed = network::map_sides(span.read.len());
                for (layer, next) in next.iter_mut().enumerate() {
                    let counted = span.counted(layer, computed[layer]);
                    let skipped = span.read.start / [4, 8, 16, 16, 16][layer];
                    assert_eq!(counted.start + skipped, *next, "{length} {side} {layer}");
                    *next = counted.end + skipped;
                }
            }
            assert_eq!(next, sides, "{length} {side}");
        }
    }
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let (a, b) = pair(Distortion::Blurred, 200, 180);
    let with_threads = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
        pool.unwrap()
            .install(|| lpips_alex(&a, &b).unwrap().to_bits())
    };
    assert_eq!(with_threads(1), with_threads(3));
}

#[test]
fn equal_pictures_have_no_distance() {
    let (picture, _) = pair(Distortion::Noisy, 64, 31);
    assert_eq!(lpips_alex(&picture, &picture).unwrap(), 0.0);
    let black = Photo::filled(PhotoSize::new(31, 31).unwrap(), [0; 3]);
    assert_eq!(lpips_alex(&black, &black).unwrap(), 0.0);
}

#[test]
fn a_picture_too_small_is_refused_with_its_size_and_what_is_allowed() {
    let photo = Photo::filled(PhotoSize::new(400, 30).unwrap(), [9; 3]);
    let said = lpips_alex(&photo, &photo).unwrap_err().to_string();
    assert!(said.contains("400x30") && said.contains("31"), "{said}");
}
