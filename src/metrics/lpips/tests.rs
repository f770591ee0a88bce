//! Agreement with the reference, tiles, limits.

use super::*;
use crate::metrics::test_pictures::{Distortion, pair};
use crate::nn::Weights;
use crate::nn::made_up::{self, made_up};
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
        let whole = Reference::new(&*ALEX_NET, &a, TILE_SIDE).distance(&b);
        for side in sides {
            let found = Reference::new(&*ALEX_NET, &a, side).distance(&b);
            assert!((found - whole).abs() < 1e-6, "{side}: {found} {whole}");
        }
    }
}

/// Every position of every map, once.
fn check_spans<N: Network>(length: usize, side: usize, scales: [usize; LAYERS]) {
    let mut next = [0; LAYERS];
    for span in N::TILING.spans(length, side) {
        let computed = N::map_sides(span.read.len());
        for (layer, next) in next.iter_mut().enumerate() {
            let counted = span.counted(layer, computed[layer]);
            let skipped = span.read.start / scales[layer];
            assert_eq!(counted.start + skipped, *next, "{length} {side} {layer}");
            *next = counted.end + skipped;
        }
    }
    assert_eq!(next, N::map_sides(length), "{length} {side}");
}

#[test]
fn spans_count_every_position_once() {
    for length in 31..700 {
        for side in [16, 64, 256] {
            check_spans::<AlexNet>(length, side, [4, 8, 16, 16, 16]);
            check_spans::<LpipsVgg>(length, side, [1, 2, 4, 8, 16]);
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
fn a_reference_looked_at_once_gives_the_same_bits_every_time() {
    // One tile and several: what is kept and what is made anew.
    let (sent, received) = pair(Distortion::Noisy, 200, 180);
    let (_, other) = pair(Distortion::Blurred, 200, 180);
    for side in [TILE_SIDE, 64] {
        let reference = Reference::new(&*ALEX_NET, &sent, side);
        assert_eq!(reference.whole.is_some(), side == TILE_SIDE);
        let found = [&received, &other, &received].map(|photo| reference.distance(photo).to_bits());
        let alone = [&received, &other].map(|photo| {
            Reference::new(&*ALEX_NET, &sent, side)
                .distance(photo)
                .to_bits()
        });
        assert_eq!(found, [alone[0], alone[1], alone[0]]);
    }
    let reference = LpipsReference::new(&sent).unwrap();
    let whole = lpips_alex(&sent, &received).unwrap();
    assert_eq!(reference.distance(&received).unwrap(), whole);
    let small = Photo::filled(PhotoSize::new(40, 40).unwrap(), [9; 3]);
    let refused = MetricError::SizesDiffer {
        reference: sent.size(),
        distorted: small.size(),
    };
    assert_eq!(reference.distance(&small), Err(refused));
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

/// The weights that `training/export_vgg.py --golden` makes up.
static VGG: LazyLock<LpipsVgg> = LazyLock::new(|| {
    let mut tensors: Vec<made_up::Tensor> = Vec::new();
    let (mut inputs, mut place) = (3, 0);
    for (stage, (count, channels)) in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]
        .into_iter()
        .enumerate()
    {
        for _ in 0..count {
            let taps = 9 * inputs;
            let reach = (6.0 / taps as f64).sqrt() as f32;
            let weight = made_up(2 * place, taps * channels, reach);
            tensors.push((
                format!("conv{place}.weight"),
                vec![channels, inputs, 3, 3],
                weight,
            ));
            let bias = made_up(2 * place + 1, channels, 0.1);
            tensors.push((format!("conv{place}.bias"), vec![channels], bias));
            (inputs, place) = (channels, place + 1);
        }
        let mut head = made_up(100 + stage as u64, channels, 0.1);
        // Without its sign.
        head.iter_mut()
            .skip(3)
            .step_by(4)
            .for_each(|byte| *byte &= 0x7f);
        tensors.push((format!("lin{stage}.weight"), vec![channels], head));
    }
    let file = made_up::file(&tensors);
    LpipsVgg::load(&Weights::from_safetensors(&file).unwrap()).unwrap()
});

#[test]
fn vgg_agrees_with_the_python_reference() {
    let size = PhotoSize::new(70, 50).unwrap();
    let photo = |byte: fn(usize, usize, usize) -> usize| {
        let value = |i: usize| byte(i / 3 % 70, i / 210, i % 3) as u8;
        Photo::new(size, (0..3 * 70 * 50).map(value).collect()).unwrap()
    };
    let a = photo(|x, y, c| (7 * x + 3 * y + 50 * c) % 256);
    let b = photo(|x, y, c| (x * y / 16 + 80 * c) % 256);
    let found = VGG.distance(&a, &b).unwrap();
    assert!((found - 0.072_589).abs() < 2e-5, "{found}");
    assert_eq!(VGG.distance(&a, &a).unwrap(), 0.0);
}

#[test]
fn vgg_in_tiles_gives_the_distance_of_the_whole() {
    let (a, b) = pair(Distortion::Noisy, 330, 33);
    let whole = Reference::new(&*VGG, &a, 512).distance(&b);
    let found = Reference::new(&*VGG, &a, 64).distance(&b);
    assert!((found - whole).abs() < 1e-6, "{found} {whole}");
}

#[test]
fn vgg_refuses_a_picture_too_small_and_a_file_of_another_network() {
    let photo = Photo::filled(PhotoSize::new(15, 400).unwrap(), [9; 3]);
    let said = VGG.distance(&photo, &photo).unwrap_err().to_string();
    assert!(said.contains("15x400") && said.contains("16"), "{said}");
    let alex = include_bytes!("../../../weights/lpips_alex.safetensors");
    let loaded = LpipsVgg::load(&Weights::from_safetensors(alex).unwrap());
    let said = loaded.err().unwrap().to_string();
    assert!(
        said.contains("conv0.weight") && said.contains("[64, 3, 3, 3]"),
        "{said}"
    );
}
