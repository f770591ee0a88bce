//! The network against the original run by onnxruntime (`training/export_u2netp.py`), and its parts.

use std::sync::LazyLock;

use safetensors::SafeTensors;

use super::*;

const SIDE: usize = SalientNet::SIDE;

static NETWORK: LazyLock<SalientNet> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/u2netp.safetensors");
    let weights = Weights::from_safetensors(&std::fs::read(path).unwrap()).unwrap();
    SalientNet::load(&weights).unwrap()
});

/// A bright disc before something dull.
fn disc() -> Vec<u8> {
    let pixel = |(x, y): (usize, usize)| {
        if x.abs_diff(150).pow(2) + y.abs_diff(170).pow(2) < 70 * 70 {
            [220 - x * 7 % 31, 80, 40]
        } else {
            [60 + x / 8, 90 + y / 6, 120 + x * y % 17]
        }
    };
    let places = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
    places.flat_map(pixel).map(|value| value as u8).collect()
}

#[test]
fn saliency_agrees_with_onnxruntime() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/vectors/u2netp.golden.safetensors"
    );
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let expected = file.tensor("saliency").unwrap();
    let (words, _) = expected.data().as_chunks::<4>();
    let found = NETWORK.run(&disc());
    let mut worst = 0.0f32;
    for (at, word) in words.iter().enumerate() {
        let (y, x) = (8 * (at / (SIDE / 8)), 8 * (at % (SIDE / 8)));
        worst = worst.max((found[y * SIDE + x] - f32::from_le_bytes(*word)).abs());
    }
    assert!(worst < 1e-3, "{worst}");
    assert!(found.iter().any(|v| *v > 0.9) && found.iter().any(|v| *v < 0.01));
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let with_threads = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
        pool.unwrap().install(|| NETWORK.run(&disc()))
    };
    assert!(with_threads(1) == with_threads(3));
}

#[test]
fn enlarging_is_linear_between_pixel_centres() {
    assert_eq!(stretched(&[0.0, 4.0], (1, 2), (1, 4)), [0.0, 1.0, 3.0, 4.0]);
    let mut x = Rows::new(2, 1, 2);
    x.grow(1)[2..6].copy_from_slice(&[0.0, 8.0, 4.0, 0.0]);
    let wide = enlarged(&x, 2, 4);
    assert_eq!(wide.pixels(1), [0.0, 8.0, 1.0, 6.0, 3.0, 2.0, 4.0, 0.0]);
}
